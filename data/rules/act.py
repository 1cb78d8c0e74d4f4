"""What people do with an alert: acknowledge, order, resolve, take back. Every act is logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from data.conventions import read_conventions
from data.rules.by_hand import second_of_its_kind
from data.rules.errors import MoveRefused
from data.rules.order import issue_order
from data.rules.parameters import Order
from data.rules.steps import LOG, OPEN, Step, move, reason_of, row_of, seen_row
from data.vocabulary import AlertState


def acknowledge(
    session: Session, *, alert_id: int, seen_state: str, actor: str, at: datetime, reason: str = ""
) -> None:
    """Somebody has seen it and is on it.

    Raises:
        UnknownAlert, AlertMoved, MoveRefused: nothing is written.
    """
    row = seen_row(session, alert_id, seen_state, allowed=frozenset({AlertState.NEW}))
    step = Step(action="acknowledge", actor=actor, at=at, reason=reason)
    move(session, row, AlertState.ACKNOWLEDGED, step)


def order(
    session: Session,
    *,
    alert_id: int,
    seen_state: str,
    actor: str,
    at: datetime,
    reason: str,
    what: Order,
) -> int:
    """Issues a rectification order, an event with its own clock; returns the event's id. Needs a reason.

    Raises:
        UnknownAlert, AlertMoved, MoveRefused: nothing is written.
    """
    row = seen_row(
        session, alert_id, seen_state, allowed=frozenset({AlertState.NEW, AlertState.ACKNOWLEDGED})
    )
    text = reason_of(reason, "下达整改指令")
    if row.is_drill:
        raise MoveRefused("演练预警不下达真实的整改指令")
    if not row.code:
        raise MoveRefused("这条预警没有落到区域，不能下达整改指令。请先确认是哪个区域")
    event_id = issue_order(
        session,
        alert_id=alert_id,
        title=row.title,
        reason=text,
        code=row.code,
        order=what,
        actor=actor,
        at=at,
    )
    step = Step(action="order", actor=actor, at=at, reason=text)
    move(session, row, AlertState.ORDERED, step, event_id=event_id)
    return event_id


def resolve(
    session: Session, *, alert_id: int, seen_state: str, actor: str, at: datetime, reason: str
) -> None:
    """Closes it by hand, with a reason. While its cause lasts it does not ring again.

    Raises:
        UnknownAlert, AlertMoved, MoveRefused: nothing is written.
    """
    row = seen_row(session, alert_id, seen_state, allowed=OPEN)
    text = reason_of(reason, "解除预警")
    step = Step(action="resolve", actor=actor, at=at, reason=text)
    move(session, row, AlertState.RESOLVED, step, resolved_at=at, resolution=text)


def take_back(session: Session, *, alert_id: int, actor: str, at: datetime) -> None:
    """Takes a resolution by hand back before ``Conventions.undo_hours`` are over: the alert is again what it
    was before.

    Raises:
        UnknownAlert: there is no such alert.
        MoveRefused: it was not resolved by hand, or too long ago; its cause has ended since; or it is a drill
            or was reported, and another one like it stands there.
    """
    row = row_of(session, alert_id)
    last = _last_entry(session, alert_id)
    if refusal := _why_not_taken_back(session, row, last, at):
        raise MoveRefused(refusal)
    step = Step(action="take_back", actor=actor, at=at, reason="恢复")
    move(session, row, AlertState(last.from_state), step, resolved_at=None, resolution="")


def why_not_taken_back(session: Session, *, alert_id: int, at: datetime) -> str:
    """The sentence with which :func:`take_back` would refuse now; '' where it would not.

    Raises:
        UnknownAlert: there is no such alert.
    """
    return _why_not_taken_back(session, row_of(session, alert_id), _last_entry(session, alert_id), at)


def _last_entry(session: Session, alert_id: int) -> Any:
    newest = select(LOG).where(LOG.c.alert_id == alert_id).order_by(LOG.c.id.desc()).limit(1)
    return session.connection().execute(newest).first()


def _why_not_taken_back(session: Session, row: Any, last: Any, at: datetime) -> str:
    if row.state != AlertState.RESOLVED or last is None or last.action != "resolve":
        return "只有刚由人解除的预警可以恢复；自动解除的，原因再次出现时会重新提醒"
    conventions = read_conventions(session=session)
    if at - last.at > conventions.undo_within:
        return f"解除已超过 {conventions.undo_text}，不能恢复"
    if row.ended_at is not None:
        return "解除之后原因已经消失，不能恢复；原因再次出现时会重新提醒"
    return second_of_its_kind(session, row)
