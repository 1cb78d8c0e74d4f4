"""A case on its way by clicking: 派遣 → 受理 → 开始处置 → 反馈 → 核查 → 结案, each step by its own
person; and a resident's telephone, seen once.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from data.database import open_engine, write_session
from data.event_fold import Action, Entry
from data.event_log import append_one
from data.models import Division, ResidentContact, Staff
from data.vocabulary import Status
from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served, serve_product

PHONE = "13800001234"
GRID = "510115001001001"
TITLE = "示例路口有垃圾"


@pytest.fixture(scope="module")
def own(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demo of its own: the moves of this test are no other test's business."""
    assert chromium_path
    with serve_product(tmp_path_factory.mktemp("loop") / "var") as served:
        _file_a_case(served)
        yield served


def _file_a_case(served: Served) -> None:
    """One case that waits to be sent: which ones the demo has, depends on the hour."""
    engine = open_engine(f"sqlite:///{served.var_dir / 'onemap.db'}")
    now = datetime.now(UTC).replace(microsecond=0)
    with write_session(engine) as session:
        grid = session.exec(select(Division).where(Division.code == GRID)).one()
        changes = {
            "source": "patrol", "external_no": "XC00000001", "class_code": "0102", "title": TITLE,
            "urgency": "normal", "status": Status.FILED.value, "reported_at": now, "code": grid.code,
            "lon": grid.lon, "lat": grid.lat, "route_color": "red",
        }  # fmt: skip
        append_one(session, Entry(action=Action.REPORT, at=now, actor="网格员·示例", changes=changes))
    engine.dispose()


@pytest.fixture
def desk(browser: Browser, own: Served) -> Iterator[ProductPage]:
    with product_page(browser, own.base, has_touch=True) as page:
        yield page


def choose(desk: ProductPage, text: str) -> str:
    """Open the header's menu, search, and take the first person; their name."""
    desk.page.locator("#om-menu-person > summary").click()
    desk.page.locator("#om-people-text").fill(text)
    desk.until(
        lambda: all(
            word in desk.page.locator("[data-person]:not([data-person=''])").first.inner_text()
            for word in text.split()
        ),
        f"people of {text}",
    )
    person = desk.page.locator("[data-person]:not([data-person=''])").first
    name = person.locator("b").inner_text()
    person.click()
    acting = desk.page.locator(".om-acting.om-set summary b")
    desk.until(lambda: acting.all_inner_texts() == [name], "the person acts")
    desk.settle()
    return name


def make(desk: ProductPage, label: str, *, reason: str = "") -> str:
    """Press a move's button, fill in, send; what is said afterwards."""
    desk.follow(desk.page.locator("a.om-move", has_text=label).first)
    if reason:
        desk.page.locator(".st-key-om-loop-form textarea").fill(reason)
    before = desk.page.url
    desk.page.locator(".st-key-om-loop-form [data-testid=stFormSubmitButton] button").click()
    desk.until(lambda: desk.page.url != before, f"{label} is done")
    desk.settle()
    said = desk.page.locator(".om-notice-line").inner_text()
    desk.check_texts()
    return said


def staff_of(own: Served, department: str) -> str:
    """The name of somebody who speaks for a department."""
    query = urllib.parse.urlencode({"text": f"部门经办人 {department}"})
    with urllib.request.urlopen(f"{own.base}/onemap/people?{query}") as answer:  # noqa: S310  # our own
        return str(json.load(answer)["groups"][0]["people"][0]["name"])


def test_a_case_is_sent_accepted_handled_checked_and_closed_by_those_whom_it_waits_for(
    desk: ProductPage, own: Served
) -> None:
    desk.open(f"loop?lane=file&area={GRID}")
    desk.follow(desk.page.locator(".om-loop-list tr[data-event]", has_text=TITLE).first)
    event = desk.params["sel"]
    assert desk.page.locator("a.om-move").count() == 0
    dispatcher = choose(desk, "派遣员")
    assert desk.params["sel"] == event
    assert "已派遣，现在是“已派遣”，接下来由承办方受理" in make(desk, "派遣")

    department = desk.page.locator(".om-card-event dd").first.inner_text().split(" · ")[0]
    officer = choose(desk, staff_of(own, department))
    assert officer != dispatcher
    assert "现在是“已受理”" in make(desk, "受理")
    assert "现在是“处置中”" in make(desk, "开始处置")
    assert "接下来由核查员核查" in make(desk, "反馈", reason="现场已处理")
    assert desk.page.locator("a.om-move").count() == 0

    checker = choose(desk, "核查员")
    assert "现在是“核查中”" in make(desk, "核查")
    assert "接下来由上报人评价" in make(desk, "结案", reason="现场已复原")
    actors = desk.page.locator(".om-timeline .om-what .om-note").all_inner_texts()
    assert actors[:6] == [checker, checker, officer, officer, officer, dispatcher]
    assert desk.page.locator("[data-stage=rate]").get_attribute("data-count") != "0"


def test_stages_add_up_on_the_page_and_a_stage_leads_to_its_rows(desk: ProductPage) -> None:
    desk.open("loop?area=510115001")
    tiles = desk.page.locator("[data-stage]")
    counts = [int(tile.get_attribute("data-count") or -1) for tile in tiles.all()]
    assert sum(counts[:6]) == desk.total
    desk.follow(tiles.nth(3))
    assert desk.page.locator("[data-listed]").get_attribute("data-listed") == str(counts[3])


def test_ticked_rows_are_done_together_after_a_preview(desk: ProductPage) -> None:
    desk.open("loop")
    choose(desk, "派遣员")
    desk.follow(desk.page.locator("[data-wait=check]"))
    boxes = desk.page.locator(".om-tick-box input[name=pick]")
    for number in (0, 1):
        boxes.nth(number).check()
    assert desk.page.locator("[data-ticked]").inner_text() == "（2 件）"
    desk.follow(desk.page.get_by_role("button", name="批量办理勾选的件"))
    assert len(desk.params["pick"].split(",")) == 2
    assert desk.page.locator(".om-tick-box input[name=pick]:checked").count() == 2
    desk.page.locator(".st-key-om-loop-form [data-testid=stFormSubmitButton] button").click()
    desk.page.locator("[data-go]").wait_for()
    desk.settle()
    assert desk.page.locator("[data-go]").get_attribute("data-go") == "2"
    desk.press("确认核查 2 件")
    desk.page.locator(".om-notice-line", has_text="已核查 2 件").wait_for()
    desk.check_texts()


def test_whoever_leaves_acts_no_more_and_the_address_never_named_them(desk: ProductPage) -> None:
    desk.open("loop")
    name = choose(desk, "街道报单员")
    assert name not in urllib.parse.unquote(desk.page.url)
    desk.open("events")
    assert desk.page.locator(".om-acting summary b").inner_text() == name
    desk.page.locator("#om-menu-person > summary").click()
    desk.page.locator("#om-menu-person button", has_text="退出").click()
    nobody = desk.page.locator(".om-acting summary", has_text="尚未选择办理人")
    desk.until(lambda: nobody.count() == 1, "nobody acts")
    desk.settle()


def test_a_telephone_is_shown_once_in_a_window_and_nowhere_else(desk: ProductPage, own: Served) -> None:
    event_id = _leave_a_number(own)
    desk.open(f"loop?lane=all&sel=event:{event_id}")
    name = choose(desk, "派遣员")
    desk.page.locator(".om-contact summary").click()
    desk.page.fill(".om-contact input[name=reason]", "回访是否解决")
    address = desk.page.url
    desk.page.locator(".om-contact button").click()
    window = desk.page.locator("dialog.om-contact-window")
    window.wait_for()
    assert window.locator(".om-contact-number").inner_text() == PHONE
    assert name in window.inner_text()
    desk.check_texts()
    window.locator("button").click()
    assert window.count() == 0
    desk.settle()

    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert PHONE not in desk.page.content() + desk.page.evaluate(kept)
    assert desk.page.url == address
    desk.page.reload()
    desk.settle()
    assert "138****1234" in desk.page.locator(".om-contact").inner_text()
    assert PHONE not in desk.page.content()
    choose(desk, "街道书记")
    assert f"{name}（派遣员（指挥中心））：回访是否解决" in desk.page.locator("[data-reveals]").inner_text()


def _leave_a_number(own: Served) -> int:
    """A resident's case in the first street, with a number to call back."""
    engine = open_engine(f"sqlite:///{own.var_dir / 'onemap.db'}")
    now = datetime.now(UTC).replace(microsecond=0)
    with write_session(engine) as session:
        leader = session.exec(select(Staff).where(col(Staff.post).contains("街道书记"))).first()
        assert leader is not None
        changes = {
            "source": "resident", "external_no": "JM00000001", "class_code": "0102", "title": "示例有垃圾",
            "urgency": "normal", "status": Status.REPORTED.value, "reported_at": now,
            "code": leader.division_code,
        }  # fmt: skip
        event_id = append_one(session, Entry(action=Action.REPORT, at=now, actor="居民", changes=changes))
        session.add(ResidentContact(event_id=event_id, contact=PHONE, created_at=now))
    engine.dispose()
    return event_id


def test_when_they_came_is_asked_in_chinese_and_by_fields_a_finger_can_hit(
    desk: ProductPage, own: Served
) -> None:
    event_id = _accept_an_emergency(own)
    desk.page.set_viewport_size({"width": 1180, "height": 820})
    desk.open(f"loop?lane=all&sel=event:{event_id}")
    department = desk.page.locator(".om-card-event dd").first.inner_text().split(" · ")[0]
    choose(desk, staff_of(own, department))
    desk.follow(desk.page.locator("a.om-move", has_text="开始处置").first)
    form = desk.page.locator(".st-key-om-loop-form")
    desk.check_texts()
    for field in ("stDateInputField", "stTimeInputTimeDisplay"):
        box = form.locator(f"[data-testid={field}]").bounding_box()
        assert box is not None
        assert box["height"] >= 43.5
    form.locator("[data-testid=stDateInputCalendarButton]").click()
    calendar = desk.page.locator("[data-testid=stDateInputCalendar][aria-label=选择日期]")
    calendar.wait_for()
    desk.settle()
    desk.check_texts()
    assert "November" not in calendar.inner_text()


def _accept_an_emergency(own: Served) -> int:
    """An emergency that its department has accepted and nobody has gone to."""
    engine = open_engine(f"sqlite:///{own.var_dir / 'onemap.db'}")
    now = datetime.now(UTC).replace(microsecond=0)
    with write_session(engine) as session:
        grid = session.exec(select(Division).where(Division.code == GRID)).one()
        changes = {
            "source": "patrol", "external_no": "XC00000002", "class_code": "0601", "title": "示例井盖缺失",
            "urgency": "urgent", "status": Status.ACCEPTED.value, "reported_at": now, "code": grid.code,
            "lon": grid.lon, "lat": grid.lat, "route_color": "red", "department_code": "D01",
        }  # fmt: skip
        event_id = append_one(
            session, Entry(action=Action.REPORT, at=now, actor="网格员·示例", changes=changes)
        )
    engine.dispose()
    return event_id
