"""What came in, what did not, and how fresh it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.queries.rows import EventRow


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
    raise NotImplementedError


def rejects(*, session: Session, batch_id: int, limit: int = 200, offset: int = 0) -> RejectPage:
    """Refused rows of a batch in the order of their lines."""
    raise NotImplementedError


def unplaced(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events in no division (未落格): the open ones, or those of a batch, ended ones included."""
    raise NotImplementedError


def unlocated(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events without position (无坐标): the open ones, or those of a batch."""
    raise NotImplementedError


def marked(*, session: Session, as_of: datetime, batch_id: int | None = None, limit: int = 200) -> Queue:
    """Events with data marks: the open ones, or those of a batch."""
    raise NotImplementedError


def freshness(*, session: Session, as_of: datetime) -> list[Freshness]:
    """Each source with its newest report, stalest first."""
    raise NotImplementedError
