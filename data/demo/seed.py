"""Fill an empty database with the demo district, and bring it forward to the present.

What a moment shows is decided by the seed and the day alone: seeding at a later moment, or seeding earlier
and catching up, gives the same events. Everything belongs to one batch; see ``removal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import Table
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, func, select

from data.bulk import insert_rows
from data.database import read_session, write_session
from data.demo import rows
from data.demo.boundaries import build_grids
from data.demo.duties import write_duties
from data.demo.people import SOURCE
from data.demo.readings import write_readings
from data.demo.sensors import write_sensors
from data.demo.simulate import PlannedCase, Simulation
from data.demo.world import World, build_world
from data.demo_state import DemoMissing, DemoRefused, demo_state, is_empty, new_batch, note_of
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
from data.vocabulary import Level, Move

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
    moment, zone = _whole_second(now), settings.timezone
    progress("划分演示网格", 0, 0)
    world = build_world(build_grids(seed=seed), seed=seed, timezone=zone)
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
        ever = datetime.min.replace(tzinfo=UTC)
        _write_cases(session, cases, _Span(ever, moment, first_day), batch_id, progress)
        write_readings(session, world, since=_begin(first_day, zone), until=moment, zone=zone)
        write_sensors(session, world, since=_begin(first_day, zone), until=moment, zone=zone)
        _whistles(session, world, settings, first_day=first_day, now=moment, batch_id=batch_id)
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
        moved = _write_cases(session, cases, span, _id_of(batch), progress)
        began = _begin(span.first_new_day, settings.timezone)
        for write in (write_readings, write_sensors):
            write(session, world, since=max(since, began), until=moment, zone=settings.timezone)
        _whistles(
            session, world, settings, first_day=span.first_new_day, now=moment, batch_id=_id_of(batch),
            since=since,
        )  # fmt: skip
        batch.note = note_of(seed=before.seed, first_day=before.first_day or today, caught_up_at=moment)
        _count_rows(session, batch)
    return moved


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


Key = tuple[str, str]
"""Source and external number."""
Known = dict[Key, tuple[int, int]]
"""Number of the stored event, and how far its log has come."""


def _write_cases(
    session: Session, cases: list[PlannedCase], span: _Span, batch_id: int, progress: Progress
) -> int:
    """Appends what happened in the span; returns to how many cases.

    Merges come last: an entry names the other case by its number, which a new case has only then.
    """
    stored = select(Event.source, Event.external_no, Event.id, Event.seq).where(
        col(Event.batch_id) == batch_id
    )
    staff = staff_numbers(session)
    known: Known = {(source, number): (id_, seq) for source, number, id_, seq in session.exec(stored) if id_}
    moved: dict[Key, list[Entry]] = {}
    merges: list[tuple[Key, Key, Entry]] = []
    for case in cases:
        key, entries = (case.source, case.external_no), _new_entries(session, case, span, known)
        if entries and case.repeats and entries[-1].action is Move.MERGE:
            merges.append((key, case.repeats, signed(entries.pop(), staff, batch_id=batch_id)))
        if entries:
            moved[key] = [signed(entry, staff, batch_id=batch_id) for entry in entries]
    _append(session, moved, known, progress)
    merged = {
        key: [replace(entry, changes={**entry.changes, "merged_into": known[other][0]})]
        for key, other, entry in merges
        if other in known
    }
    _append(session, merged, known, progress)
    return len(moved.keys() | merged.keys())


def staff_numbers(session: Session) -> dict[str, int]:
    """The demo's people by name, with their numbers in the staff table."""
    wanted = select(Staff.name, Staff.id).where(col(Staff.source) == SOURCE)
    return {name: number for name, number in session.exec(wanted) if number is not None}


def signed(entry: Entry, staff: Mapping[str, int], *, batch_id: int | None) -> Entry:
    """An entry of the batch with the number of who made it, as the loop notes it."""
    number = staff.get(entry.actor)
    if number is None:
        return replace(entry, batch_id=batch_id)
    who = (
        {"person_id": number, "handler_id": number} if entry.action is Move.ACCEPT else {"person_id": number}
    )
    return replace(entry, batch_id=batch_id, changes={**entry.changes, **who})


def _new_entries(session: Session, case: PlannedCase, span: _Span, known: Known) -> list[Entry]:
    """What the span brings to a case: nothing where somebody moved it, or where it began before the span."""
    seen = sum(entry.at <= span.since for entry in case.entries)
    entries = [entry for entry in case.entries[seen:] if entry.at <= span.until]
    found = known.get((case.source, case.external_no))
    if entries and found:
        is_mine = found[1] == seen or _goes_on_as_planned(session, found[0], seen)
    else:
        is_mine = not seen and case.day >= span.first_new_day
    return entries if is_mine else []


def _goes_on_as_planned(session: Session, event_id: int, seen: int) -> bool:
    """Whether nobody worked on the case: a deadline that followed the calendar is nobody's work."""
    entries = select(func.count()).select_from(EventLog)
    others = entries.where(col(EventLog.event_id) == event_id, col(EventLog.action) != Action.RECKON)
    return session.exec(others).one() == seen


def _append(session: Session, moved: dict[Key, list[Entry]], known: Known, progress: Progress) -> None:
    keys = list(moved)
    for start in range(0, len(keys), _AT_ONCE):
        progress("写入演示事件", start, len(keys))
        part = keys[start : start + _AT_ONCE]
        seen = [known.get(key, (None, 0)) for key in part]
        advances = [
            Advance(event_id=event_id, seen_seq=seq, entries=moved[key])
            for key, (event_id, seq) in zip(part, seen, strict=True)
        ]
        ids = append(session, advances)
        for key, event_id, (_, seq) in zip(part, ids, seen, strict=True):
            known[key] = event_id, seq + len(moved[key])
    progress("写入演示事件", len(keys), len(keys))


def _whistles(session: Session, world: World, settings: Settings, **more: Any) -> None:
    """Imported here, since whistles know the dispatch table, and that asks for the demo's batch."""
    from data.demo.whistles import write_whistles

    write_whistles(session, world, staff=staff_numbers(session), zone=settings.timezone, **more)


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


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def _local_day(moment: datetime, settings: Settings) -> date:
    return moment.astimezone(settings.timezone).date()
