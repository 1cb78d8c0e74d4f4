"""The part of the OpenAPI document about readings, made from the field table that they are judged by."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Final

from dashboard.routes.intake import CSV_TYPE, JSON_TYPE
from data.intake.json_body import MOST_ROWS
from data.readings.fields import FIELDS, ReadingField
from data.readings.judge import LARGEST
from data.readings.weeks import KEPT_WEEKS

READINGS_PATH: Final = "/onemap/api/readings"
RESULTS: Final = ("new", "same", "refused")
_HEADERS: Final = ("sensor", "count", "value", "unit", "at", "code")


def post(problems: Mapping[int, str]) -> dict[str, Any]:
    """What can be sent, and what is answered."""
    readings, reading = example_readings(), {"$ref": "#/components/schemas/Reading"}
    many = {"type": "array", "items": reading, "minItems": 1, "maxItems": MOST_ROWS}
    return {
        "operationId": "takeInReadings",
        "summary": "送入传感器读数",
        "description": (
            f"JSON：一条或最多 {MOST_ROWS} 条；CSV：第一行是表头（字段名或中文名），最多 {MOST_ROWS} 行。"
            "令牌要用 --for readings 新建。一条读数由传感器、监测项和时间辨认（写了读数编号的，也由编号）："
            "再来一次不重复；同一时刻另有一个值的，保留先到的，后到的退回。"
            "可以多送几遍，至少送到一次即可，不需要 Idempotency-Key。"
            f"第一条要写区划代码或经纬度，以后可以不写。读数保留 {KEPT_WEEKS} 周，更早的不接收。"
        ),
        "security": [{"token": []}],
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {
                    "schema": {"oneOf": [reading, many]},
                    "examples": {
                        "one": {"summary": "一条", "value": readings[0]},
                        "many": {"summary": "多条", "value": readings},
                    },
                },
                CSV_TYPE: {
                    "schema": {"type": "string"},
                    "examples": {"table": {"summary": "表格", "value": example_readings_csv()}},
                },
            },
        },
        "responses": {
            "200": {
                "description": "已处理：逐条看 rows。被拒绝的没有写入，其余的已写入",
                "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/ReadingsAnswer"}}},
            },
            **{str(status): problem(status, text) for status, text in problems.items() if status != 422},
        },
    }  # fmt: skip


def reading_schema() -> dict[str, Any]:
    """One reading: exactly the fields and types that the server takes."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, field in FIELDS.items() if field.required],
        "properties": {name: reading_field_schema(field) for name, field in FIELDS.items()},
    }


def reading_field_schema(field: ReadingField) -> dict[str, Any]:
    """One field as JSON Schema."""
    types = [*field.types, *([] if field.required else ["null"])]
    found: dict[str, Any] = {
        "type": types[0] if len(types) == 1 else types,
        "description": reading_note(field),
    }
    if field.max_length:
        found["maxLength"] = field.max_length
    if field.name == "value":
        found |= {"minimum": -LARGEST, "maximum": LARGEST}
    return found


def reading_note(field: ReadingField) -> str:
    """What a person is told about a field."""
    return f"{field.label}。{field.note}" if field.note else field.label


@cache
def example_readings() -> list[dict[str, Any]]:
    """Two readings of one hour, the last full one: what is too old would be refused to who copies it."""
    hour = datetime.now(timezone(timedelta(hours=8))).replace(minute=0, second=0, microsecond=0)
    return [
        {
            "sensor": "SW-01", "name": "示例河道浊度计", "count": "水体浊度", "value": 6.2, "unit": "NTU",
            "at": (hour - timedelta(minutes=10)).isoformat(), "lon": 103.8105, "lat": 30.7105,
        },
        {"sensor": "SW-01", "count": "水体浊度", "value": 6.8, "unit": "NTU", "at": hour.isoformat()},
    ]  # fmt: skip


def example_readings_csv() -> str:
    """The same as a table, with Chinese headers; the area by its code."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([FIELDS[name].label for name in _HEADERS])
    for one in example_readings():
        writer.writerow([{**one, "code": "510115001001"}[name] for name in _HEADERS])
    return text.getvalue()


def answer_schema() -> dict[str, Any]:
    """What became of each reading."""
    count, text = {"type": "integer", "minimum": 0}, {"type": "string"}
    row = {
        "type": "object",
        "additionalProperties": False,
        "required": ["row", "result"],
        "properties": {
            "row": {"type": "integer", "minimum": 1, "description": "JSON 为第几条，CSV 为第几行（含表头）"},
            "result": {
                "enum": list(RESULTS),
                "description": "new 新增，same 已有、没有改动，refused 未接入",
            },
            "external_no": {**text, "description": "读数编号"},
            "field": {**text, "description": "有问题的字段"},
            "value": {**text, "description": "读到的值"},
            "reason": {**text, "description": "原因"},
            "advice": {**text, "description": "怎样改"},
        },
    }
    names = ("total", *RESULTS)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*names, "rows"],
        "properties": {**dict.fromkeys(names, count), "rows": {"type": "array", "items": row}},
    }


def problem(status: int, text: str) -> dict[str, Any]:
    """A refusal of a whole request."""
    found: dict[str, Any] = {
        "description": text,
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Problems"}}},
    }
    if status == 429:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return found
