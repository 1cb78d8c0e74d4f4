"""Events of a file against the events that are there: new, changed, same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.event_begin import begin
from data.event_columns import Column, moments_of
from data.event_fold import MOMENTS
from data.event_log import Action, Advance, Entry, append
from data.imports.prepared import Prepared, Row
from data.models import Event

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_CHUNK: Final = 900
"""SQLite's oldest limit is 999 parameters a statement."""
_NEVER_CHANGES: Final = ("source", "external_no")


@dataclass(kw_only=True)
class EventChanges:
    """What a file would do: rows to begin, and for known events the fields that differ."""

    new: list[Row] = field(default_factory=list)
    changed: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    same: int = 0

    def write(self, session: Session, *, at: datetime, actor: str, batch_id: int) -> None:
        """One log entry an event, in the caller's write session."""
        begin(session, _columns(self.new), action=Action.IMPORT, at=at, actor=actor, batch_id=batch_id)
        append(
            session,
            [
                Advance(
                    entries=(
                        Entry(action=Action.UPDATE, at=at, actor=actor, changes=changes, batch_id=batch_id),
                    ),
                    event_id=event_id,
                    seen_seq=seq,
                )
                for event_id, seq, changes in self.changed
            ],
        )


def _columns(rows: Sequence[Row]) -> dict[str, Column]:
    """Rows of one file column by column, in the order of their reports: so they are written fastest."""
    ordered = sorted(rows, key=itemgetter("reported_at"))
    names = list(ordered[0]) if ordered else []
    columns = {name: list(map(itemgetter(name), ordered)) for name in names}
    return {name: moments_of(values) if name in MOMENTS else values for name, values in columns.items()}


def compare_events(session: Session, prepared: Prepared) -> EventChanges:
    """Each prepared row against the stored event of its source and number."""
    found = EventChanges()
    stored = _stored(session, prepared)
    for row, key in zip(prepared.rows, prepared.keys, strict=True):
        known = stored.get(key)
        if known is None:
            found.new.append(row)
            continue
        changes = _changes(row, known)
        if changes:
            found.changed.append((known["id"], known["seq"], changes))
        else:
            found.same += 1
    return found


def _changes(row: Row, known: Mapping[str, Any]) -> dict[str, Any]:
    changes = {
        name: value for name, value in row.items() if known[name] != value and name not in _NEVER_CHANGES
    }
    if changes and "in_time" in row:
        # The log judges in_time anew when a deadline or an end moves; what the source says must stand.
        changes["in_time"] = row["in_time"]
    return changes


def _stored(session: Session, prepared: Prepared) -> dict[tuple[str, ...], Mapping[str, Any]]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for source, number in prepared.keys:
        numbers[source].append(number)
    names = list(
        dict.fromkeys(("id", "seq", "source", "external_no", *(prepared.rows[0] if prepared.rows else ())))
    )
    columns = [_EVENT.c[name] for name in names]
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for source, listed in numbers.items():
        for chunk in _chunks(listed):
            query = select(*columns).where(_EVENT.c.source == source, _EVENT.c.external_no.in_(chunk))
            for row in session.connection().execute(query).mappings():
                found[row["source"], row["external_no"]] = dict(row)
    return found


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
