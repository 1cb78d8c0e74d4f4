"""Rules over events: surges against the same weekdays, and ladders of overdue cases.

Both read open events or nine days of a covering index, never history.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import func, or_, select
from sqlmodel import Session

from data.filter import Filter
from data.queries.conditions import under_areas, where_clauses
from data.queries.days import day_start, days_before, local_day
from data.queries.names import class_names, place_names
from data.queries.tables import EVENT
from data.rules.found import Cause
from data.rules.parameters import OverdueLadder, Rung, SurgeRule
from data.rules.store import RuleSpec
from data.vocabulary import CODE_LENGTH, Basis, Level, SlaColor, Status

_DEVIATIONS: Final = 3.0
_SECONDS_AN_HOUR: Final = 3600
_DAY_HOURS: Final = 48


def surges(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Areas and classes with far more events today than at this hour on the same weekday usually.

    Usual is the median of the past weeks, so that one odd day does not count, and the same weekday, so that
    weekends do not. Small numbers: at least ``minimum`` events, and more than three standard deviations
    above the usual (``usual + 3 √usual``, with usual taken as at least ½).
    """
    wanted = rule.parameters
    assert isinstance(wanted, SurgeRule)  # noqa: S101  the kind decides the type
    points = [days_before(session, as_of, 7 * weeks) for weeks in range(wanted.weeks + 1)]
    days = [local_day(session, point) for point in points]
    length = CODE_LENGTH[Level(wanted.level)]
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    where = Filter(
        basis=Basis.REPORTED, start=days[-1], end=days[0], areas=(rule.area,) if rule.area else (),
        sources=tuple(sorted(wanted.sources)),
    )  # fmt: skip
    until = zip(days, points, strict=True)
    counted = (
        select(
            func.substr(EVENT.c.code, 1, length).label("area"),
            EVENT.c.class_code,
            EVENT.c.reported_day,
            func.count(),
        )
        .where(
            *where_clauses(session, where, as_of),
            or_(*(EVENT.c.reported_at.between(day_start(session, day), at) for day, at in until)),
            func.length(EVENT.c.code) >= length,
        )
        .group_by("area", EVENT.c.class_code, EVENT.c.reported_day)
    )
    for area, class_code, day, number in session.execute(counted):
        found[area, class_code][day] = number
    surging = [
        (code, class_code, by_day[days[0]], median(by_day.get(day, 0) for day in days[1:]))
        for (code, class_code), by_day in sorted(found.items())
        if days[0] in by_day
    ]
    places = place_names(session, {code for code, *_ in surging})
    classes = class_names(session)
    return [
        Cause(
            key=f"{code}:{class_code}",
            code=code,
            color=rule.color,
            owner=rule.owner,
            title=f"{places[code]} {classes.get(class_code, class_code)}今日 {today} 件",
            detail=f"近 {wanted.weeks} 周同一星期几到此时的中位数是 {usual:g} 件",
            evidence={
                "formula": f"今日件数 ≥ {wanted.minimum}，且 ≥ 近 {wanted.weeks} 周同一星期几到此时中位数的"
                f" {wanted.times:g} 倍",
                "values": [found[code, class_code].get(day, 0) for day in reversed(days)],
                "baseline": usual,
                "query": where.changed(start=days[0], areas=(code,), classes=(class_code,)).to_query(),
            },
        )
        for code, class_code, today, usual in surging
        if is_surge(today, usual, times=wanted.times, minimum=wanted.minimum)
    ]


def is_surge(today: int, usual: float, *, times: float, minimum: int) -> bool:
    """The rule above."""
    scattered = max(usual, 0.5)
    return (
        today >= minimum and today >= times * usual and today > scattered + _DEVIATIONS * math.sqrt(scattered)
    )


def overdue(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Open events that are past their deadline by at least the first rung; 挂账 stops the clock."""
    wanted = rule.parameters
    assert isinstance(wanted, OverdueLadder)  # noqa: S101  the kind decides the type
    latest = as_of - timedelta(hours=wanted.rungs[0].hours)
    rows = session.execute(
        select(EVENT.c.id, EVENT.c.code, EVENT.c.title, EVENT.c.external_no, EVENT.c.due_at)
        .where(
            EVENT.c.ended_at.is_(None),
            *under_areas((rule.area,) if rule.area else ()),
            EVENT.c.due_at < latest,
            EVENT.c.status != Status.SUSPENDED.value,
        )
        .order_by(EVENT.c.due_at, EVENT.c.id)
    ).all()
    places = place_names(session, {row.code for row in rows})
    causes = []
    for row in rows:
        hours = (as_of - row.due_at).total_seconds() / _SECONDS_AN_HOUR
        rung = rung_of(wanted, hours)
        causes.append(
            Cause(
                key=f"event:{row.id}",
                code=row.code,
                color=type(rule.color)(rung.color),
                owner=rung.owner or rule.owner,
                title=f"{places[row.code]} {row.title}超期"[:128],
                detail=f"{row.external_no} 已超过 {_rung_text(rung.hours)}",
                evidence={
                    "formula": f"在办、未挂账、超过处置期限 {_rung_text(rung.hours)}以上",
                    "event_id": row.id,
                },
                area_where=Filter(colors=(SlaColor.OVERDUE,)),
            )
        )
    return causes


def rung_of(ladder: OverdueLadder, hours_over: float) -> Rung:
    """The highest rung that so many hours after the deadline reach; the first where they reach none."""
    reached = [rung for rung in ladder.rungs if hours_over >= rung.hours]
    return (reached or [ladder.rungs[0]])[-1]


def _rung_text(hours: float) -> str:
    return f"{hours:g} 小时" if hours < _DAY_HOURS else f"{hours / 24:g} 天"
