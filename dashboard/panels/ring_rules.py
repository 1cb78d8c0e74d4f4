"""The rules behind the alerts, evaluating them now, and drills of the risk levels."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

import streamlit as st

from dashboard import context
from dashboard.ask import ask
from dashboard.formats import day_text
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.messages import message
from dashboard.panels.ring_card import do
from dashboard.state import Screen
from data.database import DatabaseProblem
from data.labels import RISK_COLOR, RISK_SIGN, ROLE, RULE_KIND, label
from data.manage.plans import begin_drill
from data.rules.listing import DrillState, drills
from data.rules.run import evaluate_rules
from data.rules.store import RuleSpec, list_rules, save_rule
from data.vocabulary import RiskColor, Role

_PARAMETER: Final = {
    "weeks": "周数", "settle_days": "等几天再判定", "trend_margin": "与趋势相差百分之几才算",
    "limit": "红线", "times": "倍数", "minimum": "最少件数", "above": "高于", "below": "低于",
    "returns": "退回次数",
}  # fmt: skip
"""Numbers of a rule that a person changes here."""


def show_evaluate() -> None:
    """Evaluate at once, and say what came of it."""
    if st.button("立即评估规则", key="om_ring_evaluate"):
        try:
            changes = evaluate_rules(context.engine(), as_of=datetime.now(UTC))
        except DatabaseProblem as error:
            show(message(kind="problem", title="没有评估", lines=(str(error),)))
            return
        parts = [
            f"新响 {len(changes.raised)} 条，更新 {len(changes.changed)} 条，"
            f"解除 {len(changes.resolved)} 条，下达整改指令 {len(changes.ordered)} 件",
            *changes.summarised,
            *changes.problems,
        ]
        st.session_state["_om_told"] = "；".join(parts)
        st.rerun()
    show(el("p", "数据一有变化就会自动评估，至少每分钟一次。", cls="om-note"))


def show_rules(screen: Screen) -> None:
    """One line a rule; the numbers of the chosen one can be changed, and it can be switched off."""
    rules: list[RuleSpec] = ask(screen, list_rules)
    with st.container(key="om-ring-rules"):
        show(div(span("预警规则", cls="om-title"), cls="om-panel-head om-bare"))
        show([_line(rule) for rule in rules])
        chosen = st.selectbox(
            "修改规则", [None, *(rule.id for rule in rules)], key="om_rule_pick",
            format_func=lambda key: next((rule.name for rule in rules if rule.id == key), "请选择"),
        )  # fmt: skip
        for rule in rules:
            if rule.id == chosen:
                _edit(screen, rule)


def _line(rule: RuleSpec) -> Any:
    state = "" if rule.enabled else "（已停用）"
    return div(
        span(RISK_SIGN[rule.color], cls=f"om-sign om-risk-{rule.color}"),
        span(f"{rule.name}{state}"),
        span(f"{RULE_KIND[rule.kind]} · 第 {rule.version} 版 · {label(ROLE, rule.owner)}", cls="om-note"),
        span(rule.problem, cls="om-overdue") if rule.problem else None,
        cls="om-rule-line",
    )


def _edit(screen: Screen, rule: RuleSpec) -> None:
    try:
        given: dict[str, Any] = json.loads(rule.parameters_text)
    except ValueError:
        given = {}
    key = f"om_rule_{rule.id}_{rule.version}"
    colors, roles = [color.value for color in RiskColor], ["", *(role.value for role in Role)]
    with st.form(key, border=False):
        name = st.text_input("名称", rule.name, max_chars=64, key=f"{key}_name")
        for field, text in _PARAMETER.items():
            if isinstance(given.get(field), int | float) and not isinstance(given.get(field), bool):
                value = st.number_input(text, value=float(given[field]), key=f"{key}_{field}")
                given[field] = int(value) if value == int(value) else value
        color = st.selectbox(
            "颜色", colors, colors.index(rule.color), format_func=RISK_COLOR.__getitem__, key=f"{key}_color"
        )
        owner = st.selectbox(
            "负责", roles, roles.index(rule.owner) if rule.owner in roles else 0, key=f"{key}_owner",
            format_func=lambda role: label(ROLE, role),
        )  # fmt: skip
        enabled = st.checkbox("启用", rule.enabled, key=f"{key}_enabled")
        sent = st.form_submit_button("保存为新的一版")
    if sent:
        text = json.dumps(given, ensure_ascii=False, sort_keys=True)
        do(
            f"规则“{name}”已保存，下次评估起生效",
            lambda session, at: save_rule(
                session, kind=rule.kind, name=name, parameters=text, color=str(color), owner=str(owner),
                area=rule.area, enabled=enabled, actor=screen.acting.actor, at=at, rule_id=rule.id,
            ),
        )  # fmt: skip


def show_drills(screen: Screen) -> None:
    """The last drill of each level, which is due, and starting one."""
    found: list[DrillState] = ask(screen, drills)
    with st.container(key="om-ring-drill"):
        show_drill_form(screen, found)


def show_drill_form(screen: Screen, found: list[DrillState]) -> None:
    """The state of each level, and the form that starts a drill in the area in view."""
    show(div(span("风险演练（每季度）", cls="om-title"), cls="om-panel-head om-bare"))
    show([drill_line(screen, state) for state in found])
    color = st.selectbox(
        "演练哪一级", [state.color for state in found], key="om_drill_color",
        format_func=lambda each: f"{RISK_SIGN[each]} {RISK_COLOR[each]}",
    )  # fmt: skip
    title = st.text_input("演练内容", max_chars=100, key="om_drill_title", placeholder="例如：群体性事件应对")
    if st.button("开始演练", key="om_drill_start") and color is not None:
        code = screen.where.focus
        do(
            "演练已开始，页面上都标为演练",
            lambda session, at: begin_drill(
                session, color=color, code=code, person=screen.person, at=at, title=title
            ),
        )


def drill_line(screen: Screen, state: DrillState, *, key: str = "") -> Html:
    """When a level was last drilled and by when it should be again."""

    def day(at: datetime) -> str:
        return day_text(at.astimezone(screen.zone).date(), today=screen.today)

    if state.last_at is None or state.next_due_at is None:
        said, cls = "还没有演练过，应尽快安排", "om-soon"
    elif state.late:
        said, cls = f"上次 {day(state.last_at)}，已过期，应在 {day(state.next_due_at)} 前再演练", "om-soon"
    else:
        said, cls = f"上次 {day(state.last_at)}，下次不晚于 {day(state.next_due_at)}", ""
    return div(
        span(key or f"{RISK_SIGN[state.color]} {RISK_COLOR[state.color]}", cls="om-key"),
        span(said, cls=cls),
        cls="om-pair",
    )
