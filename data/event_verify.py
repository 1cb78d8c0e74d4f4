"""Finds what was done to events and their logs behind the log's back. Reads in chunks, so any size fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, func, select
from sqlmodel import Session

from data.event_base import zone_of
from data.event_fold import NO_HASH, entry_hash, fold_without_cell, set_cells
from data.models import Event, EventLog

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_EVENTS_AT_ONCE: Final = 2_000
_LISTED_AT_ONCE: Final = 500


class FaultKind(StrEnum):
    CHANGED = "changed"
    """An entry does not hash to its hash: it was altered, or took another's place."""
    MISSING = "missing"
    """Entries are gone: a gap, or fewer than the row says."""
    FORKED = "forked"
    """An entry does not follow from the one before it, or its number exists twice."""
    UNFOLDED = "unfolded"
    """Entries that the row knows nothing of."""
    ROW_DIFFERS = "row_differs"
    """The event's row is not the fold of its log."""
    ROW_MISSING = "row_missing"
    """A log without an event."""
    FILE = "file"
    """A photo is gone, is another one, or is in no entry (``data.lifecycle.attachment_check``)."""
    OTHER_LOG = "other_log"
    """A log beside that of the events has a gap, or ends elsewhere than its row (``data.other_logs``)."""
    ANCHOR = "anchor"
    """The log, or an anchor, is not what it was when the anchor was made (``data.event_anchor``)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. ``seq`` 0 where it is about the whole event; ``detail`` is for people."""

    event_id: int
    seq: int
    kind: FaultKind
    detail: str


def verify(session: Session, *, event_ids: Sequence[int] | None = None) -> list[Fault]:
    """Everything wrong with the logs and rows of all events, or of those given. An empty list: all is well.

    An event that is gone together with its whole log leaves no trace here: ``data.event_anchor`` finds it.
    """
    timezone = zone_of(session)
    chunks = _all_chunks(session) if event_ids is None else _listed_chunks(event_ids)
    return [fault for on_event, on_log in chunks for fault in _faults(session, on_event, on_log, timezone)]


Conditions = tuple[ColumnElement[bool], ColumnElement[bool]]


def _all_chunks(session: Session) -> Iterator[Conditions]:
    connection = session.connection()
    last = max(
        connection.execute(select(func.max(_EVENT.c.id))).scalar_one() or 0,
        connection.execute(select(func.max(_LOG.c.event_id))).scalar_one() or 0,
    )
    for start in range(0, last + 1, _EVENTS_AT_ONCE):
        stop = start + _EVENTS_AT_ONCE - 1
        yield _EVENT.c.id.between(start, stop), _LOG.c.event_id.between(start, stop)


def _listed_chunks(event_ids: Sequence[int]) -> Iterator[Conditions]:
    for start in range(0, len(event_ids), _LISTED_AT_ONCE):
        chunk = event_ids[start : start + _LISTED_AT_ONCE]
        yield _EVENT.c.id.in_(chunk), _LOG.c.event_id.in_(chunk)


def _faults(
    session: Session, on_event: ColumnElement[bool], on_log: ColumnElement[bool], timezone: ZoneInfo
) -> Iterator[Fault]:
    connection = session.connection()
    rows = {row["id"]: dict(row) for row in connection.execute(select(_EVENT).where(on_event)).mappings()}
    log = connection.execute(select(_LOG).where(on_log).order_by(_LOG.c.event_id, _LOG.c.seq, _LOG.c.id))
    folds: dict[int, dict[str, Any]] = {}
    for event_id, entries in groupby(log, key=attrgetter("event_id")):
        records = list(entries)
        chain = list(_chain_faults(event_id, records))
        yield from chain
        row = rows.pop(event_id, None)
        if row is None:
            yield Fault(
                event_id,
                0,
                FaultKind.ROW_MISSING,
                f"事件 {event_id} 有 {len(records)} 条记录，却没有这个事件",
            )
            continue
        yield from _head_faults(row, records[-1])
        if not chain and row["seq"] == records[-1].seq:
            folds[event_id] = row | {"folded": fold_without_cell(records, timezone=timezone)}
    set_cells([row["folded"] for row in folds.values()])
    for row in folds.values():
        yield from _row_faults(row, row.pop("folded"))
    for event_id, row in rows.items():
        yield Fault(event_id, 0, FaultKind.MISSING, f"事件 {event_id} 应有 {row['seq']} 条记录，一条也没有")


def _chain_faults(event_id: int, records: Iterable[Any]) -> Iterator[Fault]:
    expected, prev_hash = 1, NO_HASH
    for record in records:
        seq, place = record.seq, f"事件 {event_id} 的第 {record.seq} 条记录"
        if seq > expected:
            yield Fault(event_id, seq, FaultKind.MISSING, f"{place}之前缺了 {seq - expected} 条")
        elif seq < expected:
            yield Fault(event_id, seq, FaultKind.FORKED, f"{place}有不止一条")
        elif record.prev_hash != prev_hash:
            yield Fault(event_id, seq, FaultKind.FORKED, f"{place}不接在前一条之后")
        if _hash_of(record) != record.hash:
            yield Fault(event_id, seq, FaultKind.CHANGED, f"{place}的内容与校验值不符，被改过")
        expected, prev_hash = seq + 1, record.hash


def _hash_of(record: Any) -> bytes:
    return entry_hash(
        event_id=record.event_id,
        seq=record.seq,
        at=record.at,
        actor=record.actor,
        action=record.action,
        from_status=record.from_status,
        to_status=record.to_status,
        reason=record.reason,
        changes=record.changes,
        batch_id=record.batch_id,
        prev_hash=record.prev_hash,
    )


def _head_faults(row: dict[str, Any], last: Any) -> Iterator[Fault]:
    event_id = row["id"]
    if row["seq"] > last.seq:
        text = f"事件 {event_id} 应有 {row['seq']} 条记录，只剩到第 {last.seq} 条"
        yield Fault(event_id, row["seq"], FaultKind.MISSING, text)
    elif row["seq"] < last.seq:
        text = f"事件 {event_id} 的记录有 {last.seq} 条，事件只认到第 {row['seq']} 条"
        yield Fault(event_id, last.seq, FaultKind.UNFOLDED, text)
    elif row["head_hash"] != last.hash:
        yield Fault(event_id, last.seq, FaultKind.FORKED, f"事件 {event_id} 的末条记录不是事件认得的那一条")


def _row_faults(row: dict[str, Any], folded: dict[str, Any]) -> Iterator[Fault]:
    wrong = sorted(name for name, value in folded.items() if row[name] != value)
    if wrong:
        shown = "；".join(f"{name} 是 {row[name]}，按记录应是 {folded[name]}" for name in wrong[:3])
        yield Fault(row["id"], 0, FaultKind.ROW_DIFFERS, f"事件 {row['id']} 与它的记录不符：{shown}")
