"""What is wrong with a reading by itself: count, value, unit, moment, place. A refusal names the field."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.bulk import listed
from data.divisions import read_locator
from data.imports.rejects import Reject
from data.indicators.counts import NamedCount, named_counts, spellings
from data.models import Division, Sensor
from data.readings.fields import FIELDS
from data.readings.read import Cells, refusal
from data.readings.weeks import KEPT_WEEKS, earliest_kept
from geo.locate import Locator

AHEAD: Final = timedelta(minutes=5)
"""So much later than now a sensor's clock may be (ours)."""
LARGEST: Final = 1e9
DECIMALS: Final = 6
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_NUMBER: Final = "不是数"
_SENSOR: Final[Table] = Sensor.__table__  # type: ignore[attr-defined]
_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]

Channel = tuple[str, str]
"""Number of a sensor, and the name of the count that it measures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A reading that is right by itself; ``label``, ``lon`` and ``lat`` are what it says of its sensor."""

    line: int
    number: str
    name: str
    at: datetime
    value: float
    code: str
    label: str
    lon: float | None
    lat: float | None
    external_no: str | None
    cells: dict[str, str]

    @property
    def channel(self) -> Channel:
        return self.number, self.name


@dataclass(kw_only=True)
class Known:
    """What rows are judged by: counts, areas that are named, sensors that have spoken, and boundaries."""

    counts: Mapping[str, NamedCount]
    called: Mapping[str, str]
    areas: Collection[str]
    sensors: Mapping[Channel, Any]
    locator: Locator | None
    earliest: datetime
    now: datetime
    placed: dict[Channel, str] = field(default_factory=dict)


class _Wrong(Exception):
    """Field, value, reason and advice of a refusal."""


def load_known(session: Session, rows: Sequence[Cells], *, source: str, now: datetime) -> Known:
    """What these rows of a source need to be judged; boundaries only where a row has no other place."""
    counts = named_counts(session=session)
    codes = sorted({row.cells["code"] for row in rows if "code" in row.cells})
    numbers = sorted({row.cells["sensor"] for row in rows if "sensor" in row.cells})
    connection = session.connection()
    in_force = select(_DIVISION.c.code).where(
        _DIVISION.c.code.in_(listed(connection, codes)), _DIVISION.c.valid_to.is_(None)
    )
    spoken = select(_SENSOR).where(
        _SENSOR.c.source == source, _SENSOR.c.number.in_(listed(connection, numbers))
    )
    by_position = any("code" not in row.cells and {"lon", "lat"} <= row.cells.keys() for row in rows)
    return Known(
        counts=counts,
        called=spellings(counts),
        areas=set(connection.execute(in_force).scalars()) if codes else set(),
        sensors={(row.number, row.name): row for row in connection.execute(spoken)} if numbers else {},
        locator=read_locator(session) if by_position else None,
        earliest=earliest_kept(session, now),
        now=now,
    )


def judge(rows: Iterable[Cells], known: Known) -> tuple[list[Judged], list[Reject]]:
    """The readings that are right by themselves, and why the others are not, in their order."""
    good, refused = [], []
    for row in rows:
        try:
            good.append(_judged(row, known))
        except _Wrong as wrong:
            name, reason, advice = wrong.args
            refused.append(refusal(row.line, name, row.cells.get(name, ""), reason, advice, dict(row.cells)))
    return good, refused


def _judged(row: Cells, known: Known) -> Judged:
    cells = row.cells
    for name, spec in FIELDS.items():
        if spec.required and name not in cells:
            raise _Wrong(name, f"没有填写{spec.label}", f"{spec.label}：{spec.note}")
        if spec.max_length and len(cells.get(name, "")) > spec.max_length:
            raise _Wrong(name, f"{spec.label}有 {len(cells[name])} 个字，最多 {spec.max_length} 个", "请缩短")
    for name in ("sensor", "name", "external_no"):
        if not cells.get(name, "").isprintable():
            raise _Wrong(name, f"{FIELDS[name].label}里有看不见的字符", "请删去换行、制表等字符")
    count = _count(cells["count"], known)
    lon, lat = _position(cells)
    place = _place(cells, (cells["sensor"], count.name), lon, lat, known)
    found = Judged(
        line=row.line, number=cells["sensor"], name=count.name, at=_moment(cells["at"], known),
        value=_value(cells, count), code=place, label=cells.get("name", ""), lon=lon, lat=lat,
        external_no=cells.get("external_no"), cells=cells,
    )  # fmt: skip
    known.placed[found.channel] = place
    return found


def _count(text: str, known: Known) -> NamedCount:
    count = known.counts.get(known.called.get(text, ""))
    if count is not None and count.is_reading:
        return count
    offered = "、".join(one.label for one in known.counts.values() if one.is_reading)
    reason = f"“{text}”由事件统计得出，不能接入读数" if count else f"没有“{text}”这个监测项"
    raise _Wrong("count", reason, f"可用的是 {offered}；或在“设置 › 指标项”里新增")


def _value(cells: Mapping[str, str], count: NamedCount) -> float:
    value = number_in(cells["value"])
    if value is None:
        raise _Wrong("value", f"{count.label}的值“{cells['value'][:20]}”{_NO_NUMBER}", "请写成 12.5 这样的数")
    if reason := count.wrong_value(value):
        raise _Wrong("value", reason, "相加的、按件或人次计的指标项没有负数，请核对后再发送")
    if abs(value) > LARGEST:
        raise _Wrong("value", f"{count.label}的值 {value:g} 太大", f"绝对值应不超过 {LARGEST:,.0f}")
    unit = unicodedata.normalize("NFKC", cells.get("unit", count.unit)).strip()
    if unit != unicodedata.normalize("NFKC", count.unit):
        reason = f"单位“{unit}”与{count.label}的单位 {count.unit} 不同"
        raise _Wrong("unit", reason, f"请换算成 {count.unit} 再发送")
    return round(value, DECIMALS) + 0.0


def number_in(text: str) -> float | None:
    """The finite number that a text spells; None where it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _moment(text: str, known: Known) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Wrong("at", f"时间“{text[:40]}”读不出来", "请写成 2026-11-21T08:30:00+08:00 这样") from error
    if at.tzinfo is None:
        raise _Wrong("at", f"时间“{text[:40]}”没有写时区", "请在后面加上时区，如 +08:00 或 Z")
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise _Wrong("at", f"时间“{text[:40]}”不对", "请核对传感器的时钟") from error
    if at > known.now + AHEAD:
        minutes = int(AHEAD.total_seconds() // 60)
        reason = f"时间“{text[:40]}”比现在晚 {minutes} 分钟以上"
        raise _Wrong("at", reason, "请校准传感器的时钟和时区")
    if at < known.earliest:
        reason = f"时间“{text[:40]}”早于读数的保留期（{KEPT_WEEKS} 周）"
        raise _Wrong("at", reason, "过去的数请在“设置 › 指标填报”里按周填报")
    return at


def _position(cells: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Longitude and latitude in degrees, both or none."""
    found: list[float | None] = []
    for name, most in (("lon", 180), ("lat", 90)):
        text = cells.get(name)
        value = None if text is None else number_in(text)
        if text is not None and (value is None or abs(value) > most):
            raise _Wrong(name, f"{FIELDS[name].label}“{text[:20]}”不对", f"应为 -{most} 到 {most} 之间的度数")
        found.append(value)
    lon, lat = found
    if (lon is None) is not (lat is None):
        raise _Wrong("lat" if lat is None else "lon", "只写了经度和纬度中的一个", "请两个都写，或都不写")
    return lon, lat


def _place(
    cells: Mapping[str, str], channel: Channel, lon: float | None, lat: float | None, known: Known
) -> str:
    """The area that the row names; else the one around its position; else where its sensor last stood."""
    code = cells.get("code", "")
    if code:
        if code not in known.areas:
            raise _Wrong("code", f"没有代码为 {code} 的区划", "请写在用的区划代码，或改写经纬度")
        return code
    if lon is not None and lat is not None and known.locator is not None:
        found = str(known.locator.locate([lon], [lat])[0])
        if not found:
            raise _Wrong("lon", f"位置（{lon:g}，{lat:g}）不在任何区划内", "请核对经纬度，或写明区划代码")
        return found
    if channel in known.placed:
        return known.placed[channel]
    spoken = known.sensors.get(channel)
    if spoken is None:
        reason = f"第一次收到传感器“{channel[0]}”的这一项，不知道它在哪里"
        raise _Wrong("code", reason, "第一条读数要写区划代码或经纬度，以后可以不写")
    return str(spoken.code)
