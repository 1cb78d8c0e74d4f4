"""Classes for colouring areas: round limits from the values themselves, and the legend's words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CLASSES: Final = 5
RATE_LIMITS: Final = (90.0, 80.0, 70.0, 60.0)
"""按期结案率: 90 is the baseline (ours); each class below it is ten points worse."""
NO_DATA: Final = "n"
_ROUND: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One line of the legend: the mark in ``classes``, the range in words, how many areas carry it."""

    mark: str
    label: str
    areas: int


@dataclass(frozen=True, kw_only=True)
class Classified:
    """One mark a value, the limits between the classes, and the legend (all marks that can occur)."""

    marks: str
    limits: tuple[float, ...]
    areas_per_class: tuple[int, ...]
    legend: tuple[LegendEntry, ...]


def classify_amounts(values: FloatArray, *, whole: bool) -> Classified:
    """Classes of amounts, NaN where there is no data: zero by itself, then up to five of about equal size.

    Limits are the quantiles of the positive values, rounded up to a round number; a value equal to a limit
    belongs to the class below it.
    """
    positive = values[values > 0]
    limits = round_limits(positive, whole=whole)
    known = np.nan_to_num(values, nan=0.0)
    digits = np.where(known > 0, np.searchsorted(np.array(limits), known, side="left") + 1, 0)
    labels = ["0", *_amount_labels(limits, whole=whole)] if len(positive) else ["0"]
    return _result(digits, np.isnan(values), limits, labels, "无数据", first=0)


def classify_rates(values: FloatArray, *, no_data_label: str) -> Classified:
    """Classes of per cents, NaN where there is no data: class 1 at 90 and more, class 5 below 60."""
    known = np.nan_to_num(values, nan=0.0)
    digits = 1 + sum((known < limit).astype(np.int64) for limit in RATE_LIMITS)
    labels = ["≥90", "80–90", "70–80", "60–70", "<60"]
    return _result(np.asarray(digits), np.isnan(values), RATE_LIMITS, labels, no_data_label, first=1)


def round_limits(positive: FloatArray, *, whole: bool) -> tuple[float, ...]:
    """Up to four ascending limits that leave something above the last."""
    if not len(positive):
        return ()
    shares = [step / CLASSES for step in range(1, CLASSES)]
    limits: list[float] = []
    for value in np.quantile(positive, shares, method="higher"):
        limit = rounded_up(float(value), whole=whole)
        if limit < positive.max() and limit not in limits:
            limits.append(limit)
    return tuple(limits)


def rounded_up(value: float, *, whole: bool) -> float:
    """The least round number that is not below a positive value; whole if asked, so at least 1."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (float(f"{step * power:.12g}") for step in _ROUND)
    return next(step for step in steps if step >= value * (1 - 1e-12) and (not whole or step.is_integer()))


def _amount_labels(limits: tuple[float, ...], *, whole: bool) -> list[str]:
    if not limits:
        return [">0"]
    shown = [f"{limit:g}" for limit in limits]
    if not whole:
        between = [f"{low}–{high}" for low, high in pairwise(shown)]
        return [f"≤{shown[0]}", *between, f">{shown[-1]}"]
    labels, low = [], 1
    for limit in limits:
        high = int(limit)
        labels.append(f"{low}–{high}" if low < high else f"{high}")
        low = high + 1
    return [*labels, f"≥{low}"]


def _result(
    digits: NDArray[np.int64],
    missing: NDArray[np.bool_],
    limits: tuple[float, ...],
    labels: list[str],
    no_data_label: str,
    *,
    first: int,
) -> Classified:
    marks = np.where(missing, ord(NO_DATA), digits + ord("0")).astype(np.uint8).tobytes().decode("ascii")
    counts = tuple(marks.count(str(number)) for number in range(CLASSES + 1))
    legend = [
        LegendEntry(mark=str(first + place), label=label, areas=counts[first + place])
        for place, label in enumerate(labels)
    ]
    legend.append(LegendEntry(mark=NO_DATA, label=no_data_label, areas=marks.count(NO_DATA)))
    return Classified(marks=marks, limits=limits, areas_per_class=counts, legend=tuple(legend))
