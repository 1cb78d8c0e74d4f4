"""The readings behind an indicator's value: what people entered, and what sensors measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.codes import prefix_range
from data.counted import monday_of
from data.indicators.counts import named_counts
from data.indicators.store import Measure
from data.indicators.values import last_weeks
from data.labels import WEEKLY
from data.models import IndicatorReading, ReadingWeek
from data.readings.weeks import is_entered, sums_in

_READING: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]
_MEASURED: Final[Table] = ReadingWeek.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """One reading that a value is made of: who entered it, when and whence; a week of sensors is one."""

    label: str
    code: str
    week: date
    value: float
    source: str
    actor: str
    entered_at: datetime


def readings_behind(*, session: Session, measure: Measure, code: str, week: date) -> tuple[Behind, ...]:
    """The readings behind an indicator's value of an area and week, by area, week and count.

    Counts that add up are those of the area and of everything below it; others stand for their own area.
    """
    counts = named_counts(session=session)
    names = [name for name in (measure.formula.names if measure.formula else ()) if counts[name].is_reading]
    low, high = prefix_range(code) if code else ("", ":")
    summed = [name for name in names if counts[name].aggregate == "sum"]
    its = _READING.c.name.in_(summed) & (_READING.c.code >= low) & (_READING.c.code < high)
    rows = session.connection().execute(
        select(_READING)
        .where(
            _READING.c.week.in_(last_weeks(monday_of(week), measure.weeks)),
            its | (_READING.c.name.in_(names) & (_READING.c.code == code)),
        )
        .order_by(_READING.c.code, _READING.c.week, _READING.c.name)
    )
    found = [
        Behind(
            label=counts[row.name].label, code=row.code, week=row.week, value=row.value, source=row.source,
            actor=row.actor, entered_at=row.entered_at,
        )
        for row in rows
    ]  # fmt: skip
    measured = session.connection().execute(
        select(_MEASURED).where(
            _MEASURED.c.week.in_(last_weeks(monday_of(week), measure.weeks)),
            _MEASURED.c.name.in_(names), _MEASURED.c.code >= low, _MEASURED.c.code < high,
        )
    )  # fmt: skip
    for row in measured:
        count, sums = counts[row.name], sums_in(row)
        there = {one.code for one in found if (one.label, one.week) == (count.label, row.week)}
        if is_entered(row.code, there if count.aggregate == "sum" else there & {code}):
            continue
        found.append(
            Behind(
                label=count.label, code=row.code, week=row.week, value=float(sums.value(count.weekly)),
                source=f"{sums.readings} 条读数，取{WEEKLY[count.weekly]}", actor="传感器",
                entered_at=sums.last_at,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.code, one.week, one.label)))
