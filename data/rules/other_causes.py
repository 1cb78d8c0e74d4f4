"""Rules over readings and whistles."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlmodel import Session

from data.indicators.counts import named_counts
from data.models import IndicatorReading, Whistle, WhistleDepartment
from data.queries.days import local_day, monday
from data.queries.names import department_names, place_names
from data.rules.found import Cause
from data.rules.parameters import SensorLimit, WhistleLadder
from data.rules.store import RuleSpec
from data.vocabulary import LadderColor, RiskColor, Role
from data.whistle.ladder import LadderOwner, ladder
from data.whistle.ladder import Rung as WhistleRung
from data.whistle.lines import facts_of

_READING: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]
_WHISTLE: Final[Table] = Whistle.__table__  # type: ignore[attr-defined]
_CALLED: Final[Table] = WhistleDepartment.__table__  # type: ignore[attr-defined]
_FRESH_WEEKS: Final = 2
"""A reading older than this says nothing about today."""
MOST_OF_SUBJECT: Final = 60
"""So much of a whistle's subject stands in the title of its alert."""
_ANSWERS: Final = {
    LadderOwner.DEPARTMENTS: Role.STREET,
    LadderOwner.SECRETARY: Role.LEADER,
    LadderOwner.DISTRICT: Role.DISPATCHER,
    LadderOwner.MEETING: Role.LEADER,
}
"""Who answers for the alert of a rung."""


def sensor_limit(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Areas whose newest reading, not older than two weeks, is beyond its limits."""
    wanted = rule.parameters
    assert isinstance(wanted, SensorLimit)  # noqa: S101  the kind decides the type
    count = named_counts(session=session).get(wanted.count)
    if count is None:
        return []
    oldest = monday(local_day(session, as_of)) - timedelta(weeks=_FRESH_WEEKS)
    newest = (
        select(_READING.c.code, func.max(_READING.c.week).label("week"))
        .where(_READING.c.name == wanted.count, _READING.c.week >= oldest)
        .group_by(_READING.c.code)
        .subquery()
    )
    rows = session.execute(
        select(_READING).join(
            newest, (newest.c.code == _READING.c.code) & (newest.c.week == _READING.c.week)
        ).where(_READING.c.name == wanted.count).order_by(_READING.c.code)
    ).all()  # fmt: skip
    beyond = [(row, said) for row in rows if (said := _beyond(row.value, wanted))]
    places = place_names(session, {row.code for row, _ in beyond})
    return [
        Cause(
            key=row.code or "all",
            code=row.code,
            color=rule.color,
            owner=rule.owner,
            title=f"{places[row.code]} {count.label} {row.value:g} {count.unit}，{said}",
            detail=f"{row.week.isoformat()} 一周的读数，来源：{row.source or '未注明'}",
            evidence={
                "formula": f"{count.label}{said}",
                "values": [row.value],
                "weeks": [row.week.isoformat()],
            },
        )
        for row, said in beyond
    ]


def _beyond(value: float, wanted: SensorLimit) -> str:
    if wanted.above is not None and value > wanted.above:
        return f"高于 {wanted.above:g}"
    if wanted.below is not None and value < wanted.below:
        return f"低于 {wanted.below:g}"
    return ""


def whistle_ladder(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Open whistles that a department has not come to, or that came back too often: the rungs of
    ``data.whistle.ladder`` (DOMAIN section 3), from yellow on.
    """
    wanted = rule.parameters
    assert isinstance(wanted, WhistleLadder)  # noqa: S101  the kind decides the type
    rows = session.execute(select(_WHISTLE).where(_WHISTLE.c.done_at.is_(None)).order_by(_WHISTLE.c.id)).all()
    called: dict[int, list[Any]] = defaultdict(list)
    order = (_CALLED.c.leads.desc(), _CALLED.c.department_code)
    its = select(_CALLED).join(_WHISTLE, _WHISTLE.c.id == _CALLED.c.whistle_id)
    for one in session.execute(its.where(_WHISTLE.c.done_at.is_(None)).order_by(*order)):
        called[one.whistle_id].append(one)
    names = department_names(session)
    judged = [
        (row, ladder(facts_of(row, called[row.id], names), as_of, returns=wanted.returns)) for row in rows
    ]
    climbed = [(row, rung) for row, rung in judged if rung.color is not LadderColor.BLUE]
    places = place_names(session, {row.code for row, _ in climbed})
    return [
        Cause(
            key=f"whistle:{row.id}",
            code=row.code,
            color=RiskColor(rung.color),
            owner=_ANSWERS[rung.owner],
            title=f"{places[row.code]} 吹哨“{row.subject[:MOST_OF_SUBJECT]}”{_said(row, rung)}"[:128],
            detail=rung.reason,
            evidence={"formula": "时限过半为黄色，超时为红色并由书记督办，再超时报区", "whistle_id": row.id},
        )
        for row, rung in climbed
    ]


def _said(row: Any, rung: WhistleRung) -> str:
    return {
        LadderOwner.MEETING: f"退回 {row.returned_count} 次，应列入联席会议题",
        LadderOwner.DISTRICT: "再次超时，报区级协调",
        LadderOwner.SECRETARY: "超时未报到，书记督办",
    }.get(rung.owner, "时限已过半")
