"""Events of a file against the events that are there: new, changed, same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.bulk import listed
from data.event_begin import begin
from data.event_log import Action, Advance, Entry, append
from data.imports.event_rows import EventRows
from data.imports.prepared import Prepared, Row
from data.models import Event

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_NEVER_CHANGES: Final = ("source", "external_no")


@dataclass(kw_only=True)
class EventChanges:
    """What a file would do: rows to begin, and for known events the fields that differ."""

    new: EventRows
    changed: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    same: int = 0

    def write(self, session: Session, *, at: datetime, actor: str, batch_id: int) -> None:
        """One log entry an event, in the caller's write session."""
        begin(
            session, self.new.by_report().columns, action=Action.IMPORT, at=at, actor=actor, batch_id=batch_id
        )
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


def compare_events(session: Session, prepared: Prepared) -> EventChanges:
    """Each prepared row against the stored event of its source and number."""
    rows = prepared.rows
    if not isinstance(rows, EventRows):
        raise TypeError("events are prepared column by column")
    stored = _stored(session, rows)
    new = [row for row, key in enumerate(prepared.keys) if key not in stored]
    found = EventChanges(new=rows if len(new) == len(rows) else rows.taken(new))
    for row, key in enumerate(prepared.keys) if stored else ():
        known = stored.get(key)
        if known is None:
            continue
        changes = _changes(rows[row], known)
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


def _stored(session: Session, rows: EventRows) -> dict[tuple[str, ...], Mapping[str, Any]]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for source, number in rows.names():
        numbers[source].append(number)
    columns = [_EVENT.c[name] for name in dict.fromkeys(("id", "seq", *rows.columns))]
    connection = session.connection()
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for source, given in numbers.items():
        is_given = _EVENT.c.external_no.in_(listed(connection, given))
        for row in connection.execute(select(*columns).where(_EVENT.c.source == source, is_given)).mappings():
            found[row["source"], row["external_no"]] = dict(row)
    return found
