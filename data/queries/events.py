"""Counting, listing and showing events under one Filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.rows import EventRow


class Order(StrEnum):
    """``urgent``: overdue longest first, then nearest deadline, no limit and ended last; the others newest first."""

    URGENT = "urgent"
    REPORTED = "reported"
    DUE = "due"


@dataclass(frozen=True, kw_only=True)
class EventCount:
    """Counts of one Filter at one moment. The seven colours add up to ``total``.

    ``unlocated`` (无坐标) and ``unplaced`` (未落格) cut across the colours.
    """

    total: int
    unlocated: int
    unplaced: int
    overdue: int
    soon: int
    in_time: int
    no_limit: int
    suspended: int
    done: int
    done_late: int


@dataclass(frozen=True, kw_only=True)
class EventPage:
    rows: list[EventRow]
    total: int


@dataclass(frozen=True, kw_only=True)
class LogRow:
    """One line of an event's timeline, oldest first. ``changes`` holds the fields that it set."""

    seq: int
    at: datetime
    actor: str
    action: str
    from_status: str
    to_status: str
    reason: str
    changes: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class EventCard:
    """``nearby``: other events at this place (same cell of about 40 m) in the 180 days before ``as_of``."""

    row: EventRow
    description: str
    status_since: datetime
    timeline: list[LogRow]
    nearby: list[EventRow]


def count_events(*, session: Session, where: Filter, as_of: datetime) -> EventCount:
    """How many events ``where`` holds, by colour, in one statement."""
    raise NotImplementedError


def list_events(
    *,
    session: Session,
    where: Filter,
    as_of: datetime,
    limit: int = 50,
    offset: int = 0,
    order: Order = Order.URGENT,
) -> EventPage:
    """One page of the list, with the total over all pages."""
    raise NotImplementedError


def iterate_events(
    *, session: Session, where: Filter, as_of: datetime, order: Order = Order.URGENT, chunk: int = 2000
) -> Iterator[list[EventRow]]:
    """All rows of the list in chunks, for exports."""
    raise NotImplementedError


def event_card(*, session: Session, event_id: int, as_of: datetime) -> EventCard | None:
    """The card of one event; None where there is no such event."""
    raise NotImplementedError
