"""Rules over indicators: worse weeks running, and a red line of the running week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from data.counted import monday_of
from data.indicators.compare import Value, is_worse
from data.indicators.reader import Reader
from data.indicators.store import Measure, measures
from data.indicators.table import cell_rows
from data.indicators.values import Sums, last_weeks, running_week
from data.queries.days import local_day
from data.queries.names import place_names
from data.rules.found import Cause
from data.rules.parameters import ThresholdNow, TwoWeeksWorse
from data.rules.store import RuleSpec
from data.vocabulary import CODE_LENGTH, Level


def two_weeks_worse(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Areas whose indicator was worse than its baseline in each of the last settled weeks (003)."""
    wanted = rule.parameters
    assert isinstance(wanted, TwoWeeksWorse)  # noqa: S101  the kind decides the type
    settled = local_day(session, as_of) - timedelta(days=wanted.settle_days)
    last = monday_of(settled) - timedelta(weeks=1)
    chosen = [
        each
        for each in measures(session=session, on=last + timedelta(days=6))
        if each.formula and (not wanted.indicators or each.key in wanted.indicators)
    ]
    weeks = last_weeks(last, wanted.weeks)
    reader = Reader(session=session, measures=chosen, as_of=as_of)
    span = max((each.weeks + each.trend_weeks for each in chosen), default=1) + wanted.weeks
    causes = []
    for level in wanted.levels:
        length = CODE_LENGTH[Level(level)]
        found = reader.read(under=rule.area[:length], length=length, weeks=last_weeks(last, span))
        for measure in chosen:
            for code in _codes(found, length):
                values: list[Value] = []
                for week in weeks:
                    values.append(reader.value(found, measure, code, week))
                    if not _worse(measure, values[-1], wanted.trend_margin):
                        break
                else:
                    causes.append(_worse_cause(session, rule, measure, code, weeks, values, as_of))
    return _named(session, causes)


def threshold_now(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Areas whose indicator of the running week is beyond the limit already."""
    wanted = rule.parameters
    assert isinstance(wanted, ThresholdNow)  # noqa: S101  the kind decides the type
    week = running_week(session, as_of)
    chosen = [each for each in measures(session=session, on=week) if each.key == wanted.indicator]
    causes = []
    reader = Reader(session=session, measures=chosen, as_of=as_of)
    for measure in chosen:
        for level in wanted.levels:
            length = CODE_LENGTH[Level(level)]
            weeks = last_weeks(week, measure.weeks + measure.trend_weeks)
            found = reader.read(under=rule.area[:length], length=length, weeks=weeks)
            for code in _codes(found, length):
                value = reader.value(found, measure, code, week)
                if value.enough and value.value is not None and _beyond(value.value, wanted):
                    causes.append(_threshold_cause(session, rule, measure, code, week, value, as_of))
    return _named(session, causes)


def _codes(found: Sums, length: int) -> list[str]:
    return sorted({code for code, _ in found if len(code) == length})


def _beyond(value: float, wanted: ThresholdNow) -> bool:
    return value > wanted.limit if wanted.side == "above" else value < wanted.limit


def _worse(measure: Measure, value: Value, trend_margin: float) -> bool:
    if measure.baseline_kind != "trend" or value.baseline is None:
        return value.worse is True
    share = trend_margin / 100 * (-1 if measure.direction == "up" else 1)
    return value.enough and is_worse(measure, value.value, value.baseline * (1 + share)) is True


def _worse_cause(
    session: Session,
    rule: RuleSpec,
    measure: Measure,
    code: str,
    weeks: list[date],
    values: list[Value],
    as_of: datetime,
) -> Cause:
    shown = "，".join(spelled_value(measure, value) for value in values)
    return Cause(
        key=f"{measure.key}:{code}",
        code=code,
        color=rule.color,
        owner=rule.owner,
        title=f"{measure.name}连续 {len(weeks)} 周差于基准",
        detail=f"{shown}；基准 {_baseline(measure, values[-1])}",
        evidence=_evidence(session, measure, code, weeks, values, as_of),
    )


def _threshold_cause(
    session: Session, rule: RuleSpec, measure: Measure, code: str, week: date, value: Value, as_of: datetime
) -> Cause:
    wanted = rule.parameters
    assert isinstance(wanted, ThresholdNow)  # noqa: S101  the kind decides the type
    side = "超过" if wanted.side == "above" else "低于"
    return Cause(
        key=f"{measure.key}:{code}",
        code=code,
        color=rule.color,
        owner=rule.owner,
        title=f"{measure.name}{side} {wanted.limit:g}{measure.unit}",
        detail=f"本周至今 {spelled_value(measure, value)}",
        evidence=_evidence(session, measure, code, [week], [value], as_of) | {"limit": wanted.limit},
    )


def _evidence(
    session: Session, measure: Measure, code: str, weeks: list[date], values: list[Value], as_of: datetime
) -> dict[str, object]:
    parts = cell_rows(session=session, measure=measure, code=code, week=weeks[-1], as_of=as_of)
    queries = [[name, where.to_query()] for name, where in parts if where is not None]
    found: dict[str, object] = {
        "indicator": measure.key,
        "formula": f"{measure.name} = {measure.formula_text}",
        "weeks": [week.isoformat() for week in weeks],
        "values": [value.value for value in values],
        "numerators": [value.numerator for value in values],
        "samples": [value.sample for value in values],
        "baseline": values[-1].baseline,
        "parts": queries,
    }
    return found | ({"query": queries[0][1]} if queries else {})


def spelled_value(measure: Measure, value: Value) -> str:
    """93.4%（1204/1289）, a median with its cases（样本 12）, or the number with its unit."""
    text = number_text(value.value, measure.unit)
    if value.sample is None:
        return text
    if value.numerator is None:
        return f"{text}（样本 {value.sample:g}）"
    return f"{text}（{value.numerator:g}/{value.sample:g}）"


def number_text(value: float | None, unit: str) -> str:
    """``93.4%``, ``12.5 分钟``; a dash for nothing."""
    if value is None:
        return "—"
    return f"{value:.1f}%" if unit == "%" else f"{value:.1f} {unit}".rstrip()


def _baseline(measure: Measure, value: Value) -> str:
    if measure.direction == "band":
        return f"{measure.band_low:g} 至 {measure.band_high:g} {measure.unit}"
    text = number_text(value.baseline, measure.unit)
    return f"前 {measure.trend_weeks} 周的中位数 {text}" if measure.baseline_kind == "trend" else text


def _named(session: Session, causes: list[Cause]) -> list[Cause]:
    names = place_names(session, {cause.code for cause in causes})
    return [replace(cause, title=f"{names[cause.code]} {cause.title}") for cause in causes]
