"""Random calendars in several zones: the clock agrees with counting minutes one by one, pauses or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.calendar import Day, DayOrigin, WorkCalendar, WorkHours
from data.calendar.work_calendar import build_calendar
from data.clock import Deadline, deadline, extended, resumed
from data.time_left import time_left
from data.vocabulary import ClockType

FIRST = date(2026, 3, 5)
DAYS = 40
"""In these weeks summer time begins in New York, London and Havana, and ends in Lord Howe (half an hour)."""
MINUTE = timedelta(minutes=1)
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "America/Havana", "Australia/Lord_Howe")
WORKING = (ClockType.WORKING_HOURS, ClockType.WORKING_DAYS)
Pause = tuple[datetime, datetime]


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """One to three spans a day, hours that change once, and days that differ from the week's rule."""
    off = draw(st.dictionaries(st.integers(0, DAYS - 1), st.booleans(), max_size=12))
    days = {
        FIRST + timedelta(days=number): Day(is_working=works, origin=DayOrigin.LOCAL)
        for number, works in off.items()
    }
    change = FIRST + timedelta(days=draw(st.integers(1, DAYS)))
    return build_calendar(
        timezone=ZoneInfo(draw(st.sampled_from(ZONES))),
        days=days,
        hours=(WorkHours(date(1970, 1, 1), draw(spans())), WorkHours(change, draw(spans()))),
        published_years=frozenset({2026}),
    )


@st.composite
def spans(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Between 04:00 and 23:30: at night the clocks change, which ``test_summer_time`` does by hand."""
    edges = sorted(draw(st.sets(st.integers(240, 1410), min_size=2, max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def minutes_in_reach(number: st.SearchStrategy[int]) -> st.SearchStrategy[datetime]:
    return number.map(lambda n: datetime(2026, 3, 6, tzinfo=UTC) + n * MINUTE)


moments = minutes_in_reach(st.integers(0, 12 * 1440))


def counted(calendar: WorkCalendar, clock: ClockType, since: datetime, until: datetime) -> int:
    """Minutes of the clock between two moments, one by one."""
    return sum(
        clock not in WORKING or works(calendar, since + n * MINUTE) for n in range((until - since) // MINUTE)
    )


def works(calendar: WorkCalendar, at: datetime) -> bool:
    local = at.astimezone(calendar.timezone)
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in calendar.spans_on(local.date()))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), clock=st.sampled_from(ClockType), since=moments, until=moments)
def test_what_is_left_is_what_counting_finds(
    calendar: WorkCalendar, clock: ClockType, since: datetime, until: datetime
) -> None:
    early, late = sorted((since, until))
    expected = counted(calendar, clock, early, late) / 60

    def left(due_at: datetime, as_of: datetime) -> float:
        return time_left(due_at=due_at, as_of=as_of, clock_type=clock, calendar=calendar).hours

    assert left(late, early) == pytest.approx(expected, abs=1e-9)
    assert left(early, late) == pytest.approx(-expected, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    calendar=calendars(), reported=moments, minutes=st.integers(1, 2400),
    clock=st.sampled_from((ClockType.URGENT_HOURS, ClockType.WORKING_HOURS)),
)  # fmt: skip
def test_a_limit_in_hours_is_due_as_soon_as_so_many_minutes_have_passed(
    calendar: WorkCalendar, reported: datetime, minutes: int, clock: ClockType
) -> None:
    found = deadline(reported_at=reported, limit_hours=minutes / 60, clock_type=clock, calendar=calendar)

    assert found.due_at is not None
    assert found.warn_at is not None
    assert counted(calendar, clock, reported, found.due_at) == minutes
    assert counted(calendar, clock, reported, found.due_at - MINUTE) == minutes - 1
    assert reported <= found.warn_at <= found.due_at


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), reported=moments, days=st.integers(1, 8))
def test_a_limit_in_days_passes_over_so_many_days(
    calendar: WorkCalendar, reported: datetime, days: int
) -> None:
    today = reported.astimezone(calendar.timezone).date()
    due = {
        clock: deadline(
            reported_at=reported, limit_hours=24 * days, clock_type=clock, calendar=calendar
        ).due_at
        for clock in (ClockType.WORKING_DAYS, ClockType.CALENDAR_DAYS)
    }

    day, passed = today, 0
    while passed < days:
        day += timedelta(days=1)
        passed += calendar.day(day).is_working
    end = calendar.spans_on(day)[-1][1]
    last = due[ClockType.WORKING_DAYS]
    assert last is not None
    assert last.astimezone(calendar.timezone).replace(tzinfo=None) == datetime(
        day.year, day.month, day.day
    ) + timedelta(minutes=end)
    night = due[ClockType.CALENDAR_DAYS]
    assert night is not None
    assert night.astimezone(calendar.timezone).date() == today + timedelta(days=days)
    assert (night + timedelta(seconds=1)).astimezone(calendar.timezone).date() == today + timedelta(days + 1)


@settings(max_examples=80, deadline=None)
@given(
    calendar=calendars(), clock=st.sampled_from(ClockType), reported=moments, size=st.integers(1, 4),
    steps=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3000)), max_size=6),
)  # fmt: skip
def test_no_sequence_of_pauses_counts_or_makes_time_run_backwards(
    calendar: WorkCalendar, clock: ClockType, reported: datetime, size: int, steps: Sequence[tuple[int, int]]
) -> None:
    """``steps``: minutes that the case runs, and for which it then rests."""
    hours = size * (24.0 if clock in (ClockType.WORKING_DAYS, ClockType.CALENDAR_DAYS) else 2.0)
    case = deadline(reported_at=reported, limit_hours=hours, clock_type=clock, calendar=calendar)
    assert case.due_at is not None
    whole = counted(calendar, clock, reported, _minute(case.due_at))
    pauses: list[Pause] = []
    at = reported
    for runs, rests in steps:
        paused_at, resumed_at = at + runs * MINUTE, at + (runs + rests) * MINUTE
        if paused_at >= case.due_at:
            break
        before = case
        case = resumed(
            deadline=before, paused_at=paused_at, resumed_at=resumed_at, clock_type=clock, calendar=calendar
        )
        assert case.due_at is not None
        assert before.due_at is not None
        assert before.due_at <= case.due_at
        assert (before.warn_at or case.due_at) <= (case.warn_at or before.due_at)
        assert _left(case, resumed_at, clock, calendar) == _left(before, paused_at, clock, calendar)
        pauses.append((paused_at, resumed_at))
        at = resumed_at
    assert case.due_at is not None
    running = counted(calendar, clock, reported, _minute(case.due_at))
    paused = sum(counted(calendar, clock, *pause) for pause in pauses)
    assert running - paused == whole


@settings(max_examples=40, deadline=None)
@given(
    calendar=calendars(), clock=st.sampled_from(ClockType), reported=moments, size=st.integers(1, 3),
    rests=st.integers(0, 3000),
)  # fmt: skip
def test_an_extension_never_takes_time_away(
    calendar: WorkCalendar, clock: ClockType, reported: datetime, size: int, rests: int
) -> None:
    hours = size * (24.0 if clock in (ClockType.WORKING_DAYS, ClockType.CALENDAR_DAYS) else 2.0)
    clocked = {"clock_type": clock, "calendar": calendar}
    case = deadline(reported_at=reported, limit_hours=hours, **clocked)  # type: ignore[arg-type]
    case = resumed(deadline=case, paused_at=reported, resumed_at=reported + rests * MINUTE, **clocked)  # type: ignore[arg-type]
    longer = extended(deadline=case, limit_hours=hours, reported_at=reported, **clocked)  # type: ignore[arg-type]

    assert case.due_at is not None
    assert case.warn_at is not None
    assert longer.due_at is not None
    assert longer.warn_at is not None
    assert case.due_at < longer.due_at
    assert case.warn_at <= longer.warn_at <= longer.due_at
    if clock in (ClockType.URGENT_HOURS, ClockType.WORKING_HOURS):
        assert counted(calendar, clock, case.due_at, longer.due_at) == hours * 60


def _minute(at: datetime) -> datetime:
    """自然日 ends one second before midnight: the minute that it belongs to is the next whole one."""
    return at + timedelta(seconds=-at.second % 60)


def _left(case: Deadline, as_of: datetime, clock: ClockType, calendar: WorkCalendar) -> float:
    assert case.due_at is not None
    return time_left(due_at=case.due_at, as_of=as_of, clock_type=clock, calendar=calendar).hours


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23.0), ("2026-06-01", 24.0), ("2026-11-01", 25.0)])
def test_round_the_clock_a_day_is_as_long_as_summer_time_makes_it(day: str, hours: float) -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime.fromisoformat(day).replace(tzinfo=zone)
    begins, ends = at, (at + timedelta(days=1))
    calendar = build_calendar(
        timezone=zone, days={at.date(): Day(is_working=True)},
        hours=(WorkHours(date(1970, 1, 1), ((0, 1440),)),), published_years=frozenset(),
    )  # fmt: skip

    clock = ClockType.WORKING_HOURS
    assert time_left(due_at=ends, as_of=begins, clock_type=clock, calendar=calendar).hours == hours


def test_hours_that_summer_time_skips_are_not_worked_and_those_it_repeats_are_worked_twice() -> None:
    zone = ZoneInfo("America/New_York")
    sundays = {date(2026, 3, 8): Day(is_working=True), date(2026, 11, 1): Day(is_working=True)}
    calendar = build_calendar(
        timezone=zone, days=sundays, hours=(WorkHours(date(1970, 1, 1), ((60, 180),)),),
        published_years=frozenset(),
    )  # fmt: skip

    def worked(day: date) -> float:
        begins = datetime(day.year, day.month, day.day, tzinfo=zone)
        return time_left(
            due_at=begins + timedelta(days=1),
            as_of=begins,
            clock_type=ClockType.WORKING_HOURS,
            calendar=calendar,
        ).hours

    assert [worked(date(2026, month, day)) for month, day in ((3, 8), (3, 9), (11, 1))] == [1.0, 2.0, 3.0]
