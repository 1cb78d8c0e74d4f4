"""An address that leads nowhere is said in Chinese, and takes nothing away from Streamlit."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.routes.nowhere import Nowhere


def _streamlit(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("Streamlit")


def _client() -> TestClient:
    app = Starlette(routes=[Nowhere(), Route("/{path:path}", _streamlit)])
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("path", ["/nosuch", "/loop/xyz", "/report/done/abc", "//example.org/"])
def test_an_unknown_page_is_said_in_chinese_with_the_way_to_the_first_page(path: str) -> None:
    answer = _client().get(f"http://testserver{path}")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert 'href="/"' in answer.text


def test_an_unknown_address_of_the_data_routes_answers_as_they_do() -> None:
    answer = _client().get("/onemap/nothing")
    assert (answer.status_code, answer.json()) == (404, {"problems": ["没有这个地址：/onemap/nothing"]})


def test_a_slash_too_many_after_a_page_leads_to_the_page_with_its_query() -> None:
    answer = _client().get("/events/?color=overdue")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/events?color=overdue")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/health",
        "/_stcore/host-config",
        "/static/js/a.js",
        "/media/x",
        "/component/a/b",
        "/favicon.png",
    ],
)
def test_streamlits_own_addresses_stay_its_own(path: str) -> None:
    assert _client().get(path).text == "Streamlit"


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/onemap/send", 405, "/onemap/send 只接收 POST，收到的是 GET：请改用 POST"),
        ("PUT", "/onemap/send", 405, "/onemap/send 只接收 POST，收到的是 PUT：请改用 POST"),
        ("POST", "/onemap/read", 405, "/onemap/read 只接收 GET，收到的是 POST：请改用 GET"),
        ("DELETE", "/onemap/nothing", 404, "没有这个地址：/onemap/nothing"),
        ("PUT", "/report", 404, "没有这个页面"),
    ],
)
def test_another_method_than_an_address_takes_is_said_in_chinese(
    method: str, path: str, status: int, said: str
) -> None:
    ours = [
        Route("/onemap/send", _streamlit, methods=["POST"]),
        Route("/onemap/read", _streamlit),
        Route("/report", _streamlit),
    ]
    app = Starlette(routes=[*ours, Nowhere(ours), Route("/{path:path}", _streamlit)])
    answer = TestClient(app).request(method, path)

    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers.get("Allow") == (
        {"send": "POST", "read": "GET"}[path[8:]] if status == 405 else None
    )
