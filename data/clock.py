"""Deadlines and their colours: one rule, in Python and as SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, literal

from data.models import Event
from data.models.base import UtcDateTime, column
from data.vocabulary import SlaColor, Status

WARN_SHARE: Final = 0.25
"""A case is 临期 when less than this share of its limit is left (ours)."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a case falls due and from when it counts as 临期. Both None: 无时限."""

    due_at: datetime | None
    warn_at: datetime | None


def deadline(*, reported_at: datetime, limit_hours: float | None) -> Deadline:
    """The deadline of a limit in plain hours: the clock runs always. None: no limit.

    Raises:
        ValueError: a limit that is not positive, or a moment without time zone.
    """
    if reported_at.tzinfo is None:
        raise ValueError(f"上报时间 {reported_at} 没有时区，不能计算期限")
    if limit_hours is None:
        return Deadline(None, None)
    if not limit_hours > 0:
        raise ValueError(f"处置时限 {limit_hours} 小时无效：应大于 0，没有时限请留空")
    due_at = reported_at + timedelta(hours=limit_hours)
    return Deadline(due_at, warning(reported_at=reported_at, due_at=due_at))


def warning(*, reported_at: datetime, due_at: datetime) -> datetime:
    """When 25 % of the time from report to deadline is left; the deadline if it lies before the report."""
    return due_at - max(timedelta(0), due_at - reported_at) * WARN_SHARE


def sla_color(
    *,
    status: str,
    due_at: datetime | None,
    warn_at: datetime | None,
    ended_at: datetime | None,
    in_time: bool | None,
    as_of: datetime,
) -> SlaColor:
    """Where a case stands at ``as_of``. A case that falls due at this very moment is not yet overdue."""
    if ended_at is not None:
        return SlaColor.DONE_LATE if in_time is False else SlaColor.DONE
    if status == Status.SUSPENDED:
        return SlaColor.SUSPENDED
    if due_at is None:
        return SlaColor.NO_LIMIT
    if due_at < as_of:
        return SlaColor.OVERDUE
    if warn_at is not None and warn_at <= as_of:
        return SlaColor.SOON
    return SlaColor.IN_TIME


def sla_color_sql(as_of: datetime) -> ColumnElement[str]:
    """The same rule over the columns of ``Event``, as a CASE expression."""
    return case(*((rule, color.value) for rule, color in _color_rules(as_of)), else_=SlaColor.IN_TIME.value)


def sla_color_number_sql(as_of: datetime) -> ColumnElement[int]:
    """The colour as its place in ``SlaColor``: databases group by a number faster than by a text."""
    number = {color: place for place, color in enumerate(SlaColor)}
    rules = ((rule, number[color]) for rule, color in _color_rules(as_of))
    return case(*rules, else_=number[SlaColor.IN_TIME])


def _color_rules(as_of: datetime) -> list[tuple[Any, SlaColor]]:
    moment = literal(as_of, UtcDateTime())
    return [
        (column(Event.ended_at).is_not(None) & column(Event.in_time).is_(False), SlaColor.DONE_LATE),
        (column(Event.ended_at).is_not(None), SlaColor.DONE),
        (column(Event.status) == Status.SUSPENDED.value, SlaColor.SUSPENDED),
        (column(Event.due_at).is_(None), SlaColor.NO_LIMIT),
        (column(Event.due_at) < moment, SlaColor.OVERDUE),
        (column(Event.warn_at) <= moment, SlaColor.SOON),
    ]
