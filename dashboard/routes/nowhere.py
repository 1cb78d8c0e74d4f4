"""Addresses that lead nowhere: a Chinese page with the way on, in place of Streamlit's empty start page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route

from dashboard.markup import div, el, span
from dashboard.reporting.document import document
from dashboard.routes.respond import problem_response
from dashboard.state import PATHS

_STREAMLIT: Final = frozenset({"_stcore", "app", "component", "media", "static"})
"""First parts of the addresses where Streamlit serves itself; its icon and the like have a file's name."""
_PLACES: Final = frozenset({*(path.removeprefix(".") for path in PATHS.values()), "/report", "/r/case"})


class Nowhere(Route):
    """Takes what none of the ``routes`` before it took, in whatever way it was asked for, except Streamlit's
    own addresses. Stands last.
    """

    def __init__(self, routes: Iterable[BaseRoute] = ()) -> None:
        super().__init__("/{path:path}", self._answer)
        self.methods = set()  # all of them: otherwise the server would refuse in English
        self._routes = [one for one in routes if isinstance(one, Route)]

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """See ``Route.matches``."""
        first, _, more = str(scope.get("path", "")).removeprefix("/").partition("/")
        streamlits = first in _STREAMLIT or ("." in first and not more)
        return (Match.NONE, {}) if streamlits else super().matches(scope)

    def _answer(self, request: Request) -> Response:
        asked = [one for one in self._routes if one.matches(request.scope)[0] is Match.PARTIAL]
        allowed = "、".join(sorted({method for one in asked for method in one.methods or ()} - {"HEAD"}))
        if not allowed or not request.url.path.startswith("/onemap/"):
            return nowhere(request)
        said = f"{request.url.path} 只接收 {allowed}，收到的是 {request.method}：请改用 {allowed}"
        answer = problem_response(405, said)
        answer.headers["Allow"] = allowed.replace("、", ", ")
        return answer


def nowhere(request: Request) -> Response:
    """404 in words; a page's address with a slash too many leads to the page."""
    path = request.url.path
    place = path.rstrip("/")
    if path != place and place in _PLACES:
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
