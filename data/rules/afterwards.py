"""What an indicator did before and after the rectification order of an alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from data.counted import monday_of
from data.indicators.compare import Value
from data.indicators.reader import Reader
from data.indicators.store import Measure, measures
from data.indicators.values import last_weeks, running_week
from data.queries.days import local_day

WEEKS_BEFORE: Final = 4
MOST_WEEKS: Final = 12


@dataclass(frozen=True, kw_only=True)
class WeekAfter:
    """One week of the indicator; ``ordered``: the order was issued in it; ``running``: it is not over."""

    week: date
    value: Value
    ordered: bool
    running: bool


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """An indicator in the alert's area, oldest week first, to the running week."""

    measure: Measure
    weeks: tuple[WeekAfter, ...]


def afterwards(
    *, session: Session, indicator: str, code: str, ordered_at: datetime, as_of: datetime
) -> Afterwards | None:
    """Four weeks before the order to now, at most the twelve newest; None where the indicator is gone."""
    measure = next((each for each in measures(session=session) if each.key == indicator), None)
    if measure is None:
        return None
    running = running_week(session, as_of)
    ordered = monday_of(local_day(session, ordered_at))
    first = max(ordered - timedelta(weeks=WEEKS_BEFORE), running - timedelta(weeks=MOST_WEEKS - 1))
    number = (running - first).days // 7 + 1
    reader = Reader(session=session, measures=[measure], as_of=as_of)
    needed = last_weeks(running, number + measure.weeks + measure.trend_weeks)
    found = reader.read(under=code, length=len(code), weeks=needed)
    return Afterwards(
        measure=measure,
        weeks=tuple(
            WeekAfter(
                week=week, value=reader.value(found, measure, code, week), ordered=week == ordered,
                running=week == running,
            )
            for week in last_weeks(running, number)
        ),
    )  # fmt: skip
