"""Addresses that lead nowhere: a Chinese page with the way on, in place of Streamlit's empty start page."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route

from dashboard.markup import div, el, span
from dashboard.reporting.document import document
from dashboard.routes.respond import problem_response
from dashboard.state import PATHS

_STREAMLIT: Final = frozenset({"_stcore", "app", "component", "media", "static"})
"""First parts of the addresses where Streamlit serves itself; its icon and the like have a file's name."""
_PLACES: Final = frozenset({*(path.removeprefix(".") for path in PATHS.values()), "/report", "/r/case"})


class Nowhere(Route):
    """Takes every address that no route before it took, except Streamlit's own. Stands last."""

    def __init__(self) -> None:
        super().__init__("/{path:path}", nowhere)

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """See ``Route.matches``."""
        first, _, more = str(scope.get("path", "")).removeprefix("/").partition("/")
        streamlits = first in _STREAMLIT or ("." in first and not more)
        return (Match.NONE, {}) if streamlits else super().matches(scope)


def nowhere(request: Request) -> Response:
    """404 in words; a page's address with a slash too many leads to the page."""
    path = request.url.path
    place = path.rstrip("/")
    if place in _PLACES:
        return RedirectResponse(f"{place}?{request.url.query}" if request.url.query else place)
    if path.startswith("/onemap/"):
        return problem_response(404, f"没有这个地址：{path}")
    return document(
        el(
            "main",
            div(span("◆", cls="sign", aria_hidden="true"), el("h1", "没有这个页面"), cls="result bad"),
            el("p", "网址可能少了或多了几个字，请核对，或从首页进入。", cls="sentence", role="alert"),
            el("a", "打开一图统览", href="/", cls="big"),
        ),
        title="没有这个页面",
        status=404,
    )
