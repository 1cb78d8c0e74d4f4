"""指标项: what formulas may count over some classes or sources; which classes are 垃圾 is data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, class_choices, pick
from dashboard.panels.messages import empty
from dashboard.panels.settings_reading_counts import NEW_READING, reading_table, show_reading_form
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import NEW_ROW, Screen
from data.indicators.counts import BASE_COUNTS, NamedCount
from data.indicators.store import used_in
from data.labels import DASH, SOURCE, label
from data.manage.changes import Subject, newest
from data.manage.counts import add_count, change_count, list_counts
from data.manage.permission import Duty
from data.manage.reading_counts import list_reading_counts
from data.queries.reference import KeyOption, sources

TITLES: Final = ("指标项", "数的是", "类别", "来源", "用于指标")
_ABOUT: Final = (
    "指标项是公式里的数。哪些类别算垃圾、算隐患，由本区定；类别代码与内置的不同，请在这里改选。"
    "不限类别和来源的数（上报、应结等）公式里直接可用；没有事件可数的，由人填报或由传感器送来，列在下面。"
)
_RECOUNT: Final = (
    "保存时把全部事件读一遍，重新数这一项，以前各周也随之改变；事件多时要等几秒到几十秒，其间别人不能保存。"
)


def show_counts(screen: Screen) -> None:
    """The counts on the left; the form of one, or of a new one, on the right."""
    found: list[NamedCount] = ask(screen, list_counts, where=None)
    wanted = screen.view.get("param")
    chosen = next((count for count in found if count.name == wanted), None)
    readings: list[NamedCount] = ask(screen, list_reading_counts, where=None)
    measured = {count.name: count for count in readings}
    with st.container(key="om-settings-left"):
        show(_table(screen, found, chosen))
        show(reading_table(screen, list(measured.values()), wanted))
    with st.container(key="om-duty-side"):
        with st.container(key="om-duty-form"):
            if chosen is not None or wanted == NEW_ROW:
                _form(screen, chosen)
            elif wanted == NEW_READING or wanted in measured:
                show_reading_form(screen, measured.get(wanted))
            else:
                show(div(span("修改指标项", cls="om-title"), cls="om-panel-head om-bare"))
                show(empty(f"没有“{wanted}”这个指标项" if wanted else "点左边一项，改选它的类别和来源"))
        show_history(
            screen, Subject.COUNT, key=chosen.name if chosen else wanted if wanted in measured else ""
        )


def _table(screen: Screen, found: list[NamedCount], chosen: NamedCount | None) -> Html:
    users: dict[str, tuple[str, ...]] = ask(screen, used_in, where=None)
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    classes = class_choices(screen)
    body = [_row(screen, count, classes, users.get(count.name, ()), on=count is chosen) for count in found]
    to_new = link(screen.href(extra={"param": NEW_ROW}), "＋ 新增指标项", cls="om-button")
    return div(
        div(span("指标项", cls="om-title"), span(f"{len(found)} 项", cls="om-note"), to_new,
            cls="om-panel-head om-wrap"),
        el("p", _ABOUT, cls="om-note om-cut"),
        div(el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table"),
            cls="om-scroll om-x"),
        cls="om-panel om-duty-list",
    )  # fmt: skip


def _row(
    screen: Screen, count: NamedCount, classes: dict[str, str], users: tuple[str, ...], *, on: bool
) -> Html:
    href = screen.href(extra={"param": count.name})
    base = next(each.label for each in BASE_COUNTS if each.name == count.base)
    return el(
        "tr",
        el("td", link(href, count.label), cls="om-left"),
        el("td", base, cls="om-left"),
        el("td", "、".join(classes.get(code, code) for code in count.classes) or "不限", cls="om-left"),
        el("td", "、".join(label(SOURCE, one) for one in count.sources) or "不限", cls="om-left"),
        el("td", "、".join(users) or DASH, cls="om-left"),
        data_href=href,
        data_count=count.name,
        cls="om-selected" if on else "",
    )


def _form(screen: Screen, count: NamedCount | None) -> None:
    back = link(screen.href(extra={"param": ""}), "‹ 返回", cls="om-back", data_escape=True)
    title = count.label if count else "新增指标项"
    show(div(back, span(title, cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.INDICATORS)
    seen = newest(screen.session, Subject.COUNT, count.name) if count else 0
    key = f"om_count_{count.name if count else NEW_ROW}_{seen}"
    name, base = "", ""
    with st.form(key, border=False):
        if count is None:
            name = st.text_input("名称", max_chars=32, key=f"{key}_label", placeholder="例如：噪声上报")
            bases = {each.name: f"{each.label}：{each.meaning}" for each in BASE_COUNTS}
            base = pick("数的是", bases, "reported", key=f"{key}_base")
        else:
            show(el("p", f"{count.meaning}。", cls="om-note"))
        classes = class_choices(screen)
        classes.pop("")
        chosen = _several("只数这些类别", classes, count.classes if count else (), "全部类别", f"{key}_class")
        found: list[KeyOption] = ask(screen, sources, where=None)
        names = {one.key: one.label for one in found}
        given = _several("只数这些来源", names, count.sources if count else (), "全部来源", f"{key}_source")
        show(el("p", _RECOUNT, cls="om-note"))
        sent = st.form_submit_button("保存并重新统计", type="primary")
    if not sent:
        return
    if count is None:
        act(_added(screen, name, base, chosen, given), go_to=screen.params(extra={"param": ""}))
    else:
        act(_changed(screen, count, chosen, given, seen))


def _several(
    title: str, options: dict[str, str], kept: tuple[str, ...], hint: str, key: str
) -> tuple[str, ...]:
    """Several of ``options``; what is kept and no longer among them stays choosable as it is."""
    known = options | {one: f"{one}（已不存在）" for one in kept if one not in options}
    return tuple(
        st.multiselect(
            title, list(known), list(kept), format_func=known.__getitem__, placeholder=hint, key=key
        )
    )


def _added(
    screen: Screen, name: str, base: str, classes: tuple[str, ...], given: tuple[str, ...]
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        add_count(
            session, label=name, base=base, classes=classes, sources=given, person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return f"指标项“{name.strip()}”已新增并统计，自设指标的公式里可以用了。"

    return work


def _changed(
    screen: Screen, count: NamedCount, classes: tuple[str, ...], given: tuple[str, ...], seen: int
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        change_count(
            session, name=count.name, classes=classes, sources=given, seen=seen, person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return f"指标项“{count.label}”已保存，各周已重新统计；可以在变更记录里撤销。"

    return work
