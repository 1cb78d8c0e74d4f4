"""Counts for charts: by day, class, source and department."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.labels import NO_DEPARTMENT
from data.queries.conditions import color_of, where_clauses
from data.queries.days import local_day
from data.queries.names import class_names, department_names, source_name
from data.queries.tables import EVENT
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


def by_class(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By class, most first."""
    return _by_key(session, where, as_of, EVENT.c.class_code, class_names(session))


def by_source(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By source, most first."""
    return _by_key(session, where, as_of, EVENT.c.source, {})


def by_department(*, session: Session, where: Filter, as_of: datetime) -> list[KeyCount]:
    """By department, most first; the key is '' where none is named."""
    names = department_names(session) | {"": NO_DEPARTMENT}
    return _by_key(session, where, as_of, EVENT.c.department_code, names)


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
