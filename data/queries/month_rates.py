"""响应率、解决率、满意率 of one source in a month against the month before, and which class pulls each down.

Both months are read from their own rows, through the indexes of the days: two statements a month, whatever
the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.conditions import marked, where_clauses
from data.queries.days import local_day
from data.queries.names import class_names
from data.queries.tables import EVENT
from data.vocabulary import Basis, Mark

HOTLINE: Final = "12345"


class MonthRate(StrEnum):
    """The three rates by which a hotline is judged."""

    RESPONSE = "response"
    SOLVED = "solved"
    SATISFIED = "satisfied"


RATE_OF: Final[dict[MonthRate, tuple[Basis, Mark, Mark]]] = {
    MonthRate.RESPONSE: (Basis.REPORTED, Mark.RESPONDED, Mark.RESPOND_DUE),
    MonthRate.SOLVED: (Basis.CLOSED, Mark.SOLVED, Mark.CALLED_BACK),
    MonthRate.SATISFIED: (Basis.CLOSED, Mark.SATISFIED, Mark.RATED),
}
"""Basis of the month, numerator and denominator: the same as those of the indicators (DOMAIN section 4)."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """``part`` of ``whole`` events; the Filters hold exactly these."""

    part: int
    whole: int
    part_where: Filter
    whole_where: Filter

    @property
    def per_cent(self) -> float | None:
        return 100.0 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One rate of one 大类, or of all. ``drag`` (of a class): by how many percentage points the rate of all
    would be higher without it; negative where it lifts the rate, None where nothing else is left.
    """

    now: Share
    before: Share
    drag: float | None = None

    @property
    def change(self) -> float | None:
        """Percentage points against the month before."""
        if self.now.per_cent is None or self.before.per_cent is None:
            return None
        return self.now.per_cent - self.before.per_cent


@dataclass(frozen=True, kw_only=True)
class ClassRates:
    """The three rates of one 大类 (``code`` of two digits), or of all (``code`` '')."""

    code: str
    name: str
    rates: Mapping[MonthRate, Compared]


@dataclass(frozen=True, kw_only=True)
class MonthTable:
    """``rows`` add up to ``total`` in numerator and denominator. Days are local, both ends included."""

    start: date
    end: date
    before_start: date
    before_end: date
    total: ClassRates
    rows: tuple[ClassRates, ...]

    def drags(self, rate: MonthRate) -> ClassRates | None:
        """拖后腿的是哪一类: whose absence would lift the rate most; None where none would."""
        with_drag = [(row.rates[rate].drag, row) for row in self.rows]
        lifting = [(drag, row) for drag, row in with_drag if drag is not None and drag > 0]
        return max(lifting, key=lambda pair: (pair[0], pair[1].code))[1] if lifting else None


_Counts = dict[tuple[MonthRate, str], tuple[int, int]]


def month_rates(*, session: Session, where: Filter, as_of: datetime, month: date) -> MonthTable:
    """The month that holds the day ``month``, up to today, and the whole month before.

    Basis, period, sources and marks of ``where`` are replaced.
    """
    start = month.replace(day=1)
    end = min((start + timedelta(days=31)).replace(day=1) - timedelta(days=1), local_day(session, as_of))
    before_end = start - timedelta(days=1)
    before_start = before_end.replace(day=1)
    inner = where.changed(sources=(HOTLINE,), colors=(), marks=())
    now = _Month(session, inner, as_of, start, max(start, end))
    before = _Month(session, inner, as_of, before_start, before_end)
    names = class_names(session)
    majors = sorted({code for _, code in [*now.counts, *before.counts]})
    total = {rate: Compared(now=now.sum(rate), before=before.sum(rate)) for rate in MonthRate}
    rows = [
        ClassRates(
            code=code,
            name=names.get(code, code),
            rates={rate: _of_class(rate, code, now, before, total[rate].now) for rate in MonthRate},
        )
        for code in majors
    ]
    return MonthTable(
        start=now.start, end=now.end, before_start=before_start, before_end=before_end,
        total=ClassRates(code="", name="合计", rates=total), rows=tuple(rows),
    )  # fmt: skip


def _of_class(rate: MonthRate, code: str, now: _Month, before: _Month, whole: Share) -> Compared:
    own = now.of(rate, code)
    others = whole.whole - own.whole
    drag = None
    if others and own.whole and whole.per_cent is not None:
        drag = 100.0 * (whole.part - own.part) / others - whole.per_cent
    return Compared(now=own, before=before.of(rate, code), drag=drag)


class _Month:
    """Counts of one period by rate and 大类."""

    def __init__(self, session: Session, where: Filter, as_of: datetime, start: date, end: date) -> None:
        self.start, self.end = start, end
        self._where = where
        self.counts: _Counts = {}
        for basis in (Basis.REPORTED, Basis.CLOSED):
            rates = [rate for rate, (own, _, _) in RATE_OF.items() if own is basis]
            self._read(session, as_of, basis, rates)

    def _read(self, session: Session, as_of: datetime, basis: Basis, rates: Iterable[MonthRate]) -> None:
        rates = list(rates)
        marks = [mark for rate in rates for mark in RATE_OF[rate][1:]]
        sums = [func.coalesce(func.sum(cast(marked(mark), Integer)), 0) for mark in marks]
        major = func.substr(EVENT.c.class_code, 1, 2).label("major")
        conditions = where_clauses(session, self._period(basis), as_of)
        for code, *numbers in session.execute(select(major, *sums).where(*conditions).group_by("major")):
            for place, rate in enumerate(rates):
                part, whole = numbers[2 * place : 2 * place + 2]
                if whole:
                    self.counts[rate, code] = (part, whole)

    def _period(self, basis: Basis) -> Filter:
        return self._where.changed(basis=basis, start=self.start, end=self.end)

    def of(self, rate: MonthRate, code: str) -> Share:
        inside = tuple(each for each in self._where.classes if each.startswith(code))
        return self._share(rate, self.counts.get((rate, code), (0, 0)), inside or (code,))

    def sum(self, rate: MonthRate) -> Share:
        own = [counts for (each, _), counts in self.counts.items() if each is rate]
        sums = sum(part for part, _ in own), sum(whole for _, whole in own)
        return self._share(rate, sums, self._where.classes)

    def _share(self, rate: MonthRate, counts: tuple[int, int], classes: tuple[str, ...]) -> Share:
        basis, part, whole = RATE_OF[rate]
        rows = self._period(basis).changed(classes=classes)
        return Share(
            part=counts[0],
            whole=counts[1],
            part_where=rows.changed(marks=(part,)),
            whole_where=rows.changed(marks=(whole,)),
        )
