"""Times of single cases, and their median: what does not add up is read from the rows of the weeks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select
from sqlmodel import Session

from data.counted import monday_of
from data.indicators.counts import NamedCount, rows_of
from data.queries.conditions import where_clauses
from data.queries.tables import EVENT


def median_minutes(seconds: Iterable[int]) -> Fraction:
    """The median of some times, in minutes; of an even number the mean of the two in the middle."""
    ordered = sorted(seconds)
    middle = len(ordered) // 2
    low = ordered[middle] if len(ordered) % 2 else ordered[middle - 1]
    return Fraction(low + ordered[middle], 120)


def single_times(
    session: Session, count: NamedCount, under: str, length: int, weeks: Collection[date], as_of: datetime
) -> Iterator[tuple[str, date, int]]:
    """(area, Monday, seconds from report to arrival) of the rows that a click on the median leads to, through
    the index of arrivals: those of the weeks only.
    """
    area_of = func.substr(EVENT.c.code, 1, length)
    wanted = select(area_of, EVENT.c.reported_day, EVENT.c.reported_at, EVENT.c.arrived_at)
    for start, end in _runs(weeks):
        where = rows_of(count, code=under, start=start, end=end)
        if where is None:
            continue
        conditions = where_clauses(session, where, as_of)
        if length > len(under):
            conditions.append(func.length(EVENT.c.code) >= length)
        for area, day, reported_at, arrived_at in session.execute(wanted.where(*conditions)):
            yield area, monday_of(day), (arrived_at - reported_at) // timedelta(seconds=1)


def _runs(weeks: Collection[date]) -> Iterator[tuple[date, date]]:
    """Weeks that follow each other as one period: (first Monday, last Sunday)."""
    known = set(weeks)
    for start in sorted(week for week in known if week - timedelta(weeks=1) not in known):
        end = start
        while end + timedelta(weeks=1) in known:
            end += timedelta(weeks=1)
        yield start, end + timedelta(days=6)
