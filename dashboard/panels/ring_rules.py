"""The rules behind the alerts, and evaluating them now."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import context
from dashboard.ask import ask
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.messages import show_refusal
from dashboard.panels.ring_rule_apart import area_name
from dashboard.panels.settings_tabs import show_history
from dashboard.state import NEW_ROW, Screen
from data.database import DatabaseProblem
from data.labels import RISK_SIGN, ROLE, RULE_KIND, label
from data.manage.changes import Subject
from data.rules.run import evaluate_rules
from data.rules.store import RuleSpec, list_rules


def show_evaluate() -> None:
    """Evaluate at once, and say what came of it."""
    if st.button("立即评估规则", key="om_ring_evaluate"):
        try:
            changes = evaluate_rules(context.engine(), as_of=datetime.now(UTC))
        except DatabaseProblem as error:
            show_refusal("没有评估", str(error))
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
    """One line a rule, which opens its form; and the changes of all of them, with those that were removed."""
    rules: list[RuleSpec] = ask(screen, list_rules)
    with st.container(key="om-ring-rules"):
        new = link(screen.href(extra={"rule": NEW_ROW, "ring": ""}), "新增规则", cls="om-button om-small")
        show(div(span("预警规则", cls="om-title"), span(new, cls="om-exports"), cls="om-panel-head om-bare"))
        show([_line(screen, rule) for rule in _below_what_they_replace(rules)])
    show_history(screen, Subject.RULE, title="规则的变更")


def _below_what_they_replace(rules: list[RuleSpec]) -> list[RuleSpec]:
    """Each rule, and below it what streets and communities have set in its place."""
    own = sorted((rule for rule in rules if rule.replaces is not None), key=lambda rule: rule.area)
    return [
        each
        for rule in rules
        if rule.replaces is None
        for each in (rule, *(one for one in own if one.replaces == rule.id))
    ]


def _line(screen: Screen, rule: RuleSpec) -> Html:
    flags = {"已停用": not rule.enabled, "不发通知": not rule.notify, "限时出方案": rule.with_plan}
    marks = [text for text, holds in flags.items() if holds]
    if rule.replaces is None and rule.replaced_by:
        marks.append(_apart(screen, rule))
    place = [area_name(screen, rule.area)] if rule.area else []
    said = "，".join([*place, RULE_KIND[rule.kind], f"第 {rule.version} 版", label(ROLE, rule.owner), *marks])
    return link(
        screen.href(extra={"rule": str(rule.id), "ring": ""}),
        span(RISK_SIGN[rule.color], cls=f"om-sign om-risk-{rule.color}"),
        span(f"└ {rule.name}" if rule.replaces is not None else rule.name),
        span(said, cls="om-note"),
        span(rule.problem, cls="om-overdue") if rule.problem else None,
        cls="om-rule-line",
        data_rule=rule.id,
        data_replaces=rule.replaces,
    )


def _apart(screen: Screen, rule: RuleSpec) -> str:
    """Which streets and communities have set the rule apart, and which have switched it off."""
    parts = []
    for enabled, said in ((True, "另行设定"), (False, "已停用")):
        names = [area_name(screen, one.area) for one in rule.replaced_by if one.enabled is enabled]
        if names:
            parts.append(f"{'、'.join(sorted(names))}{said}")
    return "；".join(parts)
