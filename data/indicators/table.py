"""Values of indicators: the heat table of a week, one cell's rows, what a new formula would have been."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from data.codes import child_level
from data.filter import Filter
from data.indicators.counts import NamedCount, named_counts, rows_of, week_end
from data.indicators.formula import evaluate, names_in
from data.indicators.store import TREND_WEEKS, Measure, measures
from data.indicators.values import Sums, last_weeks, read_counts, running_week, sum_weeks
from data.queries.days import local_day
from data.queries.names import in_force
from data.queries.tables import DIVISION
from data.vocabulary import CODE_LENGTH, Level

YEAR_WEEKS: Final = 52
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class Value:
    """An indicator of one area and week.

    ``value`` None: no data, or nothing to divide by. ``sample`` is the denominator; None where the formula is
    no single division. ``enough``: no sample is known to be below the minimum. ``sized``: it is known how
    large the sample is, by whatever the formula divides by. ``worse``: than the baseline; None where it
    cannot be said.
    """

    value: float | None
    numerator: float | None
    sample: float | None
    enough: bool
    sized: bool
    baseline: float | None
    worse: bool | None


_NOTHING: Final = Value(
    value=None, numerator=None, sample=None, enough=False, sized=False, baseline=None, worse=None
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value with those of the week before and of the same week a year ago; ``rank`` from 1, the best: only
    among values of a complete week whose sample is known and large enough.
    """

    measure: Measure
    now: Value
    before: float | None
    last_year: float | None
    rank: int | None


@dataclass(frozen=True, kw_only=True)
class AreaCells:
    """One row of the heat table."""

    code: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class IndicatorTable:
    """``total`` is the focus as a whole. ``week`` is a Monday; ``running``: the week is not over.

    ``has_last_year``: the roll-up reaches back a year.
    """

    week: date
    running: bool
    level: Level | None
    measures: tuple[Measure, ...]
    total: AreaCells
    rows: tuple[AreaCells, ...]
    has_last_year: bool


def indicator_table(
    *, session: Session, parent: str, as_of: datetime, week: date | None = None, level: Level | None = None
) -> IndicatorTable:
    """All indicators of the areas under ``parent``, and of it as a whole, in a week (the last complete)."""
    now = running_week(session, as_of)
    chosen = week or now - timedelta(weeks=1)
    found_level = level or _level_below(session, parent)
    areas = _areas(session, parent, found_level)
    shown = tuple(each for each in measures(session=session, on=week_end(chosen)) if each.applies_to(parent))
    reader = Reader(session=session, measures=shown, as_of=as_of)
    total = reader.cells(under=parent, codes=[parent], week=chosen)
    below = reader.cells(under=parent, codes=list(areas), week=chosen) if areas else {}
    return IndicatorTable(
        week=chosen,
        running=chosen == now,
        level=found_level if areas else None,
        measures=shown,
        total=AreaCells(code=parent, name="", cells=total[parent]),
        rows=tuple(AreaCells(code=code, name=name, cells=below[code]) for code, name in areas.items()),
        has_last_year=reader.has_last_year,
    )


class Reader:
    """Reads counts once for several indicators and computes their values."""

    def __init__(
        self,
        *,
        session: Session,
        measures: Sequence[Measure],
        as_of: datetime,
        counts: Mapping[str, NamedCount] | None = None,
    ) -> None:
        self._session = session
        self._measures = measures
        self._as_of = as_of
        self._counts = counts or named_counts(session=session)
        names = {name for each in measures if each.formula for name in each.formula.names}
        self._names = [name for name in self._counts if name in names]
        self.has_last_year = False

    def read(self, *, under: str, length: int, weeks: Collection[date]) -> Sums:
        """The counts that the indicators need."""
        wanted = [self._counts[name] for name in self._names]
        return read_counts(
            session=self._session, counts=wanted, under=under, length=length, weeks=weeks, as_of=self._as_of
        )

    def cells(self, *, under: str, codes: Sequence[str], week: date) -> dict[str, tuple[Cell, ...]]:
        """The cells of areas of one level under a prefix."""
        span = max((each.weeks for each in self._measures), default=1)
        year_ago = week - timedelta(weeks=YEAR_WEEKS)
        trend = any(each.baseline_kind == "trend" for each in self._measures)
        weeks = last_weeks(week, span + (TREND_WEEKS if trend else 1))
        found = self.read(under=under, length=len(codes[0]), weeks=[*weeks, *last_weeks(year_ago, span)])
        self.has_last_year |= any(day <= year_ago for _, day in found)
        complete = week < running_week(self._session, self._as_of)
        columns = []
        for each in self._measures:
            values = {code: self.value(found, each, code, week) for code in codes}
            ranks = _ranks(each, values) if complete and len(codes) > 1 else {}
            columns.append(
                [
                    Cell(
                        measure=each,
                        now=values[code],
                        before=self.plain(found, each, code, week - timedelta(weeks=1)),
                        last_year=self.plain(found, each, code, year_ago),
                        rank=ranks.get(code),
                    )
                    for code in codes
                ]
            )
        return {code: tuple(column[place] for column in columns) for place, code in enumerate(codes)}

    def value(self, found: Sums, measure: Measure, code: str, week: date) -> Value:
        """One value with its numerator, sample and baseline."""
        formula = measure.formula
        if formula is None or not measure.applies_to(code):
            return _NOTHING
        totals = self._totals(found, measure, code, week)
        result = formula.value(totals)
        top, bottom = (evaluate(part, totals) for part in formula.parts) if formula.parts else (None, None)
        value = None if result is None else float(result * measure.scale)
        baseline = self._baseline(found, measure, code, week)
        sizes = [evaluate(part, totals) for part in formula.divisors]
        smallest = min((size for size in (bottom, *sizes) if size is not None), default=None)
        enough = value is not None and (smallest is None or smallest >= measure.minimum_sample)
        return Value(
            value=value, numerator=_float(top), sample=_float(bottom), enough=enough, sized=bool(sizes),
            baseline=baseline, worse=is_worse(measure, value, baseline) if enough else None,
        )  # fmt: skip

    def plain(self, found: Sums, measure: Measure, code: str, week: date) -> float | None:
        """Only the value."""
        if measure.formula is None:
            return None
        result = measure.formula.value(self._totals(found, measure, code, week))
        return None if result is None else float(result * measure.scale)

    def _totals(self, found: Sums, measure: Measure, code: str, week: date) -> dict[str, Fraction | None]:
        names = measure.formula.names if measure.formula else ()
        weeks = last_weeks(week, measure.weeks)
        return sum_weeks(found, code=code, weeks=weeks, counts=self._counts, names=names)

    def _baseline(self, found: Sums, measure: Measure, code: str, week: date) -> float | None:
        if measure.baseline_kind != "trend":
            return measure.baseline
        earlier = last_weeks(week - timedelta(weeks=1), TREND_WEEKS)
        known = [value for day in earlier if (value := self.plain(found, measure, code, day)) is not None]
        return median(known) if len(known) >= TREND_WEEKS // 2 else None


def is_worse(measure: Measure, value: float | None, baseline: float | None) -> bool | None:
    """Whether a value is worse than the baseline, or outside its band; None where it cannot be said."""
    if value is None:
        return None
    if measure.direction == "band":
        if measure.band_low is None or measure.band_high is None:
            return None
        return not measure.band_low - _TOLERANCE <= value <= measure.band_high + _TOLERANCE
    if baseline is None:
        return None
    return value < baseline - _TOLERANCE if measure.direction == "up" else value > baseline + _TOLERANCE


def preview(
    *, session: Session, measure: Measure, areas: Sequence[str], as_of: datetime, weeks: int = 26
) -> dict[str, tuple[Value, ...]]:
    """What an indicator would have been in the last complete weeks, oldest first, by area."""
    reader = Reader(session=session, measures=[measure], as_of=as_of)
    last = running_week(session, as_of) - timedelta(weeks=1)
    shown = last_weeks(last, weeks)
    needed = last_weeks(last, weeks + measure.weeks + TREND_WEEKS)
    answers: dict[str, tuple[Value, ...]] = {}
    for code in areas:
        found = reader.read(under=code, length=len(code), weeks=needed)
        answers[code] = tuple(reader.value(found, measure, code, week) for week in shown)
    return answers


def cell_rows(
    *, session: Session, measure: Measure, code: str, week: date, as_of: datetime
) -> list[tuple[str, Filter | None]]:
    """What a value is made of: (part in words, the Filter of exactly its rows; None for a reading).

    For one division first the numerator's counts, then the denominator's.
    """
    if measure.formula is None:
        return []
    counts = named_counts(session=session)
    start = week - timedelta(weeks=measure.weeks - 1)
    end = min(week_end(week), local_day(session, as_of))
    parts = measure.formula.parts
    names = [name for part in parts for name in names_in(part)] if parts else list(measure.formula.names)
    return [
        (counts[name].label, rows_of(counts[name], code=code, start=start, end=end))
        for name in dict.fromkeys(names)
    ]


def _ranks(measure: Measure, values: Mapping[str, Value]) -> dict[str, int]:
    """Places from the best; only values whose sample is known and large enough, and not where a band is the
    aim.
    """
    if measure.direction == "band":
        return {}
    sign = -1 if measure.direction == "up" else 1
    ranked = {
        code: sign * each.value
        for code, each in values.items()
        if each.enough and each.sized and each.value is not None
    }
    order = sorted(ranked.values())
    return {code: order.index(worth) + 1 for code, worth in ranked.items()}


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


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
