"""Moves a second, log and roll-ups included, against plain row updates of the same rows and values.

Cases of the demo district go the whole way from report to evaluation, one write session a move. Beside it, in
a copy of the database, the same rows get the same values by plain SQLModel: read the row, set its attributes,
commit. Step by step in turn, in one process.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from data.database import open_engine, read_session, write_session
from data.demo import seed_demo
from data.dispatch import decide
from data.event_log import Action, Advance, Entry, append
from data.lifecycle import make_move, resident
from data.lifecycle.person import Person, list_people
from data.migrate import migrate
from data.models import Event
from data.settings import read_settings
from data.vocabulary import Move, Role, Status

CASES: Final = 50
RESIDENT: Final = resident("居民·示例11")
WAY: Final[tuple[tuple[Move, Role, dict[str, Any]], ...]] = (
    (Move.VERIFY, Role.COMMUNITY, {"route_color": "red"}),
    (Move.FILE, Role.DISPATCHER, {}),
    (Move.DISPATCH, Role.DISPATCHER, {}),
    (Move.ACCEPT, Role.DEPARTMENT, {}),
    (Move.HANDLE, Role.DEPARTMENT, {}),
    (Move.FEEDBACK, Role.DEPARTMENT, {"reason": "已到现场处置"}),
    (Move.CHECK, Role.CHECKER, {}),
    (Move.CLOSE, Role.CHECKER, {}),
    (Move.EVALUATE, Role.RESIDENT, {"solved": True, "satisfied": True}),
)


@dataclass(frozen=True)
class Rates:
    """Moves a second of ours, updates a second of plain SQLModel, one of each a repeat."""

    ours: list[float]
    plain: list[float]


def moves_a_second(folder: Path, *, repeats: int) -> Rates:
    """Each repeat takes 50 new cases along the nine moves; one more at first warms up."""
    ours, plain = _two_databases(folder)
    with read_session(ours) as session:
        people = list_people(session)
    rates = Rates([], [])
    for turn in range(repeats + 1):
        ids = _new_cases(ours, turn)
        assert ids == _new_cases(plain, turn)
        our_s, plain_s = _whole_way(ours, plain, ids, people)
        if turn:
            rates.ours.append(len(ids) * len(WAY) / our_s)
            rates.plain.append(len(ids) * len(WAY) / plain_s)
    ours.dispose()
    plain.dispose()
    return rates


def _two_databases(folder: Path) -> tuple[Engine, Engine]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = read_settings({"ONEMAP_VAR_DIR": str(folder)})
    engine = open_engine(settings.database_url)
    migrate(engine)
    seed_demo(engine, settings)
    engine.dispose()  # the last connection folds the write-ahead log into the file
    copy = folder / "plain.db"
    shutil.copyfile(str(engine.url.database), copy)
    return open_engine(settings.database_url), open_engine(f"sqlite:///{copy}")


def _new_cases(engine: Engine, turn: int) -> list[int]:
    """Cases that resemble those of the demo, reported an hour ago."""
    with read_session(engine) as session:
        staffed = {one.department_code for one in list_people(session, role=Role.DEPARTMENT)}
        known = session.exec(select(Event).where(col(Event.code) != "").limit(1_000)).all()
        mixed = random.Random(turn).sample(known, len(known))
        today = datetime.now(UTC).date()
        models = [
            event
            for event in mixed[: 4 * CASES]
            if (sent := decide(session, class_code=event.class_code, code=event.code, on=today))
            and sent.department_code in staffed
            and sent.refused_by is None
        ][:CASES]
    at = datetime.now(UTC) - timedelta(hours=1)
    advances = []
    for number, model in enumerate(models):
        changes = {
            name: getattr(model, name) for name in ("class_code", "title", "code", "lon", "lat", "urgency")
        }
        changes |= {
            "source": "patrol", "external_no": f"BENCH-{turn}-{number:03d}", "status": Status.REPORTED.value,
            "reported_at": at,
        }  # fmt: skip
        advances.append(
            Advance(entries=[Entry(action=Action.REPORT, at=at, actor=RESIDENT.name, changes=changes)])
        )
    with write_session(engine) as session:
        return append(session, advances)


def _whole_way(ours: Engine, plain: Engine, ids: Sequence[int], people: list[Person]) -> tuple[float, float]:
    our_s = plain_s = 0.0
    before = _rows(ours, ids)
    for move, role, fields in WAY:
        who = {event_id: _person(people, role, before[event_id]) for event_id in ids}
        our_s += _make_moves(ours, ids, before, who, move, fields)
        after = _rows(ours, ids)
        changes = {
            event_id: {
                name: value for name, value in after[event_id].items() if before[event_id][name] != value
            }
            for event_id in ids
        }
        plain_s += _update_rows(plain, changes)
        before = after
    return our_s, plain_s


def _make_moves(
    engine: Engine,
    ids: Sequence[int],
    seen: dict[int, dict[str, Any]],
    who: dict[int, Person],
    move: Move,
    fields: dict[str, Any],
) -> float:
    started = time.perf_counter()
    for event_id in ids:
        with write_session(engine) as session:
            make_move(
                session, event_id=event_id, seen_seq=seen[event_id]["seq"], move=move, person=who[event_id],
                at=datetime.now(UTC), fields=fields,
            )  # fmt: skip
    return time.perf_counter() - started


def _update_rows(engine: Engine, changes: dict[int, dict[str, Any]]) -> float:
    started = time.perf_counter()
    for event_id, values in changes.items():
        with Session(engine) as session:
            event = session.get_one(Event, event_id)
            for name, value in values.items():
                setattr(event, name, value)
            session.add(event)
            session.commit()
    return time.perf_counter() - started


def _rows(engine: Engine, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    with read_session(engine) as session:
        found = session.exec(select(Event).where(col(Event.id).in_(ids))).all()
        return {event.id or 0: event.model_dump() for event in found}


def _person(people: list[Person], role: Role, row: dict[str, Any]) -> Person:
    """Somebody with the role for whose area, or department, the case is; not who has handled it."""
    if role is Role.RESIDENT:
        return RESIDENT
    for one in people:
        mine = (
            one.department_code == row["department_code"]
            if role is Role.DEPARTMENT
            else one.covers(row["code"])
        )
        if one.role is role and mine and one.name != row["handler"]:
            return one
    raise RuntimeError(f"nobody of the demo is {role} for {row['code']} {row['department_code']}")
