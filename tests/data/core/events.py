"""Events for the tests of the log, as short as they can be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine

from data.database import open_engine, write_session
from data.event_log import Action, Advance, Entry, append
from data.lifecycle.moves import MOVES
from data.migrate import migrate
from data.settings import read_settings

REPORTED_AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""Friday 09:00 in Shanghai."""


def first(number: int = 1, **changes: Any) -> Advance:
    """A new event of the class 井盖缺失, reported at ``REPORTED_AT`` and due four hours later."""
    fields: dict[str, Any] = {
        "source": "patrol",
        "external_no": f"YS-{number:04d}",
        "class_code": "0201",
        "title": "井盖缺失",
        "urgency": "urgent",
        "status": "reported",
        "code": "510115001001",
        "lon": 103.81,
        "lat": 30.71,
        "reported_at": REPORTED_AT,
        "due_at": REPORTED_AT + timedelta(hours=4),
    }
    fields.update(changes)
    at = fields["reported_at"]
    return Advance(entries=[Entry(action=Action.REPORT, at=at, actor="网格员·示例01", changes=fields)])


MOVE_TO: Final = {rule.to_status.value: move for move, rule in [*MOVES.items()][::-1] if rule.to_status}
"""The move that leads to a status first of all."""


def move(status: str, *, hours: float, **changes: Any) -> Entry:
    """A move to ``status``, ``hours`` after the report."""
    return Entry(
        action=MOVE_TO[status],
        at=REPORTED_AT + timedelta(hours=hours),
        actor="派遣员·示例02",
        changes={"status": status, **changes},
    )


def two_events() -> Engine:
    """A new database where the settings say, with two events in it."""
    engine = open_engine(read_settings().database_url)
    migrate(engine)
    with write_session(engine) as session:
        append(session, [first(1), first(2)])
    return engine
