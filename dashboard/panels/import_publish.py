"""Publishing a file as one batch, what came of it, and taking it back."""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

from dashboard import context
from dashboard.formats import number
from dashboard.markup import div, el, link, show, span
from dashboard.panels.confirm import confirmed
from dashboard.panels.import_file import Chosen
from dashboard.panels.import_steps import STEPS, Step, rows_explained
from dashboard.panels.messages import show_refusal
from dashboard.panels.progress import shown_progress
from dashboard.state import Screen, current_actor, current_screen
from data.database import DatabaseProblem
from data.imports import (
    ImportProblem,
    ImportResult,
    Preview,
    UndoProblem,
    export_rejects,
    run_import,
    undo_batch,
)
from data.lifecycle import list_people

RESULT = "_om_import_result"
_TOLD: Final = "_om_told_already"
_READING_S: Final = 10.0


def show_publish(screen: Screen, step: Step, chosen: Chosen, preview: Preview) -> None:
    """The button that takes the file in; says beforehand what it will do."""
    counts = preview.counts
    taken = counts.new + counts.changed
    if screen.is_demo:
        st.button("接入", disabled=True, key="om_publish_off")
        show(el("p", "库中还是演示数据。移除演示数据后即可接入。", cls="om-note"))
        return
    if said := unsigned(screen, "接入"):
        st.button("接入", disabled=True, key="om_publish_off")
        show(el("p", span("▲ ", cls="om-soon"), said, cls="om-note om-right"))
        return
    text = (
        f"接入：新增 {number(counts.new)} 行，更新 {number(counts.changed)} 行"
        if taken
        else "接入（没有变化）"
    )
    if st.button(text, type="primary", key="om_publish"):
        _publish(screen, step, chosen)


def unsigned(screen: Screen, what: str) -> str:
    """Why nobody can do it now: there are people who could sign for it, and none was chosen.

    Before the staff table is taken in there is nobody to choose.
    """
    if screen.person is not None or not list_people(screen.session):
        return ""
    return f"还没有选择办理人，不能{what}：请先在右上角选择"


def _publish(screen: Screen, step: Step, chosen: Chosen) -> None:
    try:
        with shown_progress("准备") as tell:
            result = run_import(
                context.engine(),
                path=chosen.path,
                kind=step.kind,
                profile=chosen.profile,
                settings=screen.settings,
                actor=current_actor(),
                progress=tell,
            )
    except (ImportProblem, DatabaseProblem) as error:
        show_refusal("没有接入，数据没有变化", str(error))
        return
    st.session_state[RESULT] = (step.kind, chosen.digest, result)
    st.query_params.from_dict(screen.params(extra={"step": step.kind.value}))
    st.session_state.pop("_om_preview", None)
    st.rerun()


def show_result(screen: Screen, step: Step, chosen: Chosen | None) -> bool:
    """What the last import of this step did; True where it was this very file."""
    held = st.session_state.get(RESULT)
    if held is None or held[0] != step.kind:
        return False
    result: ImportResult = held[2]
    next_step = next((each for each in STEPS[STEPS.index(step) + 1 :] if not each.optional), None)
    show(
        div(
            div("✓", cls="om-message-sign om-done", aria_hidden="true"),
            div(
                el("h2", f"已接入，批次 {result.batch_id}"),
                div(
                    f"共 {number(result.total)} 行：新增 {number(result.new)}，"
                    f"更新 {number(result.changed)}，"
                    f"不变 {number(result.same)}，退回 {number(result.rejected)}。"
                    f"其中未落格 {number(result.unplaced)}，无坐标 {number(result.unlocated)}，"
                    f"加标记 {number(result.marked)}。",
                    rows_explained(screen, key="result"),
                ),
                [el("p", warning, cls="om-note") for warning in result.warnings],
                div(
                    link(
                        screen.href(extra={"step": next_step.kind.value}),
                        f"下一步：{next_step.name}",
                        cls="om-button",
                    )
                    if next_step
                    else link(screen.href(page="overview"), "看一图统览", cls="om-button"),
                    link(
                        screen.href(page="quality", extra={"batch": str(result.batch_id)}),
                        "查看批次",
                        cls="om-button",
                    ),
                    cls="om-actions",
                ),
            ),
            cls="om-message om-result",
        )
    )
    with st.container(horizontal=True, key="om-result-actions"):
        if result.rejected:
            download_rejects(screen, result.batch_id)
        undo_button(result.batch_id)
    return chosen is not None and held[1] == chosen.digest


def download_rejects(screen: Screen, batch_id: int) -> None:
    """The refused rows as a file that can be mended and imported again."""
    st.download_button(
        "下载退回的行",
        data=export_rejects(screen.session, batch_id=batch_id),
        file_name=f"退回的行_批次{batch_id}.csv",
        mime="text/csv",
        key=f"om_rejects_{batch_id}",
        on_click="ignore",
    )


def undo_button(batch_id: int) -> None:
    """撤销, asked before it is done."""
    question = (
        f"将撤销批次 {batch_id}：它新增的事件改为作废，更新过的恢复原样，其他行移除或恢复；"
        "在此之后又有变动的保持不变。办理记录不会删除。"
    )
    if said := unsigned(current_screen(), "撤销批次"):
        show(el("p", span("▲ ", cls="om-soon"), said, cls="om-note om-right"))
        return
    if not confirmed("撤销这个批次", key=f"om_undo_{batch_id}", question=question, action="确认撤销"):
        return
    try:
        with shown_progress("正在撤销…") as tell:
            result = undo_batch(
                context.engine(),
                batch_id=batch_id,
                actor=current_actor(),
                settings=context.settings(),
                progress=tell,
            )
    except (UndoProblem, DatabaseProblem) as error:
        show_refusal("没有撤销", str(error))
        return
    st.session_state.pop(RESULT, None)
    st.session_state.pop("_om_preview", None)
    st.session_state["_om_told"] = "".join([result.text, *result.warnings])
    st.rerun()


def tell_once() -> None:
    """What the last action did, once. A change of the data draws the page anew by itself, often the one that
    the action made: for as long as it takes to read the text, it stays through that.
    """
    now, revision = time.monotonic(), current_screen().moment.revision
    text, until, last_revision = st.session_state.pop(_TOLD, ("", 0.0, revision))
    if "_om_told" in st.session_state:
        text, until = st.session_state.pop("_om_told"), now + _READING_S
    elif now > until or last_revision == revision:
        return
    st.session_state[_TOLD] = (text, until, revision)
    show(div(span("✓", cls="om-sign om-done"), span(text), cls="om-notice-line"))
