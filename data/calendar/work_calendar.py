"""Working time as a measure: how much of it lies before a moment, and which moment it reaches.

Everything is precomputed once: intervals of working time in UTC, in order, with the sum before each. So a
question costs one binary search, however long the time between. Moments are microseconds since 1970 (UTC),
one number or a whole array of them; real time is counted, also in a night in which summer time changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.calendar.errors import OutsideCalendar
from data.calendar.hours import Span, WorkHours
from data.vocabulary import ClockType

FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2109, 12, 31)
"""Imports take moments from 1970 to 2099; the longest limit reaches a few years further."""
SECOND: Final = 1_000_000
_WORKING: Final = frozenset({ClockType.WORKING_HOURS, ClockType.WORKING_DAYS})
Ints = NDArray[np.int64]
Moments = Any
"""Microseconds since 1970 in UTC: an ``int`` or an array ``int64``; what comes back is of the same kind."""


class DayOrigin(StrEnum):
    """Why a day is what it is."""

    WEEK = "week"
    PUBLISHED = "published"
    OFFICIAL = "official"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: working or not, and why. ``week``: Monday to Friday work, nothing else is known of it.

    ``published``: by the holiday package; ``official``: the same notice, entered by hand; ``local``: this
    district's own arrangement. ``entry_id`` is the entry in the table (None where nobody entered it), for
    the area ``area_prefix``.
    """

    is_working: bool
    name: str = ""
    origin: DayOrigin = DayOrigin.WEEK
    note: str = ""
    area_prefix: str = ""
    entry_id: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class WorkCalendar:
    """Working time of one area. ``days`` are the days that differ from the week's rule or are named.

    ``starts``/``ends`` are the working intervals, ``sums`` the working time up to each end; the first
    interval is empty and begins with the first day. ``day_sums[k]`` is the working time up to the end of the
    k-th working day, ``day_numbers[k - 1]`` its place since 1970-01-01. ``midnights`` begin the local days.
    """

    timezone: ZoneInfo
    days: Mapping[date, Day]
    hours: tuple[WorkHours, ...]
    published_years: frozenset[int]
    starts: Ints
    ends: Ints
    sums: Ints
    day_sums: Ints
    day_numbers: Ints
    midnights: Ints

    def day(self, day: date) -> Day:
        """What a local day is."""
        return self.days.get(day) or Day(is_working=day.weekday() < 5)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Working hours of a local day; empty on a day of rest."""
        return self.hours_on(day).spans if self.day(day).is_working else ()

    def hours_on(self, day: date) -> WorkHours:
        """The hours in force on a local day, whether it is a working day or not."""
        return [each for each in self.hours if each.valid_from <= day or each is self.hours[0]][-1]

    def is_published(self, year: int) -> bool:
        """Whether holidays and 调休 of a year are known; else only the week's rule holds."""
        return year in self.published_years

    def notice(self, *years: int) -> str:
        """What to tell a person who is shown these years; '' where all of them are known."""
        return notice_of_years(year for year in years if not self.is_published(year))

    def notice_of(self, due_at: datetime | None, clock_type: str) -> str:
        """:meth:`notice` for a deadline: '' without one, and on clocks that do not ask who works."""
        unknown = self.unknown_year(due_at, clock_type)
        return "" if unknown is None else notice_of_years([unknown])

    def unknown_year(self, due_at: datetime | None, clock_type: str) -> int | None:
        """The local year of a deadline on a working clock, where its holidays are not known; else None."""
        if due_at is None or clock_type not in _WORKING:
            return None
        year = due_at.astimezone(self.timezone).year
        return None if self.is_published(year) else year

    def warn_share(self, at: Moments) -> Any:
        """The share of a limit that counts as 临期, for cases reported at these moments."""
        if len(self.hours) == 1:
            return self.hours[0].warn_share
        begins = np.array([(each.valid_from - FIRST_DAY).days for each in self.hours[1:]])
        shares = np.array([each.warn_share for each in self.hours])
        return shares[np.searchsorted(begins, self.day_number(at), side="right")]

    def worked(self, at: Moments) -> Any:
        """Working time (microseconds) before moments. Raises ``OutsideCalendar``."""
        self._check(at)
        place = np.searchsorted(self.starts, at, side="right") - 1
        return self.sums[place] - np.maximum(self.ends[place] - at, 0)

    def reach(self, work: Moments) -> Any:
        """The earliest moments before which so much working time lies: the inverse of :meth:`worked`.

        Raises:
            OutsideCalendar: more, or less, than the calendar holds.
        """
        _check(work, 0, self.sums[-1])
        place = np.searchsorted(self.sums, work, side="left")
        return self.ends[place] - (self.sums[place] - work)

    def day_number(self, at: Moments) -> Any:
        """The local day of moments, counted from 1970-01-01. Raises ``OutsideCalendar``."""
        self._check(at)
        return np.searchsorted(self.midnights, at, side="right") - 1

    def end_of_working_day(self, at: Moments, days: float) -> Any:
        """End of the working day ``days`` working days after the local day of ``at``, which does not count.

        A fraction goes on into the working day after.
        """
        counted = np.searchsorted(self.day_numbers, self.day_number(at), side="right")
        return self.reach(_value(self.day_sums, counted + days))

    def add_working_days(self, at: Moments, days: float) -> Any:
        """The same place within the working day ``days`` later; an end stays an end."""
        return self.reach(_value(self.day_sums, _place(self.day_sums, self.worked(at)) + days))

    def working_days(self, at: Moments) -> Any:
        """Working days before moments; a day worked in part is a share. Raises as :meth:`worked`."""
        return _place(self.day_sums, self.worked(at))

    def end_of_calendar_day(self, at: Moments, days: float) -> Any:
        """The midnight that ends the local day ``days`` after that of ``at``, which does not count."""
        return _value(self.midnights, self.day_number(at) + 1 + days)

    def add_calendar_days(self, at: Moments, days: float) -> Any:
        """The same time of the local day ``days`` later; midnight stays midnight in any zone."""
        self._check(at)
        return _value(self.midnights, _place(self.midnights, at) + days)

    def _check(self, at: Moments) -> None:
        _check(at, self.midnights[0], self.midnights[-1] - 1)


def notice_of_years(years: Iterable[int]) -> str:
    """What to tell a person where holidays of these years are not known; '' for none."""
    named = "、".join(map(str, sorted(set(years))))
    said = (
        f"{named} 年的放假和调休安排尚未公布或录入，暂按周一至周五上班、周末休息推算，"
        "按工作时、工作日计算的时限可能有出入。安排公布后，请在“工作日历”页录入。"
    )
    return said if named else ""


def _check(numbers: Moments, lowest: int, highest: int) -> None:
    if isinstance(numbers, np.ndarray):
        if numbers.size and (numbers.min() < lowest or numbers.max() > highest):
            raise OutsideCalendar(_outside())
    elif not lowest <= numbers <= highest:
        raise OutsideCalendar(_outside())


def _place(values: Ints, of: Moments) -> Any:
    """Where numbers lie among ascending values: whole at a value, in between by their share of the gap."""
    below = np.searchsorted(values, of, side="right") - 1
    above = np.minimum(below + 1, len(values) - 1)
    gap = np.maximum(values[above] - values[below], 1)
    return below + (of - values[below]) / gap


def _value(values: Ints, place: Any) -> Any:
    """The inverse of :func:`_place`."""
    _check(place, 0, len(values) - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    gap = values[above] - values[below]
    return values[below] + np.rint((place - below) * gap).astype(np.int64)


def build_calendar(
    *,
    timezone: ZoneInfo,
    days: Mapping[date, Day],
    hours: Sequence[WorkHours],
    published_years: frozenset[int],
) -> WorkCalendar:
    """The calendar of some days and hours: at least one of them, and the earliest holds before it too."""
    ordered = tuple(sorted(hours, key=lambda each: each.valid_from))
    numbers = _working_day_numbers(days)
    begins, ends, owners = _spans(numbers, ordered)
    starts = _instants(begins, timezone, first=True)
    stops = _instants(ends, timezone, first=False)
    order = np.argsort(starts, kind="stable")
    starts, stops, owners = starts[order], stops[order], owners[order]
    # Where the clocks go back at midnight, one day's last hour would be the next day's first.
    stops[:-1] = np.minimum(stops[:-1], starts[1:])
    real = stops > starts
    starts, stops, owners = starts[real], stops[real], owners[real]
    midnights = _midnights(timezone)
    sums = np.cumsum(stops - starts)
    day_numbers, last = np.unique(owners[::-1], return_index=True)
    return WorkCalendar(
        timezone=timezone,
        days=dict(days),
        hours=ordered,
        published_years=published_years,
        starts=np.concatenate([midnights[:1], starts]),
        ends=np.concatenate([midnights[:1], stops]),
        sums=np.concatenate([[0], sums]),
        day_sums=np.concatenate([[0], sums[len(owners) - 1 - last]]),
        day_numbers=day_numbers,
        midnights=midnights,
    )


def _working_day_numbers(days: Mapping[date, Day]) -> Ints:
    count = (LAST_DAY - FIRST_DAY).days + 1
    working = (np.arange(count) + FIRST_DAY.weekday()) % 7 < 5
    for day, found in days.items():
        if FIRST_DAY <= day <= LAST_DAY:
            working[(day - FIRST_DAY).days] = found.is_working
    return np.flatnonzero(working).astype(np.int64)


def _spans(numbers: Ints, hours: Sequence[WorkHours]) -> tuple[Ints, Ints, Ints]:
    """Local begin and end (minutes since 1970) and day of every span of the working days."""
    changes = [(each.valid_from - FIRST_DAY).days for each in hours[1:]]
    version = np.searchsorted(changes, numbers, side="right")
    begins, ends, owners = [], [], []
    for number, each in enumerate(hours):
        of_version = numbers[version == number]
        for begin, end in each.spans:
            begins.append(of_version * 1440 + begin)
            ends.append(of_version * 1440 + end)
            owners.append(of_version)
    return np.concatenate(begins), np.concatenate(ends), np.concatenate(owners)


def _instants(minutes: Ints, timezone: ZoneInfo, *, first: bool) -> Ints:
    """Clock times as moments: of one that comes twice the first or the second, a skipped one moves on."""
    local = pd.DatetimeIndex(minutes.astype("datetime64[m]").astype("datetime64[us]"))
    aware = local.tz_localize(timezone, ambiguous=np.full(len(local), first), nonexistent="shift_forward")
    return np.asarray(aware.tz_convert("UTC").tz_localize(None), dtype="datetime64[us]").astype(np.int64)


@lru_cache(maxsize=8)
def _midnights(timezone: ZoneInfo) -> Ints:
    """The beginning of every day, and the end of the last."""
    count = (LAST_DAY - FIRST_DAY).days + 2
    return _instants(np.arange(count, dtype=np.int64) * 1440, timezone, first=True)


def _outside() -> str:
    return (
        f"时间不在工作日历的范围内（{FIRST_DAY.year}–{LAST_DAY.year} 年），不能计算时限："
        "请核对上报时间和处置时限"
    )


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def ticks(at: datetime) -> int:
    """A moment in microseconds since 1970. Raises ``ValueError`` for one without time zone."""
    if at.tzinfo is None:
        raise ValueError(f"时间 {at} 没有时区，不能计算时限")
    return (at - _EPOCH) // _TICK


def moment(number: int) -> datetime:
    """The inverse of :func:`ticks`, in UTC."""
    return _EPOCH + timedelta(microseconds=int(number))
