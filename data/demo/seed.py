"""Fill an empty database with the demo district, and bring it forward to the present.

What a moment shows is decided by the seed and the day alone: seeding at a later moment, or seeding earlier
and catching up, gives the same events. Everything belongs to one batch; see ``removal``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import shapely
from sqlalchemy import Table
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, func, select

from data.bulk import insert_rows
from data.database import read_session, write_session
from data.demo import rows
from data.demo.boundaries import build_grids
from data.demo.duties import write_duties
from data.demo.simulate import PlannedCase, Simulation
from data.demo.state import DemoMissing, DemoRefused, demo_state, is_empty, new_batch, note_of
from data.demo.world import World, build_world
from data.divisions import bake_division_tiles
from data.event_fold import Action, Entry
from data.event_log import Advance, append
from data.models import (
    DataState,
    Department,
    Division,
    Event,
    EventClass,
    EventLog,
    ImportBatch,
    Staff,
    Station,
)
from data.progress import Progress, no_progress
from data.settings import Settings
from data.vocabulary import Level

DEFAULT_SEED: Final = 20260501
HISTORY_DAYS: Final = 60
_AT_ONCE: Final = 2_500
"""Cases appended between two signs of progress."""


def seed_demo(
    engine: Engine,
    settings: Settings,
    *,
    seed: int = DEFAULT_SEED,
    now: datetime | None = None,
    progress: Progress = no_progress,
) -> int:
    """Writes the demo as it stands at ``now`` with 60 days of history; returns its batch id.

    Raises:
        DemoRefused: the database holds rows of anything. Nothing is written.
    """
    with read_session(engine) as session:
        _refuse_unless_empty(session)
    moment = _whole_second(now)
    progress("划分演示网格", 0, 0)
    world = build_world(build_grids(seed=seed), seed=seed, timezone=settings.timezone)
    first_day = _local_day(moment, settings) - timedelta(days=HISTORY_DAYS)
    cases = list(_planned(world.simulation, first_day, _local_day(moment, settings), progress))
    with write_session(engine) as session:
        _refuse_unless_empty(session)
        batch = new_batch(seed=seed, first_day=first_day, now=moment)
        session.add(batch)
        session.flush()
        batch_id = _id_of(batch)
        _write_unmoving(session, world, batch_id)
        write_duties(session, batch_id=batch_id, now=moment)
        advances = [advance for case in cases if (advance := _new_case(case, moment, batch_id)) is not None]
        _append(session, advances, progress)
        _count_rows(session, batch)
    progress("制作区划底图", 0, 0)
    bake_division_tiles(engine, settings)
    return batch_id


def catch_up_demo(
    engine: Engine, settings: Settings, *, now: datetime | None = None, progress: Progress = no_progress
) -> int:
    """Appends what happened between the last time and ``now``; returns how many events moved or are new.

    A case that somebody moved by hand is left alone from then on. A gap longer than the history is not
    filled: the days before the history of ``now`` bring nothing new.

    Raises:
        DemoMissing: there is no demo.
    """
    moment = _whole_second(now)
    with read_session(engine) as session:
        before = demo_state(session)
        tiles = session.get_one(DataState, 1).tiles
        if not before.present or before.seed is None or before.last_caught_up_at is None:
            raise DemoMissing("数据库里没有演示数据，不能续到当前时间。")
        grids = _stored_grids(session)
    if not tiles or not (settings.tiles_dir / tiles).is_file():
        bake_division_tiles(engine, settings)
    since = before.last_caught_up_at
    if moment <= since:
        return 0
    world = build_world(grids, seed=before.seed, timezone=settings.timezone)
    today = _local_day(moment, settings)
    oldest_open = _local_day(since, settings) - timedelta(days=HISTORY_DAYS)
    cases = list(_planned(world.simulation, oldest_open, today, progress))
    with write_session(engine) as session:
        if demo_state(session) != before:
            return 0  # another process did it meanwhile
        batch = session.get_one(ImportBatch, before.batch_id)
        span = _Span(since, moment, today - timedelta(days=HISTORY_DAYS))
        advances = list(_moved(session, cases, span, _id_of(batch)))
        _append(session, advances, progress)
        batch.note = note_of(seed=before.seed, first_day=before.first_day or today, caught_up_at=moment)
        _count_rows(session, batch)
    return len(advances)


@dataclass(frozen=True, slots=True)
class _Span:
    """What is appended: entries after ``since`` up to ``until``; new cases from ``first_new_day`` on."""

    since: datetime
    until: datetime
    first_new_day: date


def _refuse_unless_empty(session: Session) -> None:
    if demo_state(session).present:
        raise DemoRefused("数据库里已有演示数据。要重新生成，请先移除演示数据。")
    if not is_empty(session):
        raise DemoRefused(
            "数据库里已有接入的数据，演示数据不与真实数据混放。"
            "请用 ONEMAP_VAR_DIR 指定另一个空目录后再生成演示数据。"
        )


def _planned(simulation: Simulation, first: date, last: date, progress: Progress) -> Iterator[PlannedCase]:
    days = (last - first).days + 1
    for done in range(days):
        progress("生成演示事件", done, days)
        yield from simulation.plan(first + timedelta(days=done))


def _write_unmoving(session: Session, world: World, batch_id: int) -> None:
    tables: list[tuple[Any, list[dict[str, Any]]]] = [
        (Division, rows.division_rows(world, batch_id=batch_id)),
        (Department, rows.department_rows(batch_id=batch_id)),
        (EventClass, rows.class_rows(batch_id=batch_id)),
        (Staff, rows.staff_rows(world, batch_id=batch_id)),
        (Station, rows.station_rows(world, batch_id=batch_id)),
    ]
    for model, found in tables:
        table: Table = model.__table__
        insert_rows(session.connection(), table, found)


def _new_case(case: PlannedCase, moment: datetime, batch_id: int) -> Advance | None:
    entries = [_of_batch(entry, batch_id) for entry in case.entries if entry.at <= moment]
    return Advance(entries=entries) if entries else None


def _moved(session: Session, cases: list[PlannedCase], span: _Span, batch_id: int) -> Iterator[Advance]:
    stored = select(Event.source, Event.external_no, Event.id, Event.seq).where(
        col(Event.batch_id) == batch_id
    )
    known = {(source, number): (event_id, seq) for source, number, event_id, seq in session.exec(stored)}
    for case in cases:
        seen = sum(entry.at <= span.since for entry in case.entries)
        entries = [_of_batch(e, batch_id) for e in case.entries if span.since < e.at <= span.until]
        if not entries:
            continue
        event_id, seq = known.get((case.source, case.external_no), (None, 0))
        if event_id is not None and (seq == seen or _goes_on_as_planned(session, event_id, seen)):
            yield Advance(event_id=event_id, seen_seq=seq, entries=entries)
        elif event_id is None and not seen and case.day >= span.first_new_day:
            yield Advance(entries=entries)


def _goes_on_as_planned(session: Session, event_id: int, seen: int) -> bool:
    """Whether nobody worked on the case: a deadline that followed the calendar is nobody's work."""
    entries = select(func.count()).select_from(EventLog)
    others = entries.where(col(EventLog.event_id) == event_id, col(EventLog.action) != Action.RECKON)
    return session.exec(others).one() == seen


def _append(session: Session, advances: list[Advance], progress: Progress) -> None:
    for start in range(0, len(advances), _AT_ONCE):
        progress("写入演示事件", start, len(advances))
        append(session, advances[start : start + _AT_ONCE])
    progress("写入演示事件", len(advances), len(advances))


def _count_rows(session: Session, batch: ImportBatch) -> None:
    """The batch's figures, as an import counts them: 未落格 has a position, and no division around it."""
    places = select(
        func.count(),
        func.count().filter((col(Event.code) == "") & col(Event.cell).is_not(None)),
        func.count().filter(col(Event.cell).is_(None)),
        func.count().filter(col(Event.flags) != ""),
    ).where(col(Event.batch_id) == _id_of(batch))
    total, unplaced, unlocated, marked = session.exec(places).one()
    batch.rows_total = batch.rows_new = total
    batch.rows_unplaced, batch.rows_unlocated, batch.rows_marked = unplaced, unlocated, marked


def _of_batch(entry: Entry, batch_id: int) -> Entry:
    return replace(entry, batch_id=batch_id)


def _stored_grids(session: Session) -> list[tuple[str, shapely.Polygon]]:
    wanted = (
        select(Division.code, Division.geometry)
        .where(col(Division.level) == Level.GRID.value)
        .order_by(col(Division.code))
    )
    return [(code, shapely.from_wkb(wkb)) for code, wkb in session.exec(wanted)]


def _id_of(batch: ImportBatch) -> int:
    if batch.id is None:
        raise DemoMissing("演示数据批次没有编号，数据库没有正常写入。请重新启动后再试。")
    return batch.id


def _whole_second(now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


def _local_day(moment: datetime, settings: Settings) -> date:
    return moment.astimezone(settings.timezone).date()
