"""The way of a case, move by move: who may, what is written, what a refusal says."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.database import write_session
from data.event_log import records_of, verify
from data.filter import Filter
from data.labels import MOVE
from data.lifecycle import (
    MOVES,
    BadFields,
    MoveRefused,
    Person,
    Rule,
    available_moves,
)
from data.models import Event
from data.queries.loop import waiting
from data.vocabulary import ENDED, Move, Status
from tests.data.loop.world import (
    CHECKER,
    DISPATCHER,
    EVERYBODY,
    GARDENER,
    NEIGHBOURHOOD,
    PARKS,
    RESIDENT,
    ROADMAN,
    ROADS,
    SECRETARY,
    STRANGER,
    STREET_CLERK,
    WAY,
    WORKER,
    at,
    bring_to,
    do,
    report,
)


def refused(engine: Engine, event_id: int, move: Move, person: Person, *, hours: float = 5, **fields: object) -> MoveRefused:  # noqa: E501  # fmt: skip
    with pytest.raises(MoveRefused) as caught, write_session(engine) as session:
        do(session, event_id, move, person, hours=hours, **fields)
    return caught.value


def test_the_way_of_the_command_centre_from_report_to_evaluation(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.EVALUATED)
        event = session.get_one(Event, event_id, populate_existing=True)
        assert verify(session) == []
        log = records_of(session, [event_id])[event_id]

    assert (event.status, event.department_code, event.handler) == ("evaluated", ROADS, ROADMAN.name)
    assert (event.limit_hours, event.clock_type, event.due_at) == (4.0, "urgent_hours", at(4))
    assert (event.in_time, event.solved, event.satisfied, event.route_color) == (True, True, True, "red")
    assert [record.action for record in log[1:]] == [move.value for _, move, _, _ in WAY]
    assert [record.actor for record in log[1:]] == [person.name for _, _, person, _ in WAY]
    assert '"person_id":5,"role":"dispatcher"' in log[3].changes
    assert "默认部门" in log[3].changes


@pytest.mark.parametrize(("status", "move", "person", "fields"), WAY, ids=[move for _, move, *_ in WAY])
def test_each_step_is_offered_to_who_may_make_it(
    district: Engine, status: Status, move: Move, person: Person, fields: dict[str, object]
) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, status)
        if move is Move.VERIFY:
            session.expire_all()
        event = session.get_one(Event, event_id, populate_existing=True)
        assert event.status == status
        offers = {one.move: one for one in available_moves(session, event=event, person=person, as_of=at(3))}

    assert offers[move].allowed, offers[move].refusal
    assert offers.keys() == {one for one, rule in MOVES.items() if status in rule.from_statuses}
    assert {name.value for name in offers[move].needs} <= fields.keys()


def test_the_same_step_is_refused_to_everybody_of_another_role(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
    for status, move, person, fields in WAY:
        for other in EVERYBODY:
            if other.role in MOVES[move].roles or move is Move.FILE:
                continue
            error = refused(district, event_id, move, other, hours=0.1, **fields)
            assert error.rule is Rule.ROLE, (move, other)
            assert MOVE[move] in str(error)
        with write_session(district) as session:
            assert session.get_one(Event, event_id).status == status
            do(session, event_id, move, person, hours=0.1, **fields)


def test_a_refusal_names_who_may(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.FILED)

    error = refused(district, event_id, Move.DISPATCH, WORKER)
    assert str(error) == "“派遣”由派遣员（指挥中心）办理，网格员·示例01的角色是网格员"
    assert (error.rule, error.move, error.event_id) == (Rule.ROLE, Move.DISPATCH, event_id)


def test_nobody_acts_outside_their_area(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)

    error = refused(district, event_id, Move.VERIFY, STRANGER, route_color="red")
    assert error.rule is Rule.AREA
    assert "不在邻居·示例10的责任区 510115001002 内" in str(error)


def test_a_case_in_no_division_is_the_command_centre_s(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, code="")

    assert "未落格" in str(refused(district, event_id, Move.FILE, STREET_CLERK, route_color="red"))
    with write_session(district) as session:
        assert do(session, event_id, Move.FILE, DISPATCHER, hours=1, route_color="red").status == "filed"


def test_a_department_touches_its_own_cases_only(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.DISPATCHED)

    error = refused(district, event_id, Move.ACCEPT, GARDENER)
    assert (error.rule, str(error)) == (
        Rule.SIDE, "这件由演示市政承办，只有该部门的人员可以受理",
    )  # fmt: skip


def test_what_was_not_verified_is_not_filed(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)

    error = refused(district, event_id, Move.FILE, STREET_CLERK)
    assert error.rule is Rule.NOT_VERIFIED
    with write_session(district) as session:
        do(session, event_id, Move.FILE, STREET_CLERK, hours=1, route_color="yellow")
        assert session.get_one(Event, event_id).route_color == "yellow"


def test_what_is_blue_stays_with_grid_and_community(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=0.1, route_color="blue")
        do(session, event_id, Move.FILE, NEIGHBOURHOOD, hours=0.2)
        do(session, event_id, Move.DISPATCH, NEIGHBOURHOOD, hours=0.3)
        do(session, event_id, Move.ACCEPT, WORKER, hours=0.4)
        do(session, event_id, Move.HANDLE, WORKER, hours=0.5)
        do(session, event_id, Move.FEEDBACK, WORKER, hours=0.6, reason="已劝离")
        do(session, event_id, Move.CHECK, NEIGHBOURHOOD, hours=0.7)
        do(session, event_id, Move.CLOSE, NEIGHBOURHOOD, hours=0.8)
        event = session.get_one(Event, event_id)

    assert (event.status, event.department_code, event.handler) == ("closed", "", WORKER.name)
    assert event.in_time is True


def test_a_community_sends_no_case_to_a_department(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=0.1, route_color="blue")
        do(session, event_id, Move.FILE, NEIGHBOURHOOD, hours=0.2)

    error = refused(district, event_id, Move.DISPATCH, NEIGHBOURHOOD, department_code=ROADS)
    assert "派给部门由指挥中心办理" in str(error)
    with write_session(district) as session:
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=6, department_code=ROADS)
        assert session.get_one(Event, event_id).department_code == ROADS


def test_nobody_checks_what_they_handled_themselves(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=0.1, route_color="yellow")
        do(session, event_id, Move.FILE, STREET_CLERK, hours=0.2)
        do(session, event_id, Move.DISPATCH, SECRETARY, hours=0.3)
        do(session, event_id, Move.ACCEPT, STREET_CLERK, hours=0.4)
        do(session, event_id, Move.HANDLE, STREET_CLERK, hours=0.5)
        do(session, event_id, Move.FEEDBACK, STREET_CLERK, hours=0.6, reason="已协调")

    error = refused(district, event_id, Move.CHECK, STREET_CLERK)
    assert error.rule is Rule.OWN_WORK
    with write_session(district) as session:
        assert do(session, event_id, Move.CHECK, SECRETARY, hours=5).status == "checking"


def test_nobody_grants_more_time_to_what_they_handle_themselves(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.FILE, STREET_CLERK, hours=0.2, route_color="yellow")
        do(session, event_id, Move.DISPATCH, STREET_CLERK, hours=0.3)
        do(session, event_id, Move.ACCEPT, STREET_CLERK, hours=0.4)
        do(session, event_id, Move.ASK_EXTENSION, STREET_CLERK, hours=0.5, reason="等配件")
        queues = {
            person: waiting(
                session=session, where=Filter(), as_of=at(1), person=person, move=Move.GRANT_EXTENSION
            ).total
            for person in (STREET_CLERK, SECRETARY)
        }
    assert queues == {STREET_CLERK: 0, SECRETARY: 1}

    error = refused(district, event_id, Move.GRANT_EXTENSION, STREET_CLERK)
    assert error.rule is Rule.OWN_WORK
    assert str(error) == f"{STREET_CLERK.name}是这件的经办人，自己办的件不能由本人批准延期，请由他人办理"
    with write_session(district) as session:
        do(session, event_id, Move.GRANT_EXTENSION, SECRETARY, hours=1)
        do(session, event_id, Move.GRANT_EXTENSION, DISPATCHER, hours=2)
        assert session.get_one(Event, event_id).extended_count == 1


def test_a_returned_case_needs_a_reason_and_goes_back_to_dispatch_only(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.DISPATCHED)

    assert isinstance(refused(district, event_id, Move.RETURN, ROADMAN, reason="  "), BadFields)
    with write_session(district) as session:
        do(session, event_id, Move.RETURN, ROADMAN, hours=5, reason="属园林绿地")
        event = session.get_one(Event, event_id)
        assert {one for one, rule in MOVES.items() if event.status in rule.from_statuses} == {
            Move.DISPATCH, Move.SUPERVISE, Move.END_SUPERVISE,
        }  # fmt: skip
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=6, department_code=PARKS)
        event = session.get_one(Event, event_id, populate_existing=True)
        log = records_of(session, [event_id])[event_id]
    assert (event.status, event.department_code) == ("dispatched", PARKS)
    assert event.due_at == at(4), "a return buys no time"
    assert "人工指定" in log[-1].changes


def test_reassigning_needs_another_department_that_exists(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.DISPATCHED)

    same = refused(district, event_id, Move.REASSIGN, DISPATCHER, department_code=ROADS, reason="试")
    assert "已经派给演示市政" in str(same)
    unknown = refused(district, event_id, Move.REASSIGN, DISPATCHER, department_code="D99", reason="试")
    assert "没有代码为 D99 的部门" in str(unknown)
    with write_session(district) as session:
        do(session, event_id, Move.REASSIGN, DISPATCHER, hours=5, department_code=PARKS, reason="属绿地")
        event = session.get_one(Event, event_id)
    assert (event.status, event.department_code) == ("dispatched", PARKS)


def test_a_class_without_department_is_dispatched_by_hand_only(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, class_code="0999")
        do(session, event_id, Move.FILE, DISPATCHER, hours=1, route_color="red")

    error = refused(district, event_id, Move.DISPATCH, DISPATCHER)
    assert error.rule is Rule.NO_DEPARTMENT
    assert "人工指定" in str(error)
    with write_session(district) as session:
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=5, department_code=PARKS)
        assert session.get_one(Event, event_id).due_at is None


def test_supervision_is_a_mark_that_comes_and_goes(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.HANDLING)
        do(session, event_id, Move.SUPERVISE, SECRETARY, hours=2, reason="群众催办")
        event = session.get_one(Event, event_id)
        assert (event.supervised, event.status) == (True, "handling")

    assert str(refused(district, event_id, Move.SUPERVISE, SECRETARY, reason="再")) == "这件已在督办中"
    with write_session(district) as session:
        do(session, event_id, Move.END_SUPERVISE, SECRETARY, hours=6, reason="已办")
        assert session.get_one(Event, event_id).supervised is False
    error = refused(district, event_id, Move.END_SUPERVISE, SECRETARY, hours=7, reason="再")
    assert error.rule is Rule.SUPERVISION


def test_a_case_is_handed_over_within_its_department(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.HANDLING)
        do(session, event_id, Move.HAND_OVER, ROADMAN, hours=2, handler="市政·示例09")
        assert session.get_one(Event, event_id).handler == "市政·示例09"


def test_only_who_reported_or_the_command_centre_evaluates(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.CLOSED)

    error = refused(district, event_id, Move.EVALUATE, NEIGHBOURHOOD, solved=True, satisfied=True)
    assert error.rule is Rule.REPORTER
    assert WORKER.name in str(error)
    why = refused(district, event_id, Move.EVALUATE, WORKER, solved=True, satisfied=False)
    assert "请写明原因" in str(why)
    with write_session(district) as session:
        do(session, event_id, Move.EVALUATE, WORKER, hours=9, solved=True, satisfied=False, reason="又坏了")
        event = session.get_one(Event, event_id)
    assert (event.solved, event.satisfied, event.rated_at, event.status) == (True, False, at(9), "evaluated")


def test_an_appeal_reopens_a_case_once(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.CLOSED)
        do(session, event_id, Move.APPEAL, RESIDENT, hours=50, reason="没有修好")
        event = session.get_one(Event, event_id)
        assert (event.status, event.appealed, event.reworked_count) == ("reworking", True, 1)
        assert (event.ended_at, event.in_time) == (None, None)
        assert event.due_at == at(54), "one original limit from the appeal"
        for move, person, fields in (
            (Move.HANDLE, ROADMAN, {}), (Move.FEEDBACK, ROADMAN, {"reason": "重修"}),
            (Move.CHECK, CHECKER, {}), (Move.CLOSE, CHECKER, {}),
        ):  # fmt: skip
            do(session, event_id, move, person, hours=51, **fields)

    error = refused(district, event_id, Move.APPEAL, RESIDENT, hours=60, reason="还是没有")
    assert error.rule is Rule.APPEAL_ONCE


@pytest.mark.parametrize("status", sorted(ENDED - {Status.CLOSED}))
def test_the_end_is_the_end(status: Status) -> None:
    possible = {one for one, rule in MOVES.items() if status in rule.from_statuses}
    assert possible == ({Move.UNMERGE} if status is Status.MERGED else set())


def test_the_table_follows_the_statuses_of_the_field() -> None:
    """DOMAIN section 3, status by status; 延期 and 督办 are marks, 改派 and 转办 change who, not where."""
    leads = {
        status: {rule.to_status for rule in MOVES.values() if status in rule.from_statuses and rule.to_status}
        for status in Status
    }
    assert leads == {
        Status.REPORTED: {Status.FILED, Status.MERGED, Status.VOIDED},
        Status.FILED: {Status.DISPATCHED, Status.MERGED, Status.VOIDED},
        Status.DISPATCHED: {Status.ACCEPTED, Status.RETURNED},
        Status.ACCEPTED: {Status.HANDLING},
        Status.HANDLING: {Status.FEEDBACK, Status.SUSPENDED, Status.RETURNED},
        Status.FEEDBACK: {Status.CHECKING},
        Status.CHECKING: {Status.CLOSED, Status.REWORKING},
        Status.RETURNED: {Status.DISPATCHED},
        Status.REWORKING: {Status.HANDLING},
        Status.SUSPENDED: {Status.HANDLING},
        Status.CLOSED: {Status.EVALUATED, Status.REWORKING},
        Status.EVALUATED: set(),
        Status.MERGED: set(),
        Status.VOIDED: set(),
    }
    assert MOVES.keys() == set(Move)
