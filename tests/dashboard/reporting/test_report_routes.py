"""What the routes of the reporting pages take, and what they turn away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from dashboard import context
from dashboard.reporting.guard import REPORT_BYTES
from data.database import read_session, write_session
from data.event_log import verify
from data.lifecycle import change_rule
from data.models import Event, EventAttachment
from tests.dashboard.reporting.forms import PAGE, qr, send, token_in
from tests.data.loop.test_report_and_files import photo
from tests.data.loop.world import GRID, STAFF, at
from tests.sql_recorder import recorded, scans

MADE_UP = "made-up"


def count(engine: Engine) -> int:
    with read_session(engine) as session:
        found: int = session.connection().execute(text("SELECT count(*) FROM event")).scalar_one()
        return found


def event_of(engine: Engine, event_id: int = 1) -> Event:
    with read_session(engine) as session:
        return session.get_one(Event, event_id)


def test_a_worker_reports_and_the_case_is_in_their_name(worker: TestClient, engine: Engine) -> None:
    answer = send(worker, PAGE, words="灯杆旁")
    assert (answer.status_code, answer.headers["location"]) == (303, "/report/done/1")
    event = event_of(engine)
    assert (event.source, event.code, event.title, event.description) == (
        "patrol", GRID, "演示0201", "灯杆旁",
    )  # fmt: skip
    with read_session(engine) as session:
        actor = session.connection().execute(text("SELECT actor FROM event_log")).scalar_one()
        assert verify(session) == []
    assert actor == STAFF[0][0]
    done = worker.get("/report/done/1").text
    assert event.external_no in done
    assert "公平街道·惠民社区·01网格" in done


@pytest.mark.parametrize("number", ["7", str(2**63), "9" * 40])
def test_a_case_that_is_not_there_is_not_found_however_long_its_number(
    worker: TestClient, number: str
) -> None:
    answer = worker.get(f"/report/done/{number}")
    assert answer.status_code == 404
    assert "没有这件" in answer.text


def test_without_a_person_the_page_asks_who_and_nothing_is_taken(client: TestClient, engine: Engine) -> None:
    assert "请先选择办理人" in client.get(PAGE).text
    answer = send(client, PAGE, token=MADE_UP)
    assert (answer.status_code, count(engine)) == (403, 0)


def test_a_resident_reports_without_script_or_session(client: TestClient, engine: Engine) -> None:
    page = client.get(qr())
    assert (page.status_code, page.headers.get("set-cookie")) == (200, None)
    answer = send(client, qr(), contact="13800001234")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/r/case/")
    assert (event_of(engine).source, event_of(engine).code) == ("resident", GRID)
    case = client.get(answer.headers["location"])
    assert "已收到您的上报" in case.text
    assert case.text.count("请截图或收藏本页") == 1
    assert event_of(engine).external_no in case.text


def test_a_form_sent_twice_leads_to_the_same_receipt(client: TestClient, engine: Engine) -> None:
    token = token_in(client.get(qr()))
    answers = [send(client, qr(), token=token) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert count(engine) == 1


@pytest.mark.parametrize("origin", ["https://evil.invalid", "null", "", "https://demo.invalid.evil.invalid"])
def test_a_form_from_elsewhere_is_turned_away(client: TestClient, engine: Engine, origin: str) -> None:
    answer = send(client, qr(), headers={"Origin": origin})
    assert (answer.status_code, count(engine)) == (403, 0)
    assert "不是从本系统的页面发出的" in answer.text


def test_a_request_that_the_browser_calls_foreign_is_turned_away(client: TestClient, engine: Engine) -> None:
    answer = send(client, qr(), headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, count(engine)) == (403, 0)


def test_a_form_of_another_page_is_turned_away(worker: TestClient, engine: Engine) -> None:
    answers = [
        send(worker, PAGE, token=token_in(worker.get(qr()))),
        send(worker, qr(), token=token_in(worker.get(PAGE))),
        send(worker, qr(), token=MADE_UP),
    ]
    assert ([one.status_code for one in answers], count(engine)) == ([403, 403, 403], 0)
    assert "这张表单无效" in answers[0].text


@pytest.mark.parametrize("end", ["", "a", "-" + "a" * 16])
def test_a_guessed_qr_code_opens_nothing(client: TestClient, end: str) -> None:
    for path in (f"/r/{GRID}{end}", f"/r/{GRID}{end}/draft?class=0201"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "二维码无效" in answer.text
        assert "惠民" not in answer.text


def test_the_code_of_a_grid_that_is_gone_says_so(client: TestClient, engine: Engine) -> None:
    with write_session(engine) as session:
        session.connection().execute(text(f"UPDATE division SET valid_to='2026-11-01' WHERE code='{GRID}'"))  # noqa: S608
    answer = client.get(qr())
    assert (answer.status_code, "网格已经调整" in answer.text) == (403, True)


def test_what_is_too_large_is_turned_away_before_it_is_read(client: TestClient, engine: Engine) -> None:
    answer = send(client, qr(), headers={"Content-Length": str(REPORT_BYTES + 1)}, token=MADE_UP)
    assert (answer.status_code, count(engine)) == (413, 0)
    assert "请减少照片后再传" in answer.text


def test_a_long_field_and_too_many_photos_are_turned_away(client: TestClient, engine: Engine) -> None:
    many = [("photo", (f"{n}.jpg", photo(), "image/jpeg")) for n in range(4)]
    assert send(client, qr(), files=many).status_code == 400
    assert send(client, qr(), files=many * 2).status_code == 400
    assert send(client, qr(), words="字" * 4000).status_code == 400
    assert count(engine) == 0


def test_a_file_that_is_no_photo_is_turned_away(client: TestClient, engine: Engine) -> None:
    fake = [("photo", ("a.jpg", b"<svg onload='alert(1)'/>", "image/jpeg"))]
    answer = send(client, qr(), files=fake)
    assert (answer.status_code, count(engine)) == (400, 0)
    assert "不是可用的照片" in answer.text


def test_a_photo_is_kept_without_where_it_was_taken(
    client: TestClient, engine: Engine, var_dir: Path
) -> None:
    sent = photo(with_place=True)
    assert b"Exif" in sent
    empty = ("photo", ("", b"", "application/octet-stream"))  # the album, where nothing was chosen
    send(client, qr(), files=[("photo", ("a.jpg", sent, "image/jpeg")), empty])
    (stored,) = (var_dir / "attachments").rglob("*.jpg")
    with Image.open(stored) as opened:
        assert not opened.getexif()
    with read_session(engine) as session:
        kept = session.get_one(EventAttachment, 1)
        assert (kept.event_id, kept.sha256) == (1, stored.stem)


def test_too_many_reports_are_told_when_to_come_back(client: TestClient, engine: Engine) -> None:
    with write_session(engine) as session:
        change_rule(session, key="address_reports_an_hour", value=1, at=at(0), actor="演示甲")
    assert send(client, qr()).status_code == 303
    answer = send(client, qr())
    assert (answer.status_code, count(engine)) == (429, 1)
    assert "分钟后再试" in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 3601


def test_behind_a_proxy_each_resident_is_counted_alone(client: TestClient, engine: Engine) -> None:
    with write_session(engine) as session:
        change_rule(session, key="address_reports_an_hour", value=1, at=at(0), actor="演示甲")
    # The test's own connection is no proxy of this machine: what it forwards is not believed.
    codes = [send(client, qr(), headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(2)]
    assert codes == [303, 429]
    client._transport.client = ("127.0.0.1", 1)  # type: ignore[attr-defined]
    codes = [
        send(client, qr(), headers={"X-Forwarded-For": f"9.9.9.9, 203.0.113.{n}"}).status_code
        for n in (1, 1, 2)
    ]
    assert codes == [303, 429, 303]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"class": ""}, "请先选择类别"),
        ({"class": "9999"}, "没有代码为“9999”的类别"),
        ({"lon": "abc"}, "位置 abc，30.71 不能用"),
        ({"lon": "nan"}, "不能用"),
        ({"lon": "999"}, "不能用"),
        ({"lon": "103.83"}, "本网格以外约"),
        ({"contact": "<b>"}, "联系电话只能是数字"),
    ],
)
def test_what_makes_no_sense_is_said_in_words(
    client: TestClient, engine: Engine, fields: dict[str, Any], said: str
) -> None:
    answer = send(client, qr(), **fields)
    assert (answer.status_code, count(engine)) == (400, 0)
    assert said in answer.text


def test_the_draft_names_the_department_and_asks_about_duplicates(worker: TestClient) -> None:
    send(worker, PAGE, words="灯杆旁")
    where = "lon=103.805&lat=30.71&class=0201"
    found = worker.get(f"/report/draft?{where}").json()
    assert (found["place"], found["department"], found["limit"]) == (
        "公平街道·惠民社区·01网格", "演示市政", "4 紧急工作时",
    )  # fmt: skip
    assert found["notice"] == ""
    assert found["duplicates"][0]["id"] == 1
    assert "XC" in found["duplicates"][0]["words"]
    to_resident = worker.get(f"{qr()}/draft?{where}").json()["duplicates"][0]["words"]
    assert "XC" not in to_resident
    assert "已收到，社区正在核实" in to_resident


def test_who_says_it_is_the_same_has_it_merged(worker: TestClient, engine: Engine) -> None:
    send(worker, PAGE)
    send(worker, PAGE, same_as="1")
    assert (event_of(engine, 2).status, event_of(engine, 2).merged_into) == ("merged", 1)
    assert "合并" in worker.get("/report/done/2").text
    answer = send(worker, qr(), same_as="7")
    assert "alone=1" in answer.headers["location"]
    assert "已作为新的一件上报" in worker.get(answer.headers["location"]).text


def test_outside_the_district_is_reported_and_said(worker: TestClient, engine: Engine) -> None:
    answer = send(worker, PAGE, lon="104.9")
    assert event_of(engine).code == ""
    assert "未落格队列" in worker.get(answer.headers["location"]).text


def test_pages_load_nothing_from_elsewhere_and_cannot_be_framed(worker: TestClient) -> None:
    for path in (PAGE, qr(), "/r/case"):
        answer = worker.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "://" not in answer.text.replace("https://demo.invalid", "")
        assert answer.headers["cache-control"] == "no-store"


def test_text_from_people_is_escaped(worker: TestClient) -> None:
    answer = worker.get("/r/case?receipt=<script>alert(1)</script>")
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert context.settings().public_url == "https://demo.invalid"


def test_no_request_reads_the_events_from_end_to_end(worker: TestClient, engine: Engine) -> None:
    where = "lon=103.805&lat=30.71&class=0201"
    with recorded(engine) as statements:
        send(worker, PAGE)
        worker.get(f"/report/draft?{where}")
        worker.get("/report/done/1")
        worker.get(f"{qr()}/draft?{where}")
        worker.get(send(worker, qr(), same_as="1").headers["location"])
        worker.get("/onemap/qr-sheet?area=510115")
    assert len(statements) > 40
    assert [(one.plan, one.sql) for one in scans(statements)] == []
