"""Clocks in the loop: when overdue is judged, what stops and moves a deadline, and clocks set back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from data.calendar import published_calendar
from data.clock import Deadline, extended, resumed
from data.database import read_session, write_session
from data.dispatch import Decision
from data.event_log import Action, Advance, Entry, append, records_of, verify
from data.lifecycle import (
    SYSTEM,
    MoveRefused,
    Person,
    Rule,
    make_move,
    resume_due,
)
from data.models import Event
from data.vocabulary import Move, Status
from tests.data.core.events import move as raw_move
from tests.data.loop.world import (
    CHECKER,
    DISPATCHER,
    GARDENER,
    LIMIT_HOURS,
    NEIGHBOURHOOD,
    PARKS,
    ROADMAN,
    SECRETARY,
    STREET_CLERK,
    at,
    bring_to,
    do,
    report,
)


def refused(engine: Engine, event_id: int, move: Move, person: Person, *, hours: float, **fields: object) -> MoveRefused:  # noqa: E501  # fmt: skip
    with pytest.raises(MoveRefused) as caught, write_session(engine) as session:
        do(session, event_id, move, person, hours=hours, **fields)
    return caught.value


def handled(engine: Engine, number: int = 1) -> int:
    """A case in hand half an hour after its report, due at four hours."""
    with write_session(engine) as session:
        event_id = report(session, number)
        bring_to(session, event_id, Status.HANDLING)
    return event_id


def event_of(engine: Engine, event_id: int) -> Event:
    with read_session(engine) as session:
        return session.get_one(Event, event_id)


@pytest.mark.parametrize(("hours", "in_time"), [(4.0, True), (4.01, False)])
def test_overdue_is_judged_when_the_department_hands_back(
    district: Engine, hours: float, in_time: bool
) -> None:
    """Checking takes till the next day: that is not the department's doing."""
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=hours, reason="已修")
        assert session.get_one(Event, event_id).in_time is in_time
        do(session, event_id, Move.CHECK, CHECKER, hours=20)
        do(session, event_id, Move.CLOSE, CHECKER, hours=30)
        event = session.get_one(Event, event_id)
        assert verify(session) == []
    assert (event.status, event.in_time, event.ended_at) == ("closed", in_time, at(30))


def test_rework_clears_what_was_judged_and_the_deadline_stays(district: Engine) -> None:
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=1, reason="已修")
        do(session, event_id, Move.CHECK, CHECKER, hours=2)
        do(session, event_id, Move.REWORK, CHECKER, hours=3, reason="仍松动")
        event = session.get_one(Event, event_id)
        assert (event.in_time, event.reworked_count, event.due_at) == (None, 1, at(4))
        do(session, event_id, Move.HANDLE, ROADMAN, hours=3.5)
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=5, reason="重修")
        assert session.get_one(Event, event_id).in_time is False


def test_a_case_that_an_import_put_into_checking_is_judged_by_when_it_came_back(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, due_at=at(4))
        entries = [raw_move("feedback", hours=3), raw_move("checking", hours=6)]
        append(session, [Advance(event_id=event_id, seen_seq=1, entries=entries)])
        do(session, event_id, Move.CLOSE, CHECKER, hours=9)
        assert session.get_one(Event, event_id).in_time is True


def test_a_deadline_that_the_source_brought_stays(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, due_at=at(9))
        bring_to(session, event_id, Status.DISPATCHED)
        event = session.get_one(Event, event_id)
    assert (event.due_at, event.limit_hours) == (at(9), None)


def test_the_time_to_respond_begins_with_each_dispatch(district: Engine) -> None:
    decision = Decision(
        rule_id=None, rule_number=None, department_code=PARKS, limit_hours=8.0, clock_type="",
        respond_hours=0.5, basis="演示规则",
    )  # fmt: skip
    with write_session(district) as session:
        event_id = report(session)
        hours = bring_to(session, event_id, Status.FILED)
        make_move(
            session, event_id=event_id, seen_seq=3, move=Move.DISPATCH, person=DISPATCHER, at=at(hours + 1),
            decision=decision,
        )  # fmt: skip
        event = session.get_one(Event, event_id)
        assert (event.department_code, event.respond_by, event.due_at) == (PARKS, at(hours + 1.5), at(8))
        do(session, event_id, Move.ACCEPT, GARDENER, hours=3)
        assert session.get_one(Event, event_id).accepted_at == at(3)


def test_an_extension_takes_two_approvals_and_adds_one_original_limit(district: Engine) -> None:
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=1, reason="等配件")
    first = refused(district, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=2)
    assert "先由案发地街道初批" in str(first)
    with write_session(district) as session:
        do(session, event_id, Move.GRANT_EXTENSION, STREET_CLERK, hours=2)
        event = session.get_one(Event, event_id)
        assert (event.extension_step, event.extended_count, event.due_at) == (2, 0, at(4))
    assert "现由指挥中心终批" in str(refused(district, event_id, Move.GRANT_EXTENSION, SECRETARY, hours=3))
    with write_session(district) as session:
        do(session, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=5)
        event = session.get_one(Event, event_id)
    assert (event.extension_step, event.extended_count, event.due_at) == (0, 1, at(8))
    assert event.warn_at == at(6), "a quarter of eight hours"


def test_a_third_extension_is_refused(district: Engine) -> None:
    event_id = handled(district)
    for hours in (1, 2):
        with write_session(district) as session:
            do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=hours, reason="等配件")
            do(session, event_id, Move.GRANT_EXTENSION, SECRETARY, hours=hours)
            do(session, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=hours)

    assert event_of(district, event_id).due_at == at(3 * LIMIT_HOURS)
    error = refused(district, event_id, Move.ASK_EXTENSION, ROADMAN, hours=3, reason="还等")
    assert (error.rule, str(error)) == (Rule.EXTENSION, "这件已延期 2 次，最多 2 次，不能再延期")


def test_an_extension_is_asked_before_it_is_overdue_and_once_at_a_time(district: Engine) -> None:
    event_id = handled(district)
    late = refused(district, event_id, Move.ASK_EXTENSION, ROADMAN, hours=4.1, reason="晚了")
    assert str(late) == "延期要在到期前申请，这件已于 11-20 13:00 到期"
    with write_session(district) as session:
        do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=4, reason="刚好")
    again = refused(district, event_id, Move.ASK_EXTENSION, ROADMAN, hours=4, reason="再问")
    assert "正在审批" in str(again)
    with write_session(district) as session:
        do(session, event_id, Move.REFUSE_EXTENSION, SECRETARY, hours=5, reason="已有配件")
        event = session.get_one(Event, event_id)
    assert (event.extension_step, event.extended_count, event.due_at) == (0, 0, at(4))


def test_what_nobody_answered_lapses_when_the_department_hands_back(district: Engine) -> None:
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=1, reason="等配件")
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=2, reason="配件已到，已修")
        assert session.get_one(Event, event_id).extension_step == 0


def test_a_source_s_deadline_is_extended_by_the_time_that_it_gave(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, due_at=at(10))
        bring_to(session, event_id, Status.HANDLING)
        for hours, person, move, fields in (
            (1, ROADMAN, Move.ASK_EXTENSION, {"reason": "等"}), (2, SECRETARY, Move.GRANT_EXTENSION, {}),
            (3, DISPATCHER, Move.GRANT_EXTENSION, {}),
        ):  # fmt: skip
            do(session, event_id, move, person, hours=hours, **fields)
        assert session.get_one(Event, event_id).due_at == at(20)


def test_a_suspended_case_keeps_the_time_that_was_left(district: Engine) -> None:
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等资金", suspended_until=at(200))
        event = session.get_one(Event, event_id)
        assert (event.status, event.suspended_until, event.due_at) == ("suspended", at(200), at(4))
        do(session, event_id, Move.RESUME, DISPATCHER, hours=100)
        event = session.get_one(Event, event_id)
        assert verify(session) == []
    assert (event.status, event.suspended_until) == ("handling", None)
    assert (event.due_at, event.warn_at) == (at(103), at(102)), "three hours were left, two to the warning"


def test_a_suspended_case_resumes_by_itself_at_its_moment_however_late_the_worker(district: Engine) -> None:
    ids = [handled(district, number) for number in (1, 2, 3)]
    with write_session(district) as session:
        for event_id, until in zip(ids, (50, 60, 500), strict=True):
            do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(until))

    assert resume_due(district, as_of=at(49)) == 0
    assert resume_due(district, as_of=at(90)) == 2
    assert resume_due(district, as_of=at(90)) == 0
    events = [event_of(district, event_id) for event_id in ids]
    assert [event.status for event in events] == ["handling", "handling", "suspended"]
    assert [event.due_at for event in events] == [at(53), at(63), at(4)]
    assert [event.status_since for event in events[:2]] == [at(50), at(60)]
    with read_session(district) as session:
        last = records_of(session, ids)[ids[0]][-1]
    assert (last.actor, last.action, last.reason) == (SYSTEM.name, "resume", "挂账到期，自动恢复")


def test_a_case_that_no_clock_can_reckon_keeps_no_other_from_resuming(
    district: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a tampered or foreign row can be like that: an unknown clock."""
    ids = [handled(district, number) for number in (1, 2)]
    with write_session(district) as session:
        for event_id in ids:
            do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(50))
        entry = Entry(action=Action.UPDATE, at=at(2), actor="演示甲", changes={"clock_type": "lunar"})
        append(session, [Advance(event_id=ids[0], seen_seq=7, entries=[entry])])

    assert resume_due(district, as_of=at(90)) == 1
    assert [event_of(district, event_id).status for event_id in ids] == ["suspended", "handling"]
    assert f"事件 {ids[0]} 未能自动恢复" in caplog.text


def test_a_resume_is_never_before_what_was_written_meanwhile(district: Engine) -> None:
    event_id = handled(district)
    with write_session(district) as session:
        do(session, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(50))
        do(session, event_id, Move.SUPERVISE, SECRETARY, hours=70, reason="催")
    assert resume_due(district, as_of=at(90)) == 1
    event = event_of(district, event_id)
    assert (event.status_since, event.due_at) == (at(70), at(53)), "挂账 ended at 50 all the same"


def test_no_case_is_suspended_for_more_than_a_year_in_all(district: Engine) -> None:
    event_id = handled(district)
    year, day = 365 * 24, 24
    too_long = refused(
        district, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(year + 2)
    )
    assert str(too_long) == "一件累计挂账不超过 365 天（已挂 0 天），请把截止时间提前"
    past = refused(district, event_id, Move.SUSPEND, SECRETARY, hours=1, reason="等", suspended_until=at(1))
    assert "应晚于现在" in str(past)
    with write_session(district) as session:
        do(
            session,
            event_id,
            Move.SUSPEND,
            SECRETARY,
            hours=1,
            reason="等",
            suspended_until=at(1 + 300 * day),
        )
    resume_due(district, as_of=at(301 * day))
    again = refused(
        district, event_id, Move.SUSPEND, SECRETARY, hours=302 * day, reason="等",
        suspended_until=at(402 * day),
    )  # fmt: skip
    assert "已挂 300 天" in str(again)
    assert again.rule is Rule.SUSPENSION


def test_the_department_does_not_stop_its_own_clock(district: Engine) -> None:
    event_id = handled(district)
    error = refused(district, event_id, Move.SUSPEND, ROADMAN, hours=1, reason="等", suspended_until=at(99))
    assert error.rule is Rule.ROLE


def test_a_working_day_clock_pauses_and_extends_as_the_calendar_says(district: Engine) -> None:
    """Reported on a Friday morning, one working day: due on Monday evening."""
    calendar = published_calendar()
    with write_session(district) as session:
        event_id = report(session, class_code="0106")
        bring_to(session, event_id, Status.DISPATCHED)
        do(session, event_id, Move.ACCEPT, GARDENER, hours=1)
        do(session, event_id, Move.HANDLE, GARDENER, hours=2)
        first = session.get_one(Event, event_id)
        before = Deadline(first.due_at, first.warn_at)
        assert first.due_at is not None
        assert first.due_at.date() == datetime(2026, 11, 23).date()
        do(session, event_id, Move.SUSPEND, SECRETARY, hours=3, reason="等", suspended_until=at(200))
        do(session, event_id, Move.RESUME, SECRETARY, hours=99)
        second = session.get_one(Event, event_id, populate_existing=True)
        paused = resumed(
            deadline=before, paused_at=at(3), resumed_at=at(99), clock_type="working_days", calendar=calendar
        )
        assert (second.due_at, second.warn_at) == (paused.due_at, paused.warn_at)
        do(session, event_id, Move.ASK_EXTENSION, GARDENER, hours=99, reason="等")
        do(session, event_id, Move.GRANT_EXTENSION, SECRETARY, hours=99)
        do(session, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=99)
        third = session.get_one(Event, event_id, populate_existing=True)
        longer = extended(
            deadline=paused, limit_hours=24.0, reported_at=at(0), clock_type="working_days", calendar=calendar
        )
        assert (third.due_at, third.warn_at) == (longer.due_at, longer.warn_at)


def test_a_clock_set_back_is_noticed_and_not_written(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=2, route_color="red")

    error = refused(district, event_id, Move.FILE, STREET_CLERK, hours=1.5)
    assert error.rule is Rule.CLOCK
    assert str(error) == (
        "现在的时间 2026-11-20 10:30:00 早于这件上一条记录的 2026-11-20 11:00:00："
        "电脑的时钟可能被调回，请校准后再办"
    )
    assert event_of(district, event_id).seq == 2


def test_a_limit_that_no_clock_can_reckon_is_refused_in_words(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, due_at=at(0) + timedelta(days=2_000))
        bring_to(session, event_id, Status.HANDLING)
        do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=1, reason="等")
        do(session, event_id, Move.GRANT_EXTENSION, SECRETARY, hours=2)

    error = refused(district, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=3)
    assert "期限算不出来" in str(error)
