"""Two people of one name are two people: who handles and who reported a case is known by number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine
from sqlmodel import select

from data.database import read_session, write_options, write_session
from data.event_log import append, verify
from data.filter import Filter
from data.lifecycle import Draft, MoveRefused, Person, Rule, available_moves, report, who_may_handle
from data.migrate import _config, migrate
from data.models import Event, Staff
from data.queries.loop import waiting
from data.vocabulary import Move, Role, Status
from tests.data.core.events import first
from tests.data.databases import migrated_engine
from tests.data.loop.world import (
    CHECKER,
    DISPATCHER,
    GARDENER,
    GRID,
    PARKS,
    ROADMAN,
    ROADMAN_2,
    ROADS,
    WORKER,
    at,
    bring_to,
    do,
    furnish,
)
from tests.data.loop.world import report as brought


def hire(engine: Engine, name: str, post: str, *, division: str = "", department: str = "") -> Person:
    """Somebody more in the staff table."""
    with write_session(engine) as session:
        row = Staff(
            source="demo", external_no=f"{name}{post}{department}", name=name, post=post,
            division_code=division, department_code=department,
        )  # fmt: skip
        session.add(row)
        session.flush()
        role = {"核查员": Role.CHECKER, "网格员": Role.GRID_WORKER, "部门经办人": Role.DEPARTMENT}[post]
        return Person(
            name=name, post=post, role=role, staff_id=row.id, division_code=division,
            department_code=department,
        )  # fmt: skip


def queue(engine: Engine, person: Person) -> dict[int, Move]:
    with read_session(engine) as session:
        page = waiting(session=session, where=Filter(), as_of=at(6), person=person)
        return {one.row.id: one.move for one in page.rows}


def test_people_of_one_name_in_two_departments_have_each_their_own_queue(district: Engine) -> None:
    namesake = hire(district, ROADMAN.name, "部门经办人", department=PARKS)
    with write_session(district) as session:
        event_id = brought(session)
        bring_to(session, event_id, Status.ACCEPTED)

    assert queue(district, ROADMAN) == {event_id: Move.HANDLE}
    assert queue(district, namesake) == {}
    with pytest.raises(MoveRefused) as caught, write_session(district) as session:
        do(session, event_id, Move.HANDLE, namesake, hours=2)
    assert caught.value.rule is Rule.SIDE


def test_a_checker_with_the_name_of_who_handled_a_case_may_check_it(district: Engine) -> None:
    namesake = hire(district, ROADMAN.name, "核查员", division="510115")
    with write_session(district) as session:
        event_id = brought(session)
        bring_to(session, event_id, Status.FEEDBACK)

    assert queue(district, namesake) == {event_id: Move.CHECK}
    with write_session(district) as session:
        do(session, event_id, Move.CHECK, namesake, hours=3)


def test_where_a_source_told_only_a_name_its_bearer_does_not_check(district: Engine) -> None:
    """Nobody knows which of two people of a name it was, unless the other belongs to another department."""
    told: dict[str, Any] = {"status": "feedback", "handler": ROADMAN.name, "department_code": ROADS}
    namesake = hire(district, ROADMAN.name, "核查员", division="510115")
    elsewhere = replace(namesake, department_code=PARKS)
    with write_session(district) as session:
        event_id = brought(session, **told)
        assert session.get_one(Event, event_id).handler_id is None

    assert queue(district, namesake) == {}
    assert queue(district, elsewhere) == queue(district, CHECKER) == {event_id: Move.CHECK}
    with read_session(district) as session:
        event = session.get_one(Event, event_id)
        for person, may in ((namesake, False), (elsewhere, True)):
            offers = available_moves(session, event=event, person=person, as_of=at(6))
            assert [one.allowed for one in offers if one.move is Move.CHECK] == [may]


def test_a_case_is_handed_over_by_number_and_by_a_name_that_only_one_has(district: Engine) -> None:
    namesake = hire(district, ROADMAN_2.name, "部门经办人", department=PARKS)
    twin = hire(district, "市政·示例09", "部门经办人", department=ROADS)
    with write_session(district) as session:
        event_id = brought(session)
        bring_to(session, event_id, Status.HANDLING)
        for wrong in (namesake.staff_id, GARDENER.name, ROADMAN_2.name, 999):
            with pytest.raises(MoveRefused, match="可以承办这件的人员"):
                do(session, event_id, Move.HAND_OVER, ROADMAN, hours=2, handler=wrong)
        do(session, event_id, Move.HAND_OVER, ROADMAN, hours=2, handler=twin.staff_id)
        event = session.get_one(Event, event_id, populate_existing=True)
        assert (event.handler, event.handler_id) == (twin.name, twin.staff_id)
        do(session, event_id, Move.HAND_OVER, twin, hours=3, handler=ROADMAN.name)
        event = session.get_one(Event, event_id, populate_existing=True)
        assert (event.handler, event.handler_id) == (ROADMAN.name, ROADMAN.staff_id)
        assert verify(session) == []


def test_who_may_handle_is_who_the_side_rule_lets_accept(district: Engine) -> None:
    for color, wanted in (
        ("red", {"市政·示例07", "市政·示例09"}),
        ("blue", {"网格员·示例01", "社区·示例02"}),
    ):
        with write_session(district) as session:
            event_id = brought(session, 1 if color == "red" else 2)
            row = session.get_one(Event, event_id).model_dump()
            row |= {"route_color": color, "department_code": ROADS if color == "red" else ""}
            assert {one.name for one in who_may_handle(session, row=row)} == wanted


def test_only_who_reported_a_case_rates_it_and_not_their_namesake(district: Engine) -> None:
    namesake = hire(district, WORKER.name, "网格员", division=GRID)
    draft = Draft(number="SB-1", class_code="0201", title="井盖松动", code=GRID, lon=103.81, lat=30.71)
    with write_session(district) as session:
        event_id = report(session, draft=draft, person=WORKER, at=at(0))
        assert session.get_one(Event, event_id).reporter_id == WORKER.staff_id
        bring_to(session, event_id, Status.CLOSED)

    assert queue(district, WORKER) == queue(district, DISPATCHER) == {event_id: Move.EVALUATE}
    assert queue(district, namesake) == {}
    rated = {"solved": True, "satisfied": True}
    with pytest.raises(MoveRefused, match="由上报人评价"), write_session(district) as session:
        do(session, event_id, Move.EVALUATE, namesake, hours=4, **rated)
    with write_session(district) as session:
        do(session, event_id, Move.EVALUATE, WORKER, hours=4, **rated)
    assert queue(district, WORKER) == {}


def test_the_numbers_of_cases_of_before_are_read_off_their_logs(tmp_path: Path) -> None:
    """A database of the version before: a case that was accepted, and one whose source told a name."""
    engine = migrated_engine(tmp_path / "onemap.db")
    furnish(engine)
    with write_session(engine) as session:
        draft = Draft(number="SB-1", class_code="0201", title="井盖松动", code=GRID, lon=103.81, lat=30.71)
        accepted = report(session, draft=draft, person=WORKER, at=at(0))
        bring_to(session, accepted, Status.ACCEPTED)
        append(session, [first(2, handler="市政·示例07")])
    old = "UPDATE event_log SET changes = replace(changes, '\"handler_id\":7,', '')"
    with write_options(engine).begin() as connection:
        command.downgrade(_config(connection), "0009")
        connection.exec_driver_sql(old)
    migrate(engine)

    with read_session(engine) as session:
        found = [(one.handler_id, one.reporter_id) for one in session.exec(select(Event).order_by("id"))]
    assert found == [(ROADMAN.staff_id, WORKER.staff_id), (None, None)]
    engine.dispose()
