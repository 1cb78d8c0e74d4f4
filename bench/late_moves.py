"""Cases that are a day late the moment somebody moves them, and the process that moves them.

A case that was merged into another while its deadline passed is open and late again when the merge is undone:
one move of the product, after which the rule of overdue cases rings. ``python -m bench.late_moves`` (with
``ONEMAP_VAR_DIR``) undoes the merge of each event number it reads and prints the moment of the commit.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from data.database import open_engine, write_session
from data.demo import seed_demo
from data.event_log import Action, Advance, Entry, append
from data.lifecycle import make_move
from data.lifecycle.person import Person, list_people
from data.migrate import migrate
from data.models import Event
from data.settings import read_settings
from data.vocabulary import Move, Role, Status

LATE = timedelta(hours=30)
REASON = "测速：合并有误"


def fill(var_dir: Path, *, cases: int) -> list[tuple[int, str]]:
    """The demo district in a new database with ``cases`` merged cases: their event ids and numbers."""
    settings = read_settings({"ONEMAP_VAR_DIR": str(var_dir)})
    engine = open_engine(settings.database_url)
    migrate(engine)
    seed_demo(engine, settings)
    with write_session(engine) as session:
        person = _somebody(session)
        code = person.division_code
        ids = append(session, [_late(number, code=code) for number in range(cases + 1)])
        for event_id in ids[1:]:
            _move(session, event_id, Move.MERGE, person, merged_into=ids[0])
        numbers = [session.get_one(Event, event_id).external_no for event_id in ids]
    engine.dispose()
    return list(zip(ids, numbers, strict=True))[1:]


def undo_merge(engine: Engine, event_id: int) -> float:
    """The move that makes the case late; when it was committed, in seconds since 1970."""
    with write_session(engine) as session:
        _move(session, event_id, Move.UNMERGE, _somebody(session), reason=REASON)
    return time.time()


def _somebody(session: Session) -> Person:
    return list_people(session, role=Role.COMMUNITY)[0]


def _late(number: int, *, code: str) -> Advance:
    now = datetime.now(UTC)
    changes = {
        "source": "patrol", "external_no": f"BENCH-{number:04d}", "class_code": "0106",
        "title": f"测速 {number}", "urgency": "normal", "status": Status.REPORTED.value, "code": code,
        "reported_at": now - 2 * LATE, "due_at": now - LATE if number else None,
    }  # fmt: skip
    entry = Entry(action=Action.REPORT, at=now - 2 * LATE, actor="网格员·示例01", changes=changes)
    return Advance(entries=[entry])


def _move(session: Session, event_id: int, move: Move, person: Person, **fields: object) -> None:
    seen = session.exec(select(Event.seq).where(col(Event.id) == event_id)).one()
    at = datetime.now(UTC)
    make_move(session, event_id=event_id, seen_seq=seen, move=move, person=person, at=at, fields=fields)


def main() -> None:
    engine = open_engine(read_settings().database_url)
    for line in sys.stdin:
        print(undo_merge(engine, int(line)), flush=True)


if __name__ == "__main__":
    main()
