"""Brings one file in: everything is prepared outside the write lock, then published in one short transaction.

The batch's row comes first, 准备中: a crash leaves it there with nothing published, an error turns it to
未发布 with the reason.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, Table, update
from sqlmodel import Session

from data.bulk import insert_rows
from data.database import DatabaseProblem, read_session, write_session
from data.demo_state import demo_state
from data.event_links import link_batch
from data.imports.boundaries import settle
from data.imports.compare_events import EventChanges
from data.imports.compare_rules import RuleChanges
from data.imports.errors import DemoPresent, ImportProblem
from data.imports.kinds import Changes, check_kind, compare, count, prepare, warnings_of
from data.imports.known import load_known
from data.imports.prepared import Prepared
from data.imports.profile import Profile
from data.imports.readers import read_source
from data.imports.rejects import reject_rows
from data.imports.result import ImportResult
from data.models import ImportBatch, ImportReject
from data.progress import Progress, no_progress
from data.settings import Settings
from data.vocabulary import BatchKind, BatchStatus

_BATCH: Final[Table] = ImportBatch.__table__  # type: ignore[attr-defined]
_REJECT: Final[Table] = ImportReject.__table__  # type: ignore[attr-defined]
_STEPS: Final = 4
_NOTE_LENGTH: Final = 2000
_ABANDONED: Final = timedelta(hours=1)
"""A batch that has been prepared for longer was killed: no import takes so long."""


def run_import(
    engine: Engine,
    *,
    path: Path,
    kind: BatchKind,
    profile: Profile,
    settings: Settings,
    actor: str,
    progress: Progress | None = None,
) -> ImportResult:
    """Import one file as one batch, as a whole or not at all.

    Importing the same file again changes nothing: rows are known by (source, external number) or by code.

    Raises:
        ImportProblem: the file, its columns, its coordinates or the profile cannot be used.
        DemoPresent: the demo has to be removed first.
        DatabaseProblem: the database is locked, read-only or unusable.
    """
    tell = progress or no_progress
    check_kind(kind, profile)
    with read_session(engine) as session:
        refuse_demo(session)
    batch_id = _begin(engine, path=path, profile=profile, actor=actor)
    try:
        with _no_garbage_collection():
            tell("读取文件", 0, _STEPS)
            table = read_source(path, profile)
            tell("核对各行", 1, _STEPS)
            with read_session(engine) as session:
                known = load_known(session)
            prepared = prepare(table, profile, known)
            tell("写入数据库", 2, _STEPS)
            result = _publish(engine, prepared, batch_id=batch_id, actor=actor, settings=settings)
    except Exception as error:
        _fail(engine, batch_id, error)
        raise
    if kind == BatchKind.DIVISIONS and result.new + result.changed:
        tell("更新地图边界", 3, _STEPS)
        told = settle(
            engine, settings, actor=actor, batch_id=batch_id, done="接入", remedy="撤销本批次，重新接入"
        )
        result = replace(result, warnings=(*result.warnings, *told))
    if kind == BatchKind.EVENTS and result.new:
        tell("查找其他渠道的重复件", 3, _STEPS)
        result = replace(result, warnings=(*result.warnings, *_link(engine, batch_id)))
    tell("完成", _STEPS, _STEPS)
    return result


def _link(engine: Engine, batch_id: int) -> list[str]:
    """The batch is in force whether its repeats are found or not; the worker looks for them again."""
    try:
        link_batch(engine, batch_id=batch_id)
    except DatabaseProblem as problem:
        return [f"数据已接入，但没能查找其他渠道的重复件，后台任务稍后补上：{problem}"]
    return []


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of cells and rows are made and kept for a few seconds, and none of them refers back to itself:
    looking for cycles among them again and again took a sixth of the whole import.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def refuse_demo(session: Session) -> None:
    """Raises ``DemoPresent`` while the demo is in the tables."""
    if demo_state(session).present:
        raise DemoPresent


def _begin(engine: Engine, *, path: Path, profile: Profile, actor: str) -> int:
    now = datetime.now(UTC)
    with write_session(engine) as session:
        session.connection().execute(
            update(_BATCH)
            .where(_BATCH.c.status == BatchStatus.PREPARING.value, _BATCH.c.created_at < now - _ABANDONED)
            .values(status=BatchStatus.FAILED.value, note="接入中途程序退出，没有写入任何数据，请重新接入。")
        )
        batch = ImportBatch(
            kind=profile.kind.value,
            status=BatchStatus.PREPARING.value,
            source=profile.source[:32],
            file_name=path.name.encode(errors="replace").decode()[:256],
            file_sha256=_sha256(path),
            profile=profile.name[:64],
            actor=actor[:64],
            created_at=now,
        )
        session.add(batch)
        session.flush()
        if batch.id is None:
            raise AssertionError("a flushed batch has a number")
        return batch.id


def _publish(
    engine: Engine, prepared: Prepared, *, batch_id: int, actor: str, settings: Settings
) -> ImportResult:
    now = datetime.now(UTC)
    with write_session(engine) as session:
        refuse_demo(session)
        changes = compare(session, prepared)
        counts = count(prepared, changes)
        warnings = (*prepared.warnings, *warnings_of(changes))
        write_changes(session, changes, batch_id=batch_id, actor=actor, now=now, settings=settings)
        insert_rows(session.connection(), _REJECT, reject_rows(batch_id, prepared.fields.rejections.listed()))
        session.connection().execute(
            update(_BATCH)
            .where(_BATCH.c.id == batch_id)
            .values(
                status=BatchStatus.PUBLISHED.value,
                published_at=now,
                links_due=prepared.kind is BatchKind.EVENTS and counts.new > 0,
                rows_total=counts.total,
                rows_new=counts.new,
                rows_changed=counts.changed,
                rows_same=counts.same,
                rows_rejected=counts.rejected,
                rows_unplaced=counts.unplaced,
                rows_unlocated=counts.unlocated,
                rows_marked=counts.marked,
                note="\n".join(warnings)[:_NOTE_LENGTH],
            )
        )
    return ImportResult(batch_id=batch_id, warnings=warnings, **vars(counts))


def write_changes(
    session: Session, changes: Changes, *, batch_id: int, actor: str, now: datetime, settings: Settings
) -> None:
    """Everything that a batch changes, in the caller's write session."""
    if isinstance(changes, EventChanges):
        changes.write(session, at=now, actor=actor, batch_id=batch_id)
        return
    today = now.astimezone(settings.timezone).date()
    if isinstance(changes, RuleChanges):
        changes.apply(session, batch_id=batch_id, today=today, actor=actor)
    else:
        changes.apply(session, batch_id=batch_id, today=today)


def _fail(engine: Engine, batch_id: int, error: Exception) -> None:
    """Say on the batch that nothing was published. The error itself is what matters: a second one is passed
    over.
    """
    note = (
        str(error)
        if isinstance(error, ImportProblem | DatabaseProblem)
        else f"{type(error).__name__}: {error}"
    )
    try:
        with write_session(engine) as session:
            session.connection().execute(
                update(_BATCH)
                .where(_BATCH.c.id == batch_id)
                .values(status=BatchStatus.FAILED.value, note=note[:_NOTE_LENGTH])
            )
    except DatabaseProblem as second:
        error.add_note(f"批次 {batch_id} 没能标为未发布：{second}")


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
