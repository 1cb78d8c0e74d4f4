"""Deadlines on four clocks, and their colours: one rule, in Python and as SQL.

The clocks (``ClockType``, DOMAIN section 3) on a working calendar:

- 紧急工作时 runs always: plain hours.
- 工作时 runs in working hours only.
- 工作日 and 自然日 count whole days, in hours of 24 a day. The day of the report does not count (as in 民法典
  第二百零一条): a limit of n days ends with the last working hour of the n-th working day after it, or with
  the last second of the n-th day after it.

The time that is left is measured on the clock as well: working time for 工作时 and 工作日, plain time for
the others. So 临期 begins when a share of the limit is left on that clock, and a pause moves a deadline by
exactly what would have run meanwhile. Without a calendar, or without a clock type, every limit is in plain
hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, literal

from data.calendar.hours import WARN_SHARE
from data.calendar.work_calendar import SECOND, WorkCalendar, moment, ticks
from data.models import Event
from data.models.base import UtcDateTime, column
from data.vocabulary import ClockType, SlaColor, Status

HOUR: Final = 3_600 * SECOND
MAX_LIMIT_HOURS: Final = 366 * 24.0
"""No limit in the field is longer than a year; a longer one is a slip of the pen."""
_TYPES: Final = frozenset(ClockType)
_WORKING: Final = frozenset({ClockType.WORKING_HOURS, ClockType.WORKING_DAYS})
Moments = NDArray[np.datetime64]
"""``datetime64[us]`` in UTC, NaT where there is none."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a case falls due and from when it counts as 临期. Both None: 无时限."""

    due_at: datetime | None
    warn_at: datetime | None


def deadline(
    *,
    reported_at: datetime,
    limit_hours: float | None,
    clock_type: str = "",
    calendar: WorkCalendar | None = None,
) -> Deadline:
    """The deadline of a limit that begins at a moment. None: no limit.

    Raises:
        ValueError: a limit that is not positive or longer than a year, a moment without time zone, an unknown
            clock type, a moment outside the calendar.
    """
    start = ticks(reported_at)
    if limit_hours is None:
        return Deadline(None, None)
    clock = _Clock(clock_type, calendar)
    due = clock.due(start, _checked(limit_hours))
    return Deadline(moment(due), moment(clock.warn(start, due)))


def deadlines(
    reported: Moments, *, limit_hours: float, clock_type: str = "", calendar: WorkCalendar | None = None
) -> Moments:
    """``deadline().due_at`` of many cases under one limit; ``reported`` without NaT. Raises as that does."""
    due = _Clock(clock_type, calendar).due(reported.astype(np.int64), _checked(limit_hours))
    return np.asarray(due, dtype=np.int64).astype("datetime64[us]")


def warning(
    *, reported_at: datetime, due_at: datetime, clock_type: str = "", calendar: WorkCalendar | None = None
) -> datetime:
    """When a share (25 % unless the calendar says otherwise) of the time from report to deadline is left.

    The deadline itself if it lies before the report.
    """
    clock = _Clock(clock_type, calendar)
    return moment(clock.warn(ticks(reported_at), ticks(due_at)))


def warnings(
    reported: Moments, due: Moments, *, clock_type: str = "", calendar: WorkCalendar | None = None
) -> Moments:
    """:func:`warning` of many cases; NaT where there is no deadline."""
    found = np.full(len(due), np.datetime64("NaT", "us"))
    rows = np.flatnonzero(~np.isnat(due))
    start, end = reported[rows].astype(np.int64), due[rows].astype(np.int64)
    found[rows] = _Clock(clock_type, calendar).warn(start, end).astype("datetime64[us]")
    return found


def resumed(
    *,
    deadline: Deadline,
    paused_at: datetime,
    resumed_at: datetime,
    clock_type: str = "",
    calendar: WorkCalendar | None = None,
) -> Deadline:
    """The deadline after a pause: on its clock as much is left at ``resumed_at`` as was at ``paused_at``.

    It never moves back. Raises ``ValueError`` where the pause ends before it begins.
    """
    if ticks(resumed_at) < ticks(paused_at):
        raise ValueError(f"恢复时间 {resumed_at} 早于挂起时间 {paused_at}：请核对时间")
    clock = _Clock(clock_type, calendar)
    pause = clock.spent(ticks(resumed_at)) - clock.spent(ticks(paused_at))

    def later(at: datetime | None) -> datetime | None:
        if at is None:
            return None
        # In a time of rest the clock stands still: reaching back would find the last evening.
        return max(at, moment(clock.reach(clock.spent(ticks(at)) + pause)))

    return Deadline(later(deadline.due_at), later(deadline.warn_at))


def extended(
    *,
    deadline: Deadline,
    limit_hours: float,
    reported_at: datetime,
    clock_type: str = "",
    calendar: WorkCalendar | None = None,
) -> Deadline:
    """One original limit more (延期), on the same clock; pauses before it keep their effect.

    临期 then begins when the share of the longer limit is left. 无时限 stays so.
    """
    if deadline.due_at is None:
        return deadline
    clock = _Clock(clock_type, calendar)
    before = ticks(deadline.due_at)
    due = clock.later(before, _checked(limit_hours))
    warn_before = clock.warn(ticks(reported_at), before)
    if deadline.warn_at is not None:
        warn_before = ticks(deadline.warn_at)
    left = clock.spent(before) - clock.spent(warn_before)
    added = clock.share(ticks(reported_at), clock.spent(due) - clock.spent(before))
    return Deadline(moment(due), moment(clock.reach(clock.spent(due) - left - added)))


class _Clock:
    """One clock type as a measure of time, for one moment or an array of them (microseconds, UTC)."""

    def __init__(self, clock_type: str, calendar: WorkCalendar | None) -> None:
        if clock_type and clock_type not in _TYPES:
            raise ValueError(f"计时方式“{clock_type}”不存在：可用的是 {'、'.join(ClockType)}")
        self.type = ClockType(clock_type) if clock_type and calendar else ClockType.URGENT_HOURS
        self.calendar = calendar
        self.working = calendar if self.type in _WORKING else None

    def due(self, start: Any, limit_hours: float) -> Any:
        days = limit_hours / 24
        if self.type is ClockType.WORKING_DAYS and self.calendar:
            return self.calendar.end_of_working_day(start, days)
        if self.type is ClockType.CALENDAR_DAYS and self.calendar:
            return self.calendar.end_of_calendar_day(start, days) - SECOND
        return self.later(start, limit_hours)

    def later(self, at: Any, limit_hours: float) -> Any:
        """One limit after a moment that is itself a deadline, or for hours any moment."""
        days = limit_hours / 24
        if self.type is ClockType.WORKING_DAYS and self.calendar:
            return self.calendar.add_working_days(at, days)
        if self.type is ClockType.CALENDAR_DAYS and self.calendar:
            return self.calendar.add_calendar_days(at + SECOND, days) - SECOND
        return self.reach(self.spent(at) + round(limit_hours * HOUR))

    def warn(self, start: Any, due: Any) -> Any:
        """Microseconds of :func:`warning`."""
        end = self.spent(due)
        if isinstance(start, np.ndarray):
            whole = np.maximum(end - self.spent(start), 0)
            return np.where(due <= start, due, self.reach(end - self.share(start, whole)))
        return due if due <= start else self.reach(end - self.share(start, max(end - self.spent(start), 0)))

    def share(self, start: Any, whole: Any) -> Any:
        """The part of a limit that counts as 临期, in whole microseconds."""
        share = self.calendar.warn_share(start) if self.calendar else WARN_SHARE
        return (
            np.rint(whole * share).astype(np.int64) if isinstance(whole, np.ndarray) else round(whole * share)
        )

    def spent(self, at: Any) -> Any:
        return self.working.worked(at) if self.working else at

    def reach(self, spent: Any) -> Any:
        return self.working.reach(spent) if self.working else spent


def _checked(limit_hours: float) -> float:
    if not 0 < limit_hours <= MAX_LIMIT_HOURS:
        raise ValueError(
            f"处置时限 {limit_hours} 小时无效：应大于 0，不超过 {MAX_LIMIT_HOURS:g}，没有时限请留空"
        )
    return limit_hours


def sla_color(
    *,
    status: str,
    due_at: datetime | None,
    warn_at: datetime | None,
    ended_at: datetime | None,
    in_time: bool | None,
    as_of: datetime,
) -> SlaColor:
    """Where a case stands at ``as_of``. A case that falls due at this very moment is not yet overdue.

    Overdue is judged when the department hands back (DOMAIN section 3): while it is checked, an open case
    that has been judged keeps that colour, however long the checking takes.
    """
    if ended_at is not None:
        return SlaColor.DONE_LATE if in_time is False else SlaColor.DONE
    if in_time is not None:
        return SlaColor.IN_TIME if in_time else SlaColor.OVERDUE
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
    return _color_case(as_of, {color: color.value for color in SlaColor})


def sla_color_number_sql(as_of: datetime, *, all_open: bool = False) -> ColumnElement[int]:
    """The colour as its place in ``SlaColor``: databases group by a number faster than by a text.

    ``all_open``: no row that is asked about has ended, so that none need be looked at for it.
    """
    numbers = {color: place for place, color in enumerate(SlaColor)}
    return _color_case(as_of, numbers, all_open=all_open)


def _color_case(
    as_of: datetime, say: Mapping[SlaColor, Any], *, all_open: bool = False
) -> ColumnElement[Any]:
    """What is told apart first is asked once: a row that is open and undecided passes two questions."""
    moment = literal(as_of, UtcDateTime())
    in_time, due_at = column(Event.in_time), column(Event.due_at)
    ended = case((in_time.is_(False), say[SlaColor.DONE_LATE]), else_=say[SlaColor.DONE])
    judged = case((in_time.is_(True), say[SlaColor.IN_TIME]), else_=say[SlaColor.OVERDUE])
    return case(
        *(() if all_open else ((column(Event.ended_at).is_not(None), ended),)),
        (in_time.is_not(None), judged),
        (column(Event.status) == Status.SUSPENDED.value, say[SlaColor.SUSPENDED]),
        (due_at.is_(None), say[SlaColor.NO_LIMIT]),
        (due_at < moment, say[SlaColor.OVERDUE]),
        (column(Event.warn_at) <= moment, say[SlaColor.SOON]),
        else_=say[SlaColor.IN_TIME],
    )
