"""The fields of one reading: the requests, files and the OpenAPI document all follow this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class ReadingField:
    """``types`` are its JSON types; a field that is not required may be null or missing."""

    name: str
    label: str
    types: tuple[str, ...]
    note: str = ""
    required: bool = False
    max_length: int = 0


FIELDS: Final[dict[str, ReadingField]] = {
    field.name: field
    for field in (
        ReadingField(
            name="sensor", label="传感器", types=("string", "integer"), required=True, max_length=64,
            note="传感器在来源系统里的编号",
        ),
        ReadingField(
            name="count", label="监测项", types=("string",), required=True, max_length=32,
            note="指标项的名称或代码，如 水体浊度；在“设置 › 指标项”里可以新增",
        ),
        ReadingField(
            name="value", label="数值", types=("number", "string"), required=True,
            note="读数，保留 6 位小数，绝对值不超过 10 亿",
        ),
        ReadingField(
            name="at", label="时间", types=("string",), required=True,
            note="读数的时刻，ISO 8601，必须带时区，如 2026-11-21T08:30:00+08:00；不能晚于现在 5 分钟以上",
        ),
        ReadingField(
            name="unit", label="单位", types=("string",), max_length=8,
            note="写了就要与监测项的单位相同，防止单位弄错",
        ),
        ReadingField(
            name="code", label="区划", types=("string", "integer"), max_length=18,
            note="传感器所在区划的代码；不写时按经纬度，或按这个传感器上一次的位置",
        ),
        ReadingField(
            name="lon", label="经度", types=("number", "string"), note="CGCS2000（WGS84）度数，与纬度一起写"
        ),
        ReadingField(name="lat", label="纬度", types=("number", "string"), note="同上"),
        ReadingField(
            name="name", label="传感器名称", types=("string",), max_length=64, note="预警里给人看的名称"
        ),
        ReadingField(
            name="external_no", label="读数编号", types=("string", "integer"), max_length=64,
            note="来源系统给这条读数的编号，可不写",
        ),
    )
}  # fmt: skip
LABELS: Final = {field.label: name for name, field in FIELDS.items()}
"""What a header of a table may say, beside the names themselves."""
