"""The metrics by which areas can be coloured, as the map's own control offers them."""

from __future__ import annotations

from typing import Final

from data.queries.areas import METRIC_LABEL, Metric

METRICS: Final[tuple[dict[str, str], ...]] = tuple(
    {
        "key": metric,
        "label": METRIC_LABEL[metric],
        "scheme": "diverging" if metric is Metric.ON_TIME_RATE else "sequential",
    }
    for metric in Metric
)
"""Rates are drawn in a diverging scheme; counts and densities in a sequential one."""
