"""Printable sheets of QR codes, one for each grid under an area: A4, twelve a page."""

from __future__ import annotations

from typing import Final

import segno
from sqlalchemy import Table, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dashboard import context
from dashboard.markup import Html, div, el, span
from dashboard.reporting.document import document
from dashboard.reporting.guard import Refused, secret, told
from data.codes import prefix_range
from data.database import read_session
from data.models import Division
from data.queries.names import place_names
from data.reporting import grid_token
from data.vocabulary import Level

PER_PAGE: Final = 12
MOST_GRIDS: Final = 600
"""Fifty pages; more is asked for street by street."""
_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]
WHAT_FOR: Final = "井盖、垃圾、占道、路灯……拍照就能报，凭回执号查进度、评价"
NO_POSITION: Final = "网址不是 https：多数手机不会提供本机位置，居民要在图上点位置。"
EMERGENCY: Final = "火警、急救、报案请直接拨打 119、120、110"


async def _sheet(request: Request) -> Response:
    return await run_in_threadpool(_show, request.query_params.get("area", "")[:18])


def _show(area: str) -> Response:
    base = context.settings().public_url
    if not base:
        raise Refused(
            503,
            "还不能打印二维码：没有设置 ONEMAP_PUBLIC_URL，即居民用手机能打开的网址（如 https://街道域名）。"
            "请在启动前设好，再打开本页",
        )
    names = _grids(area)
    if not names:
        raise Refused(404, f"区域 {area or '（全部）'} 下没有网格，没有可打印的二维码")
    if len(names) > MOST_GRIDS:
        raise Refused(
            400,
            f"区域 {area or '（全部）'} 有 {len(names)} 个网格，一次最多 {MOST_GRIDS} 个，请按街道或社区打印",
        )
    key, codes = secret(), list(names)
    cards = [_card(names[code], code, f"{base}/r/{grid_token(key, code)}") for code in codes]
    pages = [div(cards[start : start + PER_PAGE], cls="page") for start in range(0, len(cards), PER_PAGE)]
    plain = NO_POSITION if base.startswith("http:") else ""
    bar = div(
        span(f"{len(cards)} 个网格，{len(pages)} 页 A4，二维码指向 {base}。{plain}"),
        el("button", "打印", type="button", cls="tile", data_print=True),
        cls="bar",
    )
    return document(bar, *pages, title="网格二维码", cls="sheet")


def _grids(area: str) -> dict[str, str]:
    """Names of the grids in force under an area, by code."""
    low, high = prefix_range(area)
    d = _DIVISION.c
    wanted = select(d.code).where(
        d.level == Level.GRID.value, d.code >= low, d.code < high, d.valid_to.is_(None)
    )
    with read_session(context.engine()) as session:
        codes = session.connection().execute(wanted.order_by(d.code)).scalars().all()
        names = place_names(session, codes) if len(codes) <= MOST_GRIDS else dict.fromkeys(codes, "")
    return {code: names[code] for code in codes}


def _card(name: str, code: str, address: str) -> Html:
    picture = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)
    street, _, rest = name.partition("·")
    return div(
        el("h2", "扫码上报身边的问题"),
        div(Html(picture), cls="qr", role="img", aria_label=f"{name}的二维码", data_address=address),
        el("b", rest or street),
        span(f"{street if rest else ''} {code}", cls="code"),
        span(WHAT_FOR, cls="what"),
        span(EMERGENCY, cls="code"),
        cls="card",
    )


qr_sheet = told(_sheet)
