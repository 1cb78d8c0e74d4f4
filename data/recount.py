"""The weekly counts from nothing but the log: exact, slow, on demand. What is kept has to equal it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlmodel import Session

from data import roll_up
from data.event_base import zone_of
from data.event_fold import fold_without_cell
from data.models import AreaWeek, AreaWeekCount, EventLog
from data.progress import Progress, no_progress

_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_WIDE: Final[Table] = AreaWeek.__table__  # type: ignore[attr-defined]
_NARROW: Final[Table] = AreaWeekCount.__table__  # type: ignore[attr-defined]
_EVENTS_AT_ONCE: Final = 2_000
_STAGE: Final = "读日志"

Key = tuple[str, date, str]
"""Area code, Monday of the week, name of the count."""


@dataclass(frozen=True, kw_only=True, order=True)
class Difference:
    """A count that is not what the log says."""

    code: str
    week: date
    name: str
    kept: int
    logged: int


def from_log(session: Session, progress: Progress = no_progress) -> roll_up.Deltas:
    """All counts, each event's entries folded anew. Reads the whole log, some thousand events at once."""
    deltas, timezone = roll_up.new_deltas(roll_up.definitions_of(session)), zone_of(session)
    connection = session.connection()
    last = connection.execute(select(func.max(_LOG.c.event_id))).scalar_one() or 0
    for start in range(0, last + 1, _EVENTS_AT_ONCE):
        progress(_STAGE, start, last)
        part = _LOG.c.event_id.between(start, start + _EVENTS_AT_ONCE - 1)
        lives: dict[int, list[Any]] = defaultdict(list)
        for record in connection.execute(select(_LOG).where(part).order_by(_LOG.c.event_id, _LOG.c.seq)):
            lives[record.event_id].append(record)
        for records in lives.values():
            roll_up.add(deltas, fold_without_cell(records, timezone=timezone), sign=1)
    progress(_STAGE, last, last)
    return deltas


def differences(session: Session, anew: roll_up.Deltas) -> list[Difference]:
    """Where the counts that are kept differ from those of the log, by area, week and name."""
    kept, logged = dict(_kept(session)), dict(_numbers(anew))
    return sorted(
        Difference(code=key[0], week=key[1], name=key[2], kept=kept.get(key, 0), logged=logged.get(key, 0))
        for key in kept.keys() | logged.keys()
        if kept.get(key, 0) != logged.get(key, 0)
    )


def _kept(session: Session) -> Iterator[tuple[Key, int]]:
    connection = session.connection()
    for row in connection.execute(select(_WIDE)).mappings():
        for name in roll_up.COUNTS:
            if row[name]:
                yield (row["code"], row["week"], name), row[name]
    for row in connection.execute(select(_NARROW)).mappings():
        yield (row["code"], row["week"], row["name"]), row["value"]


def _numbers(deltas: roll_up.Deltas) -> Iterator[tuple[Key, int]]:
    for (code, week), counts in deltas.counts.items():
        yield from (((code, week, name), value) for name, value in counts.items() if value)
    yield from ((key, value) for key, value in deltas.narrow.items() if value)
