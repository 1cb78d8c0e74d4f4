"""Records every statement that goes through an engine, with SQLite's plan for it, and says which ones scan.

with recorded(engine) as statements:
    …
assert scans(statements) == []
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy import event as sqlalchemy_event

LARGE_TABLES = ("event", "event_log", "reading")
"""Tables that grow for ever: no page and no route may read one of them from end to end."""
_EXPLAINED: Final = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
_STEPS: Final = 1000


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent, the lines of its plan, and its work.

    ``work`` counts thousands of instructions of SQLite's machine, while the statement ran and its rows were
    read: about a dozen instructions a row that is looked at, whether it is kept or not.
    """

    sql: str
    plan: tuple[str, ...]
    work: list[int] = field(default_factory=lambda: [0], compare=False)


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """Collects the statements of everything inside; engines made from this one are heard as well.

    All that have a plan: what only sets the connection up or ends a transaction is left out. Plan and work
    are known on SQLite alone.
    """
    found: list[Statement] = []

    def explain(
        connection: Connection, cursor: Any, sql: str, parameters: Any, context: Any, many: bool
    ) -> None:
        del cursor, context
        if sql.lstrip().upper().startswith(_EXPLAINED):
            if connection.dialect.name != "sqlite":
                found.append(Statement(sql, ()))
                return
            one = parameters[0] if many else parameters
            statement = Statement(sql, _plan(connection, sql, one))
            connection.connection.driver_connection.set_progress_handler(  # type: ignore[union-attr]
                lambda: _count(statement), _STEPS
            )
            found.append(statement)

    sqlalchemy_event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", explain)


def scans(statements: Sequence[Statement], tables: Sequence[str] = LARGE_TABLES) -> list[Statement]:
    """The statements that read a large table from end to end, by its rows or by a whole index.

    ``SEARCH … USING INDEX ix (ended_day>?)`` touches a part; ``SCAN event`` and ``SCAN event USING INDEX``
    touch everything. A table under another name in its statement is found too.
    """
    return [statement for statement in statements if _scanned(statement) & set(tables)]


def _scanned(statement: Statement) -> set[str]:
    names = [found[1] for line in statement.plan if (found := re.match(r"SCAN (?:TABLE )?(\w+)", line))]
    alias = {
        found[2]: found[1]
        for found in re.finditer(r"\b(?:FROM|JOIN|,)\s+(\w+)\s+AS\s+(\w+)", statement.sql, re.IGNORECASE)
    }
    return {alias.get(name, name) for name in names}


def _count(statement: Statement) -> int:
    statement.work[0] += 1
    return 0


def _plan(connection: Connection, sql: str, parameters: Any) -> tuple[str, ...]:
    # Straight to the driver: a statement sent through SQLAlchemy would be recorded in turn.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return tuple(str(row[3]) for row in cursor.fetchall())
    finally:
        cursor.close()
