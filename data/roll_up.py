"""The weekly roll-up per community: a sum over events, kept up to date with every append.

An event adds to the week in which it was reported, to the one in which it falls due and to the one in
which it was closed. A voided event adds nothing; a merged one is neither due nor closed. What changes is
written as a difference: the old contribution taken away, the new one added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, Table, and_, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from data.models import AreaWeek, Event
from data.models.base import column
from data.vocabulary import CLOSED, CODE_LENGTH, Level, Status

COUNTS: Final = ("reported", "proactive", "due", "due_in_time", "due_suspended", "closed", "reworked")
PROACTIVE_SOURCES: Final = frozenset({"patrol", "sensor"})
"""Sources that found the case before anybody complained (主动发现, DOMAIN section 4)."""
_COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]
_NEEDED: Final = (
    "code", "source", "status", "reported_day", "due_day", "ended_day", "in_time", "reworked_count",
)  # fmt: skip

Deltas = dict[tuple[str, date], dict[str, int]]
"""Differences of counts by (area code, Monday of the week)."""


def new_deltas() -> Deltas:
    """An empty difference, to be filled by :func:`add`."""
    return defaultdict(lambda: dict.fromkeys(COUNTS, 0))


def add(deltas: Deltas, event: Mapping[str, Any] | RowMapping, *, sign: int) -> None:
    """Adds (``sign`` 1) or takes away (−1) what an event contributes."""
    status = event["status"]
    if status == Status.VOIDED:
        return
    area = event["code"][:_COMMUNITY]
    reported = deltas[area, _monday(event["reported_day"])]
    reported["reported"] += sign
    if event["source"] in PROACTIVE_SOURCES:
        reported["proactive"] += sign
    if status == Status.MERGED:
        return
    if event["due_day"] is not None:
        due = deltas[area, _monday(event["due_day"])]
        due["due"] += sign
        due["due_in_time"] += sign * (event["in_time"] is True)
        due["due_suspended"] += sign * (status == Status.SUSPENDED)
        due["reworked"] += sign * (event["reworked_count"] > 0)
    if status in CLOSED:
        deltas[area, _monday(event["ended_day"])]["closed"] += sign


def apply_deltas(session: Session, deltas: Deltas) -> None:
    """Adds differences to the stored counts. Rows that come to nothing are removed."""
    changes = {key: counts for key, counts in deltas.items() if any(counts.values())}
    rows: list[dict[str, Any]] = [
        {"code": code, "week": week, **counts} for (code, week), counts in changes.items()
    ]
    if not rows:
        return
    table: Table = AreaWeek.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    upsert = dialect.insert(table)
    upsert = upsert.on_conflict_do_update(
        index_elements=["code", "week"], set_={name: table.c[name] + upsert.excluded[name] for name in COUNTS}
    )
    connection.execute(upsert, rows)
    shrunk = [
        {"the_code": code, "the_week": week}
        for (code, week), counts in changes.items()
        if min(counts.values()) < 0
    ]
    if shrunk:
        is_this = and_(table.c.code == bindparam("the_code"), table.c.week == bindparam("the_week"))
        connection.execute(delete(table).where(is_this, *(table.c[name] == 0 for name in COUNTS)), shrunk)


def recompute(session: Session) -> None:
    """Writes the whole roll-up anew from the events. For repairs and after bulk loads: reads every event."""
    table: Table = AreaWeek.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    deltas = new_deltas()
    for event in _stream(session):
        add(deltas, event, sign=1)
    connection.execute(delete(table))
    rows = [{"code": code, "week": week, **counts} for (code, week), counts in deltas.items()]
    if rows:
        connection.execute(insert(table), rows)


def _stream(session: Session) -> Iterator[RowMapping]:
    wanted = select(*(column(getattr(Event, name)) for name in _NEEDED))
    yield from session.connection().execution_options(yield_per=10_000).execute(wanted).mappings()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
