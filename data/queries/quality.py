"""What came in, what did not, and how fresh it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.labels import BATCH_KIND, BATCH_STATUS, label
from data.queries.conditions import where_clauses
from data.queries.events import rows_of
from data.queries.names import source_name
from data.queries.rows import EventRow
from data.queries.tables import BATCH, EVENT, REJECT, SOURCE_STATE, Condition
from data.vocabulary import Status

_BATCH_FIELDS: Final = (
    "id", "kind", "status", "source", "file_name", "profile", "is_demo", "actor", "created_at",
    "published_at", "undone_at", "rows_total", "rows_new", "rows_changed", "rows_same", "rows_rejected",
    "rows_unplaced", "rows_unlocated", "rows_marked", "note",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    id: int
    kind: str
    kind_label: str
    status: str
    status_label: str
    source: str
    file_name: str
    profile: str
    is_demo: bool
    actor: str
    created_at: datetime
    published_at: datetime | None
    undone_at: datetime | None
    rows_total: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_rejected: int
    rows_unplaced: int
    rows_unlocated: int
    rows_marked: int
    note: str


@dataclass(frozen=True, kw_only=True)
class RejectRow:
    line: int
    field: str
    value: str
    reason: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class RejectPage:
    rows: list[RejectRow]
    total: int


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Events that wait for a correction: ``total`` of them, the first ``rows`` shown, newest first."""

    rows: list[EventRow]
    total: int


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """``age_hours`` since the newest report of the source; None where it has none."""

    source: str
    label: str
    last_reported_at: datetime | None
    last_batch_at: datetime | None
    events: int
    age_hours: float | None


def batches(*, session: Session, limit: int = 50) -> list[BatchRow]:
    """The latest batches, newest first."""
    columns = select(*(BATCH.c[name] for name in _BATCH_FIELDS)).order_by(BATCH.c.id.desc()).limit(limit)
    return [
        BatchRow(
            **row._mapping,
            kind_label=label(BATCH_KIND, row.kind),
            status_label=label(BATCH_STATUS, row.status),
        )
        for row in session.execute(columns)
    ]


def rejects(*, session: Session, batch_id: int, limit: int = 200, offset: int = 0) -> RejectPage:
    """Refused rows of a batch in the order of their lines."""
    of_batch = REJECT.c.batch_id == batch_id
    total = session.execute(select(func.count()).select_from(REJECT).where(of_batch)).scalar_one()
    names = ("line", "field", "value", "reason", "advice")
    columns = select(*(REJECT.c[name] for name in names)).where(of_batch).order_by(REJECT.c.line, REJECT.c.id)
    rows = session.execute(columns.limit(limit).offset(offset))
    return RejectPage(rows=[RejectRow(**row._mapping) for row in rows], total=total)


def unplaced(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events in no division (未落格): the open ones, or those of a batch, ended ones included."""
    return _queue(session, as_of, batch_id, limit, EVENT.c.code == "")


def unlocated(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events without position (无坐标): the open ones, or those of a batch."""
    return _queue(session, as_of, batch_id, limit, EVENT.c.cell.is_(None))


def marked(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events with data marks: the open ones, or those of a batch."""
    return _queue(session, as_of, batch_id, limit, EVENT.c.flags != "")


def freshness(*, session: Session, as_of: datetime) -> list[Freshness]:
    """Each source with its newest report, stalest first."""
    found = [
        Freshness(
            source=row.source,
            label=source_name(row.source),
            last_reported_at=row.last_reported_at,
            last_batch_at=row.last_batch_at,
            events=row.events,
            age_hours=None
            if row.last_reported_at is None
            else (as_of - row.last_reported_at).total_seconds() / 3600.0,
        )
        for row in session.execute(select(SOURCE_STATE))
    ]
    return sorted(found, key=lambda each: (each.age_hours is not None, -(each.age_hours or 0.0), each.source))


def _queue(session: Session, as_of: datetime, batch_id: int | None, limit: int, fault: Condition) -> Queue:
    if batch_id is None:
        conditions = [*where_clauses(session, Filter(), as_of), fault]
    else:
        not_voided = EVENT.c.status != Status.VOIDED.value
        conditions = [EVENT.c.batch_id == batch_id, not_voided, fault]
    total = session.execute(select(func.count()).select_from(EVENT).where(*conditions)).scalar_one()
    newest = [EVENT.c.reported_at.desc(), EVENT.c.id.desc()]
    keys = session.execute(select(EVENT.c.id).where(*conditions).order_by(*newest).limit(limit)).scalars()
    return Queue(rows=rows_of(session, list(keys), as_of), total=total)
