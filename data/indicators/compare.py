"""A value of an indicator, judged: against its baseline, and against the value of another week. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from data.indicators.store import Measure

_TOLERANCE: Final = 1e-9
_EQUAL: Final = 0.05
"""What both values show as the same figure (one digit) is no difference."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """An indicator of one area and week.

    ``value`` None: no data, or nothing to divide by. ``sample`` is the denominator; None where the formula is
    no single division. ``enough``: no sample is known to be below the minimum. ``sized``: it is known how
    large the sample is, by whatever the formula divides by. ``worse``: than the baseline; None where it
    cannot be said. ``units`` are those of numerator and denominator. Of a median ``sample`` is the number of
    its cases, without numerator; ``entered``: there were none, and somebody entered the median instead.
    """

    value: float | None
    numerator: float | None
    sample: float | None
    enough: bool
    sized: bool
    baseline: float | None
    worse: bool | None
    units: tuple[str, str] = ("", "")
    entered: bool = False


NOTHING: Final = Value(
    value=None, numerator=None, sample=None, enough=False, sized=False, baseline=None, worse=None
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """By how much a value differs from that of another week, in the unit of the indicator (percentage points
    for %). ``better`` None: the same, or a sample is too small to say so.
    """

    amount: float
    better: bool | None

    @property
    def is_equal(self) -> bool:
        return abs(self.amount) < _EQUAL


def difference(measure: Measure, *, now: Value, then: Value) -> Difference | None:
    """``now`` less ``then``; None where one of them has no value."""
    if now.value is None or then.value is None:
        return None
    amount = now.value - then.value
    gain = _worth(measure, now.value) - _worth(measure, then.value)
    judged = now.enough and then.enough and abs(amount) >= _EQUAL and abs(gain) > _TOLERANCE
    return Difference(amount=amount, better=gain > 0 if judged else None)


def _worth(measure: Measure, value: float) -> float:
    """The more, the better; for a band, by how far the value is outside of it."""
    if measure.direction == "band":
        low, high = measure.band_low, measure.band_high
        return 0.0 if low is None or high is None else -max(low - value, value - high, 0.0)
    return value if measure.direction == "up" else -value


def same_week_last_year(week: date) -> date | None:
    """The Monday of the ISO week of that number a year before; None for a week 53 that it did not have."""
    year, number, _ = week.isocalendar()
    try:
        return date.fromisocalendar(year - 1, number, 1)
    except ValueError:
        return None


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
