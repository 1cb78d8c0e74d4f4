"""One dispatch rule: its form, what it said before, and the ways back. Every change is a new version."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.confirm import confirmed
from dashboard.panels.dispatch_form import show_form
from dashboard.panels.dispatch_table import state_mark
from dashboard.panels.duty_acts import act, tell_if_changed
from dashboard.panels.messages import empty
from dashboard.state import NEW_ROW, Screen
from data.dispatch import versions_of
from data.dispatch.listing import RuleLine, RuleState, rule_versions
from data.manage.dispatch import restore_version, undo_rule, withdraw_rule
from data.models import DispatchRule


def chosen_rule(screen: Screen) -> int | None:
    """The rule of the URL; 0 for a new one, None where none is open."""
    wanted = screen.view.get("rule")
    if wanted == NEW_ROW:
        return 0
    return int(wanted) if wanted else None


def show_rule(screen: Screen, number: int) -> None:
    """The form of a rule and, for one that is there, what was before and what can be done."""
    versions = versions_of(screen.session, number) if number else []
    newest = versions[0] if versions else None
    with st.container(key="om-duty-form"):
        _head(screen, number, newest)
        if number and newest is None:
            show(empty("没有这条规则，可能已随演示数据移除"))
            return
        if newest is not None:
            tell_if_changed(("rule", number), newest.version, name=f"规则 {number} ")
        show_form(screen, newest)
        if newest is not None:
            _ways_back(screen, newest)
    if newest is not None:
        _history(screen, newest)


def _head(screen: Screen, number: int, newest: DispatchRule | None) -> None:
    version = f"（第 {newest.version} 版）" if newest else ""
    title = f"规则 {number}{version}" if number else "新增规则"
    back = link(screen.href(extra={"rule": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span(title, cls="om-title"), cls="om-panel-head om-bare"))


def _ways_back(screen: Screen, newest: DispatchRule) -> None:
    key = f"{newest.number}_{newest.version}"
    first = newest.version == 1
    with st.container(horizontal=True, key="om-rule-acts"):
        if not newest.withdrawn and confirmed(
            "停用", key=f"om_withdraw_{key}", action="确认停用",
            question=f"从今天起停用规则 {newest.number}。历史保留，可以恢复。",
        ):  # fmt: skip
            act(_withdraw(screen, newest))
        undo = "撤销新增" if first else f"撤销第 {newest.version} 版"
        if confirmed(
            undo, key=f"om_undo_rule_{key}", action="确认撤销",
            question="这条规则将停用。" if first else "恢复为上一版的内容，记为新的一版。",
        ):  # fmt: skip
            act(_undo(screen, newest))


def _withdraw(screen: Screen, newest: DispatchRule) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        withdraw_rule(
            session, number=newest.number, seen_version=newest.version, person=screen.person, note="停用",
            valid_from=max(screen.today, newest.valid_from), today=screen.today,
        )  # fmt: skip
        return f"规则 {newest.number} 已停用。"

    return work


def _undo(screen: Screen, newest: DispatchRule) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        back = undo_rule(
            session,
            number=newest.number,
            seen_version=newest.version,
            today=screen.today,
            person=screen.person,
        )
        return f"已撤销，规则 {back.number} 现为第 {back.version} 版。"

    return work


def _restore(screen: Screen, newest: DispatchRule, version: int) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        back = restore_version(
            session, number=newest.number, version=version, seen_version=newest.version,
            today=screen.today, person=screen.person,
        )  # fmt: skip
        return f"规则 {back.number} 已恢复为第 {version} 版的内容，记为第 {back.version} 版。"

    return work


def _history(screen: Screen, newest: DispatchRule) -> None:
    query = {"number": newest.number, "on": screen.today}
    lines: list[RuleLine] = ask(screen, rule_versions, where=None, **query)
    title = [span("历史版本", cls="om-title"), span(f"{len(lines)} 版", cls="om-note")]
    with st.container(key="om-duty-history"):
        show(div(title, cls="om-panel-head om-bare"))
        show(el("ol", [_version(screen, line) for line in lines], cls="om-timeline om-versions"))
        older = [line for line in lines[1:] if not line.withdrawn]
        if not older:
            return
        labels = {line.version: f"第 {line.version} 版：{line.department}，{line.limit}" for line in older}
        with st.form(f"om_restore_{newest.number}_{newest.version}", border=False):
            chosen = st.selectbox("恢复为哪一版", list(labels), format_func=lambda one: labels[one])
            sent = st.form_submit_button("恢复")
        if sent:
            act(_restore(screen, newest, int(chosen)))


def _version(screen: Screen, line: RuleLine) -> Html:
    never = line.valid_to is not None and line.valid_to <= line.valid_from
    days = f"{line.valid_from} 起" if line.valid_to is None else f"{line.valid_from} 至 {line.valid_to} 前"
    when = moment_text(line.created_at, zone=screen.zone, now=screen.as_of)
    return el(
        "li",
        span(f"第 {line.version} 版", cls="om-when"),
        span(el("b", line.department), f"{line.class_name}，{line.area_name}，{line.limit}", cls="om-what"),
        state_mark(line.state) if line.state is not RuleState.PAST else None,
        span("当天又改，没有执行过" if never else days, cls="om-note"),
        span(f"恢复自第 {line.same_as} 版", cls="om-note") if line.same_as else None,
        span(f"{line.actor}，{when}" + (f"：{line.note}" if line.note else ""), cls="om-why"),
    )
