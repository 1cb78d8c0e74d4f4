"""Evaluates the rules in a session of its own; writes nothing, not even a revision, where nothing changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Engine

from data.database import write_session
from data.rules.evaluate import Changes, evaluate


class _Nothing(Exception):
    """Leaves the write session without a commit."""


def evaluate_rules(engine: Engine, *, as_of: datetime) -> Changes:
    """Brings all alerts up to ``as_of``; screens hear of it only when something changed.

    Raises:
        DatabaseProblem: whatever is wrong with the database.
    """
    changes = Changes()
    try:
        with write_session(engine) as session:
            changes = evaluate(session, as_of=as_of)
            if not changes.any:
                raise _Nothing
    except _Nothing:
        pass
    return changes
