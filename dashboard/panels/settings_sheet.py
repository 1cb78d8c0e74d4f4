"""Readings from a table, pasted or uploaded: shown with every wrong cell, entered as a whole or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import streamlit as st
from sqlmodel import Session
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard import acting
from dashboard.formats import number
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.duty_acts import act, area_choices
from dashboard.panels.messages import show_refusal
from dashboard.state import Screen
from data.indicators.counts import named_counts
from data.manage.errors import BadSetting
from data.manage.reading_sheet import Sheet, read_sheet, read_sheet_file, sheet_template
from data.manage.readings import enter

SHOWN_ROWS: Final = 60
_HINT: Final = "从表格软件里连表头一起复制，粘贴在这里。第一行：区划、周，再是指标项；一行一个区域一周。"


def show_sheet(screen: Screen, *, code: str, week: date) -> None:
    """The two ways in, the preview, and the button that enters what was read."""
    with st.container(key="om-duty-form"):
        show(div(span("从表格填报", cls="om-title"), cls="om-panel-head om-bare"))
        st.download_button(
            "下载模板", sheet_template(session=screen.session, code=code or "区划代码", day=week),
            f"指标填报模板_{week}.csv", "text/csv", key="om_readings_template", on_click="ignore",
        )  # fmt: skip
        pasted = st.text_area("粘贴表格", key="om_readings_text", height=120, placeholder=_HINT)
        uploaded = st.file_uploader("或选择文件", key="om_readings_file")
        if not pasted.strip() and not uploaded:
            return
        try:
            sheet = _read(screen, pasted, uploaded)
        except BadSetting as error:
            show_refusal("不能填报", *error.problems)
            return
        show(_preview(screen, sheet))
        source = st.text_input(
            "来源", max_chars=64, key="om_readings_source", value=uploaded.name if uploaded else ""
        )
        if sheet.cells and not sheet.problems:
            text = f"填报 {number(len(sheet.cells))} 格"
            if st.button(text, type="primary", key="om_readings_enter"):
                act(_entered(screen, sheet, source))


def _read(screen: Screen, pasted: str, uploaded: UploadedFile | None) -> Sheet:
    at = acting.now()
    if pasted.strip() or uploaded is None:
        return read_sheet(screen.session, pasted, person=screen.person, at=at)
    data = uploaded.getvalue()
    return read_sheet_file(screen.session, data, name=uploaded.name, person=screen.person, at=at)


def _preview(screen: Screen, sheet: Sheet) -> Html:
    """Cells as they were read; those that are wrong first, each with what is wrong."""
    counts, places = named_counts(session=screen.session), area_choices(screen)
    bad = {(one.line, one.column) for one in sheet.problems}
    problems = [
        el(
            "tr",
            el("td", str(one.line), cls="om-left"),
            el("td", one.column, cls="om-left"),
            el("td", one.value or "（空）", cls="om-left"),
            el("td", span(f"◆ {one.text}", cls="om-overdue"), cls="om-left om-wide"),
            data_problem=f"{one.line}:{one.column}",
        )
        for one in sheet.problems[:SHOWN_ROWS]
    ]
    good = [
        el(
            "tr",
            el("td", str(cell.line), cls="om-left"),
            el("td", counts[cell.column].label, cls="om-left"),
            el("td", f"{cell.reading.value:g} {counts[cell.column].unit}", cls="om-left"),
            el("td", f"{places.get(cell.reading.code, cell.reading.code)}，{cell.reading.day} 的一周",
               cls="om-left om-wide"),
        )
        for cell in sheet.cells
        if (cell.line, counts[cell.column].label) not in bad
    ]  # fmt: skip
    shown = (problems + good)[:SHOWN_ROWS]
    head = el("tr", [el("th", title, cls="om-left") for title in ("行", "项", "数值", "区域、周或原因")])
    said = f"读到 {number(sheet.lines)} 行 {number(len(sheet.cells))} 格" + (
        f"，{number(len(sheet.problems))} 处不对：改好后再粘贴，现在什么都不会写入"
        if sheet.problems
        else "，都可以填报"
    )
    total = len(problems) + len(good)
    cut = el("p", f"显示 {len(shown)} 格，共 {total} 格", cls="om-note") if total > len(shown) else None
    table = el("table", el("thead", head), el("tbody", shown), cls="om-table om-duty-table")
    return div(
        el("p", said, cls="om-overdue" if sheet.problems else "om-done", data_cells=len(sheet.cells)),
        div(table, cls="om-x om-sheet") if shown else None,
        cut,
    )


def _entered(screen: Screen, sheet: Sheet, source: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        count = enter(session, sheet.readings, source=source, person=screen.person, at=acting.now())
        return f"已填报 {count} 格；填错可以在变更记录里撤销。"

    return work
