"""What a resident sees with their receipt, what they may do, and what is printed for the walls."""

from __future__ import annotations

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import uvicorn
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.reporting.follow import KEEP_IT
from dashboard.routes.forms import form_routes
from data.database import write_session
from data.lifecycle import change_rule
from data.models import Event
from data.reporting import grid_of
from data.secret import read_secret
from data.vocabulary import Status
from tests.dashboard.reporting.conftest import HOST
from tests.dashboard.reporting.forms import advance, qr, send, token_in
from tests.data.conftest import division
from tests.data.loop.world import GRID, STAFF, at


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


def test_a_new_receipt_asks_once_to_be_kept_and_an_old_one_no_more(client: TestClient) -> None:
    new = send(client, qr()).headers["location"]
    assert client.get(new).text.count(KEEP_IT) == 1
    assert KEEP_IT not in client.get(new.partition("?")[0]).text


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


def allow(engine: Engine, **most: int) -> None:
    with write_session(engine) as session:
        for key, value in most.items():
            change_rule(session, key=key, value=value, at=at(0), actor="演示甲")


def test_receipts_that_nobody_has_are_guessed_a_few_times_only(
    client: TestClient, engine: Engine, closed: str
) -> None:
    allow(engine, address_misses_an_hour=3)
    guessed = [client.get("/r/case/" + letter * 16) for letter in "23456"]
    assert [one.status_code for one in guessed] == [404, 404, 404, 429, 429]
    refused = guessed[-1]
    assert "已有 3 次查不到的回执号，为防猜测暂停查询" in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= 3601
    assert client.get(closed).status_code == 429, "a right guess after wrong ones does not show"
    client._transport.client = ("127.0.0.1", 1)  # type: ignore[attr-defined]
    elsewhere = client.get(closed, headers={"X-Forwarded-For": "203.0.113.9"})
    assert elsewhere.status_code == 200, "others go on looking"


def test_many_guesses_at_once_at_a_real_server_are_bounded_as_well(engine: Engine, closed: str) -> None:
    allow(engine, address_misses_an_hour=5)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Starlette(routes=form_routes())
    server = uvicorn.Server(uvicorn.Config(served, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()

    def look(path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, ""
        except HTTPError as error:
            return error.code, error.headers.get("Retry-After", "")

    try:
        while not server.started:
            time.sleep(0.01)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(look, [f"/r/case/{letter * 16}" for letter in "23456789ABCDEFGHJKLM"]))
        after = look(closed)
    finally:
        server.should_exit = True
        thread.join()
    codes = [code for code, _ in found]
    assert codes.count(404) == 5
    assert set(codes) == {404, 429}
    assert after[0] == 429
    assert 0 < int(after[1]) <= 3601


def test_a_receipt_and_an_address_are_looked_at_so_often_an_hour(
    client: TestClient, engine: Engine, closed: str
) -> None:
    allow(engine, receipt_looks_an_hour=3)
    answers = [client.get(closed) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert "这个回执号这一小时内已打开 3 次" in answers[-1].text
    allow(engine, receipt_looks_an_hour=100, address_looks_an_hour=4)
    assert [client.get(closed).status_code for _ in range(2)] == [200, 429]


def test_judging_is_counted_with_looking_even_where_it_is_refused(
    client: TestClient, engine: Engine, closed: str
) -> None:
    token = token_in(client.get(closed))
    allow(engine, receipt_looks_an_hour=4)
    codes = [
        client.post(
            f"{closed}/{way}", data={"token": token, "reason": ""}, headers={"Origin": HOST}
        ).status_code
        for way in ("rate", "appeal", "rate", "appeal")
    ]
    assert codes == [400, 400, 400, 429]


def test_what_is_counted_names_no_address_and_no_receipt(
    client: TestClient, engine: Engine, closed: str
) -> None:
    client.get(closed)
    client.get("/r/case/" + "2" * 16)
    with write_session(engine) as session:
        keys = session.execute(text("SELECT key FROM report_rate")).scalars().all()
    assert {key.partition(":")[0] for key in keys} == {"grid", "from", "look", "miss", "case"}
    receipt = closed.rpartition("/")[2]
    assert not [key for key in keys if "testclient" in key or receipt in key]


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
