"""Drills of the risk levels, street by street: when each was last drilled, who is reminded (DOMAIN 3).

A drill counts for every street of the area in which it was held: one of the whole district for all of them,
one of a street for that street, one of a community for none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session

from data.codes import level_of
from data.labels import RISK_COLOR
from data.queries.days import local_day
from data.queries.names import in_force
from data.queries.tables import DIVISION
from data.rules.by_hand import REMINDER
from data.rules.found import Cause
from data.rules.steps import ALERT
from data.rules.store import Plan, response_plans
from data.vocabulary import CODE_LENGTH, Level, RiskColor, Role

_STREET: Final = CODE_LENGTH[Level.STREET]
REMINDED: Final = "演练到期"


@dataclass(frozen=True, kw_only=True)
class DrillState:
    """When a risk level was last drilled in a street, and by when it should be again.

    ``code`` '' with ``place_name`` 全区 where there are no streets. ``next_due_at`` of a street that never
    drilled counts from the first alert of all; None before there is any.
    """

    color: RiskColor
    code: str
    place_name: str
    last_at: datetime | None
    next_due_at: datetime | None
    late: bool


def drills(*, session: Session, as_of: datetime, areas: tuple[str, ...] = ()) -> list[DrillState]:
    """For each street of these areas (empty: all) and each risk level with a plan, street by street."""
    held, began = _held(session), _began(session)
    streets, plans = _streets(session, areas), response_plans(session=session)
    return [_state(session, plan, code, name, held, began, as_of) for code, name in streets for plan in plans]


def reminders(session: Session, as_of: datetime) -> list[Cause]:
    """One blue reminder for each street in which a level's drill is overdue: once a quarter."""
    day = local_day(session, as_of)
    quarter = f"{day.year}Q{(day.month + 2) // 3}"
    overdue: dict[str, list[DrillState]] = {}
    for state in drills(session=session, as_of=as_of):
        if state.late and state.next_due_at is not None and is_over(session, state.next_due_at, as_of):
            overdue.setdefault(state.code, []).append(state)
    return [
        Cause(
            key=f"{REMINDER}{code}:{quarter}", code=code, color=RiskColor.BLUE,
            owner=(Role.STREET if code else Role.LEADER).value,
            title=f"{states[0].place_name} {REMINDED}：{levels_text(states)}",
            detail="本季度应演练而没有演练；按处置预案组织一次，这条提醒就自动解除",
            evidence={"formula": "每一级风险按处置预案的演练间隔演练；全区演练各街道都算"},
        )
        for code, states in overdue.items()
    ]  # fmt: skip


def levels_text(states: Sequence[DrillState]) -> str:
    """红色、黄色."""
    return "、".join(RISK_COLOR[state.color] for state in states)


def is_over(session: Session, due_at: datetime, as_of: datetime) -> bool:
    """Whether the day by which a drill was due has passed."""
    return local_day(session, due_at) < local_day(session, as_of)


def _state(
    session: Session,
    plan: Plan,
    code: str,
    name: str,
    held: Collection[tuple[RiskColor, str, datetime]],
    began: datetime | None,
    as_of: datetime,
) -> DrillState:
    last = max(
        (at for color, area, at in held if color is plan.color and code.startswith(area)), default=None
    )
    start = last or began
    due = start + timedelta(days=plan.drill_days) if start else None
    late = last is None or due is None or is_over(session, due, as_of)
    return DrillState(
        color=plan.color, code=code, place_name=name, last_at=last, next_due_at=due, late=late
    )  # fmt: skip


def _held(session: Session) -> list[tuple[RiskColor, str, datetime]]:
    """The newest drill of each level and area. No rule rings drills: that is what the index knows."""
    newest = func.max(ALERT.c.raised_at, type_=ALERT.c.raised_at.type)
    rows = session.connection().execute(
        select(ALERT.c.color, ALERT.c.code, newest)
        .where(ALERT.c.rule_id.is_(None), ALERT.c.is_drill.is_(True))
        .group_by(ALERT.c.color, ALERT.c.code)
    )
    return [(RiskColor(row[0]), row[1], row[2]) for row in rows]


def _began(session: Session) -> datetime | None:
    """When the first alert of all rang: from then on somebody could have drilled."""
    first = select(ALERT.c.raised_at).order_by(ALERT.c.id).limit(1)
    found: datetime | None = session.connection().execute(first).scalar()
    return found


def _streets(session: Session, areas: tuple[str, ...]) -> list[tuple[str, str]]:
    """Code and name of the streets that these areas hold or lie in."""
    rows = session.connection().execute(
        select(DIVISION.c.code, DIVISION.c.short_name)
        .where(DIVISION.c.level == Level.STREET.value, in_force())
        .order_by(DIVISION.c.code)
    )
    wanted = tuple(area[:_STREET] for area in areas if level_of(area))
    found = [(row.code, row.short_name) for row in rows if not wanted or row.code.startswith(wanted)]
    return found or ([] if wanted else [("", "全区")])
