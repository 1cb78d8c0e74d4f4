"""指标项 that no event says: entered by people or sent by sensors. Their list, and the form of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, pick
from dashboard.panels.settings_tabs import show_right
from dashboard.state import Screen
from data.indicators.counts import NamedCount
from data.indicators.store import used_in
from data.labels import DASH, WEEKLY
from data.manage.changes import Subject, newest
from data.manage.permission import Duty
from data.manage.reading_counts import LONGEST_UNIT, add_reading_count, change_reading_count
from data.readings.sensors import sensors_by_count
from data.vocabulary import Weekly

NEW_READING: Final = "new_reading"
"""In the address: the form of a new one."""
TITLES: Final = ("填报或监测的项", "单位", "一周取", "传感器", "用于指标")
_WAYS: Final = {
    Weekly.SUM.value: "相加：各次、各区域合计，如人次、件",
    Weekly.MEAN.value: "平均：全部读数的平均，如浊度、温度",
    Weekly.MAX.value: "最高：最高的一次，如水位",
    Weekly.LAST.value: "最后一次：一周里最后的读数，如存量",
}
_ABOUT: Final = (
    "新增以后，“指标填报”、公式、“监测超标”规则和读数接口里都能用。填报的数同一周只有一个；传感器送来的读数一周有很多个，"
    "按这里选的取法算成一个。同一区域同一周两样都有的，以填报的为准。"
)


def reading_table(screen: Screen, found: list[NamedCount], wanted: str) -> Html:
    """The counts, with how many sensors feed each."""
    users: dict[str, tuple[str, ...]] = ask(screen, used_in, where=None)
    sensors: dict[str, int] = ask(screen, sensors_by_count, where=None)
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    rows = [
        el(
            "tr",
            el("td", link(screen.href(extra={"param": one.name}), one.label), cls="om-left"),
            el("td", one.unit, cls="om-left"),
            el("td", WEEKLY.get(one.weekly, one.weekly), cls="om-left"),
            el("td", f"{sensors[one.name]} 个" if one.name in sensors else DASH, cls="om-left"),
            el("td", "、".join(users.get(one.name, ())) or DASH, cls="om-left"),
            data_href=screen.href(extra={"param": one.name}),
            data_count=one.name,
            cls="om-selected" if one.name == wanted else "",
        )
        for one in found
    ]
    to_new = link(screen.href(extra={"param": NEW_READING}), "＋ 新增填报项", cls="om-button")
    return div(
        div(span("填报和监测的数", cls="om-title"), span(f"{len(found)} 项", cls="om-note"), to_new,
            cls="om-panel-head om-wrap"),
        div(el("table", el("thead", head), el("tbody", rows), cls="om-table om-duty-table"),
            cls="om-scroll om-x"),
        cls="om-panel om-duty-list",
    )  # fmt: skip


def show_reading_form(screen: Screen, count: NamedCount | None) -> None:
    """The form of one of them, or of a new one."""
    back = link(screen.href(extra={"param": ""}), "‹ 返回", cls="om-back", data_escape=True)
    title = count.label if count else "新增填报项"
    show(div(back, span(title, cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.INDICATORS)
    seen = newest(screen.session, Subject.COUNT, count.name) if count else 0
    key = f"om_reading_count_{count.name if count else NEW_READING}_{seen}"
    label, unit = "", ""
    with st.form(key, border=False):
        if count is None:
            label = st.text_input("名称", max_chars=32, key=f"{key}_label", placeholder="例如：噪声")
            unit = st.text_input("单位", max_chars=LONGEST_UNIT, key=f"{key}_unit", placeholder="例如：分贝")
        weekly = pick("一周怎样取", _WAYS, count.weekly if count else Weekly.MEAN.value, key=f"{key}_weekly")
        show(el("p", _ABOUT, cls="om-note"))
        sent = st.form_submit_button("保存", type="primary")
    if not sent:
        return
    if count is None:
        act(_added(screen, label, unit, weekly), go_to=screen.params(extra={"param": ""}))
    else:
        act(_changed(screen, count, weekly, seen))


def _added(screen: Screen, label: str, unit: str, weekly: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        add_reading_count(
            session, label=label, unit=unit, weekly=weekly, person=screen.person, at=acting.now()
        )
        return f"指标项“{label.strip()}”已新增，填报、公式、预警规则和读数接口里可以用了。"

    return work


def _changed(screen: Screen, count: NamedCount, weekly: str, seen: int) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        change_reading_count(
            session, name=count.name, weekly=weekly, seen=seen, person=screen.person, at=acting.now()
        )
        return f"指标项“{count.label}”已保存，以前各周也按新的取法；可以在变更记录里撤销。"

    return work
