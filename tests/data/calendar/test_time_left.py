"""What a case has left is said on its own clock, in words that name it; the calendar is read once a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data.calendar import Calendars, WorkCalendar, published_calendar, read_calendars
from data.calendar.edit import DayEntry, set_day
from data.clock import deadline, sla_color
from data.database import Moment, read_session, write_session
from data.durations import time_left_text
from data.event_log import Advance, append
from data.export import export_csv
from data.filter import Filter
from data.queries.alerts import alert_list
from data.queries.events import list_events
from data.queries.rows import left_text
from data.time_left import TimeLeft, time_left, times_left
from data.vocabulary import ClockType, SlaColor, Status
from tests.data.core.events import first, move
from tests.sql_recorder import recorded

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = published_calendar()
URGENT, HOURS, WORKDAYS, DAYS = ClockType


def at(text: str) -> datetime:
    """Shanghai time of 2026 as ``11-20 17:30``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def said(as_of: str, due: str, clock: str) -> str:
    return time_left_text(time_left(due_at=at(due), as_of=at(as_of), clock_type=clock, calendar=CALENDAR))


@pytest.mark.parametrize(
    ("as_of", "due", "words"),
    [
        ("11-20 09:00", "11-20 13:20", "剩 3 小时 20 分（工作时）"),  # the lunch hour does not count
        ("11-20 17:30", "11-23 10:00", "剩 1 小时 30 分（工作时）"),  # nor does the weekend
        ("11-21 12:00", "11-23 09:00", "剩 0 分（工作时）"),
        ("11-16 09:00", "11-20 18:00", "剩 40 小时（工作时）"),  # never days of 24 hours
        ("11-23 10:00", "11-20 17:00", "超 2 小时（工作时）"),
        ("11-21 12:00", "11-20 18:00", "超 0 分（工作时）"),  # overdue, and nobody has worked since
        ("09-30 17:00", "10-08 10:00", "剩 2 小时（工作时）"),
    ],
)
def test_working_hours_are_said_as_such(as_of: str, due: str, words: str) -> None:
    assert said(as_of, due, HOURS) == words


@pytest.mark.parametrize(
    ("as_of", "due", "words"),
    [
        ("11-18 18:00", "11-20 18:00", "剩 2 个工作日"),
        ("11-18 10:00", "11-20 18:00", "剩 2 个工作日 7 小时"),
        ("11-20 18:00", "11-24 18:00", "剩 2 个工作日"),  # Friday evening to Tuesday evening
        ("11-21 12:00", "11-24 18:00", "剩 2 个工作日"),
        ("11-20 10:00", "11-20 18:00", "剩 7 小时（工作时）"),
        ("09-30 18:00", "10-09 18:00", "剩 2 个工作日"),  # across National Day
        ("11-25 12:00", "11-23 18:00", "超 1 个工作日 3 小时"),
        ("11-02 09:00", "11-27 17:00", "剩 19 个工作日"),
    ],
)
def test_working_days_are_counted_as_they_come(as_of: str, due: str, words: str) -> None:
    assert said(as_of, due, WORKDAYS) == words


@pytest.mark.parametrize("clock", ["", URGENT, DAYS])
def test_clocks_that_always_run_are_said_in_plain_time(clock: str) -> None:
    assert said("11-20 17:30", "11-23 10:00", clock) == "剩 2 天 16 小时"
    assert said("11-23 10:00", "11-20 17:30", clock) == "超 2 天 16 小时"


def test_outside_the_years_of_the_calendar_plain_time_is_all_there_is() -> None:
    far = datetime(2200, 1, 1, tzinfo=SHANGHAI)
    found = time_left(due_at=far, as_of=far - timedelta(hours=3), clock_type=HOURS, calendar=CALENDAR)

    assert found == TimeLeft(3.0, False)


@settings(max_examples=60, deadline=None)
@given(
    begin=st.integers(0, 40 * 1440),
    length=st.integers(0, 30 * 1440),
    clock=st.sampled_from([HOURS, WORKDAYS]),
)
def test_minutes_counted_one_by_one_agree(begin: int, length: int, clock: ClockType) -> None:
    """Whole days and the rest beside them make up the hours, eight a day; before and after the deadline."""
    start = at("09-20 00:00") + timedelta(minutes=begin)
    end = start + timedelta(minutes=length)
    worked = sum(_works(CALENDAR, start + timedelta(minutes=n)) for n in range(length)) / 60
    for due, as_of, sign in ((end, start, 1), (start, end, -1)):
        found = time_left(due_at=due, as_of=as_of, clock_type=clock, calendar=CALENDAR)
        assert found.hours == pytest.approx(sign * worked)
        assert found.is_over is (due < as_of)
        if clock is WORKDAYS:
            assert found.days * 8 + found.rest_hours == pytest.approx(worked)
            assert found.rest_hours < 8


def _works(calendar: WorkCalendar, moment: datetime) -> bool:
    local = moment.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in calendar.spans_on(local.date()))


@pytest.mark.parametrize(
    ("clock", "hours", "soon"),
    [
        (HOURS, 8.0, "11-23 15:00"),  # from Friday at five: an hour, and the seven of Monday
        (WORKDAYS, 48.0, "11-24 13:45"),  # Friday's hour and two days are 17 hours: 4 h 15 min are left
        (URGENT, 8.0, "11-20 23:00"),
    ],
)
def test_a_case_is_soon_when_a_quarter_of_its_working_time_is_left(
    clock: ClockType, hours: float, soon: str
) -> None:
    """Up to a moment before it is in time; the weekend between does not make it 临期."""
    limit = deadline(reported_at=at("11-20 17:00"), limit_hours=hours, clock_type=clock, calendar=CALENDAR)
    assert limit.due_at is not None
    whole = time_left(due_at=limit.due_at, as_of=at("11-20 17:00"), clock_type=clock, calendar=CALENDAR)

    def color(as_of: datetime) -> SlaColor:
        return sla_color(
            status=Status.HANDLING, due_at=limit.due_at, warn_at=limit.warn_at, ended_at=None, in_time=None,
            as_of=as_of,
        )  # fmt: skip

    left = time_left(due_at=limit.due_at, as_of=at(soon), clock_type=clock, calendar=CALENDAR)
    assert left.hours == pytest.approx(whole.hours / 4)
    assert [color(at(soon) - timedelta.resolution), color(at(soon))] == [SlaColor.IN_TIME, SlaColor.SOON]


FRIDAY_AT_TEN = at("11-20 10:00")


@dataclass
class Row:
    """What is asked of a row."""

    due_at: datetime | None = None
    ended_at: datetime | None = None
    in_time: bool | None = None
    status: str = "handling"
    status_since: datetime = FRIDAY_AT_TEN
    clock_type: str = HOURS
    code: str = "510115001001"


def test_a_clock_that_does_not_run_has_nothing_left_and_a_suspended_one_what_it_had() -> None:
    due = at("11-23 10:00")
    rows = [
        Row(),
        Row(due_at=due, ended_at=at("11-20 12:00")),
        Row(due_at=due, in_time=True, status="checking"),
        Row(due_at=due, status="suspended"),
        Row(due_at=due),
    ]
    with_calendar = Calendars(SHANGHAI, (), ())
    found = times_left(rows, as_of=at("11-23 09:00"), calendars=lambda: with_calendar)

    assert [left and left.hours for left in found] == [None, None, None, 8.0, 1.0]


def test_cases_without_working_time_do_not_ask_for_the_calendar() -> None:
    def unwanted() -> Calendars:
        raise AssertionError("the calendar was read")

    (found,) = times_left(
        [Row(due_at=at("11-23 10:00"), clock_type="")], as_of=at("11-23 09:00"), calendars=unwanted
    )
    assert found == TimeLeft(1.0, False)


def fifty(engine: Engine) -> None:
    """Fifty cases of eight working hours, reported on Friday at five; in one community Monday is off."""
    fields = {
        "reported_at": at("11-20 17:00"), "due_at": at("11-23 17:00"), "warn_at": at("11-23 15:00"),
        "limit_hours": 8.0, "clock_type": HOURS.value,
    }  # fmt: skip
    with write_session(engine) as session:
        append(session, [first(n, code=f"51011500100{1 + n % 2}", **fields) for n in range(1, 51)])
        off = DayEntry(day=at("11-23 00:00").date(), is_working=False)
        set_day(session, off, area_prefix="510115001002", seen_id=None, actor="演示甲")


def test_a_list_of_fifty_rows_reads_the_calendars_once(small_district: Engine) -> None:
    fifty(small_district)
    with recorded(small_district) as statements, read_session(small_district) as session:
        page = list_events(session=session, where=Filter(), as_of=at("11-20 17:30"), limit=50)

    assert {left_text(row) for row in page.rows} == {"剩 7 小时 30 分（工作时）", "剩 30 分（工作时）"}
    assert sum("calendar_day" in statement.sql for statement in statements) == 1
    assert sum("calendar_hours" in statement.sql for statement in statements) == 1


def test_the_list_the_alerts_and_the_export_say_the_same(small_district: Engine) -> None:
    """On Tuesday at ten: two hours of work after the deadline, or none where Monday was off."""
    fifty(small_district)
    now = at("11-24 10:00")
    with read_session(small_district) as session:
        rows = list_events(session=session, where=Filter(), as_of=now, limit=50).rows
        alerts = alert_list(session=session, where=Filter(), as_of=now, limit=50).alerts
        raw = b"".join(export_csv(session, where=Filter(), moment=Moment(now, 1))).decode("utf-8-sig")

    assert {left_text(row) for row in rows} == {"超 2 小时（工作时）", "超 1 小时（工作时）"}
    assert {alert.title for alert in alerts if alert.event_id} == {
        "井盖缺失 已超 2 小时（工作时）", "井盖缺失 已超 1 小时（工作时）",
    }  # fmt: skip
    assert "超期,超 2 小时（工作时）,-2.0," in raw


def test_a_case_that_was_handed_back_says_that_no_clock_runs(engine: Engine) -> None:
    with write_session(engine) as session:
        append(session, [first(1)])
        entry = move("feedback", hours=2, in_time=True)
        append(session, [Advance(event_id=1, seen_seq=1, entries=[entry])])
    with read_session(engine) as session:
        (row,) = list_events(session=session, where=Filter(), as_of=at("11-21 10:00")).rows

    assert (left_text(row), row.left, row.color) == ("已反馈，期内", None, SlaColor.IN_TIME)


def test_calendars_of_a_database_are_those_of_the_rows(small_district: Engine) -> None:
    fifty(small_district)
    with read_session(small_district) as session:
        calendars = read_calendars(session)
    rows = [Row(due_at=at("11-24 10:00"), code=f"51011500100{n}") for n in (1, 2)]
    found = times_left(rows, as_of=at("11-20 18:00"), calendars=lambda: calendars)

    assert [left and left.hours for left in found] == [9.0, 1.0]
