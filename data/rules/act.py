"""What people do with an alert: acknowledge, order, resolve, take back; drills. Every act is logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select, update
from sqlmodel import Session

from data.chain import append_rows
from data.conventions import read_conventions
from data.models import Alert, AlertLog, ResponsePlan
from data.queries.names import place_names
from data.rules.errors import AlertMoved, MoveRefused, UnknownAlert
from data.rules.order import issue_order
from data.rules.parameters import Order
from data.vocabulary import AlertState, RiskColor

DRILL_SIGN: Final = "【演练】"
_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
_NAMES: Final = {
    AlertState.NEW: "待确认", AlertState.ACKNOWLEDGED: "已确认", AlertState.ORDERED: "整改中",
    AlertState.RESOLVED: "已解除",
}  # fmt: skip


def acknowledge(
    session: Session, *, alert_id: int, seen_state: str, actor: str, at: datetime, reason: str = ""
) -> None:
    """Somebody has seen it and is on it.

    Raises:
        UnknownAlert, AlertMoved, MoveRefused: nothing is written.
    """
    row = _seen(session, alert_id, seen_state, allowed={AlertState.NEW})
    _move(session, row, AlertState.ACKNOWLEDGED, action="acknowledge", actor=actor, at=at, reason=reason)


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
    row = _seen(session, alert_id, seen_state, allowed={AlertState.NEW, AlertState.ACKNOWLEDGED})
    text = _reason(reason, "下达整改指令")
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
    _move(
        session, row, AlertState.ORDERED, action="order", actor=actor, at=at, reason=text, event_id=event_id
    )
    return event_id


def resolve(
    session: Session, *, alert_id: int, seen_state: str, actor: str, at: datetime, reason: str
) -> None:
    """Closes it by hand, with a reason. While its cause lasts it does not ring again.

    Raises:
        UnknownAlert, AlertMoved, MoveRefused: nothing is written.
    """
    open_states = set(AlertState) - {AlertState.RESOLVED}
    row = _seen(session, alert_id, seen_state, allowed=open_states)
    text = _reason(reason, "解除预警")
    _move(
        session, row, AlertState.RESOLVED, action="resolve", actor=actor, at=at, reason=text,
        resolved_at=at, resolution=text[:256],
    )  # fmt: skip


def take_back(session: Session, *, alert_id: int, actor: str, at: datetime) -> None:
    """Takes a resolution by hand back before ``Conventions.undo_hours`` are over: the alert is again what it
    was before.

    Raises:
        UnknownAlert: there is no such alert.
        MoveRefused: it was not resolved by hand, or too long ago; its cause has ended since; or it is a drill
            and another one of its level is going on there.
    """
    row = _row(session, alert_id)
    last = _last_entry(session, alert_id)
    if refusal := _why_not_taken_back(session, row, last, at):
        raise MoveRefused(refusal)
    before = AlertState(last.from_state)
    _move(
        session, row, before, action="take_back", actor=actor, at=at, reason="恢复", resolved_at=None,
        resolution="",
    )  # fmt: skip


def why_not_taken_back(session: Session, *, alert_id: int, at: datetime) -> str:
    """The sentence with which :func:`take_back` would refuse now; '' where it would not.

    Raises:
        UnknownAlert: there is no such alert.
    """
    return _why_not_taken_back(session, _row(session, alert_id), _last_entry(session, alert_id), at)


def _last_entry(session: Session, alert_id: int) -> Any:
    newest = select(_LOG).where(_LOG.c.alert_id == alert_id).order_by(_LOG.c.id.desc()).limit(1)
    return session.connection().execute(newest).first()


def _why_not_taken_back(session: Session, row: Any, last: Any, at: datetime) -> str:
    if row.state != AlertState.RESOLVED or last is None or last.action != "resolve":
        return "只有刚由人解除的预警可以恢复；自动解除的，原因再次出现时会重新提醒"
    conventions = read_conventions(session=session)
    if at - last.at > conventions.undo_within:
        return f"解除已超过 {conventions.undo_text}，不能恢复"
    if row.ended_at is not None:
        return "解除之后原因已经消失，不能恢复；原因再次出现时会重新提醒"
    return _second_drill(session, row.cause, row.code) if row.is_drill else ""


def start_drill(
    session: Session, *, color: RiskColor, code: str, actor: str, at: datetime, title: str
) -> int:
    """Rings a drill of a risk level in an area; returns its id. Marked as a drill everywhere.

    Raises:
        MoveRefused: no plan for the level, no title, or a drill of it is going on there.
    """
    plan = session.get(ResponsePlan, color.value)
    if plan is None:
        raise MoveRefused("这一级风险还没有响应预案，不能演练")
    if not title.strip() or len(title) > 100:
        raise MoveRefused("请写明演练内容，不超过 100 个字")
    cause = f"drill:{color.value}:{code}"
    if refusal := _second_drill(session, cause, code):
        raise MoveRefused(refusal)
    done = session.connection().execute(
        _ALERT.insert().values(
            rule_id=None, cause=cause, active_key=cause, color=color.value,
            title=f"{DRILL_SIGN}{title.strip()}", detail=plan.actions[:256], evidence="{}", code=code,
            owner=plan.owner, state=AlertState.NEW.value, is_drill=True, event_id=None, raised_at=at,
            changed_at=at, ended_at=None, resolved_at=None, resolution="",
        )
    )  # fmt: skip
    alert_id = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    _write_log(session, alert_id, "drill", "", AlertState.NEW, actor, at, "开始演练")
    return alert_id


def _second_drill(session: Session, cause: str, code: str) -> str:
    """Why no drill of this cause may begin now; '' where one may."""
    going_on = select(_ALERT.c.id).where(_ALERT.c.active_key == cause)
    if session.connection().execute(going_on).first() is None:
        return ""
    return f"{place_names(session, {code})[code] if code else '全区'}的这一级演练正在进行，请先结束它"


def _row(session: Session, alert_id: int) -> Any:
    row = session.connection().execute(select(_ALERT).where(_ALERT.c.id == alert_id)).first()
    if row is None:
        raise UnknownAlert(f"没有编号为 {alert_id} 的预警。请刷新后再试")
    return row


def _seen(session: Session, alert_id: int, seen_state: str, *, allowed: set[AlertState]) -> Any:
    row = _row(session, alert_id)
    if row.state != seen_state:
        raise AlertMoved(f"这条预警已变为“{_NAMES[AlertState(row.state)]}”，请看过最新情况后再操作")
    if row.state not in allowed:
        raise MoveRefused(f"“{_NAMES[AlertState(row.state)]}”的预警不能这样操作")
    return row


def _reason(text: str, what: str) -> str:
    if not text.strip():
        raise MoveRefused(f"{what}需要写明理由")
    return text.strip()[:256]


def _move(
    session: Session,
    row: Any,
    state: AlertState,
    *,
    action: str,
    actor: str,
    at: datetime,
    reason: str,
    **values: Any,
) -> None:
    if row.is_drill:  # a drill's cause lasts for as long as the drill
        values["active_key"] = None if state is AlertState.RESOLVED else row.cause
    done = session.connection().execute(
        update(_ALERT)
        .where(_ALERT.c.id == row.id, _ALERT.c.state == row.state)
        .values(state=state.value, changed_at=at, **values)
    )
    if done.rowcount != 1:
        raise AlertMoved("这条预警刚被他人处理，请刷新后再试")
    _write_log(session, row.id, action, row.state, state, actor, at, reason)


def _write_log(
    session: Session,
    alert_id: int,
    action: str,
    before: str,
    after: AlertState,
    actor: str,
    at: datetime,
    reason: str,
) -> None:
    step = {
        "alert_id": alert_id, "at": at, "actor": actor[:64], "action": action, "from_state": before,
        "to_state": after.value, "reason": reason[:256],
    }  # fmt: skip
    append_rows(session, _LOG, [step])
