"""Takes a published batch back. Events are voided or restored by new log entries; nothing is deleted from a
log.

What somebody changed after the batch stays as they left it, and is counted as kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, Table, and_, delete, insert, or_, select, update
from sqlmodel import Session

from data.calendar.read import Calendars, read_calendars
from data.database import write_session
from data.event_fold import FIELDS, fold
from data.event_log import Action, Advance, Entry, append, records_of
from data.imports.boundaries import settle
from data.imports.compare_plain import TABLES, unspelled
from data.imports.compare_rules import undo_rules
from data.imports.edited import edited_since
from data.imports.errors import UndoProblem
from data.labels import BATCH_STATUS, label
from data.lifecycle.standing import reckoned
from data.models import Event, EventLog, ImportBatch, ImportChange
from data.progress import Progress, no_progress
from data.settings import Settings
from data.vocabulary import BatchKind, BatchStatus, Status

_logger: Final = logging.getLogger(__name__)
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_BATCH: Final[Table] = ImportBatch.__table__  # type: ignore[attr-defined]
_CHANGE: Final[Table] = ImportChange.__table__  # type: ignore[attr-defined]
_STEPS: Final = 3
_BY_BATCH: Final = (Action.IMPORT.value, Action.UPDATE.value)
_BY_ITSELF: Final = frozenset({Action.RECODE, Action.RECKON})
"""What follows from boundaries and calendars: nobody worked on the case."""
_USES: Final[dict[str, Any]] = {"department": _EVENT.c.department_code, "event_class": _EVENT.c.class_code}


@dataclass(frozen=True, kw_only=True)
class UndoResult:
    """``removed``: events voided or plain rows deleted; ``restored``: as they were before; ``kept``: changed
    later.
    """

    batch_id: int
    removed: int
    restored: int
    kept: int
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What happened, in Chinese."""
        later = f"；{self.kept} 条在此之后又有变动或正被使用，保持不变" if self.kept else ""
        return f"已撤销批次 {self.batch_id}：作废或移除 {self.removed} 条，恢复 {self.restored} 条{later}。"


def undo_batch(
    engine: Engine, *, batch_id: int, actor: str, settings: Settings, progress: Progress = no_progress
) -> UndoResult:
    """Take back what a batch did, as one transaction; that the map's tiles then fail is a warning.

    Raises:
        UndoProblem: there is no such batch, it is not published, or it is the demo.
        DatabaseProblem: the database is locked, read-only or unusable.
    """
    progress("核对批次", 0, _STEPS)
    with write_session(engine) as session:
        batch = _check(session, batch_id)
        progress("恢复各行", 1, _STEPS)
        now = datetime.now(UTC)
        if batch["kind"] == BatchKind.EVENTS:
            result = _undo_events(session, batch_id=batch_id, actor=actor, now=now, settings=settings)
        elif batch["kind"] == BatchKind.DISPATCH_RULES:
            today = now.astimezone(settings.timezone).date()
            removed, restored, kept = undo_rules(session, batch_id=batch_id, today=today, actor=actor)
            result = UndoResult(batch_id=batch_id, removed=removed, restored=restored, kept=kept)
        else:
            result = _undo_plain(session, batch_id=batch_id)
        session.connection().execute(
            update(_BATCH)
            .where(_BATCH.c.id == batch_id)
            .values(status=BatchStatus.UNDONE.value, undone_at=now, note=result.text)
        )
    if batch["kind"] == BatchKind.DIVISIONS:
        progress("更新地图边界", 2, _STEPS)
        told = settle(engine, settings, actor=actor, batch_id=batch_id, done="撤销", remedy="重新接入边界")
        result = replace(result, warnings=told)
    progress("完成", _STEPS, _STEPS)
    return result


def _check(session: Session, batch_id: int) -> Mapping[str, Any]:
    batch = session.connection().execute(select(_BATCH).where(_BATCH.c.id == batch_id)).mappings().first()
    if batch is None:
        raise UndoProblem(f"没有编号为 {batch_id} 的批次：请刷新批次列表。")
    if batch["is_demo"]:
        raise UndoProblem("演示数据不能按批次撤销：请用“移除演示数据”。")
    if batch["status"] != BatchStatus.PUBLISHED:
        raise UndoProblem(
            f"批次 {batch_id} 的状态是{label(BATCH_STATUS, batch['status'])}，没有可撤销的内容："
            "只有已发布的批次可以撤销。"
        )
    return dict(batch)


def _undo_events(
    session: Session, *, batch_id: int, actor: str, now: datetime, settings: Settings
) -> UndoResult:
    entries = session.connection().execute(
        select(_LOG.c.event_id, _LOG.c.seq, _LOG.c.action).where(_LOG.c.batch_id == batch_id)
    )
    touched = {row.event_id: row for row in entries if row.action in _BY_BATCH}
    logs = records_of(session, list(touched))
    calendars = read_calendars(session)
    advances: list[Advance] = []
    removed = restored = kept = 0
    for event_id, entry in touched.items():
        log = logs[event_id]
        if any(record.seq > entry.seq and record.action not in _BY_ITSELF for record in log):
            kept += 1
            continue
        is_new = entry.action == Action.IMPORT
        changes = (
            {"status": Status.VOIDED.value} if is_new else _way_back(log, entry.seq, settings, calendars)
        )
        removed, restored = removed + is_new, restored + (not is_new)
        advances.append(
            Advance(
                event_id=event_id,
                seen_seq=log[-1].seq,
                entries=(
                    Entry(
                        action=Action.VOID if is_new else Action.RESTORE,
                        at=now,
                        actor=actor,
                        changes=changes,
                        reason=f"撤销接入批次 {batch_id}",
                        batch_id=batch_id,
                    ),
                ),
            )
        )
    append(session, advances)
    return UndoResult(batch_id=batch_id, removed=removed, restored=restored, kept=kept)


def _way_back(log: list[Any], seq: int, settings: Settings, calendars: Calendars) -> dict[str, Any]:
    """The fields as they were before entry ``seq``; the division stays where a later change of boundaries
    put it, and a calendar that was changed since moves the deadline.
    """
    story = [record for record in log if record.seq < seq]
    before = fold(story, timezone=settings.timezone)
    now = fold(log, timezone=settings.timezone)
    if any(record.seq > seq and record.action == Action.RECODE for record in log):
        before["code"] = now["code"]
    if before["ended_at"] is None:
        before |= _standing(before, story, settings, calendars)
    return {
        name: before[name] for name in sorted(FIELDS - {"source", "external_no"}) if before[name] != now[name]
    }


def _standing(
    before: dict[str, Any], story: list[Any], settings: Settings, calendars: Calendars
) -> dict[str, Any]:
    """What of an open case's deadlines is different on the calendar of today; nothing where no clock can
    tell.
    """
    try:
        calendar = calendars.of(before["code"])
        return reckoned(before, story, calendar=calendar, timezone=settings.timezone)
    except ValueError as error:
        _logger.warning("事件 %s 的时限未能重算：%s", story[0].event_id, error)
        return {}


def _undo_plain(session: Session, *, batch_id: int) -> UndoResult:
    connection = session.connection()
    changes = connection.execute(
        select(_CHANGE).where(_CHANGE.c.batch_id == batch_id).order_by(_CHANGE.c.id.desc())
    ).all()
    kept_rows = _changed_later(session, batch_id) | _named_since(session, batch_id, changes)
    kept_rows |= edited_since(session, batch_id, changes)
    removed = restored = kept = 0
    for change in changes:
        table = TABLES[change.table_name]
        key = unspelled(change.row_key, table)
        is_row = and_(*(table.c[name] == value for name, value in key.items()))
        if (change.table_name, change.row_key) in kept_rows:
            kept += 1
        elif not change.before_json:
            connection.execute(delete(table).where(is_row))
            removed += 1
        else:
            _put_back(session, table, is_row, unspelled(change.before_json, table))
            restored += 1
    return UndoResult(batch_id=batch_id, removed=removed, restored=restored, kept=kept)


def _put_back(session: Session, table: Table, is_row: Any, row: dict[str, Any]) -> None:
    done = session.connection().execute(update(table).where(is_row).values(**row))
    if done.rowcount == 0:
        session.connection().execute(insert(table).values(**row))


def _changed_later(session: Session, batch_id: int) -> set[tuple[str, str]]:
    """Rows that a later batch, still in force, changed as well."""
    query = (
        select(_CHANGE.c.table_name, _CHANGE.c.row_key)
        .join(_BATCH, _BATCH.c.id == _CHANGE.c.batch_id)
        .where(_CHANGE.c.batch_id > batch_id, _BATCH.c.status == BatchStatus.PUBLISHED.value)
    )
    return {(row.table_name, row.row_key) for row in session.connection().execute(query)}


def _named_since(session: Session, batch_id: int, changes: Iterable[Any]) -> set[tuple[str, str]]:
    """Departments and classes, among those that the batch added, that events name.

    An event takes only codes that are known, so that it names them since an entry later than the batch: its
    log is searched from there on, and no history before.
    """
    found: set[tuple[str, str]] = set()
    later = or_(_LOG.c.batch_id > batch_id, _LOG.c.batch_id.is_(None))
    for table_name, used in _USES.items():
        table = TABLES[table_name]
        added = {
            change.row_key: unspelled(change.row_key, table)["code"]
            for change in changes
            if change.table_name == table_name and not change.before_json
        }
        if added:
            named = select(used).join(_LOG, _LOG.c.event_id == _EVENT.c.id).where(later).distinct()
            codes = set(session.connection().execute(named).scalars())
            found |= {(table_name, row_key) for row_key, code in added.items() if code in codes}
    return found
