"""Alerts for a screen: a page of them with totals, one with everything about it, the counts for a badge.

Drills are listed and counted apart: no number of real alerts holds one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, func, select
from sqlmodel import Session

from data.models import Alert, AlertLog, Rule
from data.queries.conditions import in_areas
from data.queries.names import place_names
from data.rules.by_hand import REPORTED, title_of
from data.rules.plan_clock import plan_late
from data.vocabulary import AlertState, RiskColor, RuleKind

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
_RULE: Final[Table] = Rule.__table__  # type: ignore[attr-defined]
OPEN_STATES: Final = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.ORDERED)
_WORST_FIRST: Final = case(
    *((_ALERT.c.color == color.value, place) for place, color in enumerate(RiskColor)), else_=9
)


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """One alert of a list. ``rule_name`` '' without a rule: a drill, a report (``by_hand``), a reminder.

    ``plan_due_at``: until when the plan of its level is to be there, None without a limit.
    """

    id: int
    rule_name: str
    kind: str
    color: RiskColor
    title: str
    detail: str
    code: str
    place_name: str
    owner: str
    state: AlertState
    is_drill: bool
    event_id: int | None
    raised_at: datetime
    resolved_at: datetime | None
    resolution: str
    lasting: bool
    by_hand: bool
    plan_due_at: datetime | None
    plan_warn_at: datetime | None
    plan_done_at: datetime | None
    plan_done_by: str
    plan_text: str


@dataclass(frozen=True, kw_only=True)
class AlertPage:
    """``totals`` counts real alerts by (state, colour) under the same areas, whatever the rows are cut to;
    ``drills`` are those that are going on; ``late`` are real alerts whose plan is overdue.
    """

    rows: tuple[AlertRow, ...]
    total: int
    totals: Mapping[tuple[str, str], int]
    drills: int
    late: int


@dataclass(frozen=True, kw_only=True)
class AlertStep:
    """One entry of an alert's log."""

    at: datetime
    actor: str
    action: str
    from_state: str
    to_state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AlertCard:
    """One alert with its evidence and its log; ``row.event_id`` is its order."""

    row: AlertRow
    evidence: Mapping[str, Any]
    steps: tuple[AlertStep, ...]


def alert_page(
    *,
    session: Session,
    as_of: datetime,
    areas: tuple[str, ...] = (),
    states: tuple[str, ...] = OPEN_STATES,
    colors: tuple[str, ...] = (),
    drills: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> AlertPage:
    """Alerts of these areas, states and colours (empty: all): those whose plan is overdue, then the worst,
    then the newest. ``drills``: those instead.
    """
    conditions = in_areas(areas, _ALERT.c.code)
    counted = select(_ALERT.c.is_drill, _ALERT.c.state, _ALERT.c.color, func.count()).where(*conditions)
    rows = session.connection().execute(
        counted.group_by(_ALERT.c.is_drill, _ALERT.c.state, _ALERT.c.color)
    )  # fmt: skip
    every = {(bool(row[0]), row[1], row[2]): int(row[3]) for row in rows}
    late = select(func.count()).where(*conditions, _ALERT.c.is_drill.is_(False), plan_late(as_of))
    shown = [*conditions, _ALERT.c.is_drill.is_(drills)]
    if states:
        shown.append(_ALERT.c.state.in_(states))
    if colors:
        shown.append(_ALERT.c.color.in_(colors))
    order = (
        case((plan_late(as_of), 0), else_=1),
        _WORST_FIRST,
        _ALERT.c.raised_at.desc(),
        _ALERT.c.id.desc(),
    )
    return AlertPage(
        rows=_rows(session, shown, order=order, limit=limit, offset=offset),
        total=sum(
            number
            for (is_drill, state, color), number in every.items()
            if is_drill is drills and (not states or state in states) and (not colors or color in colors)
        ),
        totals={(state, color): number for (is_drill, state, color), number in every.items() if not is_drill},
        drills=sum(
            number for (is_drill, state, _), number in every.items() if is_drill and state in OPEN_STATES
        ),
        late=int(session.connection().execute(late).scalar_one()),
    )


def open_alerts(*, session: Session, areas: tuple[str, ...] = ()) -> dict[RiskColor, int]:
    """How many alerts nobody has resolved, by colour; drills are left out. One look into an index."""
    counted = (
        select(_ALERT.c.color, func.count())
        .where(
            _ALERT.c.state != AlertState.RESOLVED.value,
            _ALERT.c.is_drill.is_(False),
            *in_areas(areas, _ALERT.c.code),
        )
        .group_by(_ALERT.c.color)
    )
    return {RiskColor(color): number for color, number in session.connection().execute(counted)}


def alert_card(*, session: Session, alert_id: int) -> AlertCard | None:
    """One alert with its evidence and log; None where there is none."""
    rows = _rows(session, [_ALERT.c.id == alert_id], order=(_ALERT.c.id,), limit=1, offset=0)
    if not rows:
        return None
    connection = session.connection()
    evidence = connection.execute(select(_ALERT.c.evidence).where(_ALERT.c.id == alert_id)).scalar_one()
    steps = connection.execute(select(_LOG).where(_LOG.c.alert_id == alert_id).order_by(_LOG.c.id)).all()
    return AlertCard(
        row=rows[0],
        evidence=json.loads(evidence),
        steps=tuple(
            AlertStep(
                at=step.at, actor=step.actor, action=step.action, from_state=step.from_state,
                to_state=step.to_state, reason=step.reason,
            )
            for step in steps
        ),
    )  # fmt: skip


def alert_of_order(*, session: Session, event_id: int) -> int | None:
    """The alert whose rectification order an event is; None for any other event."""
    wanted = select(_ALERT.c.id).where(_ALERT.c.event_id == event_id).limit(1)
    found: int | None = session.connection().execute(wanted).scalar()
    return found


def _place(row: Any, places: Mapping[str, str]) -> str:
    """Where it is; what no rule rang, or a failure of the system, is everywhere without an area."""
    everywhere = not row.code and (row.rule_id is None or row.kind == RuleKind.SYSTEM_FAILURE)
    return "全区" if everywhere else places[row.code]


def _rows(
    session: Session,
    conditions: list[ColumnElement[bool]],
    *,
    order: tuple[Any, ...],
    limit: int,
    offset: int,
) -> tuple[AlertRow, ...]:
    query = (
        select(_ALERT, _RULE.c.name.label("rule_name"), _RULE.c.kind)
        .join(_RULE, _RULE.c.id == _ALERT.c.rule_id, isouter=True)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    rows = session.connection().execute(query).all()
    places = place_names(session, {row.code for row in rows})
    return tuple(
        AlertRow(
            id=row.id, rule_name=row.rule_name or "", kind=RuleKind(row.kind).value if row.kind else "",
            color=RiskColor(row.color), title=title_of(row.title, is_drill=row.is_drill), detail=row.detail,
            code=row.code, owner=row.owner,
            place_name=_place(row, places),
            state=AlertState(row.state), is_drill=row.is_drill, event_id=row.event_id,
            raised_at=row.raised_at, resolved_at=row.resolved_at, resolution=row.resolution,
            lasting=row.active_key is not None, by_hand=row.cause.startswith(REPORTED),
            plan_due_at=row.plan_due_at, plan_warn_at=row.plan_warn_at, plan_done_at=row.plan_done_at,
            plan_done_by=row.plan_done_by, plan_text=row.plan_text,
        )
        for row in rows
    )  # fmt: skip
