"""怎么算的: how each number is computed, over which rows, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from data.filter import NOBODY, Filter
from data.labels import BASIS, MARK, MISSING, NO_DEPARTMENT, SLA_COLOR, STATUS, label
from data.queries.area_values import METRIC_LABEL, Metric
from data.queries.events import count_events
from data.queries.kpis import FORMULA, LABEL, kpi_filter
from data.queries.names import class_names, department_names, place_names, source_name
from data.queries.rates import minimum_sample, rate_filter
from data.vocabulary import Basis, SlaColor

METRIC_PREFIX: Final = "metric:"
_SHOWN: Final = 6
_OPEN_COLORS: Final = tuple(color for color in SlaColor if color not in (SlaColor.DONE, SlaColor.DONE_LATE))
_METRIC_FORMULA: Final[dict[Metric, str]] = {
    Metric.OPEN: "每个区域内符合当前筛选、尚未结案、评价、合并、作废的事件数",
    Metric.OVERDUE: "每个区域内符合当前筛选、在办且已过处置期限的事件数，不含挂账",
    Metric.SOON: "每个区域内符合当前筛选、剩余时间不超过时限的临期比例（默认四分之一，见工作日历）的"
    "在办事件数，不含挂账",
    Metric.TOTAL: "每个区域内符合当前筛选的事件数",
    Metric.PER_1000: "每个区域内符合当前筛选的事件数 ÷ 该区域常住人口 × 1000；没有人口数的区域不着色",
    Metric.ON_TIME_RATE: "每个区域按期结案的件数 ÷ 已到期或已结案的件数，不含挂账、无时限和未到期在办的事件；"
    "不足 {fewest} 件的区域不着色。口径为在办时取本周一至今天到期的事件",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """``rows`` is how many events the number was computed over: exactly those of ``where``."""

    title: str
    formula: str
    basis: str
    conditions: tuple[str, ...]
    rows: int
    as_of: datetime
    where: Filter


def explain(*, session: Session, key: str, where: Filter, as_of: datetime) -> Explanation:
    """For a figure by its key (``overdue``), or for the map's colours by metric (``metric:overdue``).

    Raises:
        KeyError: there is no such figure or metric.
    """
    if key.startswith(METRIC_PREFIX):
        metric = _metric(key)
        title, formula = METRIC_LABEL[metric], _METRIC_FORMULA[metric]
        if metric is Metric.ON_TIME_RATE:
            formula = formula.format(fewest=minimum_sample(session=session, as_of=as_of))
        rows = _metric_filter(session, metric, where, as_of)
    else:
        title, formula = LABEL[key], FORMULA[key]
        rows = kpi_filter(session, key, where, as_of)
    return Explanation(
        title=title,
        formula=formula,
        basis=BASIS[rows.basis],
        conditions=describe_filter(session=session, where=rows),
        rows=count_events(session=session, where=rows, as_of=as_of).total,
        as_of=as_of,
        where=rows,
    )


def describe_filter(*, session: Session, where: Filter) -> tuple[str, ...]:
    """The filter in words, one phrase a condition, basis and period first."""
    phrases = [f"口径：{BASIS[where.basis]}"]
    if where.start and where.end:
        phrases.append(f"时段：{where.start.isoformat()} 至 {where.end.isoformat()}")
    return (*phrases, *describe_conditions(session=session, where=where))


def describe_conditions(*, session: Session, where: Filter) -> tuple[str, ...]:
    """What a filter asks for beside its basis and period, one phrase a condition."""
    places = place_names(session, set(where.areas))
    classes = class_names(session) if where.classes else {}
    departments = department_names(session) | {NOBODY: NO_DEPARTMENT} if where.departments else {}
    parts = (
        ("范围", [places[area] for area in where.areas]),
        ("类别", [classes.get(code, code) for code in where.classes]),
        ("来源", [source_name(source) for source in where.sources]),
        ("状态", [label(STATUS, status) for status in where.statuses]),
        ("部门", [departments.get(code, code) for code in where.departments]),
        ("时限", [label(SLA_COLOR, color) for color in where.colors]),
        ("办理情况", [label(MARK, mark) for mark in where.marks]),
    )
    phrases = [f"{name}：{_listed(values)}" for name, values in parts if values]
    if where.text:
        phrases.append(f"文字：{where.text}")
    if where.polygon:
        phrases.append(f"画定范围（{len(where.polygon)} 个顶点）")
    if where.missing:
        phrases.append(f"只看{MISSING[where.missing]}")
    return tuple(phrases)


def _listed(values: list[str]) -> str:
    shown = "、".join(values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown} 等 {len(values)} 项"


def _metric(key: str) -> Metric:
    try:
        return Metric(key.removeprefix(METRIC_PREFIX))
    except ValueError as error:
        raise KeyError(key) from error


def _metric_filter(session: Session, metric: Metric, where: Filter, as_of: datetime) -> Filter:
    """The events behind a metric; colours asked for by the filter itself stay in force."""
    wanted: tuple[SlaColor, ...]
    if metric is Metric.ON_TIME_RATE:
        return rate_filter(session, where, as_of) if where.basis is Basis.OPEN else where
    if metric in (Metric.OVERDUE, Metric.SOON):
        wanted = (SlaColor(metric.value),)
    elif metric is Metric.OPEN:
        wanted = _OPEN_COLORS
    else:
        return where
    if metric is Metric.OPEN and where.basis is Basis.OPEN:
        return where
    kept = tuple(color for color in where.colors or wanted if color in wanted)
    if kept:
        return where.changed(colors=kept)
    # Nothing meets both, spelled as open and done at once.
    return where.changed(basis=Basis.OPEN, start=None, end=None, colors=(SlaColor.DONE,))
