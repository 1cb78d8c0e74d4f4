"""What rows say about the last 14 days at this time of day, in four grouped statements.

A moment falls into a bin: ``-1`` after now, ``k`` between the points ``k + 1`` and ``k`` days ago (``k`` itself
included), ``count`` before all of them, ``NEVER`` where it is empty. So "by point k" is ``bin >= k``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.models.base import UtcDateTime
from data.queries.conditions import color_of, ended_clauses, where_clauses
from data.queries.days import days_before, local_day, monday
from data.queries.rates import JUDGED
from data.queries.tables import EVENT, Condition, Expression
from data.vocabulary import Basis, SlaColor, Status

DAYS: Final = 14
NEVER: Final = -2
_FUTURE: Final = -1


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
        moments = [literal(at, UtcDateTime()) for at in self.at]
        older = [(column > moments[days + 1], days) for days in range(self.count - 1)]
        return case(
            (column.is_(None), NEVER),
            (column > moments[0], _FUTURE),
            (column <= moments[-1], self.count),
            *older,
            else_=self.count,
        )

    def due_bin_of(self, column: Expression) -> Expression:
        """The same, but a moment at a point counts as after it: what falls due now is not yet overdue."""
        moments = [literal(at, UtcDateTime()) for at in self.at]
        older = [(column >= moments[days + 1], days) for days in range(self.count - 1)]
        return case(
            (column.is_(None), NEVER),
            (column >= moments[0], _FUTURE),
            (column < moments[-1], self.count),
            *older,
            else_=self.count,
        )


@dataclass(frozen=True)
class Group:
    """Events alike: the bins of their moments, their colour and how many they are."""

    events: int
    color: str = ""
    suspended: bool = False
    reported: int = NEVER
    warned: int = NEVER
    due: int = NEVER
    ended: int = NEVER
    due_day: date | None = None
    in_time: bool | None = None


@dataclass(frozen=True)
class History:
    """Groups of what is open now, what ended since the first point, what was reported, what fell due."""

    points: Points
    open: list[Group]
    ended: list[Group]
    reported: list[tuple[date, int, int]]
    judged: list[Group]

    def colors_now(self) -> dict[str, int]:
        """Open events by colour."""
        colors: dict[str, int] = {}
        for group in self.open:
            colors[group.color] = colors.get(group.color, 0) + group.events
        return colors

    def open_at(self, k: int) -> int:
        """Reported by point ``k`` and not ended by then."""
        return _sum(self._alive(k))

    def overdue_at(self, k: int) -> int:
        return _sum(g for g in self._alive(k) if not g.suspended and g.due >= k)

    def soon_at(self, k: int) -> int:
        alive = self._alive(k)
        return _sum(g for g in alive if not g.suspended and g.warned >= k and g.due != NEVER and g.due < k)

    def reported_on(self, day: date) -> int:
        """Reported on a local day."""
        return sum(events for reported_day, _, events in self.reported if reported_day == day)

    def new_at(self, k: int) -> int:
        """Reported on the day of point ``k``, up to that time."""
        day = self.points.day[k]
        return sum(events for reported_day, at, events in self.reported if reported_day == day and at >= k)

    def rate_now(self, week: date) -> tuple[int, int]:
        """Numerator and denominator of the week that begins on a Monday, as things stand."""
        judged = [g for g in self.judged if _in_week(g, week) and g.color in JUDGED]
        return _sum(g for g in judged if g.in_time and g.color == SlaColor.DONE), _sum(judged)

    def rate_at(self, k: int) -> tuple[int, int]:
        """The same for the week of point ``k``, as things stood then."""
        week = monday(self.points.day[k])
        groups = [g for g in self.judged if _in_week(g, week)]
        ended = [g for g in groups if g.ended >= k]
        late = [g for g in groups if g.ended < k and g.due >= k and not g.suspended]
        return _sum(g for g in ended if g.in_time), _sum(ended) + _sum(late)

    def _alive(self, k: int) -> list[Group]:
        still = [g for g in self.open if g.reported >= k]
        return still + [g for g in self.ended if g.reported >= k and g.ended < k]


def open_now(session: Session, where: Filter, points: Points) -> list[Group]:
    """Open events by colour and bins."""
    inner = where.changed(basis=Basis.OPEN, start=None, end=None)
    conditions = where_clauses(session, inner, points.at[0])
    return _groups(session, conditions, points, ("color", "suspended", "reported", "warned", "due"))


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
    """Events due from the Monday of the first point's week to the Sunday of this week."""
    end = monday(points.day[0]) + timedelta(days=6)
    inner = where.changed(basis=Basis.DUE, start=monday(points.first_day), end=end)
    conditions = where_clauses(session, inner, points.at[0])
    return _groups(session, conditions, points, ("color", "suspended", "due", "ended", "due_day", "in_time"))


def _groups(
    session: Session, conditions: list[Condition], points: Points, names: tuple[str, ...]
) -> list[Group]:
    expressions: dict[str, Expression] = {
        "color": color_of(points.at[0]),
        "suspended": EVENT.c.status == Status.SUSPENDED.value,
        "reported": points.bin_of(EVENT.c.reported_at),
        "warned": points.bin_of(EVENT.c.warn_at),
        "due": points.due_bin_of(EVENT.c.due_at),
        "ended": points.bin_of(EVENT.c.ended_at),
        "due_day": EVENT.c.due_day,
        "in_time": EVENT.c.in_time,
    }
    # Numbered labels, since a label equal to a column's name would group by the column.
    columns = [expressions[name].label(f"key_{name}") for name in names]
    grouped = select(*columns, func.count()).where(*conditions).group_by(*(f"key_{name}" for name in names))
    return [
        Group(**dict(zip(names, row[:-1], strict=True)), events=row[-1]) for row in session.execute(grouped)
    ]


def _in_week(group: Group, week: date) -> bool:
    return group.due_day is not None and week <= group.due_day < week + timedelta(days=7)


def _sum(groups: Iterable[Group]) -> int:
    return sum(group.events for group in groups)
