"""参数: every number of the loop, of alerts and of statistics; the form and the history of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.calendar_year import calendar_of
from dashboard.panels.duty_acts import act
from dashboard.panels.messages import empty
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import Screen
from data.labels import DASH
from data.manage.changes import Subject
from data.manage.numbers import NumberLine, change_number, list_numbers
from data.manage.permission import Duty

TITLES: Final = ("参数", "现值", "默认", "可填范围", "来源", "最近修改")


def show_numbers(screen: Screen) -> None:
    """The table on the left; the chosen number, or what they are for, on the right."""
    lines: list[NumberLine] = ask(screen, list_numbers, where=None)
    wanted = screen.view.get("param")
    chosen = next((line for line in lines if line.key == wanted), None)
    show(_table(screen, lines, chosen))
    with st.container(key="om-duty-side"):
        with st.container(key="om-duty-form"):
            if chosen is not None:
                _form(screen, chosen)
            else:
                show(div(span("修改参数", cls="om-title"), cls="om-panel-head om-bare"))
                lost = wanted and f"没有“{wanted}”这个参数"
                show(empty(lost or "点一个参数，查看它的来历或修改。全区通用，保存后立即生效。"))
        show_history(screen, Subject.NUMBER, key=chosen.key if chosen else "")


def _table(screen: Screen, lines: list[NumberLine], chosen: NumberLine | None) -> Html:
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    rows = []
    for group in dict.fromkeys(line.group for line in lines):
        rows.append(el("tr", el("th", group, colspan=len(TITLES), cls="om-left om-group", scope="rowgroup")))
        rows += [_row(screen, line, on=line is chosen) for line in lines if line.group == group]
    rows.append(_warn_share(screen))
    table = el("table", el("thead", head), el("tbody", rows), cls="om-table om-duty-table")
    return div(
        div(
            span("参数", cls="om-title"),
            span("全区通用；按区域不同的，在派遣规则、工作日历和预警规则里设", cls="om-note om-wide-only"),
            cls="om-panel-head om-wrap",
        ),
        div(div(table, cls="om-x"), cls="om-scroll"),
        cls="om-panel om-duty-list",
    )


def _row(screen: Screen, line: NumberLine, *, on: bool) -> Html:
    href = screen.href(extra={"param": line.key})
    spec = line.spec
    when = moment_text(line.changed_at, zone=screen.zone, now=screen.as_of) if line.changed_at else ""
    value = span(spec.text(line.value), cls="om-own-value" if line.is_own else "")
    return el(
        "tr",
        el("td", link(href, spec.label), cls="om-left"),
        el("td", value, cls="om-left om-nowrap"),
        el("td", spec.text(line.default), cls="om-left om-nowrap"),
        el("td", spec.bounds, cls="om-left om-nowrap"),
        el("td", spec.origin, cls="om-left"),
        el("td", [line.changed_by, div(when, cls="om-note om-nowrap")] if when else DASH, cls="om-left"),
        data_href=href,
        data_number=line.key,
        data_value=f"{line.value:g}",
        cls="om-selected" if on else "",
    )


def _warn_share(screen: Screen) -> Html:
    """临期 is set with the working hours, by area; said here, since people look for it here."""
    share = f"{calendar_of(screen).hours_on(screen.today).warn_share * 100:g}%"
    href = screen.href(page="calendar")
    return el(
        "tr",
        el("td", link(href, "临期：剩余时限不超过"), cls="om-left"),
        el("td", share, cls="om-left"),
        el("td", "25%", cls="om-left"),
        el("td", "1%–99%", cls="om-left"),
        el("td", "本项目约定", cls="om-left"),
        el("td", link(href, "在工作日历里按区域修改"), cls="om-left"),
        data_href=href,
    )


def _form(screen: Screen, line: NumberLine) -> None:
    spec = line.spec
    back = link(screen.href(extra={"param": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span(spec.label, cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.NUMBERS)
    if spec.note:
        show(el("p", spec.note, cls="om-note"))
    key = f"om_number_{line.key}_{line.seen}"
    with st.form(key, border=False):
        # Without bounds: beyond them a browser would hand the old value in, and it would be called unchanged.
        value = st.number_input(
            f"现值（{spec.unit}）", value=line.value, step=1.0 if spec.whole else 0.5, format="%g",
            key=f"{key}_value", help=f"默认 {spec.text(line.default)}；可填 {spec.bounds}。",
        )  # fmt: skip
        reason = st.text_input("理由", key=f"{key}_reason", max_chars=256)
        sent = st.form_submit_button("保存", type="primary")
    if sent:
        act(_changed(screen, line, float(value), reason))


def _changed(screen: Screen, line: NumberLine, value: float, reason: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        change_number(
            session, key=line.key, value=value, seen=line.seen, person=screen.person, at=acting.now(),
            reason=reason,
        )  # fmt: skip
        return f"“{line.spec.label}”现在是 {line.spec.text(value)}，立即生效。"

    return work
