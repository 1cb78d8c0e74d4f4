"""What people enter into the calendar: days and hours by area, undone cleanly, never overwritten."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from data.calendar import (
    BadDay,
    BadHours,
    DayOrigin,
    NothingToUndo,
    StaleCalendar,
    WorkCalendar,
    published_calendar,
    read_calendar,
    read_calendars,
)
from data.calendar.edit import DayEntry, changes, clear_day, set_day, set_days, set_hours, undo_change
from data.calendar.read import is_complete
from data.clock import deadline
from data.database import DatabaseProblem, read_session, write_session
from data.models import CalendarDay

ACTOR = "管理员·示例01"
MONDAY = date(2026, 11, 23)
STREET, COMMUNITY = "510115001", "510115001001"


def entered(engine: Engine, entry: DayEntry, *, area: str = "", seen: int | None = None) -> int:
    with write_session(engine) as session:
        return set_day(session, entry, area_prefix=area, seen_id=seen, actor=ACTOR).id or 0


def calendar(engine: Engine, area: str = "") -> WorkCalendar:
    with read_session(engine) as session:
        return read_calendar(session, area_code=area)


def test_an_empty_table_gives_the_published_calendar(engine: Engine) -> None:
    found = calendar(engine)

    assert found.days == published_calendar().days
    assert found.hours == published_calendar().hours


def test_the_same_entries_give_the_same_calendar_without_building_it_again(engine: Engine) -> None:
    entered(engine, DayEntry(day=MONDAY, is_working=False))

    assert calendar(engine) is calendar(engine, "510115")


def test_an_entry_holds_for_its_area_and_the_longer_area_goes_first(small_district: Engine) -> None:
    entered(small_district, DayEntry(day=MONDAY, is_working=False, name="全区演练"))
    entered(small_district, DayEntry(day=MONDAY, is_working=True, name="街道值守"), area=STREET)

    everywhere, street = calendar(small_district), calendar(small_district, COMMUNITY)

    assert (everywhere.day(MONDAY).is_working, everywhere.day(MONDAY).name) == (False, "全区演练")
    assert (street.day(MONDAY).is_working, street.day(MONDAY).name) == (True, "街道值守")
    assert street.day(MONDAY).origin is DayOrigin.LOCAL
    assert street.day(MONDAY).area_prefix == STREET


def test_areas_with_entries_of_their_own_have_their_own_calendar_and_the_others_share_one(
    small_district: Engine,
) -> None:
    entered(small_district, DayEntry(day=MONDAY, is_working=False), area="510115001002")
    with read_session(small_district) as session:
        found = read_calendars(session).grouped(["", STREET, COMMUNITY, "510115001002", "510115001002003"])

    assert found[""] is found[STREET] is found[COMMUNITY]
    assert found["510115001002"] is found["510115001002003"]
    assert [found[code].day(MONDAY).is_working for code in (COMMUNITY, "510115001002")] == [True, False]


def test_a_day_of_rest_moves_the_deadlines_that_are_worked_out_from_then_on(engine: Engine) -> None:
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

    def due() -> datetime | None:
        found = deadline(
            reported_at=friday, limit_hours=4, clock_type="working_hours", calendar=calendar(engine)
        )
        return found.due_at

    before = due()
    entered(engine, DayEntry(day=MONDAY, is_working=False))

    assert before == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert due() == datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def test_a_day_can_be_changed_cleared_and_each_edit_taken_back(engine: Engine) -> None:
    first = entered(engine, DayEntry(day=MONDAY, is_working=False, name="甲"))
    seen = calendar(engine).day(MONDAY).entry_id
    second = entered(engine, DayEntry(day=MONDAY, is_working=False, name="乙"), seen=seen)
    with write_session(engine) as session:
        entry = session.exec(select(CalendarDay).where(CalendarDay.name == "乙")).one()
        third = clear_day(session, day=MONDAY, area_prefix="", seen_id=entry.id, actor=ACTOR).id or 0
    assert calendar(engine).day(MONDAY).is_working

    shown = []
    for change in (third, second, first):
        with write_session(engine) as session:
            undo_change(session, change_id=change, actor=ACTOR)
        shown.append((calendar(engine).day(MONDAY).name, calendar(engine).day(MONDAY).is_working))

    assert shown == [("乙", False), ("甲", False), ("", True)]
    with read_session(engine) as session:
        told = [change.what for change in changes(session=session, limit=10)]
        assert told[-1] == "2026-11-23 改为休息（甲）"
        assert told[0] == f"撤销改动 {first}：2026-11-23 改为休息（甲）"
        assert session.execute(text("SELECT count(*) FROM calendar_day")).scalar() == 2  # nothing is deleted


def test_an_undo_is_not_taken_back_but_entered_again(engine: Engine) -> None:
    change = entered(engine, DayEntry(day=MONDAY, is_working=False))
    with write_session(engine) as session:
        undo = undo_change(session, change_id=change, actor=ACTOR).id or 0

    with pytest.raises(NothingToUndo, match="请重新录入"), write_session(engine) as session:
        undo_change(session, change_id=undo, actor=ACTOR)
    entered(engine, DayEntry(day=MONDAY, is_working=False))
    assert not calendar(engine).day(MONDAY).is_working


def test_an_edit_on_which_later_ones_build_is_not_taken_back(engine: Engine) -> None:
    first = entered(engine, DayEntry(day=MONDAY, is_working=False))
    entered(engine, DayEntry(day=MONDAY, is_working=True), seen=calendar(engine).day(MONDAY).entry_id)

    with pytest.raises(NothingToUndo, match="又改过"), write_session(engine) as session:
        undo_change(session, change_id=first, actor=ACTOR)
    assert calendar(engine).day(MONDAY).is_working


def test_an_edit_is_taken_back_once_and_only_if_there_is_one(engine: Engine) -> None:
    change = entered(engine, DayEntry(day=MONDAY, is_working=False))
    with write_session(engine) as session:
        undo_change(session, change_id=change, actor=ACTOR)

    for number, says in ((change, "已经撤销过"), (4711, "没有编号为 4711 的改动")):
        with pytest.raises(NothingToUndo, match=says), write_session(engine) as session:
            undo_change(session, change_id=number, actor=ACTOR)


def test_who_saw_an_older_entry_is_told_so(engine: Engine) -> None:
    entered(engine, DayEntry(day=MONDAY, is_working=False))

    with pytest.raises(StaleCalendar, match="2026-11-23 已被别人改过"):
        entered(engine, DayEntry(day=MONDAY, is_working=True))
    assert not calendar(engine).day(MONDAY).is_working


@pytest.mark.parametrize(
    ("entry", "area", "says"),
    [
        (DayEntry(day=date(1999, 1, 1), is_working=False), "", "应为 2004–2099 年"),
        (DayEntry(day=MONDAY, is_working=False, name="长" * 33), "", "最多 32 字"),
        (DayEntry(day=MONDAY, is_working=False, note="长" * 257), "", "最多 256 字"),
        (DayEntry(day=MONDAY, is_working=False), "999999", "没有代码为 999999 的区划"),
    ],
)
def test_what_cannot_be_entered_is_refused_and_leaves_nothing(
    entry: DayEntry, area: str, says: str, engine: Engine
) -> None:
    with pytest.raises(BadDay, match=says):
        entered(engine, entry, area=area)
    with read_session(engine) as session:
        assert changes(session=session, limit=1) == []


def new_hours(session: Session, spans: str, since: date, area: str = "", share: float = 0.25) -> None:
    set_hours(session, spans=spans, warn_share=share, valid_from=since, area_prefix=area, actor=ACTOR)


def test_hours_hold_from_their_day_on_and_a_longer_area_goes_first(small_district: Engine) -> None:
    with write_session(small_district) as session:
        new_hours(session, "08:30-12:00 14:00-17:30", date(2026, 12, 1))
        new_hours(session, "08:00-20:00", date(2026, 12, 10), area=STREET, share=0.5)
        new_hours(session, "09:00-17:00", date(2026, 12, 20))
    days = (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 10), date(2026, 12, 21))

    def hours(area: str) -> list[int]:
        return [calendar(small_district, area).spans_on(day)[0][0] for day in days]

    assert hours("") == [540, 510, 510, 540]
    assert hours(COMMUNITY) == [540, 510, 480, 480]
    assert calendar(small_district, STREET).hours_on(days[-1]).warn_share == 0.5


def test_the_warning_share_of_a_district_holds_for_cases_reported_from_its_day_on(engine: Engine) -> None:
    with write_session(engine) as session:
        new_hours(session, "09:00-12:00 13:00-18:00", MONDAY, share=0.5)

    def warned(day: int, clock: str) -> datetime | None:
        at = datetime(2026, 11, day, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        found = deadline(reported_at=at, limit_hours=4, clock_type=clock, calendar=calendar(engine))
        return found.warn_at and found.warn_at.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)

    assert warned(20, "working_hours") == datetime(2026, 11, 20, 12, 0)
    assert warned(23, "working_hours") == datetime(2026, 11, 23, 11, 0)
    assert warned(23, "urgent_hours") == datetime(2026, 11, 23, 11, 0)


def test_hours_that_cannot_be_are_refused(engine: Engine) -> None:
    for spans, share, says in (
        ("9点", 0.25, "看不懂"),
        ("09:00-18:00", 0.0, "应大于 0%"),
        ("09:00-18:00", 1.0, "小于 100%"),
        (" ".join(f"{hour:02}:00-{hour:02}:30" for hour in range(9)), 0.25, "最多 8 段"),
    ):
        with pytest.raises(BadHours, match=says), write_session(engine) as session:
            new_hours(session, spans, MONDAY, share=share)


def notice_of_2027() -> list[DayEntry]:
    """Thirteen invented days off with the three that are fixed by law."""
    off = [
        (1, 1),
        (2, 5),
        (2, 6),
        (2, 7),
        (2, 8),
        (4, 5),
        (5, 1),
        (5, 2),
        (6, 9),
        (9, 15),
        (10, 1),
        (10, 2),
        (10, 3),
    ]
    days = [DayEntry(day=date(2027, *day), is_working=False, is_official=True) for day in off]
    return [*days, DayEntry(day=date(2027, 2, 13), is_working=True, is_official=True)]


def test_2027_is_known_once_a_whole_notice_is_entered(engine: Engine) -> None:
    entries = notice_of_2027()
    with write_session(engine) as session:
        set_days(session, entries[1:], area_prefix="", actor=ACTOR, what="不全的通知")
    assert not calendar(engine).is_published(2027)
    with write_session(engine) as session:
        set_days(session, entries[:1], area_prefix="", actor=ACTOR, what="补元旦")

    found = calendar(engine)
    assert found.is_published(2027)
    assert found.notice(2027) == ""
    assert found.day(date(2027, 2, 13)).is_working
    assert found.day(date(2027, 1, 1)).origin is DayOrigin.OFFICIAL


def test_a_district_s_own_days_do_not_make_a_year_known(engine: Engine) -> None:
    own = [DayEntry(day=entry.day, is_working=entry.is_working) for entry in notice_of_2027()]
    with write_session(engine) as session:
        set_days(session, own, area_prefix="", actor=ACTOR, what="本地安排")

    assert not calendar(engine).is_published(2027)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_every_published_year_has_the_fixed_days_off(year: int) -> None:
    """From 2008 on the law has had its present shape; since 2025 a notice has at least thirteen days."""
    off = {
        day for day, found in published_calendar().days.items() if day.year == year and not found.is_working
    }

    assert {date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)} <= off
    assert is_complete(year, off)


def test_the_calendar_is_only_written_in_a_write_session(engine: Engine) -> None:
    with pytest.raises(DatabaseProblem), read_session(engine) as session:
        set_days(session, notice_of_2027(), area_prefix="", actor=ACTOR, what="通知")
