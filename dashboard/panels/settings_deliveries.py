"""The last deliveries with state, tries and error; looks again by itself while one is under way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from dashboard import context
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.database import DatabaseProblem, read_session
from data.labels import DASH
from data.notices.receivers import NoticeLine, last_notices
from data.notices.words import STATE_LABEL, NoticeState
from data.worker.record import worker_status

SHOWN: Final = 20
LOOK_AGAIN_SECONDS: Final = 2
TITLES: Final = ("时间", "接收方", "内容", "结果", "次数", "原因")
_UNDER_WAY: Final = (NoticeState.WAITING, NoticeState.SENDING)
_SIGN: Final = {
    NoticeState.WAITING: ("○", "om-note"), NoticeState.SENDING: ("○", "om-note"),
    NoticeState.SENT: ("✓", "om-done"), NoticeState.FAILED: ("◆", "om-overdue"),
    NoticeState.UNCLEAR: ("▲", "om-soon"), NoticeState.DROPPED: ("‖", "om-suspended"),
}  # fmt: skip


def show_deliveries(screen: Screen) -> None:
    """The list; while a test is under way it is read anew every few seconds, and the page at its end."""
    lines = last_notices(screen.session, limit=SHOWN)
    under_way = any(line.is_test and line.state in _UNDER_WAY for line in lines)
    st.fragment(_look, run_every=LOOK_AGAIN_SECONDS if under_way else None)(screen, under_way)


def _look(screen: Screen, under_way: bool) -> None:
    """Reads in a session of its own: a fragment outlives the one of its screen."""
    try:
        with read_session(context.engine()) as session:
            lines = last_notices(session, limit=SHOWN)
            alive = worker_status(session, as_of=datetime.now(UTC)).alive
    except DatabaseProblem:
        return
    waits = any(line.is_test and line.state in _UNDER_WAY for line in lines)
    if under_way and not waits:
        st.rerun()
    show(_panel(screen, lines, stuck=waits and not alive))


def _panel(screen: Screen, lines: list[NoticeLine], *, stuck: bool) -> Html:
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    body = [_line(screen, line) for line in lines]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table")
    warning = el(
        "p",
        span("▲ ", cls="om-soon"),
        "后台任务没有在运行，排队的通知要等它启动后才会发出：请重新启动服务，或单独启动后台任务。",
        cls="om-note om-cut",
    )
    return div(
        div(span("最近的发送", cls="om-title"), span(f"最多 {SHOWN} 条", cls="om-note"), cls="om-panel-head"),
        warning if stuck else None,
        div(div(table, cls="om-x") if lines else empty("还没有发送过"), cls="om-scroll"),
        cls="om-panel om-deliveries",
    )


def _line(screen: Screen, line: NoticeLine) -> Html:
    sign, cls = _SIGN[line.state]
    at = line.sent_at or line.created_at
    again = (
        f"，{moment_text(line.due_at, zone=screen.zone, now=screen.as_of)} 再试"
        if line.due_at and line.state is NoticeState.WAITING
        else ""
    )
    return el(
        "tr",
        el("td", moment_text(at, zone=screen.zone, now=screen.as_of), cls="om-left om-nowrap"),
        el("td", line.receiver_name, cls="om-left"),
        el("td", "测试" if line.is_test else line.title, cls="om-left om-wide"),
        el("td", span(f"{sign} {STATE_LABEL[line.state]}", cls=cls), cls="om-left om-nowrap"),
        el("td", str(line.attempts)),
        el("td", f"{line.reason}{again}" or DASH, cls="om-left om-wide"),
        data_notice=line.id,
        data_state=line.state.value,
    )
