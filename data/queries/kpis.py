"""The row of figures at the top: each with its comparison, its sparkline and the Filter that shows its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure. ``key``: open, new_today, overdue, soon, on_time_rate.

    ``where`` is the Filter that a click sets; it holds exactly ``value`` events (for the rate: ``denominator``).
    ``yesterday`` and ``last_week`` are the value at the same time 1 and 7 days before; ``spark`` holds the value at
    this time of the last 14 days, oldest first, today last; None where it has no value.
    """

    key: str
    label: str
    value: float | None
    numerator: int | None
    denominator: int | None
    unit: str
    aside: str
    better: str
    where: Filter
    yesterday: float | None
    last_week: float | None
    spark: tuple[float | None, ...]
    formula: str


def kpi_row(*, session: Session, where: Filter, as_of: datetime) -> list[Kpi]:
    """在办, 今日新增, 超期, 临期 and 按期结案率 of this week.

    Each sets basis, period and colours itself and keeps the other fields of ``where``.
    """
    raise NotImplementedError
