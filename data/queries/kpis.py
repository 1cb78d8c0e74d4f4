"""The row of figures at the top: each with its comparison, its sparkline and the Filter of its rows.

Earlier values are exact for what rows know (when an event was reported, warned, due and ended) and are never
read from the whole history: what was open at ``t`` is what is open now and was reported by then, plus what
ended after ``t`` and was reported by then. Two things are not in the row: an event suspended now counts as
suspended at every ``t``, and merged or voided ones as what they became. With a filter on statuses there are
no earlier values, since a row does not say which status it had then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.days import local_day
from data.queries.history import History, Points, ended_since, judged_since, open_now, reported_since
from data.queries.rates import rate_filter
from data.vocabulary import Basis, SlaColor

YESTERDAY: Final = 1
LAST_WEEK: Final = 7

FORMULA: Final[dict[str, str]] = {
    "open": "在办 = 尚未结案、评价、合并、作废的事件，其中挂账另列",
    "new_today": "今日新增 = 今天零时起上报的事件，不含作废",
    "overdue": "超期 = 在办、未挂账且已过处置期限的事件",
    "soon": "临期 = 在办、未挂账、未超期且剩余时间不超过时限的临期比例（默认四分之一，见工作日历）的事件",
    "on_time_rate": "按期结案率 = 本周一至今天到期的事件中按期结案的件数 ÷ 到期的件数；"
    "分母不含挂账、合并、作废和尚未到期仍在办的事件",
}
LABEL: Final[dict[str, str]] = {
    "open": "在办",
    "new_today": "今日新增",
    "overdue": "超期",
    "soon": "临期",
    "on_time_rate": "按期结案率",
}


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure. ``key``: open, new_today, overdue, soon, on_time_rate.

    ``where`` is the Filter that a click sets; it holds exactly ``value`` events (for the rate:
    ``denominator``). ``yesterday`` and ``last_week`` are the value at the same time 1 and 7 days before;
    ``spark`` holds the value at this time of the last 14 days, oldest first, today last; None where it has
    no value, empty where there is no history (see above). ``better``: up, down or '' where neither is.
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
    kpis = _Row(session, where, as_of)
    return [kpis.open(), kpis.new_today(), kpis.overdue(), kpis.soon(), kpis.on_time_rate()]


def kpi_filter(session: Session, key: str, where: Filter, as_of: datetime) -> Filter:
    """The Filter whose rows a figure counts. Raises ``KeyError`` for an unknown figure."""
    today = local_day(session, as_of)
    open_ = where.changed(basis=Basis.OPEN, start=None, end=None, colors=())
    return {
        "open": open_,
        "new_today": open_.changed(basis=Basis.REPORTED, start=today, end=today),
        "overdue": open_.changed(colors=(SlaColor.OVERDUE,)),
        "soon": open_.changed(colors=(SlaColor.SOON,)),
        "on_time_rate": rate_filter(session, where, as_of),
    }[key]


def _read(session: Session, where: Filter, as_of: datetime) -> History:
    points = Points(session, as_of)
    all_colors = where.changed(colors=())
    return History(
        points=points,
        open=open_now(session, all_colors, points),
        ended=[] if where.statuses else ended_since(session, all_colors, points),
        reported=reported_since(session, all_colors, points),
        judged=judged_since(session, all_colors, points),
    )


class _Row:
    def __init__(self, session: Session, where: Filter, as_of: datetime) -> None:
        self._session = session
        self._where = where
        self._as_of = as_of
        self._history = _read(session, where, as_of)

    def open(self) -> Kpi:
        aside = f"其中挂账 {self._history.suspended_now()}"
        return self._make("open", self._history.open_now(), self._history.open_at, aside=aside, better="")

    def new_today(self) -> Kpi:
        day = self._history.points.day[0]
        return self._make("new_today", self._history.reported_on(day), self._history.new_at, better="")

    def overdue(self) -> Kpi:
        return self._make("overdue", self._history.overdue_now(), self._history.overdue_at, better="down")

    def soon(self) -> Kpi:
        return self._make("soon", self._history.soon_now(), self._history.soon_at, better="down")

    def on_time_rate(self) -> Kpi:
        numerator, denominator = self._history.rate_now()
        value = _per_cent(numerator, denominator)
        return self._make(
            "on_time_rate",
            value,
            lambda k: _per_cent(*self._history.rate_at(k)),
            better="up",
            unit="%",
            numerator=numerator,
            denominator=denominator,
        )

    def _make(
        self,
        key: str,
        value: float | None,
        at: Callable[[int], float | None],
        *,
        better: str,
        aside: str = "",
        unit: str = "件",
        numerator: int | None = None,
        denominator: int | None = None,
    ) -> Kpi:
        earlier = [] if self._where.statuses else [at(days) for days in range(1, self._history.points.count)]
        return Kpi(
            key=key,
            label=LABEL[key],
            value=value,
            numerator=numerator,
            denominator=denominator,
            unit=unit,
            aside=aside,
            better=better,
            where=kpi_filter(self._session, key, self._where, self._as_of),
            yesterday=earlier[YESTERDAY - 1] if earlier else None,
            last_week=earlier[LAST_WEEK - 1] if earlier else None,
            spark=(*reversed(earlier), value) if earlier else (),
            formula=FORMULA[key],
        )


def _per_cent(numerator: int, denominator: int) -> float | None:
    return 100.0 * numerator / denominator if denominator else None
