"""The stages add up to the Filter's total, and what waits for a person is what the rules let them do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from data.database import read_session, write_session
from data.filter import Filter
from data.lifecycle import Move, Person, available_moves
from data.models import Event
from data.queries.events import list_events
from data.queries.loop import WAITING_MOVES, lanes, stage_filter, waiting
from data.queries.people import find_people
from data.vocabulary import ENDED, STAGE_STATUSES, Basis, Role, Stage, Status
from tests.data.loop.world import (
    COMMUNITY,
    DISPATCHER,
    EVERYBODY,
    GRID,
    NEIGHBOURHOOD,
    PARKS,
    ROADMAN,
    ROADS,
    WAY,
    WORKER,
    at,
    bring_to,
    do,
    furnish,
    report,
)

AS_OF = at(6.0)
TODAY = AS_OF.date()


@pytest.fixture
def many(engine: Engine) -> Engine:
    """Cases in every status, of both departments and all colours, one without area and one far away."""
    furnish(engine)
    with write_session(engine) as session:
        number = 0
        for status in (status for status, *_ in WAY):
            for code in (GRID, COMMUNITY):
                number += 1
                bring_to(session, _reported(session, number, code), status)
            for code in ("510115001002001", "510116001", ""):  # as an import brings them, anywhere
                number += 1
                department = "" if status in (Status.REPORTED, Status.FILED) else ROADS
                _reported(session, number, code, status=status.value, department_code=department)
        for color in ("blue", "yellow"):
            for last in range(1, 5):
                number += 1
                _local(session, _reported(session, number, GRID), color, last)
        asked = _reported(session, number + 1, GRID)
        bring_to(session, asked, Status.HANDLING)
        do(session, asked, Move.ASK_EXTENSION, ROADMAN, hours=2, reason="等配件")
        parks = _reported(session, number + 2, COMMUNITY, class_code="0106")
        bring_to(session, parks, Status.FILED)
        do(session, parks, Move.DISPATCH, DISPATCHER, hours=2, department_code=PARKS)
        voided = _reported(session, number + 3, GRID)
        do(session, voided, Move.VOID, DISPATCHER, hours=2, reason="没有发现")
        rated = _reported(session, number + 4, GRID)
        bring_to(session, rated, Status.EVALUATED)
    return engine


def _reported(session: Session, number: int, code: str, **fields: object) -> int:
    return report(session, number, code=code, **fields)


def _local(session: Session, event_id: int, color: str, moves: int) -> None:
    """A case that stays with the community (blue) or the street (yellow), so many moves on."""
    clerk = EVERYBODY[2] if color == "yellow" else NEIGHBOURHOOD
    way = [
        (Move.VERIFY, NEIGHBOURHOOD, {"route_color": color}),
        (Move.FILE, clerk, {}),
        (Move.DISPATCH, clerk, {}),
        (Move.ACCEPT, clerk if color == "yellow" else WORKER, {}),
    ]
    for step, (move, person, fields) in enumerate(way[:moves], start=1):
        do(session, event_id, move, person, hours=step / 10, **fields)


def test_every_open_status_stands_in_exactly_one_of_the_first_six_stages() -> None:
    placed = [status for stage in Stage if stage is not Stage.RATE for status in STAGE_STATUSES[stage]]

    assert sorted(placed) == sorted(set(Status) - ENDED)


FILTERS = [
    Filter(),
    Filter(areas=(COMMUNITY,)),
    Filter(classes=("0106",)),
    Filter(statuses=(Status.CHECKING, Status.HANDLING)),
    Filter(basis=Basis.REPORTED, start=TODAY - timedelta(days=1), end=TODAY),
    Filter(basis=Basis.CLOSED, start=TODAY, end=TODAY),
]


@pytest.mark.parametrize("where", FILTERS)
def test_the_stages_add_up_to_the_filter_and_each_holds_its_rows(many: Engine, where: Filter) -> None:
    with read_session(many) as session:
        found = lanes(session=session, where=where, as_of=AS_OF)
        total = list_events(session=session, where=where, as_of=AS_OF).total
        for lane in found.lanes:
            rows = (
                list_events(session=session, where=lane.where, as_of=AS_OF, limit=500).rows
                if lane.where
                else []
            )
            assert lane.count == len(rows)
            assert lane.overdue == sum(row.color in {"overdue", "done_late"} for row in rows)
            assert lane.oldest_at == min((row.reported_at for row in rows), default=None)

    counts = {lane.stage: lane.count for lane in found.lanes}
    beside = counts[Stage.RATE] if where.basis is Basis.OPEN else 0
    assert sum(counts.values()) - beside + found.others == total == found.total
    assert where.basis is not Basis.OPEN or found.others == 0


def test_the_last_stage_under_open_is_what_was_closed_in_thirty_days_and_is_not_rated() -> None:
    found = stage_filter(Filter(), Stage.RATE, today=TODAY)

    assert found is not None
    assert (found.basis, found.statuses) == (Basis.CLOSED, (Status.CLOSED,))
    assert (found.start, found.end) == (TODAY - timedelta(days=29), TODAY)


def test_a_stage_that_the_filter_s_statuses_leave_out_holds_nothing() -> None:
    assert stage_filter(Filter(statuses=(Status.FILED,)), Stage.CHECK, today=TODAY) is None


def expected(session: Session, person: Person) -> dict[int, Move]:
    """By the rules themselves, case by case: the first move that carries it on and that they may make."""
    found: dict[int, Move] = {}
    for event in session.exec(select(Event)):
        if event.status in ENDED - {Status.CLOSED} or event.id is None:
            continue
        if event.status == Status.CLOSED and person.role is Role.RESIDENT:
            continue  # follows it by the receipt
        offers = available_moves(session, event=event, person=person, as_of=AS_OF)
        may = {offer.move for offer in offers if offer.allowed}
        may -= {Move.FILE} if not event.route_color else {Move.VERIFY}
        first = next((move for move in WAITING_MOVES if move in may), None)
        if first is not None:
            found[event.id] = first
    return found


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.name)
def test_what_waits_for_a_person_is_what_the_rules_let_them_carry_on(many: Engine, person: Person) -> None:
    with read_session(many) as session:
        page = waiting(session=session, where=Filter(), as_of=AS_OF, person=person, limit=500)
        by_rule = expected(session, person)

    assert {one.row.id: one.move for one in page.rows} == by_rule
    assert page.total == sum(page.counts.values()) == len(by_rule)


def test_a_queue_narrowed_to_one_move_has_its_rows_and_all_counts(many: Engine) -> None:
    with read_session(many) as session:
        page = waiting(
            session=session, where=Filter(), as_of=AS_OF, person=DISPATCHER, move=Move.DISPATCH, limit=1
        )

    assert page.total == page.counts[Move.DISPATCH] > 1
    assert [one.move for one in page.rows] == [Move.DISPATCH]
    assert sum(page.counts.values()) > page.total


def test_a_queue_looks_at_open_cases_whatever_the_basis(many: Engine) -> None:
    closed = Filter(basis=Basis.CLOSED, start=TODAY, end=TODAY)
    with read_session(many) as session:
        queues = [
            waiting(session=session, where=where, as_of=AS_OF, person=DISPATCHER).counts
            for where in (Filter(), closed)
        ]

    assert queues[0] == queues[1]


def test_nothing_waits_in_an_empty_database(engine: Engine) -> None:
    with read_session(engine) as session:
        page = waiting(session=session, where=Filter(), as_of=AS_OF, person=DISPATCHER)
        found = lanes(session=session, where=Filter(), as_of=AS_OF)

    assert (page.rows, page.total, page.counts) == ((), 0, {})
    assert [lane.count for lane in found.lanes] == [0] * 7
    assert {lane.oldest_at for lane in found.lanes} == {None}


def test_people_are_found_by_name_post_area_and_department_and_grouped_by_role(engine: Engine) -> None:
    furnish(engine)
    with read_session(engine) as session:
        everybody = find_people(session=session)
        roads = find_people(session=session, text="演示市政")
        one = find_people(session=session, text="街道 书记")
        none = find_people(session=session, text="查无此人")

    assert [group.role for group in everybody] == [
        role for role in Role if role not in {Role.RESIDENT, Role.SYSTEM}
    ]
    assert sum(group.total for group in everybody) == 10
    assert [(group.role, group.total) for group in roads] == [(Role.DEPARTMENT, 2)]
    assert [group.role for group in one] == [Role.LEADER]
    assert none == ()


def test_of_a_role_with_many_people_the_first_are_listed_and_all_are_counted(engine: Engine) -> None:
    furnish(engine)
    with read_session(engine) as session:
        department = find_people(session=session, text="部门", per_role=2)[-1]

    assert (department.total, len(department.listed)) == (3, 2)
