"""上报风险: whoever sees a risk before any rule does rings an alert by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.markup import el, show
from dashboard.panels.duty_acts import act, area_choices, pick
from dashboard.panels.ring_rule_fields import OWNERS
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen
from data.labels import RISK_COLOR, RISK_SIGN
from data.manage.alerts import report_risk
from data.manage.permission import Duty
from data.rules.by_hand import MOST_OF_DETAIL, MOST_OF_TITLE, STAYS, Report
from data.vocabulary import CODE_LENGTH, Level, RiskColor

_REPORTED: Final = "_om_reported"
_LEVELS: Final = {color.value: f"{RISK_SIGN[color]} {RISK_COLOR[color]}" for color in RiskColor}
_BY_PLAN: Final = {"": "按处置预案", **OWNERS}


def show_report(screen: Screen) -> None:
    """The form, empty again after each report."""
    key = f"om_report_{st.session_state.get(_REPORTED, 0)}"
    mine = screen.where.focus or (screen.person.division_code if screen.person else "")
    code = mine[: CODE_LENGTH[Level.COMMUNITY]]
    with st.container(key="om-ring-report"), st.expander("上报风险"):
        show_right(screen, Duty.REPORT_RISK, codes=(code,))
        with st.form(key, border=False):
            left, right = st.columns(2)
            with left:
                color = pick("级别", _LEVELS, RiskColor.RED.value, key=f"{key}_color")
            with right:
                owner = pick("负责", _BY_PLAN, "", key=f"{key}_owner")
            area = pick("区域", {**area_choices(screen), "": "全区"}, code, key=f"{key}_area")
            title = st.text_input("什么风险", max_chars=MOST_OF_TITLE, key=f"{key}_title")
            detail = st.text_area("具体情况", max_chars=MOST_OF_DETAIL, height=80, key=f"{key}_detail")
            case = st.text_input("有关的案件号（可不填）", max_chars=64, key=f"{key}_case")
            reason = st.text_input("上报的理由（可不填）", max_chars=256, key=f"{key}_reason")
            sent = st.form_submit_button("上报风险", type="primary", key=f"{key}_send")
        show(el("p", f"{STAYS}。通知不带您填写的文字。", cls="om-note"))
    if sent:
        report = Report(
            color=RiskColor(color), code=area, title=title, detail=detail or "", owner=owner, case=case,
            reason=reason,
        )  # fmt: skip
        act(_reported(screen, report))


def _reported(screen: Screen, report: Report) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        number = report_risk(session, report, person=screen.person, at=acting.now())
        st.session_state[_REPORTED] = st.session_state.get(_REPORTED, 0) + 1
        return f"已上报{RISK_COLOR[report.color]}风险，预警 {number}。"

    return work
