"""Values of indicators: the heat table of a week, one cell's rows, what a new formula would have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from data.codes import child_level
from data.filter import Filter
from data.indicators.compare import Value
from data.indicators.counts import named_counts, rows_of, week_end
from data.indicators.formula import names_in
from data.indicators.reader import Cell, Reader
from data.indicators.store import Measure, measures
from data.indicators.values import last_weeks, running_week
from data.queries.days import local_day
from data.queries.events import count_events
from data.queries.names import in_force
from data.queries.tables import DIVISION
from data.vocabulary import CODE_LENGTH, Level

ARRIVED: Final = "已到场"
"""The rows of a median, in words."""


@dataclass(frozen=True, kw_only=True)
class AreaCells:
    """One row of the heat table."""

    code: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class IndicatorTable:
    """``total`` is the focus as a whole. ``week`` is a Monday, ``against`` that of the week it is compared
    with, None where there is no such week; ``running``: the week is not over.

    ``has_last_year``: the roll-up reaches back a year.
    """

    week: date
    running: bool
    against: date | None
    against_running: bool
    level: Level | None
    measures: tuple[Measure, ...]
    total: AreaCells
    rows: tuple[AreaCells, ...]
    has_last_year: bool


def indicator_table(
    *,
    session: Session,
    parent: str,
    as_of: datetime,
    week: date | None = None,
    against: date | None = None,
    level: Level | None = None,
) -> IndicatorTable:
    """All indicators of the areas under ``parent``, and of it as a whole, in a week (the last complete one),
    compared with those of the week ``against`` (None, or a week to come: with nothing).
    """
    now = running_week(session, as_of)
    chosen = week or now - timedelta(weeks=1)
    other = against if against and against <= now else None
    found_level = level or _level_below(session, parent)
    areas = _areas(session, parent, found_level)
    shown = tuple(each for each in measures(session=session, on=week_end(chosen)) if each.applies_to(parent))
    reader = Reader(session=session, measures=shown, as_of=as_of)
    total = reader.cells(under=parent, codes=[parent], week=chosen, against=other)
    below = reader.cells(under=parent, codes=list(areas), week=chosen, against=other) if areas else {}
    return IndicatorTable(
        week=chosen,
        running=chosen == now,
        against=other,
        against_running=other == now,
        level=found_level if areas else None,
        measures=shown,
        total=AreaCells(code=parent, name="", cells=total[parent]),
        rows=tuple(AreaCells(code=code, name=name, cells=below[code]) for code, name in areas.items()),
        has_last_year=reader.has_last_year,
    )


def preview(
    *, session: Session, measure: Measure, areas: Sequence[str], as_of: datetime, weeks: int = 26
) -> dict[str, tuple[Value, ...]]:
    """What an indicator would have been in the last complete weeks, oldest first, by area."""
    reader = Reader(session=session, measures=[measure], as_of=as_of)
    last = running_week(session, as_of) - timedelta(weeks=1)
    shown = last_weeks(last, weeks)
    needed = last_weeks(last, weeks + measure.weeks + measure.trend_weeks)
    answers: dict[str, tuple[Value, ...]] = {}
    for code in areas:
        found = reader.read(under=code, length=len(code), weeks=needed)
        answers[code] = tuple(reader.value(found, measure, code, week) for week in shown)
    return answers


def cell_rows(
    *, session: Session, measure: Measure, code: str, week: date, as_of: datetime
) -> list[tuple[str, Filter | None]]:
    """What a value is made of: (part in words, the Filter of exactly its rows; None for a reading, and for a
    median that nobody but a reading knows).

    For one division first the numerator's counts, then the denominator's.
    """
    if measure.formula is None:
        return []
    counts = named_counts(session=session)
    start = week - timedelta(weeks=measure.weeks - 1)
    end = min(week_end(week), local_day(session, as_of))
    parts = measure.formula.parts
    names = [name for part in parts for name in names_in(part)] if parts else list(measure.formula.names)
    found = []
    for name in dict.fromkeys(names):
        count = counts[name]
        where = rows_of(count, code=code, start=start, end=end)
        if (
            where is not None
            and count.is_median
            and not count_events(session=session, where=where, as_of=as_of).total
        ):
            where = None
        found.append((ARRIVED if count.is_median and where else count.label, where))
    return found


def _level_below(session: Session, parent: str) -> Level | None:
    """The level of the rows: the next below, streets where there is one district; never below communities."""
    below = child_level(parent)
    if below is Level.DISTRICT:
        districts = session.connection().execute(
            select(DIVISION.c.code).where(DIVISION.c.level == Level.DISTRICT.value, in_force()).limit(2)
        )
        return Level.STREET if len(districts.all()) < 2 else Level.DISTRICT
    return None if below in (Level.GRID, None) else below


def _areas(session: Session, parent: str, level: Level | None) -> dict[str, str]:
    if level is None:
        return {}
    rows = session.connection().execute(
        select(DIVISION.c.code, DIVISION.c.short_name)
        .where(DIVISION.c.level == level.value, in_force(), _under(parent, CODE_LENGTH[level]))
        .order_by(DIVISION.c.code)
    )
    return {row.code: row.short_name for row in rows}


def _under(parent: str, length: int) -> ColumnElement[bool]:
    """Codes of this length under a prefix."""
    return DIVISION.c.code.between(parent.ljust(length, "0"), parent.ljust(length, "9"))
