"""The figures: what is compared, what must be reached, and how a line of the table reads."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line: ``value`` must be at least, or at most, ``bound``."""

    name: str
    value: float
    bound: float
    at_least: bool
    unit: str
    parts: dict[str, Any]

    @property
    def reached(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def spread(values: Sequence[float]) -> dict[str, float | int]:
    """Median, least, most and number of repeats."""
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "repeats": len(values),
    }


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [{**asdict(figure), "reached": figure.reached} for figure in figures]


def as_text(figures: Sequence[Figure]) -> str:
    """A table for a terminal."""
    width = max(len(figure.name) for figure in figures)
    lines = [f"{'figure':<{width}}  {'must':>10}  {'is':>10}  reached"]
    for figure in figures:
        must = f"{'≥' if figure.at_least else '≤'} {figure.bound:g} {figure.unit}".strip()
        value = f"{figure.value:.2f} {figure.unit}".strip()
        lines.append(
            f"{figure.name:<{width}}  {must:>10}  {value:>10}  {'yes' if figure.reached else 'NOT REACHED'}"
        )
    return "\n".join(lines)
