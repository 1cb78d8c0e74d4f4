"""A small district for the loop: one street, two communities, a grid; two departments; everybody once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from data.database import write_session
from data.event_log import append
from data.lifecycle import Move, Moved, Person, make_move, resident
from data.models import Department, Event, EventClass, Staff
from data.vocabulary import Role, Status
from tests.data.core.events import REPORTED_AT, first

DISTRICT, STREET = "510115", "510115001"
COMMUNITY, GRID = "510115001001", "510115001001001"
ROADS, PARKS = "D01", "D02"
LIMIT_HOURS = 4.0
STAFF = (
    ("网格员·示例01", "网格员", GRID, ""),
    ("社区·示例02", "社区书记", COMMUNITY, ""),
    ("街道·示例03", "街道报单员", STREET, ""),
    ("书记·示例04", "街道书记", STREET, ""),
    ("派遣员·示例05", "派遣员", DISTRICT, ""),
    ("核查员·示例06", "核查员", DISTRICT, ""),
    ("市政·示例07", "部门经办人", "", ROADS),
    ("园林·示例08", "部门经办人", "", PARKS),
    ("市政·示例09", "部门经办人", "", ROADS),
    ("邻居·示例10", "社区书记", "510115001002", ""),
)
STAFF_PERSONS = tuple(
    Person(
        name=name,
        post=post,
        division_code=division,
        department_code=department,
        staff_id=number,
        role={
            "网格员": Role.GRID_WORKER, "社区书记": Role.COMMUNITY, "街道报单员": Role.STREET,
            "街道书记": Role.LEADER, "派遣员": Role.DISPATCHER, "核查员": Role.CHECKER,
            "部门经办人": Role.DEPARTMENT,
        }[post],
    )
    for number, (name, post, division, department) in enumerate(STAFF, start=1)
)  # fmt: skip
WORKER, NEIGHBOURHOOD, STREET_CLERK, SECRETARY, DISPATCHER = STAFF_PERSONS[:5]
CHECKER, ROADMAN, GARDENER, ROADMAN_2, STRANGER = STAFF_PERSONS[5:]
RESIDENT = resident("居民·示例11")
EVERYBODY = (*STAFF_PERSONS, RESIDENT)


def furnish(engine: Engine) -> None:
    """Staff, departments, and the classes 0201 (roads, four hours, always), 0106 (parks, a working day)."""
    with write_session(engine) as session:
        session.add_all([Department(code=ROADS, name="演示市政"), Department(code=PARKS, name="演示园林")])
        hire(session)
        for code, department, hours, clock in (
            ("0201", ROADS, LIMIT_HOURS, "urgent_hours"),
            ("0106", PARKS, 24.0, "working_days"),
        ):
            session.add(
                EventClass(
                    code=code, valid_from=date(2023, 1, 1), major="演示大类", minor=f"演示{code}",
                    department_code=department, urgency="normal", limit_hours=hours, clock_type=clock,
                )
            )  # fmt: skip


def hire(session: Session) -> None:
    """Everybody of ``STAFF``, numbered in that order."""
    for name, post, division, department in STAFF:
        session.add(
            Staff(
                source="demo", external_no=name, name=name, post=post, division_code=division,
                department_code=department,
            )
        )  # fmt: skip
        session.flush()


def report(session: Session, number: int = 1, **changes: Any) -> int:
    """A case in the grid, reported by its worker at ``REPORTED_AT``, without a deadline."""
    fields = {"code": GRID, "due_at": None, "person_id": WORKER.staff_id, **changes}
    return append(session, [first(number, **fields)])[0]


def at(hours: float) -> datetime:
    """So many hours after the report."""
    return REPORTED_AT + timedelta(hours=hours)


def do(session: Session, event_id: int, move: Move, person: Person, *, hours: float, **fields: Any) -> Moved:
    """A move on top of whatever the case is now."""
    seen = session.get_one(Event, event_id, populate_existing=True).seq
    return make_move(
        session, event_id=event_id, seen_seq=seen, move=move, person=person, at=at(hours), fields=fields
    )


WAY: tuple[tuple[Status, Move, Person, dict[str, Any]], ...] = (
    (Status.REPORTED, Move.VERIFY, NEIGHBOURHOOD, {"route_color": "red"}),
    (Status.REPORTED, Move.FILE, STREET_CLERK, {}),
    (Status.FILED, Move.DISPATCH, DISPATCHER, {}),
    (Status.DISPATCHED, Move.ACCEPT, ROADMAN, {}),
    (Status.ACCEPTED, Move.HANDLE, ROADMAN, {}),
    (Status.HANDLING, Move.FEEDBACK, ROADMAN, {"reason": "井盖已更换"}),
    (Status.FEEDBACK, Move.CHECK, CHECKER, {}),
    (Status.CHECKING, Move.CLOSE, CHECKER, {}),
    (Status.CLOSED, Move.EVALUATE, RESIDENT, {"solved": True, "satisfied": True}),
)  # fmt: skip
"""The way of the county command centre, from report to evaluation."""


def bring_to(session: Session, event_id: int, status: Status, *, step_hours: float = 0.1) -> float:
    """Takes a case along ``WAY`` until it has that status; the hours after the report that it took."""
    hours = 0.0
    for _, move, person, fields in WAY:
        if session.get_one(Event, event_id, populate_existing=True).status == status and move != Move.FILE:
            break
        hours += step_hours
        do(session, event_id, move, person, hours=hours, **fields)
    return hours
