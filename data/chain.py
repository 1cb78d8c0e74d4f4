"""The logs of what people changed, each a chain: a row's hash covers what it says and the row before.

Alerts, lists, settings, dispatch rules, the calendar. :func:`append` and :func:`append_rows` are the only
ways to write such a row, in the caller's write session: its lock is held, so that two processes fork nothing.
The head of a chain (``ChainHead``) knows how many rows there are and the last of them: a cut end shows.

A row is never changed afterwards but in columns that are not chained (which change took it back, until when a
version holds). Rows older than the chains were sealed when the database was upgraded, those that are left
when the demo goes out anew: the head says when and up to which row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, delete, select, update
from sqlmodel import Session

from data.bulk import insert_rows
from data.database import DatabaseProblem
from data.event_fold import NO_HASH, spelled
from data.models import (
    AlertLog,
    CalendarChange,
    CalendarDay,
    CalendarHours,
    ChainHead,
    DispatchRule,
    ListItemLog,
    SettingChange,
)
from data.models.base import ChainedRow

_HEAD: Final[Table] = ChainHead.__table__  # type: ignore[attr-defined]
_ACTING: Final = "acting"
_SEALED: Final = ("staff_id", "prev_hash", "hash")
_ROWS_AT_ONCE: Final = 5_000


class NotLocked(DatabaseProblem):
    """A chain was to grow outside a write session."""


@dataclass(frozen=True, slots=True)
class ChainedLog:
    """A table that is a chain in the order of ``id``. ``row`` names one of its rows, ``words`` them all."""

    table: Table
    words: str
    row: str
    columns: tuple[str, ...]


def _log(model: Any, words: str, row: str, columns: str) -> ChainedLog:
    return ChainedLog(model.__table__, words, row, tuple(columns.split()))


LOGS: Final[dict[str, ChainedLog]] = {
    one.table.name: one
    for one in (
        _log(
            AlertLog, "预警处理记录", "预警 {alert_id} 的处理记录（编号 {id}）",
            "alert_id at actor staff_id action from_state to_state reason",
        ),
        _log(
            ListItemLog, "清单改动记录", "清单改动记录（编号 {id}，条目 {subject_id} 的第 {seq} 次）",
            "subject subject_id seq at actor staff_id action from_stage to_stage reason before_json",
        ),
        _log(
            SettingChange, "设置改动记录", "设置改动 {id} ",
            "subject key at actor staff_id what reason rows",
        ),
        _log(
            DispatchRule, "派遣规则的版本", "派遣规则 {number} 的第 {version} 版",
            "number version class_prefix area_prefix department_code limit_hours clock_type respond_hours"
            " valid_from withdrawn note actor staff_id created_at",
        ),
        _log(
            CalendarChange, "日历改动记录", "日历改动 {id} ",
            "at actor staff_id what area_prefix first_day last_day",
        ),
        _log(
            CalendarDay, "日历日期的录入", "日历 {day} 的录入（编号 {id}）",
            "area_prefix day is_working name is_official note change_id",
        ),
        _log(
            CalendarHours, "工作时间的录入", "{valid_from} 起工作时间的录入（编号 {id}）",
            "area_prefix valid_from spans warn_share note change_id",
        ),
    )
}  # fmt: skip
"""By table. A change of these columns changes every hash: it needs a migration that seals anew."""


def sign_as(session: Session, *, name: str, staff_id: int | None) -> None:
    """What ``name`` writes in this session from now on carries their number beside the name."""
    session.info[_ACTING] = (name[:64], staff_id)


def append(session: Session, entry: ChainedRow) -> None:
    """Chains a new row and writes it. Raises ``NotLocked``."""
    log = LOGS[str(entry.__tablename__)]
    said = {name: getattr(entry, name) for name in log.columns}
    for name, value in _sealed(session, log, [said])[0].items():
        if name in _SEALED:
            setattr(entry, name, value)
    session.add(entry)
    session.flush()


def append_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """:func:`append` for many rows with the same columns, at once."""
    if rows:
        insert_rows(session.connection(), table, _sealed(session, LOGS[table.name], rows))


def _sealed(session: Session, log: ChainedLog, rows: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    if not session.info.get("writes"):
        raise NotLocked(f"{log.words}只能在写会话（write_session）里追加")
    head = _head(session, log)
    entries, prev_hash = head["entries"], head["hash"]
    name, number = session.info.get(_ACTING, ("", None))
    sealed = []
    for row in rows:
        mine = dict(row)
        if "staff_id" in log.columns and mine.get("staff_id") is None:
            mine["staff_id"] = number if mine["actor"] == name else None
        mine["prev_hash"] = prev_hash
        mine["hash"] = prev_hash = row_hash(mine, log.columns, prev_hash)
        sealed.append(mine)
    _move_head(session, log, entries=entries + len(sealed), hash=prev_hash)
    return sealed


def row_hash(row: Mapping[str, Any], columns: Iterable[str], prev_hash: bytes) -> bytes:
    """SHA-256 over the canonical JSON list of a row's columns, which chains it to the row before."""
    listed = [*(_plain(row[name]) for name in columns), prev_hash.hex()]
    return sha256(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return spelled(value)
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def drop_rows(session: Session, table: Table, *conditions: ColumnElement[bool]) -> None:
    """Deletes rows that were only practice, when the demo goes out; what stays is sealed anew.

    A chain that was not whole before stays as it is, so that its faults can still be seen.
    """
    log = LOGS[table.name]
    was_whole = next(_faults(session, log), None) is None
    if not session.connection().execute(delete(table).where(*conditions)).rowcount or not was_whole:
        return
    prev_hash, seals, last = NO_HASH, [], 0
    for row in _rows(session, log):
        chained = row_hash(row, log.columns, prev_hash)
        seals.append({"the_id": row["id"], "before": prev_hash, "own": chained})
        prev_hash, last = chained, row["id"]
    if seals:
        sealing = update(table).where(table.c.id == bindparam("the_id"))
        sealing = sealing.values(prev_hash=bindparam("before"), hash=bindparam("own"))
        session.connection().execute(sealing, seals)
    _move_head(
        session, log, entries=len(seals), hash=prev_hash, sealed_up_to=last, sealed_at=datetime.now(UTC)
    )


def verify_chains(session: Session) -> Iterator[str]:
    """Everything wrong with the chains, in Chinese: rows that were changed, taken out, or put in."""
    for log in LOGS.values():
        yield from _faults(session, log)


def _faults(session: Session, log: ChainedLog) -> Iterator[str]:
    head = _head(session, log)
    found, prev_hash = 0, NO_HASH
    for row in _rows(session, log):
        found += 1
        place = log.row.format_map(row)
        if row["hash"] is None:
            yield f"{place}没有校验值：不是由本系统写入的"
            continue
        if row["prev_hash"] != prev_hash:
            yield f"{place}不接在前一条之后：中间的记录被删改过"
        if row_hash(row, log.columns, row["prev_hash"] or NO_HASH) != row["hash"]:
            yield f"{place}的内容与校验值不符，被改过"
        prev_hash = row["hash"]
    if found != head["entries"]:
        done = "有记录被删过" if found < head["entries"] else "事后插入了记录"
        yield f"{log.words}应有 {head['entries']} 条，现有 {found} 条：{done}"
    elif prev_hash != head["hash"]:
        yield f"{log.words}的末条不是系统最后写入的那一条"


def _rows(session: Session, log: ChainedLog) -> Iterator[dict[str, Any]]:
    columns = [log.table.c[name] for name in ("id", *log.columns, "prev_hash", "hash")]
    wanted = select(*columns).order_by(log.table.c.id)
    found = session.connection().execute(wanted, execution_options={"yield_per": _ROWS_AT_ONCE})
    yield from map(dict, found.mappings())


def _head(session: Session, log: ChainedLog) -> Mapping[str, Any]:
    found = session.connection().execute(select(_HEAD).where(_HEAD.c.log == log.table.name)).mappings()
    return dict(found.one())


def _move_head(session: Session, log: ChainedLog, **values: Any) -> None:
    session.connection().execute(update(_HEAD).where(_HEAD.c.log == log.table.name).values(**values))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainsHead:
    """All chains together: how many rows, one fingerprint of their heads to write down, and for each log that
    was sealed afterwards up to which row and when.
    """

    entries: int
    fingerprint: str
    sealed: tuple[tuple[str, int, datetime], ...]


def chains_head(session: Session) -> ChainsHead:
    """What ``verify-log`` prints of the chains."""
    heads = [(log, _head(session, log)) for log in LOGS.values()]
    listed = "|".join(f"{log.table.name}:{head['entries']}:{head['hash'].hex()}" for log, head in heads)
    return ChainsHead(
        entries=sum(head["entries"] for _, head in heads),
        fingerprint=sha256(listed.encode()).hexdigest(),
        sealed=tuple(
            (log.words, head["sealed_up_to"], head["sealed_at"])
            for log, head in heads
            if head["sealed_up_to"]
        ),
    )
