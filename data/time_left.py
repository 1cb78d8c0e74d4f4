"""How much time a case has left, on its own clock: one reckoning for lists, cards, alerts and exports.

Working time for 工作时 and 工作日, plain time for the others; a suspended case has what it had when its clock
stopped. ``durations.time_left_text`` says it in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from data.calendar import Calendars, OutsideCalendar, WorkCalendar
from data.calendar.work_calendar import ticks
from data.clock import HOUR, Moments
from data.vocabulary import ClockType, Status

_WORKING: Final = frozenset({ClockType.WORKING_HOURS, ClockType.WORKING_DAYS})
_DAY_HOURS: Final = 24.0
_ALMOST_A_DAY: Final = 1e-6
"""Days are reckoned as fractions: what is so near to a whole day is one."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """``hours`` on the clock, negative after the deadline; ``is_over`` says so also where none has run since.

    ``clock_type`` '' and the clocks that always run: plain hours. For 工作日 the hours are ``days`` whole
    working days, as they come, and ``rest_hours`` of working time.
    """

    hours: float
    is_over: bool
    clock_type: str = ""
    days: int = 0
    rest_hours: float = 0.0

    @property
    def hours_over(self) -> float:
        """Hours past the deadline as limits are written: 24 for each whole 工作日."""
        if self.clock_type == ClockType.WORKING_DAYS:
            return self.days * _DAY_HOURS + self.rest_hours if self.is_over else 0.0
        return max(0.0, -self.hours)


def time_left(
    *, due_at: datetime, as_of: datetime, clock_type: str = "", calendar: WorkCalendar | None = None
) -> TimeLeft:
    """What is left of one case's time. Plain time outside the calendar's years, and without a calendar."""
    if clock_type in _WORKING and calendar is not None:
        moments = (np.array([ticks(at)]).astype("datetime64[us]") for at in (as_of, due_at))
        found = _on_calendar(*moments, clock_type=clock_type, calendar=calendar)
        if found is not None:
            return found[0]
    plain = ticks(due_at) - ticks(as_of)  # real time, also where summer time ends in between
    return TimeLeft(plain / HOUR, plain < 0)


def times_left(
    rows: Sequence[Any], *, as_of: datetime, calendars: Callable[[], Calendars], judged: bool = False
) -> list[TimeLeft | None]:
    """What is left of many cases' time; None where no clock runs: no limit, ended, or judged on hand-back.
    With ``judged`` the clock of a case that was handed back counts on, as for a ladder that it still climbs.

    ``rows`` have ``due_at, ended_at, in_time, status, status_since, clock_type, code``. The calendars are
    read only where a case counts in working time, once for all.
    """
    found: list[TimeLeft | None] = [None] * len(rows)
    working: list[int] = []
    for number, row in enumerate(rows):
        if row.due_at is None or row.ended_at is not None or (row.in_time is not None and not judged):
            continue
        found[number] = time_left(due_at=row.due_at, as_of=_stands_at(row, as_of))
        if row.clock_type in _WORKING:
            working.append(number)
    if not working:
        return found
    by_code = calendars().grouped({rows[number].code for number in working})
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number in working:
        groups[id(by_code[rows[number].code]), rows[number].clock_type].append(number)
    for (_, clock_type), numbers in groups.items():
        calendar = by_code[rows[numbers[0]].code]
        at = _column([_stands_at(rows[number], as_of) for number in numbers])
        due = _column([rows[number].due_at for number in numbers])
        lefts = _on_calendar(at, due, clock_type=clock_type, calendar=calendar)
        for number, left in zip(numbers, lefts or (), strict=lefts is not None):
            found[number] = left
    return found


def _stands_at(row: Any, as_of: datetime) -> datetime:
    """When the clock was last seen to run: a suspended case's stands still."""
    at: datetime = row.status_since if row.status == Status.SUSPENDED else as_of
    return at


def _column(moments: Sequence[datetime]) -> Moments:
    return np.array([ticks(at) for at in moments], dtype=np.int64).astype("datetime64[us]")


def _on_calendar(
    at: Moments, due: Moments, *, clock_type: str, calendar: WorkCalendar
) -> list[TimeLeft] | None:
    """None where the calendar does not reach: then plain time is all there is."""
    now, end = at.astype(np.int64), due.astype(np.int64)
    try:
        hours = (calendar.worked(end) - calendar.worked(now)) / HOUR
        days, rests = np.zeros(len(now), dtype=np.int64), np.zeros(len(now))
        if clock_type == ClockType.WORKING_DAYS:
            days, rests = _whole_days(np.minimum(now, end), np.maximum(now, end), calendar)
    except OutsideCalendar:
        return None
    over = (end < now).tolist()
    columns = (hours.tolist(), over, days.tolist(), rests.tolist())
    return [TimeLeft(h, o, clock_type, d, r) for h, o, d, r in zip(*columns, strict=True)]


def _whole_days(begin: Any, end: Any, calendar: WorkCalendar) -> tuple[Any, Any]:
    """Whole working days between moments, and the hours of working time beside them."""
    between = calendar.working_days(end) - calendar.working_days(begin)
    days = np.floor(between + _ALMOST_A_DAY).astype(np.int64)
    after = calendar.add_working_days(begin, days)
    rests = (calendar.worked(end) - calendar.worked(after)) / HOUR
    return days, np.maximum(rests, 0.0)
