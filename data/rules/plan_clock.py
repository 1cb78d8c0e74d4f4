"""The limit of a response plan as a clock on an alert of its level (DOMAIN section 3).

Risks that people report and drills have it, and what rules ring that ask for it (``Rule.with_plan``).
It begins when the alert rings, or comes to that level, and runs in plain hours; it stops when a person
notes that the plan is there, or resolves the alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session

from data.clock import deadline
from data.conventions import read_conventions
from data.models import ResponsePlan
from data.models.base import column
from data.rules.errors import MoveRefused
from data.rules.steps import ALERT, OPEN, Step, row_of, seen_row, write_log
from data.vocabulary import AlertState, RiskColor


class PlanNote(StrEnum):
    """What is noted of a plan: it was handed in, or it is carried out."""

    FILED = "方案已提交"
    DONE = "预案已落实"


def limits(session: Session) -> dict[str, float]:
    """Hours by level, for the levels whose plan has a limit."""
    rows = session.connection().execute(
        select(column(ResponsePlan.color), column(ResponsePlan.within_hours)).where(
            column(ResponsePlan.within_hours).is_not(None)
        )
    )
    return {row.color: row.within_hours for row in rows}


def plan_columns(hours: Mapping[str, float], color: RiskColor, start: datetime) -> dict[str, Any]:
    """Until when the plan of an alert is to be there, as its columns say it."""
    found = deadline(reported_at=start, limit_hours=hours.get(color.value))
    return {"plan_due_at": found.due_at, "plan_warn_at": found.warn_at}


def plan_late(as_of: datetime) -> ColumnElement[bool]:
    """Whether the plan of an unresolved alert is overdue, as SQL."""
    return (
        (ALERT.c.state != AlertState.RESOLVED.value)
        & ALERT.c.plan_done_at.is_(None)
        & (ALERT.c.plan_due_at < as_of)
    )


def note_plan(
    session: Session,
    *,
    alert_id: int,
    seen_state: str,
    note: PlanNote,
    text: str,
    actor: str,
    at: datetime,
) -> None:
    """Notes that the plan is there: its clock stops.

    Raises:
        UnknownAlert, AlertMoved: as their names say.
        MoveRefused: resolved, without a limit, noted already, or nothing said about it.
    """
    row = seen_row(session, alert_id, seen_state, allowed=OPEN)
    if row.plan_due_at is None:
        raise MoveRefused("这条预警没有方案时限，不用登记方案")
    if row.plan_done_at is not None:
        raise MoveRefused(f"方案已由{row.plan_done_by}登记，请刷新后查看")
    if not text.strip():
        raise MoveRefused("请写明方案的要点或文号")
    said = f"{note.value}：{text.strip()}"[:256]
    step = Step(action="plan", actor=actor, at=at, reason=said)
    _write(session, row, step, plan_done_at=at, plan_done_by=actor[:64], plan_text=said)


def take_plan_back(session: Session, *, alert_id: int, actor: str, at: datetime) -> None:
    """Takes the note back while there is time: the clock runs on as if it had never stopped.

    Raises:
        UnknownAlert, AlertMoved: as their names say.
        MoveRefused: nothing is noted, it is too long ago, or the alert is resolved.
    """
    row = row_of(session, alert_id)
    if refusal := why_plan_stays(session, row, at):
        raise MoveRefused(refusal)
    step = Step(action="plan_back", actor=actor, at=at, reason=row.plan_text)
    _write(session, row, step, plan_done_at=None, plan_done_by="", plan_text="")


def why_plan_stays(session: Session, row: Any, at: datetime) -> str:
    """Why the note is not taken back; '' where it may be."""
    if row.plan_done_at is None:
        return "还没有登记方案"
    if row.state == AlertState.RESOLVED:
        return "预警已解除，方案的登记不再撤回"
    conventions = read_conventions(session=session)
    late = at - row.plan_done_at > conventions.undo_within
    return f"登记已超过 {conventions.undo_text}，不能撤回" if late else ""


def _write(session: Session, row: Any, step: Step, **values: Any) -> None:
    before = ALERT.c.plan_done_at.is_(None) if row.plan_done_at is None else ALERT.c.plan_done_at.is_not(None)
    done = session.connection().execute(
        update(ALERT)
        .where(ALERT.c.id == row.id, ALERT.c.state == row.state, before)
        .values(changed_at=step.at, **values)
    )
    if done.rowcount != 1:
        raise MoveRefused("这条预警刚被他人处理，请刷新后再试")
    write_log(session, row.id, step, before=row.state, after=AlertState(row.state))
