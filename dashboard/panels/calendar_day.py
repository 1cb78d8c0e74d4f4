"""One day of the working calendar: what it is, and the form that says otherwise."""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from dashboard.markup import div, el, link, show, span
from dashboard.panels.calendar_effect import propose
from dashboard.panels.calendar_year import WEEKDAYS, area_name, calendar_of, chosen_area, describe
from dashboard.panels.duty_acts import tell_if_changed
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen, current_screen
from data.calendar import Day, DayOrigin
from data.calendar.edit import MAX_NAME, MAX_NOTE, DayEntry
from data.manage.calendar import clear_day, set_day
from data.manage.permission import Duty
from data.reckon import Edit

_KIND: Final = {True: "上班", False: "休息"}
_BASIS: Final = {False: "本地安排", True: "国家公布的通知"}


def show_day(screen: Screen, day: date) -> None:
    """The day's form. What is entered holds in the area in view."""
    area = chosen_area(screen)
    what = calendar_of(screen).day(day)
    own = what.entry_id if what.area_prefix == area else None
    with st.container(key="om-calendar-day"):
        show(
            div(
                span(f"{day.year}-{day:%m-%d} 周{WEEKDAYS[day.weekday()]}", cls="om-title"),
                link(screen.href(extra={"day": ""}), "关闭", cls="om-button om-small", data_escape=True),
                cls="om-panel-head om-bare",
            ),
            el("p", f"现在：{describe(what)}", f"。{what.note}" if what.note else None),
            el("p", f"录入后适用于：{area_name(screen, area)}", cls="om-note"),
        )
        show_right(screen, Duty.CALENDAR, codes=(area,))
        tell_if_changed((f"calendar {area} {day}", 0), own or 0, name=f"{day}")
        _form(screen, day, area, what, own)
        if own is not None and st.button("清除这一天的录入", key="om_day_clear"):
            propose(
                screen, _clearing(day, area, own), what=f"清除 {day} 的录入", told=f"已清除 {day} 的录入。"
            )


def _form(screen: Screen, day: date, area: str, what: Day, own: int | None) -> None:
    key = f"om_day_{area}_{day}_{own}"
    with st.form(key, border=False):
        works = st.radio(
            "这一天", [True, False], index=0 if what.is_working else 1, horizontal=True,
            format_func=lambda one: _KIND[one], key=f"{key}_works",
        )  # fmt: skip
        name = st.text_input("名称", what.name if own else "", max_chars=MAX_NAME, key=f"{key}_name")
        official = st.radio(
            "依据", [False, True], index=int(what.origin is not DayOrigin.LOCAL and own is not None),
            format_func=lambda one: _BASIS[one], horizontal=True, key=f"{key}_official",
        )  # fmt: skip
        note = st.text_input("说明", what.note if own else "", max_chars=MAX_NOTE, key=f"{key}_note")
        sent = st.form_submit_button("保存", type="primary")
    if sent:
        entry = DayEntry(
            day=day, is_working=bool(works), name=name.strip(), is_official=bool(official), note=note.strip()
        )
        told = f"{entry.day} 已改为{_KIND[entry.is_working]}。"
        said = f"{entry.day} 改为{_KIND[entry.is_working]}，适用于{area_name(screen, area)}"
        propose(screen, _saving(entry, area, own), what=said, told=told)


def _saving(entry: DayEntry, area: str, own: int | None) -> Edit:
    return lambda session: set_day(
        session, entry, area_prefix=area, seen_id=own, person=current_screen().person
    )


def _clearing(day: date, area: str, own: int | None) -> Edit:
    return lambda session: clear_day(
        session, day=day, area_prefix=area, seen_id=own, person=current_screen().person
    )
