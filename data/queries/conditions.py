"""A Filter as SQL conditions: the only place where that happens.

Each list of conditions offers the planner exactly one thing to search: for *open* a range of the code (or of
the cell, under a polygon) over a partial index, otherwise the range of days. Everything else is written so
that no other index applies (``|| ''``, ``+ 0``), since SQLite, which knows nothing about the data, would
prefer an equality over the whole history to a range over the few rows that matter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from data.clock import sla_color_number_sql, sla_color_sql
from data.codes import prefix_range
from data.filter import NOBODY, Filter
from data.queries.names import in_force
from data.queries.polygons import all_ranges, bounding, compiled, inside
from data.queries.tables import DIVISION, EVENT, Condition, Expression
from data.vocabulary import CLOSED, CODE_LENGTH, Basis, Level, Mark, Missing, SlaColor, Status, Urgency

_DAY: Final = {
    Basis.REPORTED: EVENT.c.reported_day,
    Basis.DUE: EVENT.c.due_day,
    Basis.CLOSED: EVENT.c.ended_day,
}
_COUNTED: Final = {
    Basis.OPEN: frozenset(Status),
    Basis.REPORTED: frozenset(Status) - {Status.VOIDED},
    Basis.DUE: frozenset(Status) - {Status.VOIDED, Status.MERGED},
    Basis.CLOSED: CLOSED,
}
_MARK: Final[dict[Mark, Condition]] = {
    Mark.REWORKED: EVENT.c.reworked_count > 0,
    Mark.RESPOND_DUE: EVENT.c.respond_by.is_not(None),
    Mark.RESPONDED: EVENT.c.accepted_at <= EVENT.c.respond_by,
    Mark.CALLED_BACK: EVENT.c.solved.is_not(None),
    Mark.SOLVED: EVENT.c.solved.is_(True),
    Mark.RATED: EVENT.c.satisfied.is_not(None),
    Mark.SATISFIED: EVENT.c.satisfied.is_(True),
    Mark.ARRIVED: and_(
        EVENT.c.arrived_at.is_not(None),
        EVENT.c.arrived_at >= EVENT.c.reported_at,
        EVENT.c.urgency == Urgency.URGENT.value,
    ),
}


def where_clauses(session: Session, where: Filter, as_of: datetime) -> list[Condition]:
    """Conditions on ``event`` that hold for exactly the rows of ``where`` at ``as_of``.

    Raises:
        geo.errors.PolygonError: the polygon cannot be used.
    """
    return _clauses(session, where, as_of, _COUNTED[where.basis])


def ended_clauses(session: Session, where: Filter, as_of: datetime) -> list[Condition]:
    """As for the basis *closed*, but whatever ended the event, merging too (not 作废)."""
    return _clauses(session, where, as_of, frozenset(Status) - {Status.VOIDED})


def _clauses(session: Session, where: Filter, as_of: datetime, counted: frozenset[Status]) -> list[Condition]:
    conditions = _base(where)
    if where.polygon:
        conditions.append(inside(session, where, list(conditions)))
    conditions += _status(where, counted)
    if where.classes:
        conditions.append(_under(EVENT.c.class_code, where.classes))
    if where.sources:
        conditions.append(unindexed(EVENT.c.source).in_(where.sources))
    if where.departments:
        named = ["" if code == NOBODY else code for code in where.departments]
        conditions.append(unindexed(EVENT.c.department_code).in_(named))
    if where.colors:
        color = sla_color_number_sql(as_of, all_open=where.basis is Basis.OPEN)
        conditions.append(color.in_([place for place, each in enumerate(SlaColor) if each in where.colors]))
    if where.text:
        conditions.append(_contains(where.text))
    conditions += [marked(mark) for mark in where.marks]
    if where.missing is Missing.POSITION:
        conditions.append((EVENT.c.cell + 0).is_(None))
    elif where.missing is Missing.CODE:
        conditions.append(_unplaced(session, where))
    return conditions


def _unplaced(session: Session, where: Filter) -> Condition:
    """No deeper than the area in focus; without one, above the streets (above the districts, if several)."""
    if where.focus:
        return unindexed(EVENT.c.code) == where.focus
    districts = select(func.count()).where(DIVISION.c.level == Level.DISTRICT.value, in_force())
    several = session.execute(districts).scalar_one() > 1
    return func.length(EVENT.c.code) < CODE_LENGTH[Level.DISTRICT if several else Level.STREET]


def color_of(as_of: datetime) -> Expression:
    """The event's ``SlaColor`` at ``as_of`` as an expression."""
    return sla_color_sql(as_of)


def marked(mark: Mark) -> Condition:
    """Whether an event has a mark; null for one without what the mark asks about."""
    return _MARK[mark]


def under_areas(areas: tuple[str, ...], code: ColumnElement[str] = EVENT.c.code) -> list[Condition]:
    """One searchable range around the areas and, where there are several, the exact test."""
    if not areas:
        return [code >= ""]
    low, high = prefix_range(areas[0])[0], prefix_range(areas[-1])[1]
    around = and_(code >= low, code < high)
    return [around] if len(areas) == 1 else [around, _under(code, areas)]


def in_areas(areas: tuple[str, ...], code: ColumnElement[str]) -> list[Condition]:
    """A searchable range for each of the areas; no areas restrict nothing."""
    ranges = (prefix_range(area) for area in areas)
    return [or_(*(and_(code >= low, code < high) for low, high in ranges))] if areas else []


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The same text, in a form to which no index applies."""
    return column.concat("")


def _base(where: Filter) -> list[Condition]:
    """Basis, period and areas: what every row has, before the polygon and the rest."""
    if where.basis is not Basis.OPEN:
        day = _DAY[where.basis]
        areas = [_under(EVENT.c.code, where.areas)] if where.areas else []
        return [day.between(where.start, where.end), *areas]
    if where.polygon:
        around = bounding(all_ranges(compiled(where.polygon)))
        areas = [_under(EVENT.c.code, where.areas)] if where.areas else []
        return [EVENT.c.ended_at.is_(None), around, *areas]
    return [EVENT.c.ended_at.is_(None), *under_areas(where.areas)]


def _status(where: Filter, counted: frozenset[Status]) -> list[Condition]:
    """The statuses that count, cut down to those asked for; 作废 counts only where it is asked for."""
    if where.statuses:
        kept = (set(where.statuses) & counted) | (set(where.statuses) & {Status.VOIDED})
        # Never a plain "false": SQLAlchemy would drop every other condition, and the plan become a scan.
        return [EVENT.c.status.in_(sorted(kept)) if kept else EVENT.c.status == ""]
    if where.basis is Basis.OPEN:
        return []
    if counted == CLOSED:
        return [EVENT.c.status.in_(sorted(counted))]
    return [EVENT.c.status.not_in(sorted(set(Status) - counted))]


def _under(column: ColumnElement[str], prefixes: tuple[str, ...]) -> Condition:
    """Whether a code begins with one of the prefixes, by one look into a list for each of their lengths."""
    lengths = sorted({len(prefix) for prefix in prefixes})
    return or_(
        *(
            func.substr(column, 1, length).in_([prefix for prefix in prefixes if len(prefix) == length])
            for length in lengths
        )
    )


def _contains(text: str) -> Condition:
    columns = (EVENT.c.external_no, EVENT.c.title, EVENT.c.description, EVENT.c.address)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
