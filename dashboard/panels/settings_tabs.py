"""What the tabs of 设置 share: the tabs themselves, who may change what, the log of changes with its undo."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import div, el, link, show, span
from dashboard.panels.confirm import confirmed
from dashboard.panels.duty_acts import act
from dashboard.panels.messages import empty
from dashboard.state import SETTINGS, Screen
from data.lifecycle import Person
from data.manage.changes import ChangeLine, Subject, history, undo_change
from data.manage.permission import Duty, refusal

NAMES: Final = dict(zip(SETTINGS, ("通知", "参数", "处置预案", "指标填报", "指标项"), strict=True))
SHOWN_CHANGES: Final = 12


def chosen_tab(screen: Screen) -> str:
    """The tab of the URL; the first without one."""
    return screen.view.get("set") or SETTINGS[0]


def show_tabs(screen: Screen) -> None:
    """One tab a part; the other parameters of a part do not go along."""
    tab = chosen_tab(screen)
    plain = {"item": "", "param": "", "risk": "", "week": ""}
    tabs = [
        link(
            screen.href(extra={**plain, "set": key}),
            name,
            cls="om-tab om-on" if key == tab else "om-tab",
            aria_current="page" if key == tab else None,
            data_set=key,
        )
        for key, name in NAMES.items()
    ]
    show(div(span("设置", cls="om-title"), tabs, cls="om-settings-tabs"))


def show_right(screen: Screen, duty: Duty, *, codes: tuple[str, ...] = ("",)) -> None:
    """Why the person who acts may not change what is below, where they may not."""
    if said := refusal(screen.session, screen.person, duty, codes=codes):
        show(el("p", span("▲ ", cls="om-soon"), said, cls="om-note om-right"))


def show_history(screen: Screen, subject: Subject, *, key: str = "", title: str = "变更记录") -> None:
    """The newest changes with who, when and why; each can be taken back while nothing was built on it."""
    found: list[ChangeLine] = ask(
        screen, history, where=None, subjects=(subject.value,), key=key, limit=SHOWN_CHANGES
    )
    with st.container(key="om-duty-history"):
        head = [span(title, cls="om-title"), span(f"最近 {len(found)} 次", cls="om-note") if found else None]
        show(div(head, cls="om-panel-head om-bare"))
        if not found:
            show(empty("还没有人改过"))
        for line in found:
            _line(screen, line)


def _line(screen: Screen, line: ChangeLine) -> None:
    when = moment_text(line.at, zone=screen.zone, now=screen.as_of)
    said = f"{line.actor} · {when}" + (f" · {line.reason}" if line.reason else "")
    with st.container(key=f"om-setting-change-{line.number}"):
        show(div(span(line.what), span(said, cls="om-note"), cls="om-edit-line", data_change=line.number))
        if not line.can_be_undone:
            return
        question = f"撤销“{line.what}”，恢复为变更前的样子。"
        key = f"om_setting_undo_{line.number}"
        if confirmed("撤销", key=key, question=question, action="确认撤销"):
            act(partial(_undo, number=line.number, person=screen.person))


def _undo(session: Session, *, number: int, person: Person | None) -> str:
    return f"已撤销：{undo_change(session, number=number, person=person, at=acting.now())}。"
