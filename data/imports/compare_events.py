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
from data.imports.ownership import owned_by_loop
from data.imports.prepared import Prepared, Row
from data.models import Event

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_NEVER_CHANGES: Final = ("source", "external_no")


@dataclass(kw_only=True)
class EventChanges:
    """What a file would do: rows to begin, and for known events the fields that differ.

    ``kept``: known events of which the file says something else about what the loop owns (``ownership``).
    """

    new: EventRows
    changed: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    same: int = 0
    kept: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the file says and nobody takes over, in Chinese."""
        if not self.kept:
            return ()
        return (
            f"{self.kept} 件已在本系统办理：状态、期限、承办以本系统为准，文件中不同的内容没有采用，"
            "其余字段照常更新。",
        )

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
    other: list[tuple[Row, Mapping[str, Any]]] = []
    for row, key in enumerate(prepared.keys) if stored else ():
        known = stored.get(key)
        if known is None:
            continue
        said = rows[row]
        if any(known[name] != value for name, value in said.items()):
            other.append((said, known))
        else:
            found.same += 1
    owned = owned_by_loop(session, [known["id"] for _, known in other if known["seq"] > 1])
    for said, known in other:
        theirs = owned.get(known["id"], frozenset())
        changes = _changes(said, known, theirs)
        found.kept += any(name in theirs and known[name] != value for name, value in said.items())
        if changes:
            found.changed.append((known["id"], known["seq"], changes))
        else:
            found.same += 1
    return found


def _changes(row: Row, known: Mapping[str, Any], theirs: frozenset[str]) -> dict[str, Any]:
    """The fields that differ, without those that are the loop's."""
    changes = {
        name: value
        for name, value in row.items()
        if known[name] != value and name not in theirs and name not in _NEVER_CHANGES
    }
    if not changes:
        return {}
    # The log works these out anew when a deadline, an end or the report moves: what the source says must
    # stand, and what the loop decided.
    for name in ("in_time", "warn_at"):
        if name in theirs:
            changes[name] = known[name]
        elif name == "in_time" and name in row:
            changes[name] = row[name]
    return changes


def _stored(session: Session, rows: EventRows) -> dict[tuple[str, ...], Mapping[str, Any]]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for source, number in rows.names():
        numbers[source].append(number)
    wanted = dict.fromkeys(("id", "seq", "in_time", "warn_at", *rows.columns))
    columns = [_EVENT.c[name] for name in wanted]
    connection = session.connection()
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for source, given in numbers.items():
        is_given = _EVENT.c.external_no.in_(listed(connection, given))
        for row in connection.execute(select(*columns).where(_EVENT.c.source == source, is_given)).mappings():
            found[row["source"], row["external_no"]] = dict(row)
    return found
