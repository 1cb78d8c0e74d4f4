"""Clocks set back, time zones and summer time: what becomes of colours, deadlines, pauses and jobs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from data.calendar import Day, WorkHours, published_calendar
from data.calendar.work_calendar import build_calendar
from data.clock import deadline, resumed, sla_color
from data.database import read_session, write_session
from data.event_log import verify
from data.lifecycle import MoveRefused, Rule, resume_due
from data.models import Event
from data.time_left import time_left
from data.vocabulary import ClockType, Move, SlaColor, Status
from data.worker.jobs import resume
from tests.data.loop.world import ROADMAN, SECRETARY, STREET_CLERK, at, bring_to, do, report

NEW_YORK = ZoneInfo("America/New_York")
"""Clocks go forward at 2:00 on Sunday 2026-03-08 and back at 2:00 on Sunday 2026-11-01."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
REPORTED = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)


def color(as_of: datetime, *, clock: str = ClockType.WORKING_HOURS) -> SlaColor:
    limit = deadline(reported_at=REPORTED, limit_hours=4, clock_type=clock, calendar=published_calendar())
    return sla_color(
        status=Status.HANDLING, due_at=limit.due_at, warn_at=limit.warn_at, ended_at=None, in_time=None,
        as_of=as_of,
    )  # fmt: skip


def test_colours_are_of_the_moment_alone_so_a_clock_set_back_leaves_no_trace() -> None:
    """Overdue at six; on a screen whose clock is then a day behind in time."""
    evening, day_before = REPORTED + timedelta(hours=9), REPORTED - timedelta(days=1)
    assert [color(as_of) for as_of in (evening, day_before, evening)] == [
        SlaColor.OVERDUE, SlaColor.IN_TIME, SlaColor.OVERDUE,
    ]  # fmt: skip


def test_before_its_report_a_case_has_more_left_than_its_limit() -> None:
    """A screen that is a working day behind shows that day on top: odd, and plainly so."""
    limit = deadline(
        reported_at=REPORTED, limit_hours=4, clock_type="working_hours", calendar=published_calendar()
    )
    assert limit.due_at is not None
    found = time_left(
        due_at=limit.due_at, as_of=REPORTED - timedelta(days=1), clock_type="working_hours",
        calendar=published_calendar(),
    )  # fmt: skip

    assert (found.hours, found.is_over) == (12.0, False)


@pytest.mark.parametrize("clock", ["", *ClockType])
def test_a_deadline_is_the_same_in_whatever_zone_the_report_is_said(clock: str) -> None:
    found = {
        deadline(
            reported_at=REPORTED.astimezone(zone), limit_hours=48, clock_type=clock,
            calendar=published_calendar(),
        )
        for zone in (SHANGHAI, NEW_YORK, UTC, ZoneInfo("Pacific/Kiritimati"))
    }  # fmt: skip

    assert len(found) == 1


def test_the_hour_that_comes_twice_is_two_hours_on_every_clock_that_always_runs() -> None:
    """1:30 in New York on 1 November: two hours later it is 2:30 after the first, 3:30 after the other."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    due = [
        deadline(reported_at=moment, limit_hours=2, clock_type="urgent_hours").due_at
        for moment in (first, first.replace(fold=1))
    ]

    assert [moment and moment.astimezone(NEW_YORK).strftime("%H:%M") for moment in due] == ["02:30", "03:30"]
    assert time_left(due_at=first.replace(fold=1), as_of=first).hours == 1.0
    limit = deadline(reported_at=first, limit_hours=2)
    ends = first.replace(minute=10, fold=1)
    later = resumed(deadline=limit, paused_at=first.replace(minute=50), resumed_at=ends)
    assert limit.due_at is not None
    assert later.due_at == limit.due_at + timedelta(minutes=20)


@pytest.mark.parametrize(("friday", "monday"), [("2026-03-06", "2026-03-09"), ("2026-10-30", "2026-11-02")])
def test_a_working_day_ends_at_its_hour_on_either_side_of_a_change_of_clocks(
    friday: str, monday: str
) -> None:
    """A working day from Friday ends on Monday at six, and two hours from Friday at five at ten."""
    calendar = build_calendar(
        timezone=NEW_YORK, days={date(1970, 1, 1): Day(is_working=True)},
        hours=(WorkHours(date(1970, 1, 1), ((540, 720), (780, 1080))),), published_years=frozenset(),
    )  # fmt: skip
    reported = datetime.fromisoformat(f"{friday} 17:00").replace(tzinfo=NEW_YORK)
    days = deadline(reported_at=reported, limit_hours=24, clock_type="working_days", calendar=calendar)
    hours = deadline(reported_at=reported, limit_hours=2, clock_type="working_hours", calendar=calendar)
    evening = datetime.fromisoformat(f"{monday} 18:00").replace(tzinfo=NEW_YORK)
    morning = datetime.fromisoformat(f"{monday} 10:00").replace(tzinfo=NEW_YORK)

    assert (days.due_at, hours.due_at) == (evening, morning)
    pause = resumed(
        deadline=hours, paused_at=reported + timedelta(minutes=30), resumed_at=morning - timedelta(hours=1),
        clock_type="working_hours", calendar=calendar,
    )  # fmt: skip
    assert pause.due_at == morning + timedelta(minutes=30)


def test_a_pause_whose_end_comes_before_its_beginning_is_refused_in_any_zone() -> None:
    """9:00 in New York is later than 9:00 in Shanghai: by the clocks on the wall it would be the same."""
    early = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
    late = datetime(2026, 11, 20, 9, 0, tzinfo=NEW_YORK)
    limit = deadline(reported_at=early, limit_hours=2)
    with pytest.raises(ValueError, match="早于挂起时间"):
        resumed(deadline=limit, paused_at=late, resumed_at=early)
    assert resumed(deadline=limit, paused_at=early, resumed_at=late).due_at == early + timedelta(hours=15)


def suspended(engine: Engine) -> int:
    """A case suspended an hour after its report until the fiftieth."""
    with write_session(engine) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.HANDLING)
        do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(50))
    return event_id


def test_a_worker_whose_clock_is_set_back_resumes_nothing_early_and_nothing_twice(district: Engine) -> None:
    event_id = suspended(district)

    assert [resume_due(district, as_of=at(hours)) for hours in (49.9, -24, 51, -24, 51)] == [0, 0, 1, 0, 0]
    with read_session(district) as session:
        event = session.get_one(Event, event_id)
        assert (event.status, event.status_since, event.due_at) == ("handling", at(50), at(53))
        assert verify(session) == []


def test_a_worker_whose_clock_ran_ahead_resumes_at_the_moment_agreed(district: Engine) -> None:
    """A year ahead: the entry stands at the moment that was agreed on, and the case goes on from there."""
    event_id = suspended(district)
    assert resume_due(district, as_of=at(365 * 24)) == 1
    with write_session(district) as session:
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=52, reason="已修")
        assert session.get_one(Event, event_id).in_time is True


def test_the_job_of_the_worker_asks_for_the_moment_in_utc(district: Engine) -> None:
    """Suspended until next year: the machine's own zone decides nothing."""
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.HANDLING)
        until = at(300 * 24).astimezone(ZoneInfo("Pacific/Kiritimati"))
        do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=until)

    assert (resume(district) is None) is (datetime.now(UTC) < at(300 * 24))


def test_a_report_from_a_device_whose_clock_is_ahead_is_due_later_and_no_move_comes_before_it(
    district: Engine,
) -> None:
    """What is written stands: who acts before that moment is told that a clock is wrong."""
    with write_session(district) as session:
        event_id = report(session, reported_at=at(5))
    with (
        pytest.raises(MoveRefused, match="早于这件上一条记录") as refused,
        write_session(district) as session,
    ):
        do(session, event_id, Move.FILE, STREET_CLERK, hours=1, route_color="red")

    assert refused.value.rule is Rule.CLOCK
