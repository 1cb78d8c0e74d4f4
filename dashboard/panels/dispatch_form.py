"""The form of one dispatch rule: what it says, from which day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard.markup import show
from dashboard.panels.duty_acts import (
    Choices,
    act,
    area_choices,
    class_choices,
    department_choices,
    import_step,
    pick,
)
from dashboard.panels.messages import empty
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen
from data.dispatch import BadRule, RuleDraft, draft_of
from data.labels import CLOCK_TYPE
from data.manage.dispatch import add_rule, change_rule
from data.manage.permission import Duty
from data.models import DispatchRule

BY_CLASS: Final = "按类别"
_DEEPEST: Final = 12
"""Digits of the codes that the form offers: communities."""


def show_form(screen: Screen, newest: DispatchRule | None) -> None:
    """Fields filled with what the rule says; None: a new one, for the class and area of the table."""
    if not newest and not department_choices(screen):
        to_departments = (import_step(screen, "departments"), "去接入")
        show(empty("接入职能部门以后，可以在这里新增规则", actions=(to_departments,)))
        return
    base = draft_of(newest) if newest else _first_draft(screen)
    key = f"om_rule_{newest.number}_{newest.version}" if newest else "om_rule_new"
    show_right(screen, Duty.DISPATCH, codes=(base.area_prefix,))
    starts = max(screen.today, newest.valid_from) if newest else screen.today
    with st.form(key, border=False):
        draft = _fields(screen, base, key)
        hint = "写作 2026-12-01；不能早于今天。"
        begins = st.text_input("从哪天起", starts.isoformat(), key=f"{key}_from", help=hint)
        sent = st.form_submit_button("保存为新的一版" if newest else "新增", type="primary")
    if sent:
        back_to_table = None if newest else screen.params(extra={"rule": ""})
        act(_save(screen, draft, newest, begins), go_to=back_to_table)


def _first_draft(screen: Screen) -> RuleDraft:
    where = screen.where
    return RuleDraft(
        class_prefix=where.classes[0] if len(where.classes) == 1 else "",
        area_prefix=where.focus if len(where.focus) <= _DEEPEST else "",
    )


def _fields(screen: Screen, base: RuleDraft, key: str) -> RuleDraft:
    first, second = st.columns(2)
    with first:
        class_prefix = pick("类别", class_choices(screen), base.class_prefix, key=f"{key}_class")
    with second:
        area_prefix = pick("区域", area_choices(screen), base.area_prefix, key=f"{key}_area")
    code = base.department_code
    department = pick("责任部门", _departments(screen, code), code, key=f"{key}_department")
    first, second, third = st.columns(3)
    with first:
        limit = _hours("处置时限（小时）", base.limit_hours, key=f"{key}_limit", empty=BY_CLASS)
    with second:
        clock = pick("计时方式", {"": BY_CLASS, **CLOCK_TYPE}, base.clock_type, key=f"{key}_clock")
    with third:
        respond = _hours("响应时限（小时）", base.respond_hours, key=f"{key}_respond", empty="不要求")
    note = st.text_input("说明", base.note, max_chars=512, key=f"{key}_note")
    return RuleDraft(
        class_prefix=class_prefix, area_prefix=area_prefix, department_code=department,
        limit_hours=limit, clock_type=clock, respond_hours=respond, note=note.strip(),
    )  # fmt: skip


def _hours(title: str, value: float | None, *, key: str, empty: str) -> float | None:
    hint = "一天按 24 小时填；不填即“" + empty + "”。"
    return st.number_input(
        title, value=value, min_value=0.0, step=0.5, format="%g", placeholder=empty, key=key, help=hint
    )


def _departments(screen: Screen, code: str) -> Choices:
    found = department_choices(screen)
    return found if code else {"": "请选择", **found}


def _save(
    screen: Screen, draft: RuleDraft, newest: DispatchRule | None, begins: str
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        day = read_day(begins)
        if newest is None:
            added = add_rule(session, draft, valid_from=day, today=screen.today, person=screen.person)
            return f"已新增规则 {added.number}，从 {day} 起执行。"
        saved = change_rule(
            session, draft, number=newest.number, seen_version=newest.version, valid_from=day,
            today=screen.today, person=screen.person,
        )  # fmt: skip
        return f"规则 {saved.number} 已保存为第 {saved.version} 版，从 {day} 起执行；原来的一版留在历史里。"

    return work


def read_day(text: str) -> date:
    """A day as people write it in a form. Raises ``BadRule`` with what was written."""
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise BadRule(f"日期“{text[:20]}”认不出来：请写作 2026-12-01 这样") from error
