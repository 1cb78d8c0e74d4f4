"""``/onemap/openapi.json`` for programs, ``/onemap/api`` for the people who write them."""

from __future__ import annotations

import json
import shlex
from base64 import b64encode
from functools import cache
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from dashboard.intake.openapi import (
    PATH,
    PROBLEMS,
    document,
    example_cases,
    example_csv,
    field_schema,
    note,
)
from dashboard.intake.readings_document import (
    READINGS_PATH,
    example_readings,
    example_readings_csv,
    reading_field_schema,
    reading_note,
)
from dashboard.markup import Child, Html, el
from dashboard.routes.respond import bytes_response
from dashboard.theme.tokens import css_variables
from data.intake.json_cases import CASE_FIELDS
from data.labels import PRODUCT
from data.readings.fields import FIELDS

_TITLE = "接入接口"
_TYPES = {"string": "文字", "integer": "整数", "number": "数字", "boolean": "true/false", "null": "可为 null"}
_LAYOUT = (
    "html{background:var(--om-ground);color:var(--om-text)}"
    "body{max-width:960px;margin:0 auto;padding:16px;"
    "font:15px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid var(--om-line);padding:4px 8px;text-align:left;vertical-align:top}"
    "pre{overflow-x:auto;padding:8px 12px;background:var(--om-surface);border:1px solid var(--om-line)}"
    "a{color:var(--om-accent)}"
)


async def openapi_document(_request: Request) -> Response:
    content = json.dumps(document(), ensure_ascii=False).encode()
    return bytes_response(content, media_type="application/json")


async def intake_page(request: Request) -> Response:
    """How to send cases and readings, with examples that can be copied."""
    style = _style()
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; frame-ancestors 'none'"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width,initial-scale=1"),
        el("title", f"{_TITLE} · {PRODUCT}"),
        el("style", Html(style)),
    )
    body = el("body", el("h1", _TITLE), *_body(str(request.base_url).rstrip("/")))
    page = f"<!doctype html>{el('html', head, body, lang='zh-CN')}"
    headers = {"Content-Security-Policy": policy}
    return bytes_response(page.encode(), media_type="text/html; charset=utf-8", headers=headers)


@cache
def _style() -> str:
    dark = f"@media(prefers-color-scheme:dark){{{css_variables('dark')}}}"
    return f"{css_variables('light')}{dark}{_LAYOUT}"


def _body(server: str) -> list[Html]:
    return [
        el("p", "其他系统（热线、数字城管、传感器平台等）用这个接口把案件送进来。每件按接入文件时的"
           "同一套规则核对，一次请求为一个批次，可在“数据质量”页查看和撤销。"),
        el("h2", "一、令牌"),
        el("p", "由管理员在服务器上新建，只显示一次；库中不存原文。令牌定下送来的案件属于哪个来源。"),
        _code("python -m dashboard intake-token create --name 热线平台 --source 12345"),
        el("p", "不再使用时停用："),
        _code("python -m dashboard intake-token revoke --name 热线平台"),
        el("h2", "二、发送"),
        el("p", "一件（JSON）："),
        _code(_curl(server, "application/json", json.dumps(example_cases()[0], ensure_ascii=False))),
        el("p", "传感器发现的案件也一样，令牌的来源用 sensor（测得的数见第五部分）："),
        _code(_curl(server, "application/json", json.dumps(example_cases()[2], ensure_ascii=False))),
        el("p", "多件（CSV，表头与模板一致）："),
        _code(_curl(server, "text/csv; charset=utf-8", example_csv())),
        el("p", "案件由来源和案件编号辨认：没有的新增，有变化的更新，没有变化的不动，所以原样重发不会重复。"
           "网络中断、不知道对方是否收到时，请带着同一个 Idempotency-Key 原样重发，答复与第一次相同。"),
        el("h2", "三、字段"),
        _table(("字段", "类型", "必填", "说明"), _fields()),
        el("p", "大类、小类、类别三者至少写一个。"),
        el("h2", "四、答复"),
        el("p", "200：逐件说明结果（new 新增、changed 更新、same 无变化、refused 未接入）；"
           "未接入的写明字段、读到的值、原因和怎样改。"
           "其余情况整个请求都没有写入，答复里的 problems 是原因："),
        _table(("状态码", "含义"), [(str(status), text) for status, text in PROBLEMS.items()]),
        *_readings(server),
        el("p", "供程序读取的说明（OpenAPI 3.1）：", el("a", "openapi.json", href="openapi.json")),
    ]  # fmt: skip


def _readings(server: str) -> list[Html]:
    kinds = {name: reading_field_schema(field)["type"] for name, field in FIELDS.items()}
    rows: list[tuple[str, ...]] = [
        (name, _types(kinds[name]), "是" if field.required else "", reading_note(field))
        for name, field in FIELDS.items()
    ]
    as_json = json.dumps(example_readings(), ensure_ascii=False)
    return [
        el("h2", "五、传感器读数"),
        el("p", "水位、浊度等传感器随时把测得的数送进来，最新的读数由“监测超标”规则看着，"
           "各周的平均、最高等进入效能。先新建只能送读数的令牌："),
        _code("python -m dashboard intake-token create --name 河道监测 --source sensor --for readings"),
        el("p", "多条（JSON）："),
        _code(_curl(server, "application/json", as_json, path=READINGS_PATH)),
        el("p", "多条（CSV）："),
        _code(_curl(server, "text/csv; charset=utf-8", example_readings_csv(), path=READINGS_PATH)),
        el("p", "一条读数由传感器、监测项和时间辨认：再来一次不重复，所以没有收到答复时原样重发即可；"
           "同一时刻另有一个值的，保留先到的，后到的退回。"
           "答复逐条说明 new 新增、same 已有、refused 未接入的原因。"),
        _table(("字段", "类型", "必填", "说明"), rows),
    ]  # fmt: skip


def _fields() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, spec in CASE_FIELDS.items():
        types = _types(field_schema(spec)["type"])
        rows.append((name, types, "是" if spec.required else "", note(spec)))
    return rows


def _types(kinds: str | list[str]) -> str:
    return "、".join(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Html:
    body: list[Child] = [el("tr", [el("td", cell) for cell in row]) for row in rows]
    return el("table", el("tr", [el("th", cell) for cell in head]), body)


def _curl(server: str, kind: str, body: str, *, path: str = PATH) -> str:
    key = ("-H 'Idempotency-Key: 每次请求一个新的键'",) if path == PATH else ()
    lines = (
        f"curl {server}{path}",
        '-H "Authorization: Bearer $ONEMAP_TOKEN"',
        f"-H {shlex.quote(f'Content-Type: {kind}')}",
        *key,
        f"--data-binary {shlex.quote(body)}",
    )
    return " \\\n  ".join(lines)


def _code(text: str) -> Html:
    return el("pre", el("code", text))
