"""Counts for charts: by day, week, class, source and hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from data.filter import Filter


@dataclass(frozen=True, kw_only=True)
class DayCount:
    """One local day: reported then, and closed (结案) then."""

    day: date
    reported: int
    closed: int


@dataclass(frozen=True, kw_only=True)
class KeyCount:
    """Events of the filter with one key (class code, source, department …)."""

    key: str
    label: str
    count: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class HourCount:
    """Events reported in one local hour of the day, 0 to 23."""

    hour: int
    count: int


@dataclass(frozen=True, kw_only=True)
class WeekCount:
    """One week of the roll-up; ``week`` is its Monday."""

    week: date
    reported: int
    closed: int
    due: int
    due_in_time: int


def by_day(*, session: Session, where: Filter, as_of: datetime, days: int = 30) -> list[DayCount]:
    """The filter's period, or the last ``days`` days where the basis is *open*. Colours are left aside."""
    raise NotImplementedError


def by_class(*, session: Session, where: Filter, as_of: datetime, limit: int | None = None) -> list[KeyCount]:
    """By class, most first."""
    raise NotImplementedError


def by_source(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By source, most first."""
    raise NotImplementedError


def by_department(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By department, most first; the key is '' where none is named."""
    raise NotImplementedError


def by_hour(*, session: Session, where: Filter, as_of: datetime, days: int = 30) -> list[HourCount]:
    """Reported in each hour of the day, over the period as in :func:`by_day`; always 24 rows."""
    raise NotImplementedError


def by_week(*, session: Session, areas: tuple[str, ...], as_of: datetime, weeks: int = 26) -> list[WeekCount]:
    """Weeks of the roll-up for areas down to communities, oldest first."""
    raise NotImplementedError
