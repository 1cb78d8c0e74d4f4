"""Counts for charts: by day, week, class, source, department and hour."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, extract, func, or_, select
from sqlalchemy.orm import Session

from data.codes import prefix_range
from data.filter import Filter
from data.labels import NO_DEPARTMENT
from data.queries.conditions import color_of, where_clauses
from data.queries.days import local_day, monday, zone_of
from data.queries.names import class_names, department_names, source_name
from data.queries.tables import AREA_WEEK, EVENT
from data.vocabulary import Basis, SlaColor

MAX_DAYS: Final = 366
"""Days that one chart can show (ours); an address may ask for a thousand years."""


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
    """The filter's period, or the last ``days`` days where the basis is *open*. Colours are left aside.

    Of a period longer than ``MAX_DAYS`` only the last days are given.
    Both counts are on their own basis: what was reported on a day, and what was closed on it.
    """
    start, end = _period(session, where, as_of, days)
    if (end - start).days >= MAX_DAYS:
        start = end - timedelta(days=MAX_DAYS - 1)
    reported = _per_day(session, where, as_of, Basis.REPORTED, EVENT.c.reported_day, start, end)
    closed = _per_day(session, where, as_of, Basis.CLOSED, EVENT.c.ended_day, start, end)
    return [
        DayCount(day=day, reported=reported.get(day, 0), closed=closed.get(day, 0))
        for day in (start + timedelta(days=k) for k in range((end - start).days + 1))
    ]


def by_class(*, session: Session, where: Filter, as_of: datetime, limit: int | None = None) -> list[KeyCount]:
    """By class, most first."""
    names = class_names(session)
    counts = _by_key(session, where, as_of, EVENT.c.class_code, names)
    return counts if limit is None else counts[:limit]


def by_source(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By source, most first."""
    return _by_key(session, where, as_of, EVENT.c.source, {})


def by_department(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By department, most first; the key is '' where none is named."""
    names = department_names(session) | {"": NO_DEPARTMENT}
    return _by_key(session, where, as_of, EVENT.c.department_code, names)


def by_hour(*, session: Session, where: Filter, as_of: datetime, days: int = 30) -> list[HourCount]:
    """Reported in each hour of the day, over the period as in :func:`by_day`; always 24 rows."""
    start, end = _period(session, where, as_of, days)
    inner = where.changed(basis=Basis.REPORTED, start=start, end=end, colors=())
    # Grouped by the hour of UTC on each day, and moved to local time here: zones shift by season, and some by
    # half an hour, hence the quarter.
    hour = extract("hour", EVENT.c.reported_at)
    quarter = extract("minute", EVENT.c.reported_at) // 15
    columns = select(EVENT.c.reported_day, hour.label("hour"), quarter.label("quarter"), func.count())
    grouped = columns.where(*where_clauses(session, inner, as_of))
    zone, counts = zone_of(session), Counter[int]()
    for day, utc_hour, part, events in session.execute(
        grouped.group_by(EVENT.c.reported_day, "hour", "quarter")
    ):
        offset = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() or timedelta()
        local_minutes = utc_hour * 60 + part * 15 + offset.total_seconds() / 60
        counts[int(local_minutes // 60) % 24] += events
    return [HourCount(hour=hour_of_day, count=counts[hour_of_day]) for hour_of_day in range(24)]


def by_week(*, session: Session, areas: tuple[str, ...], as_of: datetime, weeks: int = 26) -> list[WeekCount]:
    """Weeks of the roll-up for areas down to communities, oldest first; weeks without events are zero."""
    last = monday(local_day(session, as_of))
    first = last - timedelta(weeks=weeks - 1)
    names = ("reported", "closed", "due", "due_in_time")
    columns = select(AREA_WEEK.c.week, *(func.sum(AREA_WEEK.c[name]).label(name) for name in names))
    conditions: list[ColumnElement[bool]] = [AREA_WEEK.c.week.between(first, last)]
    if areas:
        ranges = (prefix_range(area) for area in areas)
        conditions.append(
            or_(*((AREA_WEEK.c.code >= low) & (AREA_WEEK.c.code < high) for low, high in ranges))
        )
    rows = session.execute(columns.where(*conditions).group_by(AREA_WEEK.c.week))
    found = {row.week: {name: getattr(row, name) for name in names} for row in rows}
    return [
        WeekCount(week=week, **found.get(week, dict.fromkeys(names, 0)))
        for week in (first + timedelta(weeks=k) for k in range(weeks))
    ]


def _period(session: Session, where: Filter, as_of: datetime, days: int) -> tuple[date, date]:
    if where.start is not None and where.end is not None:
        return where.start, where.end
    today = local_day(session, as_of)
    return today - timedelta(days=days - 1), today


def _per_day(
    session: Session,
    where: Filter,
    as_of: datetime,
    basis: Basis,
    day: ColumnElement[date],
    start: date,
    end: date,
) -> dict[date, int]:
    inner = where.changed(basis=basis, start=start, end=end, colors=())
    columns = select(day, func.count()).where(*where_clauses(session, inner, as_of)).group_by(day)
    return {row[0]: row[1] for row in session.execute(columns)}


def _by_key(
    session: Session, where: Filter, as_of: datetime, key: ColumnElement[Any], names: dict[str, str]
) -> list[KeyCount]:
    columns = select(key.label("key"), color_of(as_of).label("color"), func.count().label("events"))
    total, overdue = Counter[str](), Counter[str]()
    grouped = columns.where(*where_clauses(session, where, as_of)).group_by(key, "color")
    for row in session.execute(grouped):
        total[row.key] += row.events
        overdue[row.key] += row.events if row.color == SlaColor.OVERDUE else 0
    return [
        KeyCount(key=name, label=names.get(name) or source_name(name), count=count, overdue=overdue[name])
        for name, count in sorted(total.items(), key=lambda item: (-item[1], item[0]))
    ]
