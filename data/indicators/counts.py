"""Named counts: what a formula may call, and the rows behind each.

Three kinds: over all events (``data.counted``), over some classes or sources (``count_definition`` with a
base), and readings that are entered (without). Every count of events is the number of rows of a Filter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.counted import PROACTIVE_SOURCES
from data.filter import Filter
from data.models import CountDefinition
from data.models.base import listed_in
from data.queries.rates import JUDGED
from data.vocabulary import Basis, Mark, SlaColor, Status

_TABLE: Final[Table] = CountDefinition.__table__  # type: ignore[attr-defined]
LATE: Final = (SlaColor.DONE_LATE, SlaColor.OVERDUE)
_WHOLE_UNITS: Final = frozenset({"件", "人次", "人"})
DONE: Final = (SlaColor.DONE, SlaColor.DONE_LATE)


@dataclass(frozen=True, kw_only=True)
class NamedCount:
    """``base`` is the count over all events beneath it ('' for a reading); ``meaning`` says it in words.
    ``weekly``: what the readings of sensors make of a week.
    """

    name: str
    label: str
    base: str
    meaning: str
    unit: str = "件"
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    aggregate: str = "sum"
    weekly: str = "sum"

    @property
    def is_reading(self) -> bool:
        return not self.base

    @property
    def is_median(self) -> bool:
        """Whether it is the median of minutes over its rows, or what was entered where there is none."""
        return self.aggregate == "median"

    @property
    def stands_alone(self) -> bool:
        """Whether a reading holds for its own area and week only and is never added up."""
        return self.aggregate != "sum"

    @property
    def is_whole(self) -> bool:
        """Whether it counts cases or people."""
        return self.unit in _WHOLE_UNITS

    @property
    def may_be_negative(self) -> bool:
        """Whether it is a level, as of water or warmth: what adds up, or counts, is never below zero."""
        return self.is_reading and self.aggregate == "exact" and not self.is_whole

    def wrong_value(self, value: float) -> str:
        """Why no reading of this count has the value, typed or sent; '' where one may."""
        if math.isfinite(value) and (value >= 0 or self.may_be_negative):
            return ""
        wanted = "数" if self.may_be_negative else "不小于 0 的数"
        return f"{self.label}的值 {value:,.12g} 不对：应为{wanted}"

    @property
    def is_narrow(self) -> bool:
        """Whether it stands in ``area_week_count``."""
        return bool(self.base) and self.name != self.base


_REPORTED = Filter(basis=Basis.REPORTED, start=date.min, end=date.max)
_DUE = Filter(basis=Basis.DUE, start=date.min, end=date.max)
_ARRIVED = _REPORTED.changed(marks=(Mark.ARRIVED,))
_CLOSED = Filter(basis=Basis.CLOSED, start=date.min, end=date.max)
_BASE: Final[dict[str, tuple[str, str, Filter]]] = {
    "reported": ("上报", "本周上报的事件，不含作废", _REPORTED),
    "proactive": ("主动发现", "本周上报、由网格巡查或物联感知发现的事件",
                  _REPORTED.changed(sources=tuple(sorted(PROACTIVE_SOURCES)))),
    "due": ("到期", "本周到期的事件，不含作废、合并", _DUE),
    "due_judged": ("应结", "本周到期的事件，不含挂账、作废、合并", _DUE.changed(colors=JUDGED)),
    "due_in_time": ("按期结案", "本周到期、已按期结案的事件", _DUE.changed(colors=(SlaColor.DONE,))),
    "due_late": ("逾期", "本周到期、逾期结案或逾期仍未结案的事件", _DUE.changed(colors=LATE)),
    "due_done": ("到期已结", "本周到期、已结案的事件（无论早晚）", _DUE.changed(colors=DONE)),
    "due_suspended": ("到期挂账", "本周到期、正在挂账的事件", _DUE.changed(statuses=(Status.SUSPENDED,))),
    "reworked": ("返工", "本周到期、返过工的事件", _DUE.changed(marks=(Mark.REWORKED,))),
    "closed": ("结案", "本周结案的事件", _CLOSED),
    "respond_due": ("应响应", "本周上报、已派遣并规定了响应时限的事件",
                    _REPORTED.changed(marks=(Mark.RESPOND_DUE,))),
    "responded": ("按时响应", "本周上报、在响应时限内受理的事件",
                  _REPORTED.changed(marks=(Mark.RESPONDED,))),
    "called_back": ("已回访", "本周结案、回访到是否解决的事件", _CLOSED.changed(marks=(Mark.CALLED_BACK,))),
    "solved": ("已解决", "本周结案、回访确认已解决的事件", _CLOSED.changed(marks=(Mark.SOLVED,))),
    "rated": ("有效评价", "本周结案、评价了是否满意的事件", _CLOSED.changed(marks=(Mark.RATED,))),
    "satisfied": ("满意", "本周结案、评价为满意的事件", _CLOSED.changed(marks=(Mark.SATISFIED,))),
}  # fmt: skip
BASE_COUNTS: Final = tuple(
    NamedCount(name=name, label=label, base=name, meaning=meaning)
    for name, (label, meaning, _) in _BASE.items()
)


_MEDIAN: Final = "本周上报的紧急事件，从上报到首次到场的分钟数的中位数；没有到场记录的区域取填报的数"


def named_counts(*, session: Session) -> dict[str, NamedCount]:
    """Every count by name: those over all events, then the defined ones."""
    found = {count.name: count for count in BASE_COUNTS}
    for row in session.connection().execute(select(_TABLE).order_by(_TABLE.c.shipped.desc(), _TABLE.c.name)):
        classes, sources = listed_in(row.classes), listed_in(row.sources)
        found[row.name] = NamedCount(
            name=row.name, label=row.label, base=row.base, unit=row.unit, classes=classes, sources=sources,
            aggregate=row.aggregate, weekly=row.weekly,
            meaning=_MEDIAN if row.aggregate == "median"
            else _meaning(row.base, classes, sources),
        )  # fmt: skip
    return found


def spellings(counts: dict[str, NamedCount]) -> dict[str, str]:
    """Every name that a formula may use, label or identifier, with the canonical name."""
    return {count.label: name for name, count in counts.items()} | {name: name for name in counts}


def rows_of(count: NamedCount, *, code: str, start: date, end: date) -> Filter | None:
    """The Filter that holds exactly the rows that a count of events counts, or whose median it is; None for
    a reading.
    """
    if count.is_reading and not count.is_median:
        return None
    rows = _ARRIVED if count.is_median else _BASE[count.base][2]
    where = rows.changed(start=start, end=end, areas=(code,) if code else ())
    if count.sources:
        shared = set(count.sources) & set(where.sources) if where.sources else set(count.sources)
        where = where.changed(sources=tuple(sorted(shared)))
    return where.changed(classes=tuple(sorted(count.classes))) if count.classes else where


def week_end(week: date) -> date:
    """The Sunday of a week named by its Monday."""
    return week + timedelta(days=6)


def _meaning(base: str, classes: tuple[str, ...], sources: tuple[str, ...]) -> str:
    if not base:
        return "由人填报或接入的数"
    parts = [f"类别 {'、'.join(classes)}"] if classes else []
    parts += [f"来源 {'、'.join(sources)}"] if sources else []
    return f"{_BASE[base][1]}；只计{'，'.join(parts)}"
