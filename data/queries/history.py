"""What rows say about the last 14 days at this time of day, in four grouped statements.

A moment falls into a bin: ``-1`` after now, ``k`` between the points ``k + 1`` and ``k`` days ago (``k``
included), the last also before all of them, ``NEVER`` where it is empty. So "by point k" is ``bin >= k``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Integer, case, func, literal, literal_column, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.models.base import UtcDateTime
from data.queries.conditions import ended_clauses, where_clauses
from data.queries.days import days_before, local_day, monday
from data.queries.rates import judgeable
from data.queries.tables import EVENT, Condition, Expression
from data.vocabulary import Basis, Status

DAYS: Final = 14
NEVER: Final = -2
_BASE: Final = DAYS + 2


class Points:
    """The same local time of today and the 13 days before; point 0 is now."""

    def __init__(self, session: Session, as_of: datetime, count: int = DAYS) -> None:
        self.count = count
        self.at = [days_before(session, as_of, days) for days in range(count)]
        self.day = [local_day(session, at) for at in self.at]

    @property
    def first_day(self) -> date:
        return self.day[-1]

    def bin_of(self, column: Expression) -> Expression:
        """The bin of a moment, see above."""
        return self._bin(column, lambda at: column > at)

    def due_bin_of(self, column: Expression) -> Expression:
        """The same, but a moment at a point counts as after it: what falls due now is not yet overdue."""
        return self._bin(column, lambda at: column >= at)

    def _bin(self, column: Expression, is_after: Callable[[Expression], Expression]) -> Expression:
        """The points that a moment has passed, found by halving: four comparisons a row and not up to 14."""

        def passed(low: int, high: int) -> Expression:
            if low == high:
                return literal_column(str(low - 1), Integer)
            middle = (low + high) // 2
            at = literal(self.at[middle], UtcDateTime())
            return case((is_after(at), passed(low, middle)), else_=passed(middle + 1, high))

        return case((column.is_(None), NEVER), else_=passed(0, self.count))


@dataclass(frozen=True)
class Group:
    """Events alike: the bins of their moments and how many they are."""

    events: int
    suspended: bool = False
    reported: int = NEVER
    warned: int = NEVER
    due: int = NEVER
    ended: int = NEVER
    due_day: date | None = None
    in_time: bool = False


@dataclass(frozen=True)
class History:
    """Groups of what is open now, what ended since the first point, what was reported, what fell due."""

    points: Points
    open: list[Group]
    ended: list[Group]
    reported: list[tuple[date, int, int]]
    judged: list[Group]

    def open_now(self) -> int:
        return _sum(self.open)

    def suspended_now(self) -> int:
        return _sum(g for g in self.open if g.suspended)

    def overdue_now(self) -> int:
        return _sum(g for g in self.open if _is_overdue(g, 0))

    def soon_now(self) -> int:
        return _sum(g for g in self.open if _is_soon(g, 0))

    def open_at(self, k: int) -> int:
        """Reported by point ``k`` and not ended by then."""
        return _sum(self._alive(k))

    def overdue_at(self, k: int) -> int:
        return _sum(g for g in self._alive(k) if _is_overdue(g, k))

    def soon_at(self, k: int) -> int:
        return _sum(g for g in self._alive(k) if _is_soon(g, k))

    def reported_on(self, day: date) -> int:
        """Reported on a local day."""
        return sum(events for reported_day, _, events in self.reported if reported_day == day)

    def new_at(self, k: int) -> int:
        """Reported on the day of point ``k``, up to that time."""
        day = self.points.day[k]
        return sum(events for reported_day, at, events in self.reported if reported_day == day and at >= k)

    def rate_now(self) -> tuple[int, int]:
        """Numerator and denominator of this week up to today, as things stand."""
        groups = self._judged_in_week_of(0)
        ended = [g for g in groups if g.ended != NEVER]
        late = [g for g in groups if g.ended == NEVER and _is_overdue(g, 0)]
        return _sum(g for g in ended if g.in_time), _sum(ended) + _sum(late)

    def rate_at(self, k: int) -> tuple[int, int]:
        """The same for the week of point ``k`` up to its day, as things stood then."""
        groups = self._judged_in_week_of(k)
        ended = [g for g in groups if g.ended >= k]
        late = [g for g in groups if g.ended < k and _is_overdue(g, k)]
        return _sum(g for g in ended if g.in_time), _sum(ended) + _sum(late)

    def _judged_in_week_of(self, k: int) -> list[Group]:
        day = self.points.day[k]
        return [g for g in self.judged if g.due_day is not None and monday(day) <= g.due_day <= day]

    def _alive(self, k: int) -> list[Group]:
        still = [g for g in self.open if g.reported >= k]
        return still + [g for g in self.ended if g.reported >= k and g.ended < k]


def open_now(session: Session, where: Filter, points: Points) -> list[Group]:
    """Open events by bins."""
    inner = where.changed(basis=Basis.OPEN, start=None, end=None)
    conditions = where_clauses(session, inner, points.at[0])
    return _groups(session, conditions, points, ("reported", "warned", "due"))


def ended_since(session: Session, where: Filter, points: Points) -> list[Group]:
    """Events that ended, in whatever way but 作废, since the day of the first point."""
    inner = where.changed(basis=Basis.CLOSED, start=points.first_day, end=date.max)
    conditions = ended_clauses(session, inner, points.at[0])
    return _groups(session, conditions, points, ("reported", "warned", "due", "ended"))


def reported_since(session: Session, where: Filter, points: Points) -> list[tuple[date, int, int]]:
    """(local day, bin of the report, events) since the day of the first point."""
    inner = where.changed(basis=Basis.REPORTED, start=points.first_day, end=points.day[0])
    columns = select(EVENT.c.reported_day, points.bin_of(EVENT.c.reported_at).label("at"), func.count())
    conditions = where_clauses(session, inner, points.at[0])
    grouped = columns.where(*conditions).group_by(EVENT.c.reported_day, "at")
    return [(day, place, events) for day, place, events in session.execute(grouped)]


def judged_since(session: Session, where: Filter, points: Points) -> list[Group]:
    """Events due from the Monday of the first point's week to today."""
    inner = judgeable(where).changed(basis=Basis.DUE, start=monday(points.first_day), end=points.day[0])
    conditions = where_clauses(session, inner, points.at[0])
    return _groups(session, conditions, points, ("due", "ended"), by_due_day=True)


def _groups(
    session: Session,
    conditions: list[Condition],
    points: Points,
    names: tuple[str, ...],
    *,
    by_due_day: bool = False,
) -> list[Group]:
    bins: dict[str, Expression] = {
        "reported": points.bin_of(EVENT.c.reported_at),
        "warned": points.bin_of(EVENT.c.warn_at),
        "due": points.due_bin_of(EVENT.c.due_at),
        "ended": points.bin_of(EVENT.c.ended_at),
    }
    # One number for all the bins and marks: the database sorts by one short key instead of by five.
    key: Expression = case((EVENT.c.status == Status.SUSPENDED.value, 1), else_=0) + case(
        (EVENT.c.in_time.is_(True), 2), else_=0
    )
    for place, name in enumerate(names):
        key = key + (bins[name] - NEVER) * (4 * _BASE**place)
    keys = [key.label("marks"), *([EVENT.c.due_day] if by_due_day else [])]
    rows = session.execute(select(*keys, func.count()).where(*conditions).group_by("marks", *keys[1:]))
    return [_group(row[0], names, row[1] if by_due_day else None, row[-1]) for row in rows]


def _group(marks: int, names: tuple[str, ...], due_day: date | None, events: int) -> Group:
    rest, found = marks // 4, {}
    for name in names:
        rest, digit = divmod(rest, _BASE)
        found[name] = digit + NEVER
    return Group(events=events, suspended=marks % 2 == 1, in_time=marks % 4 >= 2, due_day=due_day, **found)


def _is_overdue(group: Group, k: int) -> bool:
    """The rule of ``clock.sla_color`` for an event open at point ``k``."""
    return _is_running(group) and group.due >= k


def _is_soon(group: Group, k: int) -> bool:
    return _is_running(group) and group.due != NEVER and group.due < k <= group.warned


def _is_running(group: Group) -> bool:
    """Neither suspended nor, being open still, handed back in time: then it has not been overdue since."""
    return not group.suspended and not (group.in_time and group.ended == NEVER)


def _sum(groups: Iterable[Group]) -> int:
    return sum(group.events for group in groups)
