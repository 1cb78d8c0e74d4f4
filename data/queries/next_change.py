"""When the colours of open events next change by themselves: asked of three indexes, whatever the history."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import Session

from data.models.base import UtcDateTime
from data.queries.tables import EVENT
from data.vocabulary import Status


def next_change(session: Session, *, as_of: datetime) -> datetime | None:
    """The first moment after ``as_of`` at which the colour of some open event changes; None: never.

    What is due is overdue one microsecond later; a suspended case changes when 挂账 ends.
    """
    at = literal(as_of, UtcDateTime())
    running = (EVENT.c.status != Status.SUSPENDED.value) & EVENT.c.in_time.is_(None)
    warn = _first(session, EVENT.c.warn_at, EVENT.c.warn_at > at, running, EVENT.c.warn_at <= EVENT.c.due_at)
    due = _first(session, EVENT.c.due_at, EVENT.c.due_at >= at, running)
    paused = EVENT.c.status == Status.SUSPENDED.value
    end = _first(session, EVENT.c.suspended_until, EVENT.c.suspended_until > at, paused)
    changes = [warn, due and due + timedelta.resolution, end]
    return min((change for change in changes if change is not None), default=None)


def _first(
    session: Session, moment: ColumnElement[datetime], *conditions: ColumnElement[bool]
) -> datetime | None:
    """The earliest of a column's moments: the first entry of its index that fits."""
    query = select(moment).where(EVENT.c.ended_at.is_(None), *conditions)
    found: datetime | None = session.execute(query.order_by(moment).limit(1)).scalar()
    return found
