"""Take the demo out: everything of its batch, so that the database is ready for data of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, update
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel, col, select

from data import roll_up
from data.chain import drop_rows
from data.database import write_session
from data.demo.duties import remove_duties
from data.demo.readings import remove_readings
from data.demo.sensors import remove_sensors
from data.demo_state import DemoMissing, demo_state
from data.models import (
    Alert,
    AlertLog,
    DataState,
    Department,
    Division,
    Event,
    EventClass,
    ImportBatch,
    LogAnchor,
    Notice,
    Receiver,
    SourceState,
    Staff,
    Station,
)
from data.progress import Progress, no_progress
from data.settings import Settings
from data.vocabulary import BatchStatus

_PLAIN: Final[tuple[Any, ...]] = (Station, Staff, EventClass, Department, Division)


def remove_demo(engine: Engine, settings: Settings, *, progress: Progress = no_progress) -> None:
    """Deletes every row of the demo and its tiles; the batch stays, marked as undone, as a record.

    The log of a real event is never deleted; the demo's events never happened. What was reported by hand
    while the demo was there, of no batch, was practice and goes as well, with photos, receipts, contacts.

    Raises:
        DemoMissing: there is no demo to remove.
    """
    steps = len(_PLAIN) + 2
    with write_session(engine) as session:
        state = demo_state(session)
        if not state.present:
            raise DemoMissing("数据库里没有演示数据，不需要移除。")
        progress("移除演示数据", 0, steps)
        remove_duties(session, batch_id=state.batch_id)
        remove_readings(session, batch_id=state.batch_id)
        remove_sensors(session, batch_id=state.batch_id)
        of_demo = or_(col(Event.batch_id) == state.batch_id, col(Event.batch_id).is_(None))
        its_events = select(Event.id).where(of_demo)
        # Alerts, what was told of them, and the anchors of the log only ever spoke of the demo.
        drop_rows(session, AlertLog.__table__)  # type: ignore[attr-defined]
        for model in (Notice, Alert, LogAnchor):
            session.connection().execute(delete(model))
        session.connection().execute(update(Receiver).values(after_alert_id=0))  # numbers begin anew
        for table, column in _around_events():
            session.connection().execute(delete(table).where(column.in_(its_events)))
        _delete(session, Event, of_demo)
        for done, model in enumerate(_PLAIN, start=1):
            progress("移除演示数据", done, steps)
            _delete(session, model, col(model.batch_id) == state.batch_id)
        roll_up.recompute(session)
        _recount_sources(session)
        batch = session.get_one(ImportBatch, state.batch_id)
        batch.status = BatchStatus.UNDONE
        batch.undone_at = _now()
        tiles = _forget_tiles(session)
    if tiles:
        (settings.tiles_dir / tiles).unlink(missing_ok=True)
    progress("移除演示数据", steps, steps)


def _around_events() -> list[tuple[Table, ColumnElement[Any]]]:
    """Every table that speaks of events, and by which column; who depends on others comes first."""
    event_id = Event.__table__.c.id  # type: ignore[attr-defined]
    return [
        (table, key.parent)
        for table in reversed(SQLModel.metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column is event_id
    ]


def _delete(session: Session, model: Any, condition: ColumnElement[bool]) -> None:
    table: Table = model.__table__
    session.connection().execute(delete(table).where(condition))


def _recount_sources(session: Session) -> None:
    """Freshness of the sources from the events that are left."""
    table: Table = SourceState.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    connection.execute(delete(table))
    left = select(
        Event.source, func.max(col(Event.reported_at)).label("last_reported_at"), func.count().label("events")
    ).group_by(col(Event.source))
    found = [dict(row) for row in connection.execute(left).mappings()]
    if found:
        connection.execute(insert(table), found)


def _forget_tiles(session: Session) -> str:
    """The name of the tiles that are no longer in force, '' if there were none or other divisions remain."""
    if session.exec(select(Division.code).limit(1)).first() is not None:
        return ""
    data = session.get_one(DataState, 1)
    name, data.tiles = data.tiles, ""
    data.tiles_revision += 1
    return name


def _now() -> datetime:
    return datetime.now(UTC)
