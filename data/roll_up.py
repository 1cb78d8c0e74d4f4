"""The weekly roll-up per community: sums over events, kept up to date with every append.

An event adds to the week in which it was reported, to the one in which it falls due and to the one in which
it was closed (``data.counted``). What changes is written as a difference: the old contribution taken away,
the new one added.

``area_week`` has one column for each count over all events. Counts over some classes or sources only are data
(``count_definition``) and stand in the narrow table ``area_week_count``, a row for each that is not zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from data.counted import BASES, COMMUNITY_LENGTH, ColumnCounts, Definition, counted, monday_of
from data.models import AreaWeek, AreaWeekCount, CountDefinition, Event
from data.models.base import column, listed_in

COUNTS: Final = tuple(BASES)
_NEEDED: Final = (
    "code", "class_code", "source", "status", "reported_day", "due_day", "ended_day", "in_time",
    "reworked_count", "respond_by", "accepted_at", "solved", "satisfied",
)  # fmt: skip
_PLACED_BY: Final = ("code", "class_code", "source", *dict.fromkeys(BASES.values()))
"""Beside which counts it adds to: where, and in which weeks."""
_WIDE: Final[Table] = AreaWeek.__table__  # type: ignore[attr-defined]
_NARROW: Final[Table] = AreaWeekCount.__table__  # type: ignore[attr-defined]
_DEFINITION: Final[Table] = CountDefinition.__table__  # type: ignore[attr-defined]
_DEFINED: Final = select(_DEFINITION).where(_DEFINITION.c.base != "").order_by(_DEFINITION.c.name)
_KNOWN: Final = "onemap_count_definitions"

Key = tuple[str, date]
"""Area code and Monday of the week."""
NarrowKey = tuple[str, date, str]
"""Area code, Monday of the week, name of the count."""


@dataclass(slots=True)
class Deltas:
    """Differences of counts. While ``definitions`` are not known, what the narrow counts need is kept."""

    definitions: Sequence[Definition] | None = None
    counts: dict[Key, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    )
    narrow: dict[NarrowKey, int] = field(default_factory=lambda: defaultdict(int))
    lines: list[tuple[Mapping[str, Any] | RowMapping, list[str], int]] = field(default_factory=list)
    columns: list[ColumnCounts] = field(default_factory=list)

    def define(self, definitions: Sequence[Definition]) -> None:
        """Works out the narrow counts of what has been added so far and will be."""
        self.definitions = definitions
        for line in self.lines:
            self.add_narrow(*line)
        for columns in self.columns:
            for wanted in definitions:
                for area, week, number in columns.of(wanted):
                    self.narrow[area, week, wanted.name] += number
        self.lines, self.columns = [], []

    def add_narrow(self, event: Mapping[str, Any] | RowMapping, names: list[str], sign: int) -> None:
        """What an event adds to the counts over some classes or sources."""
        for wanted in self.definitions or ():
            if wanted.base in names and wanted.covers(event["class_code"], event["source"]):
                week = monday_of(event[BASES[wanted.base]])
                self.narrow[event["code"][:COMMUNITY_LENGTH], week, wanted.name] += sign


def new_deltas(definitions: Sequence[Definition] | None = None) -> Deltas:
    """An empty difference, to be filled by :func:`add`."""
    return Deltas(definitions)


def add(deltas: Deltas, event: Mapping[str, Any] | RowMapping, *, sign: int) -> None:
    """Adds (``sign`` 1) or takes away (−1) what an event contributes."""
    names = counted(event)
    if not names:
        return
    area = event["code"][:COMMUNITY_LENGTH]
    rows: dict[str, dict[str, int]] = {}
    for name in names:
        day = BASES[name]
        counts = rows.get(day)
        if counts is None:
            counts = rows[day] = deltas.counts[area, monday_of(event[day])]
        counts[name] += sign
    if deltas.definitions is None:
        deltas.lines.append((event, names, sign))
    else:
        deltas.add_narrow(event, names, sign)


def add_change(deltas: Deltas, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Takes away what an event contributed and adds what it contributes now: the same, for most moves."""
    if all(before[name] == after[name] for name in _PLACED_BY) and counted(before) == counted(after):
        return
    add(deltas, before, sign=-1)
    add(deltas, after, sign=1)


def add_columns(deltas: Deltas, events: Mapping[str, Any]) -> None:
    """:func:`add` with sign 1 for events given as columns, as ``ColumnCounts`` takes them."""
    columns = ColumnCounts(events)
    for name, area, week, number in columns.totals():
        deltas.counts[area, week][name] += number
    deltas.columns.append(columns)


def definitions_of(session: Session) -> tuple[Definition, ...]:
    """The counts over some classes or sources, read once a session."""
    known: tuple[Definition, ...] | None = session.info.get(_KNOWN)
    if known is None:
        rows = session.connection().execute(_DEFINED)
        known = session.info[_KNOWN] = tuple(
            Definition(row.name, row.base, listed_in(row.classes), frozenset(listed_in(row.sources)))
            for row in rows
        )
    return known


def apply_deltas(session: Session, deltas: Deltas) -> None:
    """Adds differences to the stored counts. Rows that come to nothing are removed."""
    changes = {key: counts for key, counts in deltas.counts.items() if any(counts.values())}
    if not changes and not deltas.lines:
        return
    _upsert(
        session,
        _WIDE,
        [{"code": code, "week": week, **counts} for (code, week), counts in changes.items()],
        keys=("code", "week"),
        counts=COUNTS,
    )
    deltas.define(definitions_of(session))
    _upsert(
        session,
        _NARROW,
        _narrow_rows(deltas),
        keys=("code", "week", "name"),
        counts=("value",),
    )


def _narrow_rows(deltas: Deltas) -> list[dict[str, Any]]:
    return [
        {"code": code, "week": week, "name": name, "value": value}
        for (code, week, name), value in deltas.narrow.items()
        if value
    ]


def _upsert(
    session: Session, table: Table, rows: list[dict[str, Any]], *, keys: Sequence[str], counts: Sequence[str]
) -> None:
    if not rows:
        return
    connection = session.connection()
    upsert, remove = _upsert_statements(table, connection.dialect.name, tuple(keys), tuple(counts))
    connection.execute(upsert, rows)
    shrunk = [
        {f"the_{key}": row[key] for key in keys} for row in rows if min(row[name] for name in counts) < 0
    ]
    if shrunk:
        connection.execute(remove, shrunk)


@lru_cache(maxsize=8)
def _upsert_statements(
    table: Table, dialect_name: str, keys: tuple[str, ...], counts: tuple[str, ...]
) -> tuple[Insert, Delete]:
    """The statement that adds to counts, and the one that removes a row of nothing. Made once: every move of
    a case needs both.
    """
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    upsert = dialect.insert(table)
    sums = {name: table.c[name] + upsert.excluded[name] for name in counts}
    is_this = and_(*(table.c[key] == bindparam(f"the_{key}") for key in keys))
    remove = delete(table).where(is_this, *(table.c[name] == 0 for name in counts))
    return upsert.on_conflict_do_update(index_elements=list(keys), set_=sums), remove


def recompute(session: Session) -> None:
    """Writes the whole roll-up anew from the events. For repairs and after bulk loads: reads every event."""
    session.info.pop(_KNOWN, None)
    deltas = new_deltas(definitions_of(session))
    for event in _stream(session):
        add(deltas, event, sign=1)
    replace(session, deltas)


def recompute_definition(session: Session, name: str) -> None:
    """Writes one count over some classes or sources anew, after its definition has changed or is gone.

    Reads every event of these classes and sources.
    """
    session.info.pop(_KNOWN, None)
    connection = session.connection()
    connection.execute(delete(_NARROW).where(_NARROW.c.name == name))
    deltas = new_deltas([one for one in definitions_of(session) if one.name == name])
    for wanted in deltas.definitions or ():
        for event in _stream(session, *_covered(wanted)):
            add(deltas, event, sign=1)
    if rows := _narrow_rows(deltas):
        connection.execute(insert(_NARROW), rows)


def _covered(wanted: Definition) -> Iterator[ColumnElement[bool]]:
    """``Definition.covers`` as conditions on events."""
    if wanted.classes:
        yield or_(*(column(Event.class_code).startswith(one, autoescape=True) for one in wanted.classes))
    if wanted.sources:
        yield column(Event.source).in_(wanted.sources)


def replace(session: Session, deltas: Deltas) -> None:
    """Writes ``deltas`` in place of all that is kept."""
    connection = session.connection()
    for table in (_WIDE, _NARROW):
        connection.execute(delete(table))
    apply_deltas(session, deltas)


def _stream(session: Session, *conditions: ColumnElement[bool]) -> Iterator[RowMapping]:
    wanted = select(*(column(getattr(Event, name)) for name in _NEEDED)).where(*conditions)
    # Said to the statement: said to the connection, every later statement would get a cursor of this kind.
    yield from session.connection().execute(wanted, execution_options={"yield_per": 10_000}).mappings()
