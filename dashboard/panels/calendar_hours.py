"""Working hours of the area in view, a year's days from a file, and the last edits with their undo."""

from __future__ import annotations

from datetime import date

import streamlit as st
from sqlmodel import Session

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import div, el, show, span
from dashboard.panels.calendar_effect import propose
from dashboard.panels.calendar_year import area_name, calendar_of, chosen_area
from dashboard.panels.messages import show_refusal
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen, current_screen
from data.calendar import BadDay, BadDayFile, spell_spans
from data.calendar.day_file import day_template, read_days
from data.calendar.edit import ChangeLine, changes
from data.manage.calendar import import_days, set_hours, undo_change
from data.manage.permission import Duty
from data.models import CalendarChange
from data.reckon import Edit

SHOWN_CHANGES = 8


def show_hours(screen: Screen) -> None:
    """The hours from their days on, and the form for others."""
    area, found = chosen_area(screen), calendar_of(screen)
    now = found.hours_on(screen.today)
    with st.container(key="om-calendar-hours"):
        show(div(span("工作时间", cls="om-title"), cls="om-panel-head om-bare"))
        lines = []
        for each in found.hours:
            first = each is found.hours[0]
            lines.append(
                el(
                    "li",
                    span("一直以来" if first else f"{each.valid_from} 起", cls="om-when"),
                    span(f"{spell_spans(each.spans)}，剩余时限不超过 {each.warn_share * 100:g}% 为临期"),
                    cls="om-on" if each is now else "",
                )
            )
        show(el("ul", lines, cls="om-hours-list"))
        show_right(screen, Duty.CALENDAR, codes=(area,))
        with st.expander("修改工作时间"), st.form("om_calendar_hours_form", border=False):
            spans = st.text_input("工作时间", spell_spans(now.spans), key="om_hours_spans")
            share = st.number_input(
                "临期比例（%）", value=now.warn_share * 100, step=5.0,
                key="om_hours_share", help="剩余时限不超过这个比例时标为临期。",
            )  # fmt: skip
            begins = st.text_input("从哪天起", screen.today.isoformat(), key="om_hours_from")
            show(el("p", f"适用于：{area_name(screen, area)}", cls="om-note"))
            sent = st.form_submit_button("保存工作时间", type="primary")
        if sent:
            said = f"从 {begins.strip()[:20]} 起工作时间为 {spans}，适用于{area_name(screen, area)}"
            told = f"已保存，从 {begins.strip()[:20]} 起按新的工作时间计算。"
            propose(screen, _saving(spans, share / 100, begins, area), what=said, told=told)


def _saving(spans: str, share: float, begins: str, area: str) -> Edit:
    def edit(session: Session) -> CalendarChange:
        try:
            day = date.fromisoformat(begins.strip().replace("/", "-"))
        except ValueError as error:
            raise BadDay(f"日期“{begins[:20]}”认不出来：请写作 2026-12-01 这样") from error
        return set_hours(
            session, spans=spans, warn_share=share, valid_from=day, area_prefix=area,
            person=current_screen().person,
        )  # fmt: skip

    return edit


def show_day_file(screen: Screen, year: int) -> None:
    """A year's days off and 调休 from a CSV file, as a whole or not at all."""
    with st.container(key="om-calendar-file"):
        show(
            div(span("导入一年的放假安排", cls="om-title"), cls="om-panel-head om-bare"),
            el(
                "p",
                "CSV 文件，列为 日期、安排（休 或 班）、名称、说明。按国家公布的通知填写。",
                cls="om-note",
            ),
        )
        st.download_button(
            "下载模板", day_template(year), f"放假安排模板_{year}.csv", "text/csv", key="om_days_template"
        )
        uploaded = st.file_uploader("放假安排", key="om_days_file", label_visibility="collapsed")
        if uploaded is None:
            return
        data, area = uploaded.getvalue(), chosen_area(screen)
        try:
            entries = read_days(data, name=uploaded.name, is_official=True)
        except BadDayFile as error:
            lines = tuple(map(str, error.problems[:20]))
            more = len(error.problems) - len(lines)
            rest = (f"还有 {more} 处没有列出。",) if more else ()
            show_refusal("没有导入", str(error), *lines, *rest)
            return
        if st.button(f"导入 {len(entries)} 天", type="primary", key="om_days_import"):
            days = f"{len(entries)} 天，从 {entries[0].day} 到 {entries[-1].day}"
            said = f"导入“{uploaded.name}”：{days}，适用于{area_name(screen, area)}"
            propose(screen, _importing(data, uploaded.name, area), what=said, told=f"已导入 {days}。")


def _importing(data: bytes, name: str, area: str) -> Edit:
    return lambda session: import_days(
        session, data, name=name, area_prefix=area, is_official=True, person=current_screen().person
    )


def show_changes(screen: Screen) -> None:
    """The last edits; each can be taken back unless a later one builds on it."""
    found: list[ChangeLine] = ask(screen, changes, where=None, limit=SHOWN_CHANGES)
    with st.container(key="om-calendar-changes"):
        show(div(span("最近的改动", cls="om-title"), cls="om-panel-head om-bare"))
        if not found:
            show(el("p", "还没有改动：按国家公布的安排和默认工作时间。", cls="om-note"))
        for line in found:
            with st.container(
                key=f"om-calendar-change-{line.number}", horizontal=True, vertical_alignment="center"
            ):
                when = moment_text(line.at, zone=screen.zone, now=screen.as_of)
                note = f"{line.actor} · {when}{_followed(line)}"
                show(div(span(line.what), span(note, cls="om-note"), cls="om-edit-line"))
                if line.can_be_undone and st.button("撤销", key=f"om_calendar_undo_{line.number}"):
                    told = f"已撤销改动 {line.number}。"
                    said = f"撤销改动 {line.number}：{line.what}"
                    propose(screen, _undoing(line.number), what=said, told=told)


def _followed(line: ChangeLine) -> str:
    """How many cases have another deadline by an edit."""
    if line.moved is None:
        return " · 在办件的时限正在重算"
    return f" · 重算了 {number(line.moved)} 件在办件的时限" if line.moved else ""


def _undoing(change_id: int) -> Edit:
    return lambda session: undo_change(session, change_id=change_id, person=current_screen().person)
