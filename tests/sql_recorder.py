"""Records every SELECT that goes through an engine, with SQLite's plan for it, and says which ones scan.

with recorded(engine) as statements:
    …
assert scans(statements) == []
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy import event as sqlalchemy_event

LARGE_TABLES = ("event", "event_log")
"""Tables that grow for ever: no page and no route may read one of them from end to end."""


@dataclass(frozen=True)
class Statement:
    """One SELECT as it was sent, and the lines of its plan."""

    sql: str
    plan: tuple[str, ...]


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """Collects the SELECTs of everything inside, on SQLite; engines made from this one are heard as well."""
    found: list[Statement] = []

    def explain(
        connection: Connection, cursor: Any, sql: str, parameters: Any, context: Any, many: bool
    ) -> None:
        del cursor, context, many
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append(Statement(sql, _plan(connection, sql, parameters)))

    sqlalchemy_event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", explain)


def scans(statements: Sequence[Statement], tables: Sequence[str] = LARGE_TABLES) -> list[Statement]:
    """The statements that read a large table from end to end, by its rows or by a whole index.

    ``SEARCH … USING INDEX ix (ended_day>?)`` touches a part; ``SCAN event`` and ``SCAN event USING INDEX``
    touch everything.
    """
    names = "|".join(tables)
    scan = re.compile(rf"\bSCAN (?:TABLE )?(?:{names})\b(?!_)")
    return [statement for statement in statements if any(scan.search(line) for line in statement.plan)]


def _plan(connection: Connection, sql: str, parameters: Any) -> tuple[str, ...]:
    # Straight to the driver: a statement sent through SQLAlchemy would be recorded in turn.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return tuple(str(row[3]) for row in cursor.fetchall())
    finally:
        cursor.close()
