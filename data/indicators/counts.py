"""Named counts: what a formula may call, and the rows behind each.

Three kinds: over all events (``data.counted``), over some classes or sources (``count_definition`` with a
base), and readings that are entered (without). Every count of events is the number of rows of a Filter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Table, delete, insert, select, update
from sqlmodel import Session

from data import roll_up
from data.counted import PROACTIVE_SOURCES
from data.filter import Filter
from data.models import AreaWeekCount, CountDefinition, Indicator, IndicatorReading
from data.queries.rates import JUDGED
from data.vocabulary import Basis, Mark, SlaColor, Status

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,31}")
_CLASS: Final = re.compile(r"\d{2}(\d{2})?", re.ASCII)
_TABLE: Final[Table] = CountDefinition.__table__  # type: ignore[attr-defined]
_HELD: Final[tuple[Table, ...]] = (
    AreaWeekCount.__table__,  # type: ignore[attr-defined]
    IndicatorReading.__table__,  # type: ignore[attr-defined]
    _TABLE,
)
AGGREGATES: Final = ("sum", "exact")
LATE: Final = (SlaColor.DONE_LATE, SlaColor.OVERDUE)
DONE: Final = (SlaColor.DONE, SlaColor.DONE_LATE)


class CountError(ValueError):
    """A count that cannot be defined like this. The text is for people."""


@dataclass(frozen=True, kw_only=True)
class NamedCount:
    """``base`` is the count over all events beneath it ('' for a reading); ``meaning`` says it in words."""

    name: str
    label: str
    base: str
    meaning: str
    unit: str = "件"
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    aggregate: str = "sum"
    shipped: bool = True

    @property
    def is_reading(self) -> bool:
        return not self.base

    @property
    def is_narrow(self) -> bool:
        """Whether it stands in ``area_week_count``."""
        return bool(self.base) and self.name != self.base


_REPORTED = Filter(basis=Basis.REPORTED, start=date.min, end=date.max)
_DUE = Filter(basis=Basis.DUE, start=date.min, end=date.max)
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


def named_counts(*, session: Session) -> dict[str, NamedCount]:
    """Every count by name: those over all events, then the defined ones."""
    found = {count.name: count for count in BASE_COUNTS}
    for row in session.connection().execute(select(_TABLE).order_by(_TABLE.c.shipped.desc(), _TABLE.c.name)):
        classes, sources = _split(row.classes), _split(row.sources)
        found[row.name] = NamedCount(
            name=row.name, label=row.label, base=row.base, unit=row.unit, classes=classes, sources=sources,
            aggregate=row.aggregate, shipped=row.shipped, meaning=_meaning(row.base, classes, sources),
        )  # fmt: skip
    return found


def spellings(counts: dict[str, NamedCount]) -> dict[str, str]:
    """Every name that a formula may use, label or identifier, with the canonical name."""
    return {count.label: name for name, count in counts.items()} | {name: name for name in counts}


def rows_of(count: NamedCount, *, code: str, start: date, end: date) -> Filter | None:
    """The Filter that holds exactly the rows that a count of events counts; None for a reading."""
    if count.is_reading:
        return None
    where = _BASE[count.base][2].changed(start=start, end=end, areas=(code,) if code else ())
    if count.sources:
        shared = set(count.sources) & set(where.sources) if where.sources else set(count.sources)
        where = where.changed(sources=tuple(sorted(shared)))
    return where.changed(classes=tuple(sorted(count.classes))) if count.classes else where


def week_end(week: date) -> date:
    """The Sunday of a week named by its Monday."""
    return week + timedelta(days=6)


def save_count(
    session: Session,
    *,
    name: str,
    label: str,
    base: str = "",
    classes: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    aggregate: str = "sum",
    unit: str = "件",
) -> None:
    """Defines a count or changes its definition; what is there already is counted anew at once.

    Raises:
        CountError: a name or label that is taken or cannot stand in a formula, an unknown base or class.
    """
    _check(session, name=name, label=label, base=base, classes=classes, sources=sources, aggregate=aggregate)
    values = {
        "label": label, "base": base, "classes": ",".join(sorted(set(classes))),
        "sources": ",".join(sorted(set(sources))), "aggregate": aggregate, "unit": unit,
    }  # fmt: skip
    connection = session.connection()
    done = connection.execute(update(_TABLE).where(_TABLE.c.name == name).values(values))
    if not done.rowcount:
        connection.execute(insert(_TABLE).values(name=name, shipped=False, **values))
    roll_up.recompute_definition(session, name)


def remove_count(session: Session, *, name: str) -> None:
    """Removes a defined count with what was counted or entered for it.

    Raises:
        CountError: it does not exist, or an indicator uses it.
    """
    counts = named_counts(session=session)
    if name not in counts or name in _BASE:
        raise CountError(f"没有可以删除的指标项“{name}”")
    label = counts[name].label
    formulas = session.connection().execute(select(Indicator.name, Indicator.formula)).all()  # type: ignore[call-overload]
    used = [each.name for each in formulas if {label, name} & set(re.findall(r"\w+", each.formula))]
    if used:
        raise CountError(f"指标“{used[0]}”还在使用“{label}”，请先修改或停用该指标")
    for table in _HELD:
        session.connection().execute(delete(table).where(table.c.name == name))
    roll_up.recompute_definition(session, name)


def _check(
    session: Session,
    *,
    name: str,
    label: str,
    base: str,
    classes: tuple[str, ...],
    sources: tuple[str, ...],
    aggregate: str,
) -> None:
    if not _NAME.fullmatch(name) or name in _BASE:
        raise CountError(f"代号“{name}”不能用：应为 2 到 32 个小写字母、数字、下划线，且不与已有的重复")
    if not label.isidentifier() or len(label) > 32:
        raise CountError(f"名称“{label}”不能用在公式里：应为 1 到 32 个汉字或字母，不含空格和符号")
    known = named_counts(session=session)
    if any(label in (count.label, count.name) and count.name != name for count in known.values()):
        raise CountError(f"已有名为“{label}”的指标项，请换一个名称")
    if base and base not in _BASE:
        raise CountError(f"没有“{base}”这个基础项，可用的是 {'、'.join(row[0] for row in _BASE.values())}")
    if base and not classes and not sources:
        raise CountError("请至少选一个类别或来源；不限类别和来源的数用基础项即可")
    if wrong := [code for code in classes if not _CLASS.fullmatch(code)]:
        raise CountError(f"类别代码“{wrong[0]}”不对：应为 2 位（大类）或 4 位（小类）数字")
    if aggregate not in AGGREGATES:
        raise CountError(f"没有“{aggregate}”这种汇总方式")


def _meaning(base: str, classes: tuple[str, ...], sources: tuple[str, ...]) -> str:
    if not base:
        return "由人填报或接入的数"
    parts = [f"类别 {'、'.join(classes)}"] if classes else []
    parts += [f"来源 {'、'.join(sources)}"] if sources else []
    return f"{_BASE[base][1]}；只计{'，'.join(parts)}"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
