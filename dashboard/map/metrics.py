"""The metrics by which areas can be coloured, as the map's own control offers them."""

from __future__ import annotations

from typing import Final

from data.queries.areas import Metric

METRICS: Final[tuple[dict[str, str], ...]] = (
    {"key": Metric.OPEN, "label": "在办", "scheme": "sequential"},
    {"key": Metric.OVERDUE, "label": "超期", "scheme": "sequential"},
    {"key": Metric.SOON, "label": "临期", "scheme": "sequential"},
    {"key": Metric.TOTAL, "label": "全部", "scheme": "sequential"},
    {"key": Metric.PER_1000, "label": "每千人件数", "scheme": "sequential"},
    {"key": Metric.ON_TIME_RATE, "label": "按期结案率", "scheme": "diverging"},
)
"""Rates are drawn in a diverging scheme; counts and densities in a sequential one."""
