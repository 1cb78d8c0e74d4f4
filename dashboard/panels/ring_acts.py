"""What the person who acts can do with an alert now: acknowledge, order, resolve, take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.markup import el, show
from dashboard.panels.duty_acts import act, class_choices, department_choices, pick
from dashboard.panels.messages import show_refusal
from dashboard.panels.ring_plan import show_plan_note
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen
from data.conventions import read_conventions
from data.durations import duration_text
from data.labels import CLOCK_TYPE
from data.manage import alerts
from data.manage.permission import Duty
from data.rules.act import why_not_taken_back
from data.rules.listing import AlertCard, AlertRow
from data.rules.parameters import Order
from data.rules.steps import what_changed
from data.vocabulary import AlertState

Work = Callable[[Session], str]
Do = Callable[[Work], None]
_SEEN: Final = "_om_ring_seen"
_LATE: Final = "_om_ring_late"
_CLOCKS: Final = {"": "连续计时", **CLOCK_TYPE}
_UNNAMED: Final = "先不派，由街道立案后派遣"


def show_acts(screen: Screen, card: AlertCard) -> None:
    """The acts that the alert's state allows; a reason where the rule asks for one."""
    row = card.row
    with st.container(key="om-ring-act"):
        show_right(screen, Duty.ALERTS, codes=(row.code,))
        _tell_late()
        late = _comes_late(row)
        do = _leave if late else act
        if row.state == AlertState.RESOLVED:
            _show_back(screen, card, do)
            _run_anew(screen, row, late)
            return
        if row.state == AlertState.NEW and st.button(
            "确认：已知悉，正在处理", type="primary", key="om_ring_ack"
        ):
            do(_acknowledged(screen, card))
        if row.state != AlertState.ORDERED and not row.is_drill and row.code:
            with st.expander("下达整改指令"):
                _order_form(screen, card, do)
        show_plan_note(screen, row, do)
        with st.form(f"om_ring_resolve_{row.id}", border=False):
            reason = st.text_input("解除的理由", max_chars=256, key=f"om_ring_reason_{row.id}")
            sent = st.form_submit_button(
                "结束演练" if row.is_drill else "解除预警", key=f"om_ring_resolve_send_{row.id}"
            )
        if sent:
            do(_resolved(screen, card, reason))
        _run_anew(screen, row, late)


def _comes_late(row: AlertRow) -> bool:
    """Whether a button was pressed for the alert as it stood before somebody else's act, which voids it."""
    shown = (row.id, row.state.value, row.plan_done_at)
    before: tuple[int, str, datetime | None] | None = st.session_state.get(_SEEN)
    st.session_state[_SEEN] = shown
    return before is not None and before[0] == row.id and before != shown and _pressed()


def _leave(_work: Work) -> None:
    """In place of ``act`` for a button that came too late."""


def _run_anew(screen: Screen, row: AlertRow, late: bool) -> None:
    """After an act that came too late, once all fields were drawn, so that what was typed stays in them."""
    if late:
        st.session_state[_LATE] = what_changed(screen.session, row.id)
        st.rerun()


def _tell_late() -> None:
    """Say once what somebody else did."""
    if said := st.session_state.pop(_LATE, ""):
        show_refusal("没有保存", f"{said}。")


def _pressed() -> bool:
    """Whether this run began with a button of an alert."""
    pairs = st.session_state.items()
    return any(value is True for key, value in pairs if str(key).startswith("om_ring_"))


def _show_back(screen: Screen, card: AlertCard, do: Do) -> None:
    """The button that takes a resolution back, only where that would not be refused; who resolved it by hand
    is told why not.
    """
    refusal = why_not_taken_back(screen.session, alert_id=card.row.id, at=acting.now())
    if not refusal:
        if st.button("恢复（撤销解除）", key="om_ring_back"):
            do(_taken_back(screen, card))
    elif card.steps[-1].action == "resolve":
        show(el("p", f"{refusal}。", cls="om-note"))


def _order_form(screen: Screen, card: AlertCard, do: Do) -> None:
    """Class first, since department, limit and clock are suggested for it; all of them can be changed."""
    classes = {code: name for code, name in class_choices(screen).items() if len(code) == 4}
    first = alerts.suggested_class(screen.session, evidence=card.evidence)
    class_code = pick("事件类别", classes, first, key=f"om_ring_class_{card.row.id}")
    found = alerts.suggest(screen.session, class_code=class_code, code=card.row.code, on=screen.today)
    show(el("p", f"派遣建议：{found.basis}。", cls="om-note"))
    key = f"om_ring_order_{card.row.id}_{class_code}"
    departments = {"": _UNNAMED, **department_choices(screen)}
    with st.form(key, border=False):
        department = pick("责任部门", departments, found.department_code, key=f"{key}_department")
        left, right = st.columns(2)
        with left:
            hours = st.number_input(
                "时限（小时）", value=float(found.limit_hours), min_value=0.5, step=0.5, format="%g",
                key=f"{key}_hours", help="一天按 24 小时填。",
            )  # fmt: skip
        with right:
            clock = pick("计时方式", _CLOCKS, found.clock_type, key=f"{key}_clock")
        reason = st.text_input("整改要求和理由", max_chars=256, key=f"{key}_reason")
        sent = st.form_submit_button("下达整改指令", type="primary", key=f"{key}_send")
    if sent:
        what = Order(
            class_code=class_code, limit_hours=float(hours), clock_type=clock, department_code=department
        )
        do(_ordered(screen, card, what, reason))


def _ordered(screen: Screen, card: AlertCard, what: Order, reason: str) -> Work:
    def work(session: Session) -> str:
        alerts.order(
            session, alert_id=card.row.id, seen_state=card.row.state.value, person=screen.person,
            at=acting.now(), reason=reason, what=what,
        )  # fmt: skip
        clock = f"（{CLOCK_TYPE[what.clock_type]}）" if what.clock_type else ""
        return f"已下达整改指令，时限 {duration_text(what.limit_hours)}{clock}。"

    return work


def _acknowledged(screen: Screen, card: AlertCard) -> Work:
    def work(session: Session) -> str:
        alerts.acknowledge(
            session, alert_id=card.row.id, seen_state=card.row.state.value, person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return "已确认。"

    return work


def _resolved(screen: Screen, card: AlertCard, reason: str) -> Work:
    def work(session: Session) -> str:
        alerts.resolve(
            session, alert_id=card.row.id, seen_state=card.row.state.value, person=screen.person,
            at=acting.now(), reason=reason,
        )  # fmt: skip
        return f"已解除，{read_conventions(session=session).undo_text}内可以恢复。"

    return work


def _taken_back(screen: Screen, card: AlertCard) -> Work:
    def work(session: Session) -> str:
        alerts.take_back(session, alert_id=card.row.id, person=screen.person, at=acting.now())
        return "已恢复。"

    return work
