"""Begins the logs of many events at once: an import's way in, many times as fast as ``event_log.append``.

The result is the same to the last byte: entries, hashes, rows, roll-up, freshness of the sources.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from data import roll_up
from data.bulk import insert_columns, refusable
from data.event_base import BEGINS, NULLABLE, STATUSES, BadEntry, freshen_sources, new_ids, taken, zone_of
from data.event_columns import Column, Columns, Moments, encoded_columns, first_hashes, first_states
from data.event_fold import FIELDS, MOMENTS, NO_HASH, REQUIRED, Action
from data.models import Event, EventLog

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]


def begin(
    session: Session,
    changes: Columns,
    *,
    action: Action,
    at: datetime,
    actor: str,
    batch_id: int | None = None,
    reason: str = "",
) -> range:
    """Begins one log a row: each with one entry ``action`` that sets all fields of ``changes``.

    ``changes`` are columns of equal length, moments as arrays of ``event_columns``. Returns the event ids,
    in order. Rows that come in the order of their reports are written fastest.

    Raises:
        EventExists, BadEntry: leave the write session by this error, so that nothing is written.
    """
    if not session.info.get("writes"):
        raise BadEntry("日志只能在写会话（write_session）里追加")
    if not len(changes.get("status", ())):
        return range(0)
    _check(changes, action=action, at=at)
    session.flush()
    states = first_states(changes, at=at, batch_id=batch_id, timezone=zone_of(session))
    ids = new_ids(session, len(changes["status"]))
    log = _log_columns(ids, changes, action=action, at=at, actor=actor, batch_id=batch_id, reason=reason)
    rows: dict[str, Column] = {"id": ids, **states, "seq": [1] * len(ids), "head_hash": log["hash"]}
    connection = session.connection()
    try:
        with refusable(connection):
            insert_columns(connection, _EVENT, rows)
    except IntegrityError as error:
        keys = zip(changes["source"], changes["external_no"], strict=True)
        raise taken(session, keys, below_id=ids[0]) from error
    insert_columns(connection, _LOG, log)
    deltas = roll_up.new_deltas()
    roll_up.add_columns(deltas, rows)
    roll_up.apply_deltas(session, deltas)
    freshen_sources(
        session, newest=_newest(rows), added=Counter(rows["source"]), imported=batch_id is not None
    )
    return ids


def _log_columns(
    ids: range,
    changes: Columns,
    *,
    action: Action,
    at: datetime,
    actor: str,
    batch_id: int | None,
    reason: str,
) -> dict[str, Column]:
    count = len(ids)
    statuses: list[str] = list(changes["status"])
    spelled = encoded_columns(changes)
    hashes = first_hashes(
        ids, at=at, actor=actor, action=action, to_status=statuses, reason=reason, changes=spelled,
        batch_id=batch_id,
    )  # fmt: skip
    moment = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
    return {
        "event_id": ids,
        "seq": [1] * count,
        "at": np.full(count, moment),
        "actor": [actor] * count,
        "action": [action.value] * count,
        "from_status": [""] * count,
        "to_status": statuses,
        "reason": [reason] * count,
        "changes": spelled,
        "batch_id": [batch_id] * count,
        "prev_hash": [NO_HASH] * count,
        "hash": hashes,
    }


def _check(changes: Columns, *, action: Action, at: datetime) -> None:
    """The rules that ``event_log.append`` has for a first entry."""
    missing = [name for name in REQUIRED if name not in changes or not _all_given(changes[name])]
    if missing:
        raise BadEntry(f"事件的第一条记录缺少 {'、'.join(missing)}")
    if action not in BEGINS:
        raise BadEntry(f"记录类别 {action} 用在了开头，不能追加")
    if not changes.keys() <= FIELDS:
        raise BadEntry(f"记录不能设置字段 {'、'.join(sorted(changes.keys() - FIELDS))}")
    if len({len(values) for values in changes.values()}) > 1:
        raise BadEntry("各字段的行数不一致，不能入日志")
    for name, values in changes.items():
        if (name in MOMENTS) is not isinstance(values, np.ndarray):
            raise BadEntry(f"字段 {name} 的值不是这一字段的类型，不能入日志")
        if name not in NULLABLE and _has_none(values):
            raise BadEntry(f"字段 {name} 不能为空")
    if at.tzinfo is None:
        raise BadEntry(f"时间 {at} 没有时区，不能入日志")
    unknown = set(changes["status"]) - STATUSES
    if unknown:
        raise BadEntry(f"没有“{sorted(unknown)[0]}”这个状态")


def _all_given(values: Column) -> bool:
    return not np.isnat(values).any() if isinstance(values, np.ndarray) else all(values)


def _has_none(values: Column) -> bool:
    return bool(np.isnat(values).any()) if isinstance(values, np.ndarray) else None in values


def _newest(rows: Mapping[str, Any]) -> dict[str, datetime]:
    reported: Moments = rows["reported_at"]
    sources: list[str] = rows["source"]
    named = np.array(sources, dtype=object)
    return {
        source: reported[named == source].max().astype(datetime).replace(tzinfo=UTC)
        for source in set(sources)
    }
