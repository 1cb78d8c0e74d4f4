"""The one route that answers with a whole telephone number, and all others, which never do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import context
from dashboard.acting import COOKIE, token_of
from dashboard.routes import routes
from dashboard.routes.forms import form_routes
from data.database import read_session, write_session
from data.lifecycle import Person, change_rule
from data.models import ContactReveal, Event, Staff
from data.reporting import reveals, verify_reveals
from tests.dashboard.reporting.conftest import HOST
from tests.dashboard.reporting.forms import qr, send
from tests.data.loop.world import CHECKER, DISPATCHER, SECRETARY, WORKER, at

PHONE = "13812341234"
PATH = "/onemap/contact"
ASKED = {"event": "1", "reason": "回访是否解决"}
JSON = {"Origin": HOST, "Accept": "application/json"}


@pytest.fixture
def client(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Every route of ours, with a case whose resident left a number."""
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(var_dir))
    monkeypatch.setenv("ONEMAP_PUBLIC_URL", HOST)
    context.reset()
    served = Starlette(routes=[*routes(), *form_routes()])
    with TestClient(served, base_url=HOST, follow_redirects=False) as found:
        send(found, qr(), contact=PHONE, words="灯杆旁")
        yield found
    context.reset()


def sit(client: TestClient, person: Person | None) -> None:
    client.cookies.clear()
    if person is not None:
        client.cookies.set(COOKIE, token_of(person))


def test_a_reason_and_a_role_show_the_number_once_and_no_cache_keeps_it(
    client: TestClient, engine: Engine
) -> None:
    sit(client, DISPATCHER)
    answer = client.post(PATH, data=ASKED, headers=JSON)

    assert (answer.status_code, answer.json()["contact"]) == (200, PHONE)
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(PATH).status_code == 405
    with read_session(engine) as session:
        assert [one.actor for one in reveals(session, person=SECRETARY)] == [DISPATCHER.name]


def test_who_is_responsible_is_reached_by_whoever_acts_there_and_the_audit_says_so(
    client: TestClient, engine: Engine
) -> None:
    with write_session(engine) as session:
        found = session.get(Staff, WORKER.staff_id)
        assert found is not None
        found.phone = PHONE
    asked = {"staff": str(WORKER.staff_id), "reason": "通知到场处置"}
    sit(client, None)
    assert client.post(PATH, data=asked, headers=JSON).status_code == 403
    sit(client, SECRETARY)
    assert client.post(PATH, data={**asked, "reason": "急"}, headers=JSON).status_code == 403
    answer = client.post(PATH, data=asked, headers=JSON)

    assert (answer.status_code, answer.json()["contact"]) == (200, PHONE)
    assert answer.json()["title"] == "责任人联系电话"
    with read_session(engine) as session:
        (seen,) = reveals(session, person=SECRETARY)
        assert (seen.event_id, seen.actor, seen.reason) == (0, SECRETARY.name, "通知到场处置")
        assert WORKER.name in seen.external_no
        assert verify_reveals(session) == []
    for wrong, said in (("999999", "没有这个人"), ("1 OR 1", "编号应是正整数")):
        refused = client.post(PATH, data={**asked, "staff": wrong}, headers=JSON)
        assert said in "".join(refused.json()["problems"])


@pytest.mark.parametrize(
    ("person", "asked", "headers", "status", "said"),
    [
        (None, ASKED, JSON, 403, "还没有选择办理人"),
        (WORKER, ASKED, JSON, 403, "角色是网格员"),
        (DISPATCHER, {**ASKED, "reason": ""}, JSON, 403, "请写明查看的原因"),
        (DISPATCHER, {**ASKED, "event": "1 OR 1"}, JSON, 400, "编号应是正整数"),
        (DISPATCHER, {**ASKED, "event": "9"}, JSON, 403, "没有编号为 9 的事件"),
        (DISPATCHER, ASKED, {**JSON, "Origin": "https://other.invalid"}, 403, "不是从本系统的页面发出的"),
        (DISPATCHER, ASKED, {"Accept": "application/json"}, 403, "不是从本系统的页面发出的"),
    ],
)
def test_everything_else_is_refused_in_words_and_not_written(
    client: TestClient, engine: Engine, person: Person | None, asked: dict[str, str],
    headers: dict[str, str], status: int, said: str,
) -> None:  # fmt: skip
    sit(client, person)
    answer = client.post(PATH, data=asked, headers=headers)

    assert answer.status_code == status
    assert said in answer.json()["problems"][0]
    assert PHONE not in answer.text
    with read_session(engine) as session:
        assert session.get(ContactReveal, 1) is None


def test_too_many_are_told_when_to_come_again(client: TestClient, engine: Engine) -> None:
    with write_session(engine) as session:
        change_rule(session, key="contact_reveals_an_hour", value=1, at=at(0), actor="演示甲")
    sit(client, CHECKER)
    assert client.post(PATH, data=ASKED, headers=JSON).status_code == 200
    answer = client.post(PATH, data=ASKED, headers=JSON)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3601


def test_no_other_route_answers_with_the_number(client: TestClient, engine: Engine) -> None:
    """Every route that reads, as somebody who has just seen it, with what leads to the case."""
    sit(client, DISPATCHER)
    assert client.post(PATH, data=ASKED, headers=JSON).status_code == 200
    with read_session(engine) as session:
        number = session.get_one(Event, 1).external_no
    named = {"{event_id:int}": "1", "{token}": qr().removeprefix("/r/"), "{receipt}": "AAAAAAAAAAAAAAAA"}
    asked = {
        "q": number, "text": number, "z": "11", "x0": "1600", "y0": "830", "x1": "1630", "y1": "850",
        "level": "community", "metric": "open", "area": "510115", "lon": "103.805", "lat": "30.71",
        "class": "0201",
    }  # fmt: skip
    paths = []
    for route in [*routes(), *form_routes()]:
        assert isinstance(route, Route)
        if "GET" in (route.methods or {"GET"}) and "stream" not in route.path and "{name" not in route.path:
            path = route.path
            for name, value in named.items():
                path = path.replace(name, value)
            paths.append(path.replace("{digest}", "0" * 64))
    assert len(paths) > 15
    answered = {
        path: client.get(path, params={} if path.startswith("/onemap/export") else asked) for path in paths
    }

    assert {path for path, answer in answered.items() if answer.status_code == 200} >= {
        "/onemap/export.csv", "/onemap/export.xlsx", "/onemap/search", "/onemap/points", "/report/done/1",
    }  # fmt: skip
    assert number in answered["/onemap/export.csv"].text
    for path, answer in answered.items():
        assert PHONE.encode() not in answer.content, path
    assert PHONE not in _cells(answered["/onemap/export.xlsx"].content)


def _cells(workbook: bytes) -> str:
    from io import BytesIO

    from openpyxl import load_workbook

    sheets = load_workbook(BytesIO(workbook)).worksheets
    return " ".join(str(cell) for sheet in sheets for row in sheet.values for cell in row)


def test_an_identity_number_is_never_taken_as_a_contact(client: TestClient, engine: Engine) -> None:
    answer = send(client, qr(), contact="510115199001011234")

    assert answer.status_code == 400
    assert "请勿填写身份证号" in answer.text
    with read_session(engine) as session:
        assert session.get(Event, 2) is None
