"""Rules over events: surges against the same weekdays, repeats at one place, ladders of overdue cases.

They read open events, nine days of a covering index or the days of a repeat, never history.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import read_calendars
from data.filter import Filter
from data.labels import CLOCK_TYPE
from data.queries.conditions import under_areas
from data.queries.names import class_names, place_names
from data.queries.repeats import all_repeats
from data.queries.surges import surges as surging
from data.queries.tables import EVENT
from data.rules.found import Cause
from data.rules.in_force import hours_over
from data.rules.parameters import OverdueLadder, SurgeRule, climbs, rung_of
from data.rules.store import RuleSpec
from data.rules.words import limits_text
from data.time_left import times_left
from data.vocabulary import ClockType, SlaColor, Status

_OVERDUE: Final = (
    "id", "code", "title", "external_no", "due_at", "ended_at", "in_time", "status", "status_since",
    "clock_type",
)  # fmt: skip
_DAY_HOURS: Final = 24


def surges(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Areas and classes that surge today (``data.queries.surges``)."""
    wanted = rule.parameters
    assert isinstance(wanted, SurgeRule)  # noqa: S101  the kind decides the type
    found = surging(session=session, where=_under(rule), as_of=as_of, rules=(rule,))
    places = place_names(session, {surge.code for surge in found})
    classes = class_names(session)
    return [
        Cause(
            key=f"{surge.code}:{surge.class_code}",
            code=surge.code,
            color=rule.color,
            owner=rule.owner,
            title=f"{places[surge.code]} {classes.get(surge.class_code, surge.class_code)}"
            f"今日 {surge.today} 件",
            detail=f"近 {wanted.weeks} 周同一星期几到此时的中位数是 {surge.usual:g} 件",
            evidence={
                "formula": limits_text(rule),
                "values": list(surge.values),
                "baseline": surge.usual,
                "query": surge.where.to_query(),
            },
        )
        for surge in sorted(found, key=lambda surge: (surge.code, surge.class_code))
    ]


def repeated(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Places where one class of event comes again and again (``data.queries.repeats``)."""
    found = all_repeats(session=session, where=_under(rule), as_of=as_of, rules=(rule,))
    return [
        Cause(
            key=f"{repeat.place}:{repeat.class_code}",
            code=repeat.code,
            color=rule.color,
            owner=rule.owner,
            title=f"{repeat.place_name} {repeat.class_name}同一处 {repeat.count} 件",
            detail=f"{repeat.days} 天内，其中在办 {repeat.open} 件",
            evidence={
                "formula": limits_text(rule),
                "values": [repeat.count],
                "query": repeat.where.to_query(),
            },
        )
        for repeat in found
    ]


def _under(rule: RuleSpec) -> Filter:
    return Filter(areas=(rule.area,) if rule.area else ())


def overdue(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Open events that are past their deadline by at least the first rung, on their own clocks; 挂账 stops
    the clock. What was handed back in time is not overdue while it is checked; what was late climbs on until
    it ends. No clock runs faster than time, so that the query leaves out what cannot be there yet.
    """
    wanted = rule.parameters
    assert isinstance(wanted, OverdueLadder)  # noqa: S101  the kind decides the type
    latest = as_of - timedelta(hours=wanted.rungs[0].hours)
    rows = session.execute(
        select(*(EVENT.c[name] for name in _OVERDUE))
        .where(
            EVENT.c.ended_at.is_(None),
            *under_areas((rule.area,) if rule.area else ()),
            EVENT.c.due_at < latest,
            EVENT.c.in_time.is_not(True),
            EVENT.c.status != Status.SUSPENDED.value,
        )
        .order_by(EVENT.c.due_at, EVENT.c.id)
    ).all()
    places = place_names(session, {row.code for row in rows})
    causes = []
    lefts = times_left(rows, as_of=as_of, calendars=lambda: read_calendars(session), judged=True)
    for row, left in zip(rows, lefts, strict=True):
        hours = hours_over(left, due_at=row.due_at, as_of=as_of)
        if not climbs(wanted, hours):
            continue
        rung = rung_of(wanted, hours)
        past = _rung_text(rung.hours, left.clock_type if left else "")
        causes.append(
            Cause(
                key=f"event:{row.id}",
                code=row.code,
                color=type(rule.color)(rung.color),
                owner=rung.owner or rule.owner,
                title=f"{places[row.code]} {row.title}超期"[:128],
                detail=f"{row.external_no} 已超过 {past}",
                evidence={
                    "formula": f"在办、未挂账、超过处置期限 {past}以上",
                    "event_id": row.id,
                },
                area_where=Filter(colors=(SlaColor.OVERDUE,)),
            )
        )
    return causes


def _rung_text(hours: float, clock_type: str) -> str:
    """So many hours of a clock, as people say them: 3 天, 24 小时（工作时）, 1 个工作日."""
    if clock_type == ClockType.WORKING_HOURS:
        return f"{hours:g} 小时（{CLOCK_TYPE[clock_type]}）"
    if clock_type == ClockType.WORKING_DAYS and hours >= _DAY_HOURS:
        return f"{hours / _DAY_HOURS:g} 个工作日"
    return f"{hours:g} 小时" if hours < 2 * _DAY_HOURS else f"{hours / _DAY_HOURS:g} 天"
