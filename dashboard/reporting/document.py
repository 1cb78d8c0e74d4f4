"""The frame of a reporting page: one style sheet, one script, nothing from anywhere else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Final

from starlette.responses import Response

from dashboard.assets import asset_url
from dashboard.markup import Child, Html, div, el, link, span
from dashboard.routes.respond import bytes_response
from dashboard.theme.tokens import css_variables
from data.labels import PRODUCT

MAP_SCRIPTS: Final = (
    "vendor/leaflet/leaflet.js",
    "vendor/protomaps-leaflet/protomaps-leaflet.js",
    "resident/map.js",
)
MAP_STYLES: Final = ("vendor/leaflet/leaflet.css",)
OWN_STYLE: Final = "resident/report.css"
OWN_SCRIPT: Final = "resident/report.js"


@cache
def _tokens() -> str:
    return f"{css_variables('light')}@media(prefers-color-scheme:dark){{{css_variables('dark')}}}"


@cache
def _policy() -> str:
    """Everything from this server only; the tokens are the one style that stands in the page."""
    allowed = b64encode(sha256(_tokens().encode()).digest()).decode()
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        f"style-src 'self' 'sha256-{allowed}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def document(
    *body: Child,
    title: str,
    status: int = 200,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    cls: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """A whole page. ``scripts`` and ``styles`` are names of assets, beside the page's own."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width,initial-scale=1,viewport-fit=cover"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} · {PRODUCT}"),
        el("link", rel="icon", href=asset_url("icon.png")),
        el("style", Html(_tokens())),
        [el("link", rel="stylesheet", href=asset_url(name)) for name in (*styles, OWN_STYLE)],
        [el("script", src=asset_url(name), defer=True) for name in (*scripts, OWN_SCRIPT)],
    )
    content = f"<!doctype html>{el('html', head, el('body', *body, cls=cls), lang='zh-CN')}"
    return bytes_response(
        content.encode(),
        media_type="text/html; charset=utf-8",
        status=status,
        headers={"Content-Security-Policy": _policy(), "X-Robots-Tag": "noindex", **(headers or {})},
    )


def problem_page(
    status: int,
    sentence: str,
    *,
    way_out: tuple[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """What went wrong and the way out: an address and its text, or 返回, which keeps what was filled in."""
    back = el("button", "返回修改", type="button", cls="big", data_back=True)
    return document(
        el(
            "main",
            div(span("◆", cls="sign", aria_hidden="true"), el("h1", "没有办成"), cls="result bad"),
            el("p", sentence, cls="sentence", role="alert"),
            link(*way_out, cls="big") if way_out else back,
        ),
        title="没有办成",
        status=status,
        headers=headers,
    )
