"""The log is the truth: each event has an append-only, hash-chained log, and its row is the fold of it.

Nothing changes an event except :func:`append`, inside the caller's write session: it checks that the
caller saw the newest state, writes the entries, the rows, the weekly roll-up and the freshness of the
sources, all in one transaction. ``data.event_begin`` does the same for many new events at once.
``data.event_fold`` says what entries add up to; ``data.event_verify`` finds what was tampered with.

The errors stand in ``data.event_base``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Table, Update, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from data import roll_up
from data.bulk import insert_rows, refusable
from data.event_base import (
    BEGINS,
    NULLABLE,
    STATUSES,
    BadEntry,
    EventExists,
    EventLogError,
    StaleEvent,
    UnknownEvent,
    freshen_sources,
    new_ids,
    stale,
    taken,
    zone_of,
)
from data.event_fold import (
    FIELDS,
    MOMENTS,
    NO_HASH,
    NOTES,
    REQUIRED,
    Action,
    Entry,
    encoded,
    entry_hash,
    fold,
    set_cells,
    step,
)
from data.event_verify import Fault, FaultKind, verify
from data.models import Event, EventLog
from data.vocabulary import Status

__all__ = [
    "Action", "Advance", "BadEntry", "Entry", "EventExists", "EventLogError", "Fault", "FaultKind",
    "StaleEvent", "UnknownEvent", "append", "append_one", "fold", "records_of", "verify",
]  # fmt: skip

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_ONE: Final = select(_EVENT).where(_EVENT.c.id == bindparam("the_id"))
_SETTABLE: Final = FIELDS | NOTES
_CHUNK: Final = 500
"""Values in one ``IN`` list."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Advance:
    """New entries of one event, in order.

    ``event_id`` None: a new event. Otherwise ``seen_seq`` is ``event.seq`` as the caller read it.
    """

    entries: Sequence[Entry]
    event_id: int | None = None
    seen_seq: int = 0


@dataclass(slots=True)
class _Work:
    """What one append is going to write."""

    new_rows: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    log_rows: list[dict[str, Any]] = field(default_factory=list)


def append(
    session: Session,
    advances: Sequence[Advance],
    *,
    rows: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[int]:
    """Appends to the logs of many events and brings everything that follows from them up to date.

    Returns the event ids, one an advance, in order. Takes 50,000 and more at once. ``rows``: all columns of
    the events to go on with, by id, where the caller has read them in this very write session.

    Raises:
        StaleEvent, UnknownEvent, EventExists, BadEntry: leave the write session by this error, so that
            nothing is written.
    """
    if not session.info.get("writes"):
        raise BadEntry("日志只能在写会话（write_session）里追加")
    if not advances:
        return []
    session.flush()
    timezone = zone_of(session)
    existing = _current_rows(session, advances, rows)
    fresh = iter(new_ids(session, sum(advance.event_id is None for advance in advances)))
    work, ids = _Work(), []
    for advance in advances:
        event_id = next(fresh) if advance.event_id is None else advance.event_id
        ids.append(event_id)
        _advance(work, event_id, advance, existing.get(event_id), timezone)
    set_cells(work.new_rows)
    set_cells([after for _, before, after in work.changed if _place(before) != _place(after)])
    _write(session, work)
    return ids


def append_one(session: Session, entry: Entry, *, event_id: int | None = None, seen_seq: int = 0) -> int:
    """Appends one entry to one event (a new one when ``event_id`` is None) and returns its id."""
    return append(session, [Advance(entries=[entry], event_id=event_id, seen_seq=seen_seq)])[0]


def _place(state: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return state["lon"], state["lat"]


def records_of(session: Session, event_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The stored log entries of events, ascending by ``seq``, as rows with the attributes of ``EventLog``.

    ``fold`` of the entries up to one of them is the event as it was then, which is how an import is undone.
    """
    found: dict[int, list[Any]] = {event_id: [] for event_id in event_ids}
    for chunk in _chunks(list(found)):
        wanted = select(_LOG).where(_LOG.c.event_id.in_(chunk)).order_by(_LOG.c.event_id, _LOG.c.seq)
        for record in session.connection().execute(wanted):
            found[record.event_id].append(record)
    return found


def _current_rows(
    session: Session, advances: Sequence[Advance], rows: Mapping[int, Mapping[str, Any]] | None
) -> dict[int, dict[str, Any]]:
    wanted = [advance.event_id for advance in advances if advance.event_id is not None]
    if len(set(wanted)) < len(wanted):
        raise BadEntry("同一事件在一次追加中出现了两次：请把它的记录合成一组")
    found: dict[int, dict[str, Any]] = {}
    for row in rows_of(session, wanted) if rows is None else rows.values():
        state = dict(row)
        found[state.pop("id")] = state
    for advance in advances:
        if advance.event_id is not None:
            check_seen(session, advance.event_id, advance.seen_seq, found.get(advance.event_id))
    return found


def rows_of(session: Session, event_ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """All columns of events, those that exist."""
    if len(event_ids) == 1:
        yield from map(dict, session.connection().execute(_ONE, {"the_id": event_ids[0]}).mappings())
        return
    for chunk in _chunks(event_ids):
        found = session.connection().execute(select(_EVENT).where(_EVENT.c.id.in_(chunk)))
        yield from map(dict, found.mappings())


def check_seen(session: Session, event_id: int, seen_seq: int, row: Mapping[str, Any] | None) -> None:
    """Passes when ``row`` (without its id) is there and nobody has changed it since ``seen_seq``.

    Raises:
        UnknownEvent, StaleEvent
    """
    if row is None:
        raise UnknownEvent(f"没有编号为 {event_id} 的事件。请刷新后再试")
    if row["seq"] != seen_seq:
        raise stale(session, {**row, "id": event_id}, seen_seq=seen_seq)


def _advance(
    work: _Work, event_id: int, advance: Advance, before: dict[str, Any] | None, timezone: ZoneInfo
) -> None:
    state = {} if before is None else dict(before)
    seq, prev_hash = (0, NO_HASH) if before is None else (before["seq"], before["head_hash"])
    if not advance.entries:
        raise BadEntry(f"事件 {event_id} 的追加里没有任何记录")
    for entry in advance.entries:
        _check_entry(entry, is_first=seq == 0)
        seq += 1
        from_status = state.get("status", "")
        step(state, at=entry.at, changes=entry.changes, batch_id=entry.batch_id, timezone=timezone)
        row = {
            "event_id": event_id,
            "seq": seq,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "from_status": from_status,
            "to_status": state["status"],
            "reason": entry.reason,
            "changes": encoded(entry.changes),
            "batch_id": entry.batch_id,
            "prev_hash": prev_hash,
        }
        row["hash"] = prev_hash = entry_hash(**row)
        work.log_rows.append(row)
    state["seq"], state["head_hash"] = seq, prev_hash
    if before is None:
        state["id"] = event_id
        work.new_rows.append(state)
    else:
        work.changed.append((event_id, before, state))


def _check_entry(entry: Entry, *, is_first: bool) -> None:
    changes = entry.changes
    if is_first:
        missing = [name for name in REQUIRED if not changes.get(name)]
        if missing:
            raise BadEntry(f"事件的第一条记录缺少 {'、'.join(missing)}")
    elif "source" in changes or "external_no" in changes:
        raise BadEntry("事件的来源和编号不能更改")
    if (entry.action in BEGINS) is not is_first:
        raise BadEntry(f"记录类别 {entry.action} 用在了{'开头' if is_first else '已有记录之后'}，不能追加")
    if not changes.keys() <= _SETTABLE:
        raise BadEntry(f"记录不能设置字段 {'、'.join(sorted(changes.keys() - _SETTABLE))}")
    for name, value in changes.items():
        if value is None and name not in NULLABLE:
            raise BadEntry(f"字段 {name} 不能为空")
    for moment in (entry.at, *(changes.get(name) for name in MOMENTS)):
        if moment is not None and moment.tzinfo is None:
            raise BadEntry(f"时间 {moment} 没有时区，不能入日志")
    if changes.get("status", Status.REPORTED) not in STATUSES:
        raise BadEntry(f"没有“{changes['status']}”这个状态")


def _write(session: Session, work: _Work) -> None:
    connection = session.connection()
    if work.new_rows:
        try:
            with refusable(connection):
                insert_rows(connection, _EVENT, work.new_rows)
        except IntegrityError as error:
            keys = [(row["source"], row["external_no"]) for row in work.new_rows]
            raise taken(session, keys, below_id=min(row["id"] for row in work.new_rows)) from error
    for names, rows in _by_changed_columns(work.changed).items():
        done = connection.execute(_change_of(names), rows)
        if done.rowcount != len(rows):
            raise StaleEvent(
                f"{len(rows)} 件事件中有 {len(rows) - done.rowcount} 件已被他人更新。请刷新后再试"
            )
    insert_rows(connection, _LOG, work.log_rows)
    deltas = roll_up.new_deltas()
    for row in work.new_rows:
        roll_up.add(deltas, row, sign=1)
    for _, before, after in work.changed:
        roll_up.add_change(deltas, before, after)
    roll_up.apply_deltas(session, deltas)
    imported = any(row["batch_id"] is not None for row in work.log_rows)
    told = [
        after
        for _, before, after in work.changed
        if imported or after["reported_at"] != before["reported_at"]
    ]
    if told or work.new_rows:
        freshen_sources(
            session,
            newest=_newest((*work.new_rows, *told)),
            added=Counter(row["source"] for row in work.new_rows),
            imported=imported,
        )
    for known in list(session.identity_map.values()):
        if isinstance(known, Event):
            session.expire(known)


@lru_cache(maxsize=256)
def _change_of(names: tuple[str, ...]) -> Update:
    """The statement that changes these columns of one event, if it is as it was seen."""
    is_as_seen = (_EVENT.c.id == bindparam("the_id"), _EVENT.c.seq == bindparam("seen_seq"))
    return update(_EVENT).where(*is_as_seen).values({name: bindparam(f"new_{name}") for name in names})


def _by_changed_columns(
    changed: Iterable[tuple[int, dict[str, Any], dict[str, Any]]],
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Parameters of updates, grouped by the columns that change: only their indexes are touched."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for event_id, before, after in changed:
        names = tuple(name for name, value in after.items() if before[name] != value)
        row = {f"new_{name}": after[name] for name in names}
        groups[names].append({**row, "the_id": event_id, "seen_seq": before["seq"]})
    return groups


def _newest(rows: Iterable[Mapping[str, Any]]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for row in rows:
        source, reported_at = row["source"], row["reported_at"]
        if source not in newest or newest[source] < reported_at:
            newest[source] = reported_at
    return newest


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
