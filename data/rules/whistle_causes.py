"""Rules over whistles."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.models import Whistle, WhistleDepartment
from data.queries.names import department_names, place_names
from data.rules.found import Cause
from data.rules.parameters import WhistleLadder
from data.rules.store import RuleSpec
from data.vocabulary import RiskColor, Role
from data.whistle.ladder import LadderOwner, ladder
from data.whistle.ladder import Rung as WhistleRung
from data.whistle.lines import facts_of
from data.whistle_vocabulary import LadderColor

_WHISTLE: Final[Table] = Whistle.__table__  # type: ignore[attr-defined]
_CALLED: Final[Table] = WhistleDepartment.__table__  # type: ignore[attr-defined]
MOST_OF_SUBJECT: Final = 60
"""So much of a whistle's subject stands in the title of its alert."""
_ANSWERS: Final = {
    LadderOwner.DEPARTMENTS: Role.STREET,
    LadderOwner.SECRETARY: Role.LEADER,
    LadderOwner.DISTRICT: Role.DISPATCHER,
    LadderOwner.MEETING: Role.LEADER,
}
"""Who answers for the alert of a rung."""


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
            evidence={
                "formula": "过提醒时间为黄色，超时为红色并由书记督办，再次超时报区，"
                f"退回满 {wanted.returns} 次列入联席会议题",
                "whistle_id": row.id,
            },
        )
        for row, rung in climbed
    ]


def _said(row: Any, rung: WhistleRung) -> str:
    return {
        LadderOwner.MEETING: f"退回 {row.returned_count} 次，应列入联席会议题",
        LadderOwner.DISTRICT: "再次超时，报区级协调",
        LadderOwner.SECRETARY: "超时未报到，书记督办",
    }.get(rung.owner, "已过提醒时间")
