"""指标填报: the counts of one area and week by hand; many of them from a table that is checked first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.formats import day_text, moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, area_choices, import_step
from dashboard.panels.header import breadcrumb
from dashboard.panels.messages import empty
from dashboard.panels.settings_sheet import show_sheet
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import Screen
from data.codes import child_level
from data.counted import monday_of
from data.manage.changes import Subject
from data.manage.permission import Duty
from data.manage.readings import Entered, Reading, ReadingForm, enter, entered, reading_forms
from data.vocabulary import CODE_LENGTH, Level

_ABOUT: Final = (
    "这些数系统里没有事件可数，由社区、街道和指挥中心按周填报，保存后立即进入效能和预警。"
    "可加总的数只在一级填报：社区填了，街道自动合计，不用再填。"
)


def chosen_week(screen: Screen) -> date:
    """The Monday of the URL's week; this week without one, or with one still to come."""
    text = screen.view.get("week")
    return monday_of(min(date.fromisoformat(text), screen.today) if text else screen.today)


def show_readings(screen: Screen) -> None:
    """The form of the area and week on the left; a table and the history on the right."""
    code, week = screen.where.focus, chosen_week(screen)
    forms = reading_forms(session=screen.session)
    with st.container(key="om-settings-left"):
        show(_bar(screen, code, week))
        with st.container(key="om-readings-form"):
            if code:
                _form(screen, forms, code, week)
            elif any(area_choices(screen)):
                show(empty("先在上面选择要填报的街道或社区；几个区域一起填，用“从表格填报”"))
            else:
                to_divisions = (import_step(screen, "divisions"), "去接入")
                show(empty("接入区划以后，可以在这里填报", actions=(to_divisions,)))
    with st.container(key="om-duty-side"):
        show_sheet(screen, code=code, week=week)
        show_history(screen, Subject.READINGS)


def _bar(screen: Screen, code: str, week: date) -> Html:
    def step(days: int, sign: str, text: str) -> Html | None:
        to = week + timedelta(days=days)
        if to > screen.today:
            return None
        href = screen.href(extra={"week": to.isoformat()})
        return link(href, sign, cls="om-button om-small", aria_label=text, title=text)

    last = week + timedelta(days=6)
    days = f"{day_text(week, today=screen.today)} 至 {day_text(last, today=screen.today)}"
    return div(
        div(
            span("指标填报", cls="om-title"),
            breadcrumb(screen),
            span(
                step(-7, "‹", "上一周"), el("b", days, data_week=week.isoformat()), step(7, "›", "下一周"),
                cls="om-years",
            ),
            cls="om-panel-head om-wrap",
        ),
        _below(screen, code),
        el("p", _ABOUT, cls="om-note om-cut"),
        cls="om-panel",
    )  # fmt: skip


def _below(screen: Screen, code: str) -> Html | None:
    """The areas below the one in view, down to communities, to choose from."""
    level = child_level(code) if code else Level.DISTRICT
    places = area_choices(screen)
    if not code:
        districts = [each for each in places if len(each) == CODE_LENGTH[Level.DISTRICT]]
        level = Level.STREET if len(districts) == 1 else Level.DISTRICT
    if level is None or level is Level.GRID:
        return None
    found = [each for each in places if len(each) == CODE_LENGTH[level] and each.startswith(code)]
    chips = [
        link(screen.href_area(each), places[each].rpartition("·")[2], cls="om-button om-small")
        for each in found
    ]
    return div(chips, cls="om-area-chips") if chips else None


def _form(screen: Screen, forms: list[ReadingForm], code: str, week: date) -> None:
    show_right(screen, Duty.READINGS, codes=(code,))
    known = entered(session=screen.session, code=code, day=week)
    marks = max((one.entered_at for one in known.values()), default=None)
    key = f"om_reading_{code}_{week}_{marks.timestamp() if marks else 0:.6f}_{len(known)}".replace(".", "_")
    given: dict[str, float | None] = {}
    with st.form(key, border=False):
        for form in forms:
            formula = f"{form.name} = {form.formula}" if form.formula else "只用于预警规则"
            show(div(el("b", form.name), span(formula, cls="om-note"), cls="om-reading-head"))
            columns = st.columns(2)
            for place, count in enumerate(form.counts):
                with columns[place % 2]:
                    before = known.get(count.name)
                    given[count.name] = st.number_input(
                        f"{count.label}（{count.unit}）", value=before.value if before else None,
                        min_value=None if count.may_be_negative else 0.0,
                        step=1.0 if count.is_whole else 0.5, format="%g", placeholder="没有填",
                        key=f"{key}_{count.name}",
                    )  # fmt: skip
            show(_who(screen, [known[one.name] for one in form.counts if one.name in known]))
        source = st.text_input("来源", max_chars=64, key=f"{key}_source", placeholder="例如：民政台账")
        sent = st.form_submit_button("填报", type="primary")
    if sent:
        values = [
            Reading(name=name, code=code, day=week, value=value)
            for name, value in given.items()
            if value is not None
        ]
        act(_entered(screen, values, source))


def _who(screen: Screen, known: list[Entered]) -> Html | None:
    if not known:
        return None
    last = max(known, key=lambda one: one.entered_at)
    when = moment_text(last.entered_at, zone=screen.zone, now=screen.as_of)
    said = f"{last.actor} {when} 填报" + (f"，来源：{last.source}" if last.source else "")
    return el("p", said, cls="om-note")


def _entered(screen: Screen, values: list[Reading], source: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        number = enter(session, values, source=source, person=screen.person, at=acting.now())
        return f"已填报 {number} 格，效能和预警随之更新；填错可以在变更记录里撤销。"

    return work
