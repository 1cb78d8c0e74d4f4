"""处置预案: what each level of risk asks for, of whom and by when; and its quarterly drill."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act
from dashboard.panels.messages import empty
from dashboard.panels.ring_drills import drill_line, drill_states, show_drill_form
from dashboard.panels.ring_rule_fields import OWNERS, pick_owner
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import Screen
from data.labels import RISK_COLOR, RISK_SIGN, ROLE, label
from data.manage.changes import Subject, newest
from data.manage.permission import Duty
from data.manage.plans import PlanDraft, change_plan
from data.rules.drills import DrillState
from data.rules.store import Plan, response_plans
from data.vocabulary import RiskColor


def show_plans(screen: Screen) -> None:
    """The three plans on the left; the form of the chosen one, and drills, on the right."""
    plans: list[Plan] = ask(screen, response_plans, where=None)
    states = drill_states(screen)
    of_plan = {plan.color: [one for one in states if one.color is plan.color] for plan in plans}
    wanted = screen.view.get("risk")
    chosen = next((plan for plan in plans if plan.color == wanted), None)
    show(
        div(
            div(span("风险处置预案", cls="om-title"), cls="om-panel-head"),
            div([_card(screen, plan, of_plan[plan.color], on=plan is chosen) for plan in plans],
                cls="om-scroll"),
            cls="om-panel om-duty-list",
        )
    )  # fmt: skip
    with st.container(key="om-duty-side"):
        with st.container(key="om-duty-form"):
            if chosen is None:
                show(div(span("修改预案", cls="om-title"), cls="om-panel-head om-bare"))
                show(empty("点一份预案查看或修改。预警的级别决定用哪一份。"))
            else:
                _form(screen, chosen)
        with st.container(key="om-ring-drill"):
            show_right(screen, Duty.DRILL, codes=(screen.where.focus,))
            show_drill_form(screen, states)
        show_history(screen, Subject.PLAN, key=chosen.color.value if chosen else "")


def _card(screen: Screen, plan: Plan, drills: list[DrillState], *, on: bool) -> Html:
    within = f"{plan.within_hours:g} 小时内" if plan.within_hours else "不限"
    lines = [
        ("适用", plan.meaning), ("措施", plan.actions), ("时限", within),
        ("负责", label(ROLE, plan.owner) if plan.owner else "不指定"), ("来源", plan.origin),
    ]  # fmt: skip
    return link(
        screen.href(extra={"risk": plan.color.value}),
        div(
            span(RISK_SIGN[plan.color], cls=f"om-sign om-risk-{plan.color}"),
            el("b", plan.name),
            span(f"每 {plan.drill_days} 天演练", cls="om-note"),
            cls="om-plan-head",
        ),
        [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text],
        drill_line(screen, drills, key="演练") if drills else None,
        cls="om-plan om-selected" if on else "om-plan",
        data_plan=plan.color.value,
    )


def _form(screen: Screen, plan: Plan) -> None:
    seen = newest(screen.session, Subject.PLAN, plan.color.value)
    back = link(screen.href(extra={"risk": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span(f"{RISK_COLOR[plan.color]}风险预案", cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.PLANS)
    key = f"om_plan_{plan.color}_{seen}"
    with st.form(key, border=False):
        meaning = st.text_input("适用情形", plan.meaning, max_chars=128, key=f"{key}_meaning")
        actions = st.text_area("响应措施", plan.actions, max_chars=512, height=100, key=f"{key}_actions")
        first, second, third = st.columns(3)
        with first:
            hours = st.number_input(
                "时限（小时）", value=plan.within_hours, min_value=0.0, step=1.0, format="%g",
                placeholder="不限", key=f"{key}_hours",
            )  # fmt: skip
        with second:
            days = st.number_input("演练间隔（天）", value=plan.drill_days, step=1, key=f"{key}_days")
        with third:
            owner = pick_owner("负责", OWNERS, plan.owner, key=f"{key}_owner")
        reason = st.text_input("修改理由", max_chars=256, key=f"{key}_reason")
        sent = st.form_submit_button("保存", type="primary")
    if sent:
        draft = PlanDraft(
            meaning=meaning, actions=actions, within_hours=hours, drill_days=int(days), owner=owner
        )
        act(_changed(screen, plan.color, draft, seen, reason))


def _changed(
    screen: Screen, color: RiskColor, draft: PlanDraft, seen: int, reason: str
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        change_plan(
            session, draft, color=color, seen=seen, person=screen.person, at=acting.now(), reason=reason
        )
        return f"{RISK_COLOR[color]}风险预案已保存，可以在变更记录里撤销。"

    return work
