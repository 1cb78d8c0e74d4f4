"""What an edit of the calendar would do to open cases, shown before it is made; then the deadlines follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from dashboard import context
from dashboard.formats import number
from dashboard.markup import div, el, show, span
from dashboard.panels.duty_acts import forget_shown
from dashboard.panels.messages import show_refusal
from dashboard.state import Screen
from data.calendar import CalendarError
from data.database import DatabaseProblem, write_session
from data.manage.errors import ManageError
from data.reckon import Edit, Effect, reckon, rehearse

_DRAFT: Final = "_om_calendar_draft"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An edit that waits for 确认: what it says, what it would do, and what to tell once it is made.

    Who confirms it makes it: the edit asks for the person at the screen when it runs.
    """

    edit: Edit
    what: str
    told: str
    effect: Effect


def propose(screen: Screen, edit: Edit, *, what: str, told: str) -> None:
    """Makes the edit at once where no open case is concerned; else shows what it would do, and asks."""
    bar = st.progress(0.0, text="计算对在办件的影响")
    try:
        effect = rehearse(context.engine(), edit, as_of=screen.as_of, progress=_tell(bar))
    except (CalendarError, ManageError, DatabaseProblem) as error:
        bar.empty()
        show_refusal("没有保存", str(error))
        return
    bar.empty()
    draft = Draft(edit=edit, what=what, told=told, effect=effect)
    if not effect.any:
        _make(draft)
        return
    st.session_state[_DRAFT] = draft
    st.rerun()


def show_effect() -> None:
    """The edit that waits: how many cases it moves, and its two buttons. Nothing where none waits."""
    draft: Draft | None = st.session_state.get(_DRAFT)
    if draft is None:
        return
    with st.container(key="om-calendar-effect"):
        show(
            div(span("保存前请确认", cls="om-title"), cls="om-panel-head om-bare"),
            el("p", draft.what),
            el("ul", [el("li", line) for line in effect_lines(draft.effect)], cls="om-hours-list"),
            el("p", "时限按新日历从上报时起重算，挂账和延期照样计入，并写入各件的日志。", cls="om-note"),
        )
        with st.container(horizontal=True):
            sure = st.button("确认保存", key="om_calendar_sure", type="primary")
            away = st.button("取消", key="om_calendar_cancel")
    if away:
        st.session_state.pop(_DRAFT)
        st.rerun()
    if sure:
        st.session_state.pop(_DRAFT)
        _make(draft)


def effect_lines(effect: Effect) -> list[str]:
    """The effect in words: 影响 n 件在办件, of which how many become overdue and how many no longer are."""
    lines = []
    if effect.moved:
        rest = effect.moved - effect.later - effect.earlier
        ways = (("到期推迟", effect.later), ("到期提前", effect.earlier), ("只变临期或响应时刻", rest))
        said = "，".join(f"{way} {number(count)} 件" for way, count in ways if count)
        lines.append(f"影响 {number(effect.moved)} 件在办件" + (f"：{said}" if said else ""))
        colors = (("将变为超期", effect.becomes_overdue), ("不再超期", effect.no_longer_overdue))
        lines += [f"{number(count)} 件{becomes}" for becomes, count in colors if count]
        if not effect.becomes_overdue and not effect.no_longer_overdue:
            lines.append("没有事件因此变为超期或不再超期")
    if effect.whistles:
        lines.append(f"{number(effect.whistles)} 次吹哨的报到时限随之变动")
    return lines


def _make(draft: Draft) -> None:
    """The edit first, by itself; deadlines that then cannot be moved now are moved by the worker."""
    engine, told = context.engine(), draft.told
    try:
        with write_session(engine) as session:
            draft.edit(session)
    except (CalendarError, ManageError, DatabaseProblem) as error:
        show_refusal("没有保存", str(error))
        return
    bar = st.progress(0.0, text="重算时限")
    try:
        done = reckon(engine, progress=_tell(bar))
        told += f"已重算 {number(done.moved)} 件在办件的时限。" if done.moved else ""
    except DatabaseProblem as error:
        told += f"部分在办件的时限还没有重算，后台会继续：{error}"
    bar.empty()
    st.session_state["_om_told"] = told
    forget_shown()
    st.rerun()


def _tell(bar: Any) -> Callable[[str, int, int], None]:
    def tell(stage: str, done: int, total: int) -> None:
        bar.progress(min(1.0, done / total) if total else 1.0, text=stage)

    return tell
