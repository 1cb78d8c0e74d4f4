"""The log of whistles is the truth: hash-chained by whistle, and the rows are the fold of it.

Nothing changes a whistle or its departments except :func:`append`, in the caller's write session: it sets
the rows and writes the entry. An act is taken back by another entry, which sets what was before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from data.event_fold import NO_HASH, encoded, entry_hash
from data.models import Whistle, WhistleDepartment, WhistleLog
from data.models.base import column
from data.whistle_vocabulary import CalledStanding, WhistleAct, WhistleStanding

MAX_REASON: Final = 512
WHISTLE_FIELDS: Final = (
    "kind", "code", "subject", "blown_at", "half_at", "respond_by", "second_by", "returned_count", "done_at",
    "withdrawn", "outcome",
)  # fmt: skip
DEPARTMENT_FIELDS: Final = ("leads", "arrived_at", "done_at", "returned_count", "score", "score_note")
_MOMENTS: Final = frozenset({"blown_at", "half_at", "respond_by", "second_by", "arrived_at", "done_at"})
_NOTES: Final = "@notes"
"""Beside the keys of rows in ``WhistleLog.changes``: who acted as what. No row has it; it is chained too."""
Changes = Mapping[str, Mapping[str, Any]]
"""What rows are set to: '' is the whistle itself, another key the department of that code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One act as it goes into the log. ``person_id`` is the number of who acts in the staff table, None where
    nobody there does; ``role`` what they act as.
    """

    act: WhistleAct
    at: datetime
    actor: str
    person_id: int | None = None
    role: str = ""
    department: str = ""
    reason: str = ""
    changes: Changes = field(default_factory=dict)


def append(session: Session, whistle: Whistle, step: Step) -> WhistleLog:
    """Set the rows of a whistle to what ``step`` says, and write it down. In the caller's write session."""
    rows = rows_of(session, whistle)
    about = rows[step.department]
    before = "" if whistle.seq == 0 else standing_of(about, rows)
    for key, values in step.changes.items():
        for name, value in values.items():
            setattr(rows[key], name, value)
    entry = WhistleLog(
        whistle_id=number_of(whistle), seq=whistle.seq + 1, at=step.at, actor=step.actor[:64],
        action=step.act.value, department_code=step.department, from_state=before,
        to_state=standing_of(about, rows), reason=step.reason.strip()[:MAX_REASON],
        changes=_written(step), prev_hash=whistle.head_hash or NO_HASH,
    )  # fmt: skip
    entry.hash = hash_of(entry)
    whistle.seq, whistle.head_hash = entry.seq, entry.hash
    session.add_all([entry, *rows.values()])
    session.flush()
    return entry


def _written(step: Step) -> str:
    noted = {"person_id": step.person_id, "role": step.role}
    notes = {name: value for name, value in noted.items() if value}
    return encoded({**step.changes, _NOTES: notes} if notes else step.changes)


def notes_of(entry: WhistleLog) -> dict[str, Any]:
    """``person_id`` and ``role`` of who acted; entries from before they were noted have none."""
    found: dict[str, Any] = json.loads(entry.changes).get(_NOTES, {})
    return found


def rows_of(session: Session, whistle: Whistle) -> dict[str, Whistle | WhistleDepartment]:
    """The rows that a log speaks of: '' the whistle, then its departments by code, the leading one first."""
    return {"": whistle} | {one.department_code: one for one in departments_of(session, number_of(whistle))}


def departments_of(session: Session, whistle_id: int) -> list[WhistleDepartment]:
    """The departments that were called, the leading one first."""
    query = select(WhistleDepartment).where(column(WhistleDepartment.whistle_id) == whistle_id)
    order = (column(WhistleDepartment.leads).desc(), column(WhistleDepartment.department_code))
    return list(session.execute(query.order_by(*order)).scalars())


def log_of(session: Session, whistle_id: int) -> list[WhistleLog]:
    """Every entry of a whistle, in order."""
    query = select(WhistleLog).where(column(WhistleLog.whistle_id) == whistle_id)
    return list(session.execute(query.order_by(column(WhistleLog.seq))).scalars())


def standing_of(
    row: Whistle | WhistleDepartment, rows: Mapping[str, Whistle | WhistleDepartment]
) -> WhistleStanding | CalledStanding:
    """Where one row of a whistle stands."""
    if isinstance(row, WhistleDepartment):
        return called_standing(row)
    if row.withdrawn:
        return WhistleStanding.WITHDRAWN
    called = [one for one in rows.values() if isinstance(one, WhistleDepartment)]
    return whistle_standing(called)


def called_standing(row: WhistleDepartment) -> CalledStanding:
    """Where a department stands: done, arrived, or not here, with or without having given it back."""
    if row.done_at is not None:
        return CalledStanding.DONE
    if row.arrived_at is not None:
        return CalledStanding.ARRIVED
    return CalledStanding.RETURNED if row.returned_count else CalledStanding.CALLED


def whistle_standing(called: Iterable[WhistleDepartment]) -> WhistleStanding:
    """The standing that some departments of a whistle give it: the worst of theirs."""
    found = {called_standing(one) for one in called}
    if found & {CalledStanding.CALLED, CalledStanding.RETURNED}:
        return WhistleStanding.ABSENT
    return WhistleStanding.WORKING if CalledStanding.ARRIVED in found else WhistleStanding.DONE


def before_last(entries: Sequence[WhistleLog]) -> dict[str, dict[str, Any]]:
    """What the newest entry changed, set back to what it was before it."""
    before, now = fold(entries[:-1]), fold(entries)
    return {
        key: changed for key, values in now.items() if (changed := _differing(before.get(key, {}), values))
    }


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {name: before.get(name) for name, value in now.items() if value != before.get(name)}


def fold(entries: Sequence[WhistleLog]) -> dict[str, dict[str, Any]]:
    """What the rows of a whistle are by its log."""
    state: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for key, values in decoded(entry.changes).items():
            state.setdefault(key, {}).update(values)
    return state


def decoded(changes: str) -> dict[str, dict[str, Any]]:
    """What rows are set to by the JSON in ``WhistleLog.changes``."""
    found: dict[str, dict[str, Any]] = json.loads(changes)
    found.pop(_NOTES, None)
    for values in found.values():
        for name in _MOMENTS & values.keys():
            if values[name] is not None:
                values[name] = datetime.fromisoformat(values[name])
    return found


def hash_of(entry: WhistleLog) -> bytes:
    """The hash by which the next entry is chained to this one; that of the events' log over its columns."""
    return entry_hash(
        event_id=entry.whistle_id, seq=entry.seq, at=entry.at, actor=entry.actor,
        action=f"{entry.action}:{entry.department_code}", from_status=entry.from_state,
        to_status=entry.to_state, reason=entry.reason, changes=entry.changes, batch_id=None,
        prev_hash=entry.prev_hash or NO_HASH,
    )  # fmt: skip


def number_of(whistle: Whistle) -> int:
    """The number of a whistle that has been flushed."""
    if whistle.id is None:
        raise AssertionError("a flushed whistle has a number")
    return whistle.id
