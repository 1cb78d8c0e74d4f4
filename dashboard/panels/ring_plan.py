"""The plan of an alert's level: how long is left of its limit, and noting that it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.formats import moment_text
from dashboard.markup import Html, span
from dashboard.state import Screen
from data.clock import sla_color
from data.conventions import read_conventions
from data.durations import duration_text
from data.labels import SLA_SIGN
from data.manage import alerts
from data.rules.listing import AlertRow
from data.rules.plan_clock import PlanNote, why_plan_stays
from data.vocabulary import AlertState, SlaColor


def plan_color(screen: Screen, row: AlertRow) -> SlaColor:
    """Where the plan stands against its limit; NO_LIMIT where it has none, or where the alert is over."""
    done, due = row.plan_done_at, row.plan_due_at
    if done is None and row.state == AlertState.RESOLVED:
        return SlaColor.NO_LIMIT
    return sla_color(
        status="", due_at=due, warn_at=row.plan_warn_at, ended_at=done,
        in_time=None if done is None or due is None else done <= due, as_of=screen.as_of,
    )  # fmt: skip


def plan_left(screen: Screen, row: AlertRow) -> Html | None:
    """方案时限 剩 2 天, 已超 3 小时, or 方案已登记; None without a limit."""
    color = plan_color(screen, row)
    if row.plan_due_at is None or color is SlaColor.NO_LIMIT:
        return None
    left = (row.plan_due_at - (row.plan_done_at or screen.as_of)) / timedelta(hours=1)
    if color in (SlaColor.DONE, SlaColor.DONE_LATE):
        said = "方案已登记" + (f"（超 {duration_text(-left)}）" if color is SlaColor.DONE_LATE else "")
    else:
        said = f"方案时限{'剩' if left >= 0 else '已超'} {duration_text(abs(left))}"
    return span(
        f"{SLA_SIGN.get(color, '')} {said}".strip(), cls=f"om-{color} om-nowrap", data_plan=color.value
    )


def plan_pairs(screen: Screen, row: AlertRow) -> list[tuple[str, Html | str]]:
    """The lines of the card about the plan; none without a limit."""
    if row.plan_due_at is None:
        return []
    due = moment_text(row.plan_due_at, zone=screen.zone, now=screen.as_of)
    left = plan_left(screen, row)
    lines: list[tuple[str, Html | str]] = [
        ("方案时限", span(f"{due} 前　", left) if left else f"{due} 前，解除前没有登记方案")
    ]
    if row.plan_done_at is not None:
        when = moment_text(row.plan_done_at, zone=screen.zone, now=screen.as_of)
        lines.append(("方案", f"{row.plan_text}（{row.plan_done_by}，{when}）"))
    return lines


def show_plan_note(screen: Screen, row: AlertRow, do: Callable[[Callable[[Session], str]], None]) -> None:
    """The form that notes the plan; once it is there, the button that takes the note back. ``do`` does it."""
    if row.plan_due_at is None or row.state == AlertState.RESOLVED:
        return
    if row.plan_done_at is not None:
        if not why_plan_stays(screen.session, row, acting.now()) and st.button(
            "撤回方案登记", key="om_ring_plan_back"
        ):
            do(_taken_back(screen, row))
        return
    with st.expander("登记方案（方案已提交、预案已落实）"), st.form(f"om_ring_plan_{row.id}", border=False):
        note = st.radio("登记什么", list(PlanNote), horizontal=True, key=f"om_ring_plan_note_{row.id}")
        text = st.text_area("方案的要点或文号", max_chars=240, height=80, key=f"om_ring_plan_text_{row.id}")
        sent = st.form_submit_button("登记方案", type="primary", key=f"om_ring_plan_send_{row.id}")
    if sent:
        do(_noted(screen, row, PlanNote(note or PlanNote.FILED), text or ""))


def _noted(screen: Screen, row: AlertRow, note: PlanNote, text: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        alerts.note_plan(
            session, alert_id=row.id, seen_state=row.state.value, note=note, text=text, person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return f"已登记：{note.value}。{read_conventions(session=session).undo_text}内可以撤回。"

    return work


def _taken_back(screen: Screen, row: AlertRow) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        alerts.take_plan_back(session, alert_id=row.id, person=screen.person, at=acting.now())
        return "已撤回方案登记，时限照原来的计算。"

    return work
