"""Drills of the risk levels: when each street last drilled, which is due, and starting one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.extras import DRILLS
from dashboard.formats import day_text
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.duty_acts import act
from dashboard.state import Screen
from data.labels import RISK_COLOR, RISK_SIGN
from data.manage.plans import begin_drill
from data.rules.drills import DrillState, drills, levels_text
from data.vocabulary import CODE_LENGTH, Level, RiskColor

NAMED = 3
"""So many streets are named before 等."""


def drill_states(screen: Screen) -> list[DrillState]:
    """Each street in view and each level."""
    found: list[DrillState] = ask(screen, drills, areas=screen.where.areas)
    return found


def show_drills(screen: Screen) -> None:
    """When each street last drilled each level, which is due, and starting one."""
    with st.container(key="om-ring-drill"):
        show_drill_form(screen, drill_states(screen))


def show_drill_form(screen: Screen, found: Sequence[DrillState]) -> None:
    """The state of each street and level, and the form that starts a drill in the area in view."""
    show(div(span("风险演练（每季度）", cls="om-title"), cls="om-panel-head om-bare"))
    colors = list(dict.fromkeys(state.color for state in found))
    if len({state.code for state in found}) > 1:
        show(_table(screen, found, colors))
    else:
        show([drill_line(screen, [state]) for state in found])
    if len(screen.where.focus) > CODE_LENGTH[Level.STREET]:
        show(el("p", "在社区或网格范围内的演练不算街道的演练。", cls="om-note"))
    color = st.selectbox(
        "演练哪一级", colors or list(RiskColor), key="om_drill_color",
        format_func=lambda each: f"{RISK_SIGN[each]} {RISK_COLOR[each]}",
    )  # fmt: skip
    title = st.text_input("演练内容", max_chars=100, key="om_drill_title", placeholder="例如：群体性事件应对")
    if st.button("开始演练", key="om_drill_start") and color is not None:
        go_to = screen.params(extra={"state": DRILLS}) if screen.page == "alerts" else None
        act(_begun(screen, color, title), go_to=go_to)


def _begun(screen: Screen, color: RiskColor, title: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        begin_drill(
            session, color=color, code=screen.where.focus, person=screen.person, at=acting.now(), title=title
        )
        return "演练已开始，页面上都标为演练。"

    return work


def late_drills(found: Sequence[DrillState]) -> str:
    """Which streets should drill: 公平街道（红色、黄色）、…等 9 个街道; '' where none."""
    late: dict[str, list[DrillState]] = {}
    for state in found:
        if state.late:
            late.setdefault(state.code, []).append(state)
    named = [f"{states[0].place_name}（{levels_text(states)}）" for states in list(late.values())[:NAMED]]
    return "、".join(named) + (f"等 {len(late)} 个街道" if len(late) > NAMED else "")


def drill_line(screen: Screen, states: Sequence[DrillState], *, key: str = "") -> Html:
    """When a level was last drilled and by when it should be again; of many streets, how many should."""
    said, is_late = _said(screen, states)
    color = states[0].color
    return div(
        span(key or f"{RISK_SIGN[color]} {RISK_COLOR[color]}", cls="om-key"),
        span(said, cls="om-soon" if is_late else ""),
        cls="om-pair",
    )


def _said(screen: Screen, states: Sequence[DrillState]) -> tuple[str, bool]:
    late = [state for state in states if state.late]
    if len(states) > 1:
        named = "、".join(state.place_name for state in late[:NAMED]) + ("等" if len(late) > NAMED else "")
        said = f"{len(late)} 个应演练：{named}" if late else "都在期内"
        return f"{len(states)} 个街道，{said}", bool(late)
    (state,) = states
    if state.last_at is None or state.next_due_at is None:
        return "还没有演练过，应尽快安排", True
    last, due = _day(screen, state.last_at), _day(screen, state.next_due_at)
    if state.late:
        return f"上次 {last}，已过期，应在 {due} 前再演练", True
    return f"上次 {last}，下次不晚于 {due}", False


def _table(screen: Screen, found: Sequence[DrillState], colors: Sequence[RiskColor]) -> Html:
    """A row a street, a column a level: the day of the last drill."""
    head = [el("th", "街道", cls="om-left")]
    head += [el("th", f"{RISK_SIGN[color]} {RISK_COLOR[color]}", cls="om-left") for color in colors]
    streets: dict[str, list[DrillState]] = {}
    for state in found:
        streets.setdefault(state.code, []).append(state)
    body = [
        el(
            "tr",
            el("td", states[0].place_name, cls="om-left"),
            [_cell(screen, state) for state in states],
            data_drills=code,
        )
        for code, states in streets.items()
    ]
    return div(
        div(el("table", el("thead", el("tr", head)), el("tbody", body), cls="om-table"), cls="om-x"),
        el("p", "日期是上次演练；▲ 应尽快演练。全区的演练各街道都算。", cls="om-note"),
    )


def _cell(screen: Screen, state: DrillState) -> Html:
    day = _day(screen, state.last_at) if state.last_at else "没有演练过"
    hint = f"下次不晚于 {_day(screen, state.next_due_at)}" if state.last_at and state.next_due_at else None
    return el(
        "td",
        span(f"▲ {day}" if state.late else day, cls="om-soon" if state.late else "", title=hint),
        cls="om-left om-nowrap",
        data_late="1" if state.late else "0",
    )


def _day(screen: Screen, at: datetime) -> str:
    return day_text(at.astimezone(screen.zone).date(), today=screen.today)
