"""One step of an alert by a person: read as they saw it, moved, logged with who, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select, update
from sqlmodel import Session

from data.chain import append_rows
from data.labels import ALERT_STATE
from data.models import Alert, AlertLog
from data.queries.days import zone_of
from data.rules.errors import AlertMoved, MoveRefused, UnknownAlert
from data.vocabulary import AlertState

ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
OPEN: Final = frozenset(AlertState) - {AlertState.RESOLVED}
ALERT_ACTION: Final = {
    "raise": "响起", "color": "变色", "acknowledge": "确认", "order": "下达整改指令", "resolve": "解除",
    "end": "自动解除", "take_back": "恢复", "drill": "开始演练", "report": "上报",
    "plan": "登记方案", "plan_back": "撤回方案登记",
}  # fmt: skip
"""What stands in the log of an alert, as people say it."""
_BY_HAND: Final = ("drill:", "hand:")
"""Causes that last for as long as people say, and not for as long as a rule finds them."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What stands in the log for one step."""

    action: str
    actor: str
    at: datetime
    reason: str


def row_of(session: Session, alert_id: int) -> Any:
    """The alert. Raises UnknownAlert."""
    row = session.connection().execute(select(ALERT).where(ALERT.c.id == alert_id)).first()
    if row is None:
        raise UnknownAlert(f"没有编号为 {alert_id} 的预警。请刷新后再试")
    return row


def seen_row(session: Session, alert_id: int, seen_state: str, *, allowed: frozenset[AlertState]) -> Any:
    """The alert, if it is still as the person saw it and may be moved so. Raises AlertError."""
    row = row_of(session, alert_id)
    if row.state != seen_state:
        raise AlertMoved(what_changed(session, alert_id))
    if row.state not in allowed:
        raise MoveRefused(f"“{ALERT_STATE[row.state]}”的预警不能这样操作")
    return row


def what_changed(session: Session, alert_id: int) -> str:
    """What to tell a person whose act came too late: how the alert stands, who did what to it, and when.

    Raises:
        UnknownAlert: there is no such alert.
    """
    state = ALERT_STATE[row_of(session, alert_id).state]
    newest = select(LOG).where(LOG.c.alert_id == alert_id).order_by(LOG.c.id.desc()).limit(1)
    last = session.connection().execute(newest).first()
    who = ""
    if last is not None:
        when = f"{last.at.astimezone(zone_of(session)):%m-%d %H:%M}"
        who = f"（{last.actor} 于 {when} {ALERT_ACTION.get(last.action, last.action)}）"
    return f"这条预警已变为“{state}”{who}，您刚才的操作没有执行，请看过最新情况后再操作"


def reason_of(text: str, what: str) -> str:
    """The reason as it is kept. Raises MoveRefused where there is none."""
    if not text.strip():
        raise MoveRefused(f"{what}需要写明理由")
    return text.strip()[:256]


def move(session: Session, row: Any, state: AlertState, step: Step, **values: Any) -> None:
    """Writes the step into the alert and its log. Raises AlertMoved where another was quicker."""
    if row.cause.startswith(_BY_HAND):
        values["active_key"] = None if state is AlertState.RESOLVED else row.cause
    done = session.connection().execute(
        update(ALERT)
        .where(ALERT.c.id == row.id, ALERT.c.state == row.state)
        .values(state=state.value, changed_at=step.at, **values)
    )
    if done.rowcount != 1:
        raise AlertMoved("这条预警刚被他人处理，请刷新后再试")
    write_log(session, row.id, step, before=row.state, after=state)


def write_log(session: Session, alert_id: int, step: Step, *, before: str, after: AlertState) -> None:
    """One entry of the log."""
    entry = {
        "alert_id": alert_id, "at": step.at, "actor": step.actor[:64], "action": step.action,
        "from_state": before, "to_state": after.value, "reason": step.reason[:256],
    }  # fmt: skip
    append_rows(session, LOG, [entry])
