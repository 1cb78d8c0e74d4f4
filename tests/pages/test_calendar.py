"""工作日历 as people use it: read a year, change a day and the hours, import a notice, take it back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import context
from dashboard.acting import token_of
from data.calendar import WorkCalendar, published_calendar, read_calendar
from data.calendar.day_file import day_template
from data.clock import deadline
from data.database import open_engine, read_session, write_session
from data.event_log import append
from data.lifecycle import Person
from data.models import Event
from tests.dashboard.small_world import DISTRICT, World
from tests.data.core.events import first
from tests.data.loop.world import DISPATCHER, SECRETARY, STREET_CLERK, furnish
from tests.pages.conftest import Opener, Shown
from tests.pages.test_import_page import Uploaded, click

STREET = f"{DISTRICT}001"
MONDAY = "2026-11-23"


def sit(monkeypatch: pytest.MonkeyPatch, person: Person | None) -> None:
    """Whoever sits at the screen from now on; None: nobody."""
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(person) if person else "")


@pytest.fixture
def world(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A dispatcher of the district sits at the screen."""
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    engine.dispose()
    sit(monkeypatch, DISPATCHER)
    return world


def stored(area: str = "") -> WorkCalendar:
    with read_session(context.engine()) as session:
        return read_calendar(session, area_code=area)


def days(shown: Shown) -> dict[str, bool]:
    """Whether each day on the page is worked."""
    found = re.findall(r'data-day="([^"]+)" data-working="([01])"', shown.html)
    return {day: working == "1" for day, working in found}


def fill(shown: Shown, label: str, value: Any) -> None:
    fields: list[Any] = [*shown.app.text_input, *shown.app.radio, *shown.app.number_input]
    next(field for field in fields if field.label == label).set_value(value)


def save_day(shown: Shown, *, works: bool, name: str) -> None:
    fill(shown, "这一天", works)
    fill(shown, "名称", name)
    click(shown.app, "保存")


def test_a_year_shows_every_day_with_holidays_and_worked_weekends(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("calendar", year="2026")

    found = days(shown)
    assert len(found) == 365
    assert [found[day] for day in ("2026-02-14", "2026-02-17", "2026-10-10", "2026-11-21")] == [
        True, False, True, False,
    ]  # fmt: skip
    assert f'data-worked="{sum(found.values())}"' in shown.html
    assert "2 月 17 日，休息（春节），国家公布" in shown.html
    assert "尚未录入" not in shown.text


def test_a_year_without_published_days_says_so(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("calendar", year="2027")

    assert "2027 年的假日尚未录入" in shown.text
    assert "暂按周一至周五上班" in shown.text
    assert days(shown)["2027-01-01"]


def test_a_day_is_changed_for_the_area_in_view_and_the_edit_taken_back(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("calendar", day=MONDAY, area=STREET)
    save_day(shown, works=False, name="示例演练日")

    assert "2026-11-23 已改为休息" in shown.text
    assert not days(shown)[MONDAY]
    assert "休息（示例演练日），本地安排" in shown.html
    assert [stored(area).day(date(2026, 11, 23)).is_working for area in ("", STREET)] == [True, False]
    click(shown.app, "撤销")
    assert "已撤销改动 1" in shown.text
    assert days(shown)[MONDAY]


def with_cases(hours: float = 8.0) -> list[int]:
    """Two cases in working time, reported on Friday morning and due on Monday at noon."""
    reported = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    due = deadline(
        reported_at=reported, limit_hours=hours, clock_type="working_hours", calendar=published_calendar()
    )
    fields = {
        "reported_at": reported, "due_at": due.due_at, "warn_at": due.warn_at, "limit_hours": hours,
        "clock_type": "working_hours", "code": STREET,
    }  # fmt: skip
    with write_session(context.engine()) as session:
        return append(session, [first(9000 + number, **fields) for number in range(2)])


def due_of(event_id: int) -> datetime | None:
    with read_session(context.engine()) as session:
        return session.get_one(Event, event_id).due_at


def test_before_a_day_is_saved_the_page_says_what_it_does_to_open_cases(opener: Opener, world: World) -> None:
    """Due on Monday the 23rd at noon; where Monday is off, on Tuesday; an undo is asked about as well."""
    assert world.grids
    case, _ = with_cases()
    shown = opener("calendar", day=MONDAY, area=STREET)
    save_day(shown, works=False, name="示例演练日")

    assert "影响 2 件在办件：到期推迟 2 件" in shown.text
    assert "没有事件因此变为超期或不再超期" in shown.text
    assert days(shown)[MONDAY]
    assert due_of(case) == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    click(shown.app, "取消")
    assert "影响 2 件" not in shown.text
    save_day(shown, works=False, name="示例演练日")
    click(shown.app, "确认保存")

    assert "2026-11-23 已改为休息。已重算 2 件在办件的时限。" in shown.text
    assert "重算了 2 件在办件的时限" in shown.text
    assert "刚被别人改过" not in shown.text
    assert not days(shown)[MONDAY]
    assert due_of(case) == datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    click(shown.app, "撤销")
    assert "影响 2 件在办件：到期提前 2 件" in shown.text
    click(shown.app, "确认保存")
    assert due_of(case) == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_day_that_makes_a_case_overdue_says_so_first(opener: Opener, world: World) -> None:
    """On Saturday at ten, where that Saturday was worked after all, an hour of the limit is gone."""
    assert world.grids
    with_cases(hours=6.0)
    shown = opener("calendar", day="2026-11-15", area=STREET)
    save_day(shown, works=True, name="示例加班")
    assert "影响" not in shown.text, "a day before the report tells on nothing"
    shown = opener("calendar")
    fill(shown, "工作时间", "06:00-24:00")
    fill(shown, "从哪天起", "2026-11-20")
    click(shown.app, "保存工作时间")

    assert "2 件将变为超期" in shown.text


@pytest.mark.parametrize(
    ("person", "area", "says"),
    [
        (None, STREET, "还没有选择办理人，不能修改工作日历"),
        (STREET_CLERK, STREET, "规则“按角色办理”：修改工作日历由"),
        (SECRETARY, "", "规则“只管自己的区域”：书记·示例04负责"),
    ],
)
def test_who_may_not_edit_the_calendar_sees_it_and_the_rule_and_changes_nothing(
    person: Person | None,
    area: str,
    says: str,
    opener: Opener,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert world.grids
    case, _ = with_cases()
    sit(monkeypatch, person)
    shown = opener("calendar", day=MONDAY, area=area)
    assert days(shown)[MONDAY]
    assert says in shown.text
    save_day(shown, works=False, name="示例演练日")

    assert "没有保存" in shown.text
    assert "影响 2 件" not in shown.text
    assert stored(STREET).day(date(2026, 11, 23)).is_working
    assert due_of(case) == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_what_waits_is_made_by_who_confirms_it_and_refused_where_they_may_not(
    opener: Opener, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.grids
    with_cases()
    shown = opener("calendar", day=MONDAY)
    save_day(shown, works=False, name="示例演练日")
    sit(monkeypatch, SECRETARY)
    click(shown.app, "确认保存")

    assert "不能为全区修改工作日历" in shown.text
    assert stored().day(date(2026, 11, 23)).is_working


def test_what_was_entered_can_be_cleared(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("calendar", day=MONDAY)
    save_day(shown, works=False, name="示例演练日")
    click(shown.app, "清除这一天的录入")

    assert "已清除 2026-11-23 的录入" in shown.text
    assert days(shown)[MONDAY]


def test_working_hours_are_changed_from_a_day_on(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener("calendar")
    fill(shown, "工作时间", "08:30-12:00 14:00-17:30")
    fill(shown, "临期比例（%）", 50.0)
    fill(shown, "从哪天起", "2026-12-01")
    click(shown.app, "保存工作时间")

    assert "已保存，从 2026-12-01 起" in shown.text
    hours = stored().hours_on(date(2026, 12, 1))
    assert (hours.spans, hours.warn_share) == (((510, 720), (840, 1050)), 0.5)
    assert "08:30-12:00 14:00-17:30，剩余时限不超过 50% 为临期" in shown.text


@pytest.mark.parametrize(
    ("spans", "begins", "says"),
    [
        ("九点上班", "2026-12-01", "工作时间“九点上班”中的“九点上班”看不懂"),
        ("09:00-18:00", "下个月", "日期“下个月”认不出来"),
        ("09:00-18:00", "1900-01-01", "应为 2004–2099 年"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_reason(
    spans: str, begins: str, says: str, opener: Opener, world: World
) -> None:
    assert world.grids
    shown = opener("calendar")
    fill(shown, "工作时间", spans)
    fill(shown, "从哪天起", begins)
    click(shown.app, "保存工作时间")

    assert "没有保存" in shown.text
    assert says in shown.text
    assert len(stored().hours) == 1


def test_a_year_is_imported_from_a_file(
    opener: Opener, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.grids
    file = Uploaded("2027.csv", day_template(2027))
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    shown = opener("calendar", year="2027")
    click(shown.app, "导入 2 天")

    assert "已导入 2 天，从 2027-01-01 到 2027-01-03" in shown.text
    assert (days(shown)["2027-01-01"], days(shown)["2027-01-03"]) == (False, True)


def test_a_whole_notice_makes_the_year_known_and_moves_what_is_due_in_it(
    opener: Opener, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Due on 1 January 2027, which is a holiday: a Friday, so on Monday the 4th. The card warned of it."""
    assert world.grids
    due = datetime(2027, 1, 1, 10, 0, tzinfo=UTC)
    fields = {
        "reported_at": datetime(2026, 12, 31, 2, 0, tzinfo=UTC), "due_at": due, "limit_hours": 24.0,
        "clock_type": "working_days", "code": STREET,
    }  # fmt: skip
    with write_session(context.engine()) as session:
        (case,) = append(session, [first(9000, **fields)])
    card = opener(sel=f"event:{case}").text
    assert "2027 年的放假和调休安排尚未公布或录入" in card
    assert "个工作日" in card

    off = ["01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01",
           "10-02", "10-03"]  # fmt: skip
    lines = "".join(f"2027-{day},休,示例假日\n" for day in off)
    file = Uploaded("2027.csv", f"日期,安排,名称\n{lines}".encode())
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    shown = opener("calendar", year="2027")
    click(shown.app, "导入 13 天")
    assert "影响 1 件在办件：到期推迟 1 件" in shown.text
    click(shown.app, "确认保存")

    assert "2027 年的假日尚未录入" not in shown.text
    assert due_of(case) == datetime(2027, 1, 4, 10, 0, tzinfo=UTC)
    assert "尚未公布" not in opener(sel=f"event:{case}").text


NOTICE = "2027 年的放假和调休安排尚未公布或录入"


@pytest.mark.parametrize(("clock", "said"), [("working_days", 1), ("urgent_hours", 0)])
def test_every_list_with_a_deadline_in_a_year_without_published_days_says_so_once(
    opener: Opener, world: World, clock: str, said: int
) -> None:
    assert world.grids
    fields = {
        "reported_at": datetime(2026, 11, 20, 2, 0, tzinfo=UTC), "limit_hours": 48.0, "clock_type": clock,
        "due_at": datetime(2027, 1, 4, 10, 0, tzinfo=UTC), "code": STREET, "title": "跨年示例",
    }  # fmt: skip
    with write_session(context.engine()) as session:
        append(session, [first(9000 + number, **fields) for number in range(2)])

    lists = {
        "overview": {}, "overview events": {"tab": "events"}, "events": {}, "loop": {"lane": "all"},
        "community": {"area": STREET},
    }  # fmt: skip
    for name, params in lists.items():
        shown = opener(name.split()[0], q="跨年示例", **params)
        assert "跨年示例" in shown.text, name
        times = 2 * said if name == "community" else said  # its alerts and its events are two lists
        assert (shown.html.count("data-unknown-years"), shown.text.count(NOTICE)) == (times, times), name


def test_a_list_without_such_deadlines_says_nothing_of_unknown_years(opener: Opener, world: World) -> None:
    assert world.grids
    assert "data-unknown-years" not in opener("events").html


def test_a_bad_file_names_its_lines_and_offers_no_import(
    opener: Opener, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.grids
    file = Uploaded("2027.csv", "日期,安排\n2027-13-01,休\n".encode())
    monkeypatch.setattr("streamlit.file_uploader", lambda *_args, **_options: file)
    shown = opener("calendar")

    assert "第 2 行“2027-13-01”：不是日期" in shown.text
    assert not any(button.label.startswith("导入") for button in shown.app.button)


def test_without_any_data_the_calendar_is_there_already(opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    shown = opener("calendar", year="2026")

    assert len(days(shown)) == 365
    assert "还没有改动" in shown.text


@pytest.mark.parametrize(
    ("name", "value"), [("year", "1999"), ("year", "二〇"), ("day", "2026-02-30"), ("day", "x")]
)
def test_an_address_that_names_no_day_is_explained(
    name: str, value: str, opener: Opener, world: World
) -> None:
    assert world.grids

    assert f"网址参数 {name}={value} 无效" in opener("calendar", **{name: value}).text
