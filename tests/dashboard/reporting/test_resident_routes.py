"""What a resident sees with their receipt, what they may do, and what is printed for the walls."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from dashboard import context
from data.database import write_session
from data.models import Event
from data.reporting import grid_of
from data.secret import read_secret
from data.vocabulary import Status
from tests.dashboard.reporting.conftest import HOST
from tests.dashboard.reporting.forms import advance, qr, send, token_in
from tests.data.conftest import division
from tests.data.loop.world import GRID, STAFF


@pytest.fixture
def closed(client: TestClient, engine: Engine) -> str:
    """The address of a closed case whose reporter left a telephone number."""
    where = send(client, qr(), contact="13800001234", words="请打13900005678").headers["location"]
    with write_session(engine) as session:
        advance(session, 1, Status.CLOSED)
    return where.partition("?")[0]


def answer(client: TestClient, path: str, **fields: str) -> int:
    token = token_in(client.get(path.rpartition("/")[0]))
    return client.post(path, data={"token": token, **fields}, headers={"Origin": HOST}).status_code


def test_the_page_of_a_case_names_no_staff_and_no_telephone(client: TestClient, closed: str) -> None:
    page = client.get(closed).text
    assert page.count('class="when"') == 8
    assert "已办结，请您评价" in page
    assert not [name for name, *_ in STAFF if name in page]
    assert not re.search(r"1[3-9]\d{9}|1380000|5678|1234", page.replace(token_in(client.get(closed)), ""))
    assert "井盖已更换" not in page, "what staff wrote may hold names"


def test_a_scanned_code_that_leads_nowhere_offers_a_page_and_not_the_way_back(client: TestClient) -> None:
    for path in (f"{qr()}x", "/r/case/ABCDEFGH"):
        page = client.get(path).text
        assert 'href="/r/case"' in page
        assert "返回修改" not in page
    refused = client.post(qr(), data={"token": "x"}, headers={"Origin": HOST}).text
    assert "返回修改" in refused


def test_the_pages_of_a_grid_name_nobody(client: TestClient, closed: str) -> None:
    assert closed
    shown = client.get(qr()).text + client.get(f"{qr()}/draft?lon=103.805&lat=30.71&class=0201").text
    assert not [name for name, *_ in STAFF if name in shown]


def test_the_draft_tells_of_nothing_beyond_the_grid(client: TestClient) -> None:
    asked = client.get(
        f"{qr()}/draft?lon=103.83&lat=30.71&class=0201", headers={"Accept": "application/json"}
    )
    assert asked.status_code == 400
    assert "本网格以外约" in asked.json()["problems"][0]


def test_a_closed_case_is_judged_once(client: TestClient, engine: Engine, closed: str) -> None:
    assert answer(client, f"{closed}/rate", solved="yes") == 400
    assert answer(client, f"{closed}/rate", solved="no", satisfied="no") == 400  # a reason is needed
    token = token_in(client.get(closed))
    given = {"token": token, "solved": "yes", "satisfied": "no", "reason": "等了太久"}
    first, again = (
        client.post(f"{closed}/rate", data=given, headers={"Origin": HOST}).status_code for _ in range(2)
    )
    assert (first, again) == (303, 400)
    with write_session(engine) as session:
        event = session.get_one(Event, 1)
        assert (event.status, event.solved, event.satisfied) == ("evaluated", True, False)
    assert "已解决，不满意" in client.get(closed).text


def test_a_closed_case_is_appealed_once(client: TestClient, engine: Engine, closed: str) -> None:
    token = token_in(client.get(closed))
    given = {"token": token, "reason": "还在晃"}
    codes = [
        client.post(f"{closed}/appeal", data=given, headers={"Origin": HOST}).status_code for _ in range(2)
    ]
    assert codes == [303, 400]
    with write_session(engine) as session:
        assert session.get_one(Event, 1).status == "reworking"
    assert "正在重新处理" in client.get(closed).text


def test_a_judgement_from_elsewhere_or_for_another_case_is_turned_away(
    client: TestClient, closed: str
) -> None:
    token = token_in(client.get(closed))
    given = {"token": token, "solved": "yes", "satisfied": "yes"}
    foreign = client.post(f"{closed}/rate", data=given, headers={"Origin": "https://evil.invalid"})
    other = client.post(f"/r/case/{'2' * 16}/rate", data=given, headers={"Origin": HOST})
    large = client.post(f"{closed}/rate", data={**given, "reason": "x" * 70_000}, headers={"Origin": HOST})
    assert [one.status_code for one in (foreign, other, large)] == [403, 403, 413]


def test_a_receipt_is_typed_as_people_type(client: TestClient, closed: str) -> None:
    receipt = closed.rpartition("/")[2]
    typed = f" {receipt[:4].lower()}-{receipt[4:8]} {receipt[8:]}"
    found = client.get("/r/case", params={"receipt": typed})
    assert (found.status_code, found.headers["location"]) == (303, closed)
    assert client.get("/r/case/" + "2" * 16).status_code == 404
    assert client.get("/r/case", params={"receipt": "123"}).status_code == 400
    assert "查进度" in client.get("/r/case").text


def test_a_sheet_has_a_code_for_each_grid_that_leads_to_its_form(client: TestClient) -> None:
    sheet = client.get("/onemap/qr-sheet", params={"area": "510115001"})
    (address,) = re.findall(r'data-address="([^"]+)"', sheet.text)
    path = address.removeprefix(HOST)
    assert address.startswith(f"{HOST}/r/")
    assert grid_of(read_secret(context.settings()), path.removeprefix("/r/")) == GRID
    assert client.get(path).status_code == 200
    assert "惠民社区·01网格" in sheet.text
    assert sheet.text.count("<svg") == 1


def test_twelve_codes_fill_a_page(client: TestClient, engine: Engine) -> None:
    with write_session(engine) as session:
        session.add_all(
            division(f"510115001002{n:03d}", f"{n:02d}网格", 103.82, 103.84) for n in range(1, 13)
        )
    sheet = client.get("/onemap/qr-sheet", params={"area": "510115001"}).text
    assert (sheet.count('class="page"'), sheet.count('class="card"')) == (2, 13)


def test_a_sheet_that_cannot_be_made_says_why(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = client.get("/onemap/qr-sheet", params={"area": "510199"})
    assert (nothing.status_code, "没有网格" in nothing.text) == (404, True)
    monkeypatch.setattr("dashboard.routes.qr_codes.MOST_GRIDS", 0)
    assert "一次最多 0 个" in client.get("/onemap/qr-sheet").text
    monkeypatch.delenv("ONEMAP_PUBLIC_URL")
    context.reset()
    unset = client.get("/onemap/qr-sheet")
    assert (unset.status_code, "ONEMAP_PUBLIC_URL" in unset.text) == (503, True)
