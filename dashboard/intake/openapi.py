"""The OpenAPI 3.1 document of intake, made from the field table that the requests are judged by."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any, Final

from dashboard.intake import readings_document
from dashboard.intake.readings_document import READINGS_PATH
from dashboard.routes.intake import CSV_TYPE, JSON_TYPE, MOST_BYTES, MOST_KEY_LETTERS
from data.imports.fields import FieldSpec, FieldType
from data.imports.profile import load_profile
from data.intake.json_body import MOST_ROWS
from data.intake.json_cases import CASE_FIELDS, LARGEST, MOST_SHAPES, YES_NO, json_types
from data.intake.tokens import DEFAULT_PROFILE
from data.labels import PRODUCT, STATUS, URGENCY

PATH: Final = "/onemap/intake/events"
VERSION: Final = "1.1.0"
RESULTS: Final = ("new", "changed", "same", "refused")
PROBLEMS: Final[dict[int, str]] = {
    400: "内容读不了：不是 JSON 或 CSV、编码不对、缺少列。没有写入任何数据",
    401: "没有令牌，或令牌无效",
    403: "令牌已不能使用，或不是用来送这一种数据的",
    409: "库中还是演示数据，不能接入真实案件",
    413: f"内容超过 {MOST_BYTES // 1024 // 1024} MB，或超过 {MOST_ROWS} 件",
    415: f"Content-Type 不是 {JSON_TYPE} 或 {CSV_TYPE}，或内容经过压缩",
    422: "同一个 Idempotency-Key 已用于内容不同的另一次请求",
    429: "请求太频繁，请在 Retry-After 秒之后再试",
    500: "服务器出错，没有写入任何数据",
    503: "数据库暂时不能写入，没有写入任何数据，可原样重发",
}
_TYPE_NOTES: Final[dict[FieldType, str]] = {
    FieldType.MOMENT: "写作 2026-11-21 08:30（按接入方案的时区）或带时区的 ISO 8601",
    FieldType.ANGLE: "经纬度的度数，坐标系由接入方案规定",
    FieldType.WKT: "WKT 写的位置，可代替经度和纬度",
}
_WORDS: Final[dict[str, str]] = {
    "status": f"可写 {'、'.join(STATUS.values())}，或接入方案里对照的词",
    "urgency": f"可写 {'、'.join(URGENCY.values())}",
    "class": "类别代码，或“大类/小类”，或不重名的小类",
    "department": "部门代码或名称；不写则按类别的默认部门",
    "code": "区划代码或名称；有坐标时以坐标为准",
    "lonlat": "经度和纬度写在一起，如 103.81,30.71；可代替经度和纬度两个字段",
}


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{PRODUCT} 接入接口",
            "version": VERSION,
            "description": "其他系统把案件和传感器读数送进来，逐件回答是否接入；原样重发不会重复。",
        },
        "servers": [{"url": "/"}],
        "paths": {PATH: {"post": _post()}, READINGS_PATH: {"post": readings_document.post(PROBLEMS)}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Case": case_schema(),
                "Answer": _answer_schema(),
                "Reading": readings_document.reading_schema(),
                "ReadingsAnswer": readings_document.answer_schema(),
                "Problems": {
                    "type": "object",
                    "required": ["problems"],
                    "properties": {"problems": {"type": "array", "items": {"type": "string"}}},
                },
            },
        },
    }


def case_schema() -> dict[str, Any]:
    """One case: exactly the fields and types that the server takes."""
    required = [name for name, spec in CASE_FIELDS.items() if spec.required]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "anyOf": [{"required": [name]} for name in ("class", "class_minor", "class_major")],
        "properties": {name: field_schema(spec) for name, spec in CASE_FIELDS.items()},
    }


def field_schema(spec: FieldSpec) -> dict[str, Any]:
    """One field as JSON Schema."""
    types = [*json_types(spec), *([] if spec.required else ["null"])]
    found: dict[str, Any] = {"type": types[0] if len(types) == 1 else types, "description": note(spec)}
    if spec.type is FieldType.KEY and spec.max_length:
        found["maxLength"] = spec.max_length
    if "number" in types:
        found |= {"minimum": -LARGEST, "maximum": LARGEST}
    examples = [value for value in map(str, spec.examples) if value]
    return found | ({"examples": examples} if examples else {})


def note(spec: FieldSpec) -> str:
    """What a person is told about a field."""
    parts = [spec.label, _WORDS.get(spec.name) or _TYPE_NOTES.get(spec.type, "")]
    if spec.name in YES_NO:
        parts.append("是 或 否")
    if spec.type is FieldType.TEXT and spec.max_length:
        parts.append(f"超过 {spec.max_length} 字的部分不保留")
    return "。".join(part for part in parts if part)


def example_cases() -> list[dict[str, Any]]:
    """The two rows of the template as JSON, and what a sensor sends."""
    rows: list[dict[str, Any]] = [
        {name: spec.examples[row] for name, spec in CASE_FIELDS.items() if spec.examples[row]}
        for row in (0, 1)
    ]
    sensor = {
        "external_no": 9000000001, "class": "0104", "status": "新上报",
        "reported_at": "2026-11-21T08:30:00+08:00", "lon": 103.8105, "lat": 30.7105,
        "description": "示例：积水监测点超过警戒值", "supervised": False,
    }  # fmt: skip
    return [*rows, sensor]


def example_csv() -> str:
    """The same two rows under the headers of the generic profile."""
    columns = load_profile(DEFAULT_PROFILE).columns
    used = [name for name, spec in CASE_FIELDS.items() if any(spec.examples) and name in columns]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([columns[name][0] for name in used])
    for row in (0, 1):
        writer.writerow([CASE_FIELDS[name].examples[row] for name in used])
    return text.getvalue()


def _post() -> dict[str, Any]:
    cases = example_cases()
    case = {"$ref": "#/components/schemas/Case"}
    many = {"type": "array", "items": case, "minItems": 1, "maxItems": MOST_ROWS}
    return {
        "operationId": "takeInEvents",
        "summary": "送入案件",
        "description": (
            f"JSON：一件或最多 {MOST_ROWS} 件，UTF-8，一次请求最多 {MOST_SHAPES} 种字段组合。"
            "更新时没有写的字段保持原样，"
            "写 null 则清空；标题、责任部门、紧急程度、截止时间不写时按类别的默认。"
            f"CSV：第一行是表头，列按令牌的接入方案辨认，最多 {MOST_ROWS} 行。"
            "案件由来源（令牌所定）和案件编号辨认：没有的新增，有变化的更新，没有变化的不动。"
        ),
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "同一个键和同样的内容再来，答复与第一次相同，不再处理；7 天内有效",
                "schema": {"type": "string", "maxLength": MOST_KEY_LETTERS},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {
                    "schema": {"oneOf": [case, many]},
                    "examples": {
                        "one": {"summary": "一件", "value": cases[0]},
                        "many": {"summary": "多件", "value": cases[:2]},
                        "sensor": {"summary": "传感器", "value": cases[2]},
                    },
                },
                CSV_TYPE: {
                    "schema": {"type": "string"},
                    "examples": {"table": {"summary": "表格", "value": example_csv()}},
                },
            },
        },
        "responses": {"200": _taken(), **{str(status): _problem(status) for status in PROBLEMS}},
    }  # fmt: skip


def _taken() -> dict[str, Any]:
    return {
        "description": "已处理：逐件看 rows。被拒绝的件没有写入，其余的已写入",
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Answer"}}},
    }


def _problem(status: int) -> dict[str, Any]:
    return readings_document.problem(status, PROBLEMS[status])


def _answer_schema() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    text = {"type": "string"}
    row = {
        "type": "object",
        "additionalProperties": False,
        "required": ["row", "result"],
        "properties": {
            "row": {"type": "integer", "minimum": 1, "description": "JSON 为第几件，CSV 为第几行（含表头）"},
            "external_no": {**text, "description": "JSON 中写的案件编号"},
            "result": {
                "enum": list(RESULTS),
                "description": "new 新增，changed 更新，same 无变化，refused 未接入",
            },
            "field": {**text, "description": "有问题的字段"},
            "value": {**text, "description": "读到的值"},
            "reason": {**text, "description": "原因"},
            "advice": {**text, "description": "怎样改"},
        },
    }
    names = ("batch", "total", *RESULTS)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*names, "rows", "warnings"],
        "properties": {
            **dict.fromkeys(names, count),
            "rows": {"type": "array", "items": row},
            "warnings": {"type": "array", "items": text},
        },
    }
