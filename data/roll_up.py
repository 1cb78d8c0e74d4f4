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

import numpy as np
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
_EPOCH: Final = date(1970, 1, 1)
_DAYS: Final = 10_000_000
"""More days than the calendar has, so that an area and a day make one number."""
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


def add_columns(deltas: Deltas, events: Mapping[str, Any]) -> None:
    """:func:`add` with sign 1 for events given as the columns ``_NEEDED``, days as ``datetime64[D]``."""
    cut = [code[:_COMMUNITY] for code in events["code"]]
    codes = sorted(set(cut))
    number_of = {code: number for number, code in enumerate(codes)}
    areas = np.array([number_of[code] for code in cut], dtype=np.int64)
    status = events["status"]
    counted = np.array([one != Status.VOIDED for one in status], dtype=bool)
    is_due = counted & np.array([one != Status.MERGED for one in status], dtype=bool)
    is_due &= ~np.isnat(events["due_day"])
    bases = {
        "reported": ("reported_day", counted),
        "proactive": ("reported_day", counted & [source in PROACTIVE_SOURCES for source in events["source"]]),
        "due": ("due_day", is_due),
        "due_in_time": ("due_day", is_due & [value is True for value in events["in_time"]]),
        "due_suspended": ("due_day", is_due & [one == Status.SUSPENDED for one in status]),
        "closed": ("ended_day", np.array([one in CLOSED for one in status], dtype=bool)),
        "reworked": ("due_day", is_due & [number > 0 for number in events["reworked_count"]]),
    }
    for name, (day, rows) in bases.items():
        days = events[day][rows].astype(np.int64)
        mondays = days - (days + _EPOCH.weekday()) % 7
        keys, numbers = np.unique(areas[rows] * _DAYS + mondays, return_counts=True)
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
            area, monday = divmod(key + _DAYS // 2, _DAYS)
            deltas[codes[area], _EPOCH + timedelta(days=monday - _DAYS // 2)][name] += number


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
