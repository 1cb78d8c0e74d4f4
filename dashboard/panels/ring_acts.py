"""What the person who acts can do with an alert now: acknowledge, order, resolve, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.markup import el, show
from dashboard.panels.duty_acts import act, class_choices, department_choices, pick
from dashboard.panels.ring_plan import show_plan_note
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen
from data.conventions import read_conventions
from data.durations import duration_text
from data.labels import CLOCK_TYPE
from data.manage import alerts
from data.manage.permission import Duty
from data.rules.act import why_not_taken_back
from data.rules.listing import AlertCard
from data.rules.parameters import Order
from data.vocabulary import AlertState

Work = Callable[[Session], str]
_CLOCKS: Final = {"": "连续计时", **CLOCK_TYPE}
_UNNAMED: Final = "先不派，由街道立案后派遣"


def show_acts(screen: Screen, card: AlertCard) -> None:
    """The acts that the alert's state allows; a reason where the rule asks for one."""
    row = card.row
    with st.container(key="om-ring-act"):
        show_right(screen, Duty.ALERTS, codes=(row.code,))
        if row.state == AlertState.RESOLVED:
            _show_back(screen, card)
            return
        if row.state == AlertState.NEW and st.button(
            "确认：已知悉，正在处理", type="primary", key="om_ring_ack"
        ):
            act(_acknowledged(screen, card))
        if row.state != AlertState.ORDERED and not row.is_drill and row.code:
            with st.expander("下达整改指令"):
                _order_form(screen, card)
        show_plan_note(screen, row)
        with st.form(f"om_ring_resolve_{row.id}", border=False):
            reason = st.text_input("解除的理由", max_chars=256, key=f"om_ring_reason_{row.id}")
            sent = st.form_submit_button(
                "结束演练" if row.is_drill else "解除预警", key=f"om_ring_resolve_send_{row.id}"
            )
        if sent:
            act(_resolved(screen, card, reason))


def _show_back(screen: Screen, card: AlertCard) -> None:
    """The button that takes a resolution back, only where that would not be refused; who resolved it by hand
    is told why not.
    """
    refusal = why_not_taken_back(screen.session, alert_id=card.row.id, at=acting.now())
    if not refusal:
        if st.button("恢复（撤销解除）", key="om_ring_back"):
            act(_taken_back(screen, card))
    elif card.steps[-1].action == "resolve":
        show(el("p", f"{refusal}。", cls="om-note"))


def _order_form(screen: Screen, card: AlertCard) -> None:
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
        act(_ordered(screen, card, what, reason))


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
