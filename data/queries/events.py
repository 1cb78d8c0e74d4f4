"""Counting, listing and showing events under one Filter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Integer, Select, case, cast, func, select
from sqlalchemy.orm import Session

from data.clock import sla_color_number_sql
from data.event_base import Happened
from data.filter import Filter
from data.queries.conditions import color_of, where_clauses
from data.queries.days import local_day
from data.queries.places import place_range
from data.queries.rows import EventRow, event_rows, row_columns
from data.queries.tables import EVENT, EVENT_LOG, Expression
from data.vocabulary import Basis, SlaColor, Status

NEARBY_DAYS: Final = 180
NEARBY_LIMIT: Final = 20


class Order(StrEnum):
    """``urgent``: overdue longest first, then the nearest deadline, then no limit, suspended and ended.

    ``reported``: newest first. ``due``: by deadline, nearest first, no limit last.
    """

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
class LogRow(Happened):
    """One line of an event's timeline, oldest first. ``changes`` holds the fields that it set."""

    changes: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class EventCard:
    """``nearby``: other events at this place (same cell of about 40 m) in the 180 days before ``as_of``."""

    row: EventRow
    status_since: datetime
    arrived_at: datetime | None
    timeline: list[LogRow]
    nearby: list[EventRow]


def count_events(*, session: Session, where: Filter, as_of: datetime) -> EventCount:
    """How many events ``where`` holds, by colour, in one statement."""
    columns = select(
        color_of(as_of).label("color"),
        func.count().label("events"),
        func.sum(_one_if(EVENT.c.cell.is_(None))).label("unlocated"),
        func.sum(_one_if(EVENT.c.code == "")).label("unplaced"),
    )
    rows = session.execute(columns.where(*where_clauses(session, where, as_of)).group_by("color")).all()
    by_color = {color.value: 0 for color in SlaColor} | {row.color: row.events for row in rows}
    return EventCount(
        total=sum(by_color.values()),
        unlocated=sum(row.unlocated for row in rows),
        unplaced=sum(row.unplaced for row in rows),
        **by_color,
    )


def count_located(*, session: Session, where: Filter, as_of: datetime) -> dict[SlaColor, tuple[int, int]]:
    """All events and those with a position, by colour: of all colours whatever ``where`` asks for."""
    color = sla_color_number_sql(as_of, all_open=where.basis is Basis.OPEN).label("color")
    columns = select(color, func.count(), func.count(EVENT.c.cell)).group_by("color")
    conditions = where_clauses(session, replace(where, colors=()), as_of)
    return {
        tuple(SlaColor)[number]: (events, located)
        for number, events, located in session.execute(columns.where(*conditions))
    }


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
    conditions = where_clauses(session, where, as_of)
    total = session.execute(select(func.count()).select_from(EVENT).where(*conditions)).scalar_one()
    # The page's keys are found in the covering index first; whole rows are read for them alone.
    page = select(EVENT.c.id).where(*conditions).order_by(*ordering(order)).limit(limit).offset(offset)
    keys = list(session.execute(page).scalars())
    return EventPage(rows=rows_of(session, keys, as_of), total=total)


def iterate_events(
    *, session: Session, where: Filter, as_of: datetime, order: Order = Order.URGENT, chunk: int = 2000
) -> Iterator[list[EventRow]]:
    """All rows of the list in chunks, in the order of the list, for exports."""
    conditions = where_clauses(session, where, as_of)
    keys = list(session.execute(select(EVENT.c.id).where(*conditions).order_by(*ordering(order))).scalars())
    for start in range(0, len(keys), chunk):
        yield rows_of(session, keys[start : start + chunk], as_of)


def event_card(*, session: Session, event_id: int, as_of: datetime) -> EventCard | None:
    """The card of one event; None where there is no such event."""
    rows = rows_of(session, [event_id], as_of)
    if not rows:
        return None
    more = select(EVENT.c.status_since, EVENT.c.arrived_at, EVENT.c.cell).where(EVENT.c.id == event_id)
    event = session.execute(more).one()
    return EventCard(
        row=rows[0],
        status_since=event.status_since,
        arrived_at=event.arrived_at,
        timeline=_timeline(session, event_id),
        nearby=_nearby(session, event_id, event.cell, as_of),
    )


def rows_of(session: Session, keys: list[int], as_of: datetime) -> list[EventRow]:
    """The events with these ids, in this order; ids that are not there are left out."""
    if not keys:
        return []
    found = session.execute(select(*row_columns(as_of)).where(EVENT.c.id.in_(keys))).all()
    by_id = {row.id: row for row in found}
    return event_rows(session, [by_id[key] for key in keys if key in by_id], as_of)


def ordering(order: Order) -> list[Expression]:
    """What to order a list by."""
    no_limit_last = EVENT.c.due_at.is_(None)
    if order is Order.REPORTED:
        return [EVENT.c.reported_at.desc(), EVENT.c.id.desc()]
    if order is Order.DUE:
        return [no_limit_last, EVENT.c.due_at, EVENT.c.id]
    rank = case(
        (EVENT.c.ended_at.is_not(None), 2),
        (EVENT.c.status == Status.SUSPENDED.value, 1),
        else_=0,
    )
    # Overdue longest first and then the nearest deadline: both are simply the earliest deadline first.
    return [rank, no_limit_last, EVENT.c.due_at, EVENT.c.reported_at.desc(), EVENT.c.id]


def _timeline(session: Session, event_id: int) -> list[LogRow]:
    names = ("seq", "at", "actor", "action", "from_status", "to_status", "reason")
    columns: Select[tuple[object, ...]] = select(*(EVENT_LOG.c[name] for name in (*names, "changes")))
    rows = session.execute(columns.where(EVENT_LOG.c.event_id == event_id).order_by(EVENT_LOG.c.seq))
    return [
        LogRow(**{name: getattr(row, name) for name in names}, changes=json.loads(row.changes))
        for row in rows
    ]


def _nearby(session: Session, event_id: int, cell: int | None, as_of: datetime) -> list[EventRow]:
    if cell is None:
        return []
    day = local_day(session, as_of)
    low, high = place_range(cell)
    keys = (
        select(EVENT.c.id)
        .where(
            EVENT.c.cell >= low,
            EVENT.c.cell < high,
            EVENT.c.reported_day.between(day - timedelta(days=NEARBY_DAYS), day),
            EVENT.c.status != Status.VOIDED.value,
            EVENT.c.id != event_id,
        )
        .order_by(EVENT.c.reported_at.desc(), EVENT.c.id.desc())
        .limit(NEARBY_LIMIT)
    )
    return rows_of(session, list(session.execute(keys).scalars()), as_of)


def _one_if(condition: Expression) -> Expression:
    return cast(condition, Integer)
