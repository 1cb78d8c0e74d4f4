"""Reads counts once for several indicators and computes their values, cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median

from sqlmodel import Session

from data.indicators.compare import NOTHING, Value, is_worse, same_week_last_year
from data.indicators.counts import NamedCount, named_counts
from data.indicators.formula import Formula, evaluate, names_in
from data.indicators.store import Measure
from data.indicators.values import Sums, last_weeks, read_counts, running_week, sum_weeks


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value with that of the week it is compared with, of the week before and of the same ISO week a year
    ago; ``rank`` from 1, the best: only among values of a complete week whose sample is known and large
    enough. ``then`` is judged against no baseline.
    """

    measure: Measure
    now: Value
    then: Value
    before: float | None
    last_year: float | None
    rank: int | None


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
        self._units = {each.formula: self._units_of(each.formula) for each in measures if each.formula}
        self.has_last_year = False

    def read(self, *, under: str, length: int, weeks: Collection[date]) -> Sums:
        """The counts that the indicators need."""
        wanted = [self._counts[name] for name in self._names]
        return read_counts(
            session=self._session, counts=wanted, under=under, length=length, weeks=weeks, as_of=self._as_of
        )

    def cells(
        self, *, under: str, codes: Sequence[str], week: date, against: date | None = None
    ) -> dict[str, tuple[Cell, ...]]:
        """The cells of areas of one level under a prefix, compared with the week ``against``."""
        span = max((each.weeks for each in self._measures), default=1)
        before, year_ago = week - timedelta(weeks=1), same_week_last_year(week)
        trend = [each.trend_weeks for each in self._measures if each.baseline_kind == "trend"]
        weeks = last_weeks(week, span + max(trend, default=1))
        for other in (year_ago, against):
            weeks += last_weeks(other, span) if other else []
        found = self.read(under=under, length=len(codes[0]), weeks=set(weeks))
        self.has_last_year |= any(day <= year_ago for _, day in found) if year_ago else False
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
                        then=self._counted(found, each, code, against),
                        before=self.plain(found, each, code, before),
                        last_year=self.plain(found, each, code, year_ago) if year_ago else None,
                        rank=ranks.get(code),
                    )
                    for code in codes
                ]
            )
        return {code: tuple(column[place] for column in columns) for place, code in enumerate(codes)}

    def value(self, found: Sums, measure: Measure, code: str, week: date) -> Value:
        """One value with its numerator, sample and baseline."""
        counted = self._counted(found, measure, code, week)
        if counted is NOTHING:
            return NOTHING
        baseline = self._baseline(found, measure, code, week)
        worse = is_worse(measure, counted.value, baseline) if counted.enough else None
        return replace(counted, baseline=baseline, worse=worse)

    def _counted(self, found: Sums, measure: Measure, code: str, week: date | None) -> Value:
        """One value with its numerator and sample, against no baseline."""
        formula = measure.formula
        if week is None or formula is None or not measure.applies_to(code):
            return NOTHING
        totals = self._totals(found, measure, code, week)
        cases = self._cases(found, measure, code, week)
        result = formula.value(totals)
        top, bottom = (evaluate(part, totals) for part in formula.parts) if formula.parts else (None, None)
        value = None if result is None else float(result * measure.scale)
        if not formula.parts and len(formula.names) == 1 and cases:
            bottom = cases[0]
        sizes = [*(evaluate(part, totals) for part in formula.divisors), *(size for size in cases if size)]
        smallest = min((size for size in (bottom, *sizes) if size is not None), default=None)
        enough = value is not None and (smallest is None or smallest >= measure.minimum_sample)
        return Value(
            value=value, numerator=_float(top), sample=_float(bottom), enough=enough, sized=bool(sizes),
            baseline=None, worse=None, units=self._units[formula],
            entered=value is not None and None in cases,
        )  # fmt: skip

    def _cases(self, found: Sums, measure: Measure, code: str, week: date) -> list[Fraction | None]:
        """How many cases each median of the formula is that of; None where there are none."""
        names = measure.formula.names if measure.formula else ()
        weeks = last_weeks(week, measure.weeks)
        numbers = [len(found.times(name, code, weeks)) for name in names if self._counts[name].is_median]
        return [Fraction(number) if number else None for number in numbers]

    def _units_of(self, formula: Formula) -> tuple[str, str]:
        """Of numerator and denominator; '' where several stand in one of them."""
        sides = [{self._counts[name].unit for name in names_in(part)} for part in formula.parts or ()]
        first, second = ("".join(side) if len(side) == 1 else "" for side in sides) if sides else ("", "")
        return first, second

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
        earlier = last_weeks(week - timedelta(weeks=1), measure.trend_weeks)
        known = [value for day in earlier if (value := self.plain(found, measure, code, day)) is not None]
        return median(known) if len(known) >= measure.trend_weeks // 2 else None


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


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
