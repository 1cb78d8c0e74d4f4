"""The four clocks by hand: weekends, lunch, holidays, 调休, pauses and extensions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.calendar import OutsideCalendar, published_calendar
from data.clock import (
    Deadline,
    deadline,
    deadlines,
    extended,
    resumed,
    warning,
    warnings,
)
from data.time_left import time_left
from data.vocabulary import ClockType

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = published_calendar()
URGENT, HOURS, WORKDAYS, DAYS = ClockType


def at(text: str) -> datetime:
    """Shanghai time as ``11-20 17:30`` of 2026, or with its year."""
    full = text if len(text) > 11 else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=SHANGHAI)


def limit(reported: str, hours: float, clock: ClockType) -> Deadline:
    return deadline(reported_at=at(reported), limit_hours=hours, clock_type=clock, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("reported", "hours", "due", "warn"),
    [
        ("11-20 09:00", 3, "11-20 12:00", "11-20 11:15"),
        ("11-20 09:30", 4, "11-20 14:30", "11-20 13:30"),  # across lunch
        ("11-20 12:30", 1, "11-20 14:00", "11-20 13:45"),  # reported in the lunch break
        ("11-20 07:00", 1, "11-20 10:00", "11-20 09:45"),  # before the day begins
        ("11-20 17:30", 4, "11-23 13:30", "11-23 11:30"),  # Friday evening: Monday, after lunch
        ("11-20 22:00", 4, "11-23 14:00", "11-23 12:00"),
        ("11-21 10:00", 8, "11-23 18:00", "11-23 16:00"),  # Saturday: the whole of Monday
        ("02-13 17:30", 4, "02-14 13:30", "02-14 11:30"),  # the Saturday before Spring Festival is worked
        ("02-14 17:00", 4, "02-24 12:00", "02-24 11:00"),  # and then nothing until the 24th
        ("09-30 17:00", 8, "10-08 17:00", "10-08 15:00"),  # across National Day
        ("10-09 17:00", 8, "10-10 17:00", "10-10 15:00"),  # the Saturday after it is worked
        ("12-31 17:00", 2, "2027-01-01 10:00", "2027-01-01 09:30"),  # 2027: nothing published, Friday works
    ],
)
def test_working_hours_count_only_while_people_work(reported: str, hours: float, due: str, warn: str) -> None:
    found = limit(reported, hours, HOURS)

    assert found.due_at == at(due)
    assert found.warn_at == at(warn)


@pytest.mark.parametrize(
    ("reported", "days", "due"),
    [
        ("11-19 09:00", 1, "11-20 18:00"),  # the day of the report does not count
        ("11-19 23:59", 1, "11-20 18:00"),
        ("11-20 09:00", 1, "11-23 18:00"),  # Friday: Monday evening
        ("11-21 09:00", 1, "11-23 18:00"),  # Saturday counts as little as Friday
        ("11-20 09:00", 7, "12-01 18:00"),
        ("02-13 09:00", 1, "02-14 18:00"),  # 调休
        ("02-13 09:00", 2, "02-24 18:00"),  # across Spring Festival
        ("09-29 09:00", 3, "10-09 18:00"),  # 30 September, 8 and 9 October
        ("11-19 09:00", 0.5, "11-20 14:00"),  # half a day: half of the next working day's eight hours
        ("11-19 09:00", 1.5, "11-23 14:00"),
    ],
)
def test_working_days_end_with_the_last_hour_of_the_last_day(reported: str, days: float, due: str) -> None:
    assert limit(reported, 24 * days, WORKDAYS).due_at == at(due)


@pytest.mark.parametrize(
    ("reported", "days", "due"),
    [
        ("11-20 09:00", 1, "11-21 23:59:59"),
        ("11-20 00:00", 1, "11-21 23:59:59"),
        ("11-20 23:59", 3, "11-23 23:59:59"),
        ("02-13 09:00", 7, "02-20 23:59:59"),
        ("11-20 09:00", 0.5, "11-21 11:59:59"),
    ],
)
def test_calendar_days_end_with_the_last_second_of_the_last_day(reported: str, days: float, due: str) -> None:
    found = limit(reported, 24 * days, DAYS)

    assert found.due_at == at(due if len(due) == 11 else f"2026-{due}")


def test_urgent_hours_run_through_the_night_and_the_holidays() -> None:
    found = limit("02-16 23:00", 2, URGENT)

    assert (found.due_at, found.warn_at) == (at("02-17 01:00"), at("02-17 00:30"))


@pytest.mark.parametrize("clock", ["", *ClockType])
def test_without_a_calendar_or_a_clock_a_limit_is_in_plain_hours(clock: str) -> None:
    plain = Deadline(at("11-20 21:30"), at("11-20 20:30"))

    assert deadline(reported_at=at("11-20 17:30"), limit_hours=4, clock_type=clock) == plain
    assert deadline(reported_at=at("11-20 17:30"), limit_hours=4, calendar=CALENDAR) == plain


def test_a_quarter_of_the_working_time_is_left_when_the_warning_comes() -> None:
    """Four working days from Wednesday evening: 32 hours, of which the last eight are Tuesday's."""
    found = limit("11-18 18:00", 96, WORKDAYS)

    assert (found.due_at, found.warn_at) == (at("11-24 18:00"), at("11-23 18:00"))
    assert warning(
        reported_at=at("11-18 18:00"), due_at=at("11-24 18:00"), clock_type=WORKDAYS, calendar=CALENDAR
    ) == at("11-23 18:00")


def test_a_deadline_before_the_report_warns_at_the_deadline_on_every_clock() -> None:
    for clock in ClockType:
        found = warning(
            reported_at=at("11-22 12:00"), due_at=at("11-22 11:00"), clock_type=clock, calendar=CALENDAR
        )
        assert found == at("11-22 11:00")


def test_a_pause_in_working_time_is_given_back_in_working_time() -> None:
    """Due Monday 13:30; suspended Monday 10:00 to 12:00, so two hours later: 15:30."""
    before = limit("11-20 17:30", 4, HOURS)
    after = resumed(
        deadline=before, paused_at=at("11-23 10:00"), resumed_at=at("11-23 12:00"),
        clock_type=HOURS, calendar=CALENDAR,
    )  # fmt: skip

    assert (after.due_at, after.warn_at) == (at("11-23 15:30"), at("11-23 14:30"))


def test_a_pause_over_a_weekend_gives_nothing_on_a_clock_that_rests_anyway() -> None:
    before = limit("11-20 17:30", 4, HOURS)
    pause = {"paused_at": at("11-20 18:00"), "resumed_at": at("11-23 09:00"), "calendar": CALENDAR}

    assert resumed(deadline=before, clock_type=HOURS, **pause) == before  # type: ignore[arg-type]
    plain = resumed(deadline=before, clock_type=URGENT, **pause)  # type: ignore[arg-type]
    assert plain.due_at == at("11-26 04:30")  # 63 hours


def test_a_pause_of_a_day_limit_leaves_as_much_working_time_as_before() -> None:
    """One working day, due Friday 18:00; suspended Friday 10:00, seven hours left; resumed Monday 14:00."""
    before = limit("11-19 09:00", 24, WORKDAYS)
    after = resumed(
        deadline=before, paused_at=at("11-20 10:00"), resumed_at=at("11-23 14:00"),
        clock_type=WORKDAYS, calendar=CALENDAR,
    )  # fmt: skip

    assert after.due_at == at("11-24 12:00")  # four hours on Monday, three on Tuesday morning
    left = {
        due and time_left(due_at=due, as_of=as_of, clock_type=WORKDAYS, calendar=CALENDAR).hours
        for due, as_of in ((before.due_at, at("11-20 10:00")), (after.due_at, at("11-23 14:00")))
    }
    assert left == {7.0}


def test_a_case_that_was_overdue_when_it_was_suspended_stays_overdue_by_as_much() -> None:
    before = limit("11-20 09:00", 2, HOURS)
    after = resumed(
        deadline=before, paused_at=at("11-20 16:00"), resumed_at=at("11-23 11:00"),
        clock_type=HOURS, calendar=CALENDAR,
    )  # fmt: skip

    assert before.due_at == at("11-20 11:00")
    assert after.due_at == at("11-20 16:00")  # four working hours later: an hour before lunch, three after
    left = time_left(due_at=after.due_at, as_of=at("11-23 11:00"), clock_type=HOURS, calendar=CALENDAR)
    assert left.hours == -4


def test_a_deadline_in_a_time_of_rest_never_moves_back() -> None:
    given = Deadline(at("11-22 12:00"), at("11-21 12:00"))
    after = resumed(
        deadline=given, paused_at=at("11-21 10:00"), resumed_at=at("11-21 11:00"),
        clock_type=HOURS, calendar=CALENDAR,
    )  # fmt: skip

    assert after == given


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="早于挂起时间"):
        resumed(deadline=Deadline(None, None), paused_at=at("11-20 10:00"), resumed_at=at("11-20 09:00"))


@pytest.mark.parametrize(
    ("clock", "hours", "due", "warn"),
    [
        (URGENT, 4, "11-21 01:30", "11-20 23:30"),
        (HOURS, 4, "11-23 17:30", "11-23 15:30"),
        (WORKDAYS, 48, "11-26 18:00", "11-25 17:52:30"),
        (DAYS, 48, "11-24 23:59:59", None),
    ],
)
def test_an_extension_adds_one_original_limit_on_the_same_clock(
    clock: ClockType, hours: float, due: str, warn: str | None
) -> None:
    """From Friday 17:30. Four working days: half an hour on Friday is part of the time too, 32.5 hours."""
    before = limit("11-20 17:30", hours, clock)
    after = extended(
        deadline=before, limit_hours=hours, reported_at=at("11-20 17:30"), clock_type=clock, calendar=CALENDAR
    )

    assert after.due_at == at(due if len(due) == 11 else f"2026-{due}")
    assert after.due_at == limit("11-20 17:30", 2 * hours, clock).due_at
    assert after.warn_at == limit("11-20 17:30", 2 * hours, clock).warn_at
    if warn is not None:
        assert after.warn_at == at(warn if len(warn) == 11 else f"2026-{warn}")


def test_an_extension_keeps_what_a_pause_gave() -> None:
    paused = resumed(
        deadline=limit("11-19 09:00", 24, WORKDAYS), paused_at=at("11-20 10:00"),
        resumed_at=at("11-23 14:00"), clock_type=WORKDAYS, calendar=CALENDAR,
    )  # fmt: skip
    after = extended(
        deadline=paused, limit_hours=24, reported_at=at("11-19 09:00"), clock_type=WORKDAYS, calendar=CALENDAR
    )

    assert (paused.due_at, after.due_at) == (at("11-24 12:00"), at("11-25 12:00"))


def test_what_has_no_limit_has_none_after_a_pause_or_an_extension() -> None:
    nothing = Deadline(None, None)
    moment = at("11-20 09:00")

    assert resumed(deadline=nothing, paused_at=moment, resumed_at=moment) == nothing
    assert extended(deadline=nothing, limit_hours=4, reported_at=moment) == nothing


@pytest.mark.parametrize("clock", ["", *ClockType])
def test_many_cases_at_once_get_what_each_gets_alone(clock: str) -> None:
    hours = 24.0 if clock in (WORKDAYS, DAYS) else 5.0
    moments = [at("2026-02-10 00:00") + timedelta(minutes=457 * n) for n in range(60)]
    column = np.array([each.astimezone(UTC).replace(tzinfo=None) for each in moments], dtype="datetime64[us]")

    due = deadlines(column, limit_hours=hours, clock_type=clock, calendar=CALENDAR)
    warn = warnings(column, due, clock_type=clock, calendar=CALENDAR)

    alone = [
        deadline(reported_at=each, limit_hours=hours, clock_type=clock, calendar=CALENDAR) for each in moments
    ]
    assert [each.replace(tzinfo=UTC) for each in due.tolist()] == [found.due_at for found in alone]
    assert [each.replace(tzinfo=UTC) for each in warn.tolist()] == [found.warn_at for found in alone]


def test_a_moment_without_zone_an_unknown_clock_and_a_limit_beyond_a_year_are_refused() -> None:
    naive = datetime(2026, 11, 20, 9, 0)
    with pytest.raises(ValueError, match="没有时区"):
        deadline(reported_at=naive, limit_hours=4, clock_type=HOURS, calendar=CALENDAR)
    with pytest.raises(ValueError, match="没有时区"):
        time_left(due_at=at("11-20 09:00"), as_of=naive)
    with pytest.raises(ValueError, match="计时方式“hours”不存在"):
        deadline(reported_at=at("11-20 09:00"), limit_hours=4, clock_type="hours", calendar=CALENDAR)
    with pytest.raises(ValueError, match="不超过 8784"):
        limit("11-20 09:00", 9000, HOURS)


@pytest.mark.parametrize("year", ["1969", "2110"])
def test_a_moment_that_no_calendar_reaches_is_refused_by_name(year: str) -> None:
    for clock in (HOURS, WORKDAYS, DAYS):
        with pytest.raises(OutsideCalendar, match="1970–2109 年"):
            limit(f"{year}-06-01 09:00", 24, clock)
