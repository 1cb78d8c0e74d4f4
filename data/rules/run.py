"""Evaluates the rules in sessions of its own: looking takes no lock, so that cases move meanwhile.

Writes nothing, not even a revision, where nothing changed.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy.engine import Engine

from data.database import read_session, write_session
from data.rules.evaluate import evaluate, look, seen_now, settle
from data.rules.findings import Changes

LOOKS: Final = 3
"""Without the write lock; if alerts or rules change under each of them, the next evaluation holds it."""


class _Nothing(Exception):
    """Leaves the write session without a commit."""


def evaluate_rules(engine: Engine, *, as_of: datetime) -> Changes:
    """Brings all alerts up to ``as_of``; screens hear of it only when something changed.

    The write lock is held while changes are written, not while they are looked for. Whoever changes an alert
    or a rule between the two (a person, another worker) makes it look again.

    Raises:
        DatabaseProblem: whatever is wrong with the database.
    """
    for _ in range(LOOKS):
        with read_session(engine) as session:
            findings = look(session, as_of=as_of)
        if not findings.any:
            return Changes(summarised=findings.summarised, problems=findings.problems)
        with suppress(_Nothing), write_session(engine) as session:
            if seen_now(session) != findings.seen:
                raise _Nothing
            return settle(session, findings)
    changes = Changes()
    with suppress(_Nothing), write_session(engine) as session:
        changes = evaluate(session, as_of=as_of)
        if not changes.any:
            raise _Nothing
    return changes
