"""One rule of 预警: all of it as a form, what it would ring now, saving it, removing it, its history."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import number
from dashboard.kept_screen import keep_screen
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, area_choices, pick
from dashboard.panels.messages import empty, show_refusal
from dashboard.panels.ring_rule_apart import own_area, show_set_apart
from dashboard.panels.ring_rule_fields import COLORS, OWNERS, ask_parameters, pick_owner
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import NEW_ROW, OWN_RULE, Screen
from data.conventions import read_conventions
from data.labels import RISK_COLOR, RULE_KIND
from data.manage import rules
from data.manage.changes import Subject
from data.manage.errors import BadSetting
from data.manage.permission import Duty
from data.manage.rules import RuleDraft, RulePreview
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import RiskColor, RuleKind


def show_rule(screen: Screen) -> bool:
    """The form of the rule in the URL (its number, or ``new``); False where the URL names none."""
    wanted = screen.view.get("rule")
    if not wanted:
        return False
    found: list[RuleSpec] = ask(screen, list_rules, where=None)
    rule = next((one for one in found if str(one.id) == wanted), None)
    wider = next((one for one in found if f"{OWN_RULE}{one.id}" == wanted), None)
    with st.container(key="om-ring-rules"):
        title = f"{rule.name}（第 {rule.version} 版）" if rule else "新增规则"
        back = link(screen.href(extra={"rule": ""}), "‹ 返回", cls="om-back", data_escape=True)
        show(div(back, span(title, cls="om-title"), cls="om-panel-head om-bare"))
        if wider is not None:
            show(el("p", f"另行设定“{wider.name}”：在所选的区域里，以下面这条为准。", cls="om-note"))
            _form(screen, None, wider)
        elif rule is None and wanted != NEW_ROW:
            show(empty(f"没有编号为 {wanted} 的规则，可能已删除：在下面的变更记录里可以撤销删除"))
        else:
            if rule is not None:
                show_set_apart(screen, rule)
            _form(screen, rule)
            if rule is not None:
                _removal(screen, rule)
    show_history(screen, Subject.RULE, key=str(rule.id) if rule else "")
    return True


def _form(screen: Screen, rule: RuleSpec | None, wider: RuleSpec | None = None) -> None:
    """Of a rule; without one of a new rule, which stands in the place of ``wider`` where that is given."""
    area = rule.area if rule else own_area(screen, wider) if wider else screen.where.focus
    show_right(screen, Duty.RULES, codes=(area,))
    seen = rules.seen_of(session=screen.session, rule_id=rule.id) if rule else 0
    kinds = {kind.value: RULE_KIND[kind] for kind in RuleKind}
    known = rule or wider
    if known is None:
        kind = RuleKind(pick("看什么", kinds, RuleKind.THRESHOLD_NOW.value, key="om_rule_new_kind"))
    else:
        kind = known.kind
        show(el("p", f"种类：{RULE_KIND[kind]}（不能改；要看别的，请另建一条）", cls="om-note"))
    key = f"om_rule_{rule.id}_{seen}" if rule else f"om_rule_new_{kind}{wider.id if wider else ''}"
    with st.form(key, border=False):
        draft = _fields(screen, known, kind, key, area=area)
        if wider is not None:
            draft = replace(draft, replaces=wider.id)
        why = "修改理由" if rule else "另行设定的理由"
        reason = st.text_input(why, max_chars=256, key=f"{key}_reason") if known else ""
        cap = ask(screen, read_conventions).alert_cap
        many = st.checkbox(f"起数太多（超过 {number(cap)} 起）也保存，按街道合并提醒", key=f"{key}_many")
        with st.container(horizontal=True):
            look = st.form_submit_button("它现在会响几次", key=f"{key}_preview")
            label = "保存为新的一版" if rule else "新增规则"
            sent = st.form_submit_button(label, type="primary", key=f"{key}_save")
    if look:
        _show_preview(screen, draft, rule)
    if sent:
        go_to = screen.params(extra={"rule": ""}) if rule is None else None
        act(_saved(screen, draft, rule, seen, reason, many=many), go_to=go_to)


def _fields(screen: Screen, rule: RuleSpec | None, kind: RuleKind, key: str, *, area: str) -> RuleDraft:
    name = st.text_input("名称", rule.name if rule else "", max_chars=64, key=f"{key}_name")
    parameters = ask_parameters(screen, kind, _given(rule), key)
    area = pick("管哪个区域", area_choices(screen), area, key=f"{key}_area")
    first, second = st.columns(2)
    with first:
        color = pick("颜色", COLORS, rule.color.value if rule else "yellow", key=f"{key}_color")
    with second:
        owner = pick_owner("负责", OWNERS, rule.owner if rule else "street", key=f"{key}_owner")
    with first:
        enabled = st.checkbox("启用", rule.enabled if rule else True, key=f"{key}_enabled")
    with second:
        notify = st.checkbox("发通知", rule.notify if rule else True, key=f"{key}_notify")
    with_plan = st.checkbox(
        "要按处置预案限时拿出方案", rule.with_plan if rule else False, key=f"{key}_with_plan",
        help="响起后按这种颜色的处置预案计方案时限；时限在“设置 › 处置预案”里改。",
    )  # fmt: skip
    return RuleDraft(
        kind=kind.value, name=name, parameters=parameters, color=color, owner=owner, area=area,
        enabled=enabled, notify=notify, with_plan=with_plan,
    )  # fmt: skip


def _given(rule: RuleSpec | None) -> dict[str, Any]:
    """What the rule says now; nothing where it cannot be read."""
    try:
        found = json.loads(rule.parameters_text) if rule else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _show_preview(screen: Screen, draft: RuleDraft, rule: RuleSpec | None) -> None:
    try:
        found = rules.preview(screen.session, draft, as_of=screen.as_of, rule_id=rule.id if rule else None)
    except BadSetting as error:
        show_refusal("还不能计算", *error.problems)
        return
    keep_screen()
    show(_preview(found))


def _preview(found: RulePreview) -> Html:
    """How often it rings, in which colours, for example what; a warning beyond the cap."""
    colors = "、".join(
        f"{RISK_COLOR[color]} {found.colors[color]}" for color in RiskColor if color in found.colors
    )
    said = f"按现在的数据会响 {number(found.rings)} 次" + (f"（{colors}）" if colors else "")
    warning = (
        f"共 {number(found.total)} 起，超过 {number(found.cap)} 起，"
        f"只会按街道合并成 {number(found.rings)} 条：请提高标准或缩小区域。"
    )
    return div(
        el("p", el("b", said), data_rings=found.rings, data_total=found.total),
        el("p", span("▲ ", cls="om-soon"), warning, cls="om-right") if found.too_many else None,
        el("ul", [el("li", one) for one in found.examples], cls="om-examples") if found.examples else None,
        cls="om-rule-preview",
    )


def _saved(
    screen: Screen, draft: RuleDraft, rule: RuleSpec | None, seen: int, reason: str, *, many: bool
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        rules.save(
            session, draft, rule_id=rule.id if rule else None, seen=seen, person=screen.person,
            at=acting.now(), reason=reason, accept_many=many,
        )  # fmt: skip
        return f"规则“{draft.name.strip()}”已保存，下次评估起生效。"

    return work


def _removal(screen: Screen, rule: RuleSpec) -> None:
    seen = rules.seen_of(session=screen.session, rule_id=rule.id)
    key = f"om_rule_remove_{rule.id}_{seen}"
    with st.expander("删除这条规则"), st.form(key, border=False):
        show(el("p", "删除后不再响，它响起的预警自动解除；可以在变更记录里撤销。", cls="om-note"))
        reason = st.text_input("删除的理由", max_chars=256, key=f"{key}_reason")
        sent = st.form_submit_button("删除规则", key=f"{key}_send")
    if sent:
        act(_removed(screen, rule, seen, reason), go_to=screen.params(extra={"rule": ""}))


def _removed(screen: Screen, rule: RuleSpec, seen: int, reason: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        name = rules.remove(
            session, rule_id=rule.id, seen=seen, person=screen.person, at=acting.now(), reason=reason
        )
        return f"规则“{name}”已删除，可以撤销。"

    return work
