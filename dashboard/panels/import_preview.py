"""What an import would do before it does it: counts, warnings, first rows as understood, a small map."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import streamlit as st

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, esc, show, span
from dashboard.panels.import_file import Chosen
from dashboard.panels.import_steps import Step, rows_explained
from dashboard.panels.messages import show_refusal
from dashboard.panels.progress import shown_progress
from dashboard.state import Screen
from dashboard.theme import current_theme
from dashboard.theme.tokens import TOKENS
from data.imports import ImportProblem, Preview, preview_import
from data.queries.reference import DrawnDivisions, drawn_divisions, outline_rings

MAP_SIZE = 320
SHOWN_COLUMNS = 12


def read_preview(screen: Screen, step: Step, chosen: Chosen) -> Preview | None:
    """The preview, read once for a file and its profile; what is wrong with the file is shown instead."""
    key = (chosen.digest, chosen.path.name, step.kind, repr(chosen.profile), screen.moment.revision)
    held: tuple[Any, Preview] | None = st.session_state.get("_om_preview")
    if held is not None and held[0] == key:
        return held[1]
    try:
        with shown_progress("正在读取和核对文件…") as tell:
            preview = preview_import(
                screen.session,
                path=chosen.path,
                kind=step.kind,
                profile=chosen.profile,
                settings=screen.settings,
                progress=tell,
            )
    except ImportProblem as error:
        show_refusal("这个文件不能这样接入", str(error))
        return None
    st.session_state["_om_preview"] = (key, preview)
    return preview


def show_preview(screen: Screen, preview: Preview) -> None:
    """Counts, warnings, rows, rejects, and where the points lie."""
    show(
        div(
            _counts(screen, preview),
            [
                div(span("▲", cls="om-sign om-soon"), span(text), cls="om-notice-line")
                for text in preview.warnings
            ],
            div(
                div(el("h3", "前几行（按所选方案理解）"), _table(preview), cls="om-preview-rows"),
                _places(screen, preview),
                cls="om-preview",
            ),
            _columns(preview),
            _rejects(preview),
            cls="om-preview-all",
        )
    )


def _counts(screen: Screen, preview: Preview) -> Html:
    counts = preview.counts
    items = [
        ("总行数", counts.total, ""),
        ("新增", counts.new, ""),
        ("更新", counts.changed, ""),
        ("不变", counts.same, ""),
        ("退回", counts.rejected, "om-overdue" if counts.rejected else ""),
        ("未落格", counts.unplaced, "om-soon" if counts.unplaced else ""),
        ("无坐标", counts.unlocated, ""),
        ("加标记", counts.marked, ""),
    ]
    return div(
        [
            div(span(name), el("b", number(value), cls=cls), span("行", cls="om-note"))
            for name, value, cls in items
        ],
        rows_explained(screen, key="preview"),
        cls="om-counts",
    )


def _table(preview: Preview) -> Html:
    if not preview.rows:
        return div("没有可以接入的行", cls="om-empty")
    titles = list(preview.rows[0])[:SHOWN_COLUMNS]
    head = el("tr", [el("th", title, cls="om-left") for title in titles])
    body = [
        el("tr", [el("td", row.get(title, ""), cls="om-left om-nowrap") for title in titles])
        for row in preview.rows
    ]
    return div(el("table", el("thead", head), el("tbody", body), cls="om-table"), cls="om-x om-preview-table")


def _columns(preview: Preview) -> Html:
    pairs = [span(f"{field} ← {header}", cls="om-tag") for field, header in preview.columns.items()]
    return div(span("列的对应：", cls="om-note"), pairs)


def _rejects(preview: Preview) -> Html | None:
    if not preview.rejects:
        return None
    head = el("tr", [el("th", name, cls="om-left") for name in ("行号", "字段", "值", "原因", "怎么办")])
    body = [
        el(
            "tr",
            [el("td", text, cls="om-left") for text in (str(r.line), r.field, r.value, r.reason, r.advice)],
        )
        for r in preview.rejects[:20]
    ]
    return div(
        el(
            "h3",
            f"将退回的行（显示 {len(body)} 行，共 {number(preview.counts.rejected)} 行；"
            "接入后可下载，改好再接入）",
        ),
        div(el("table", el("thead", head), el("tbody", body), cls="om-table"), cls="om-x"),
    )


def _places(screen: Screen, preview: Preview) -> Html | None:
    """The points within the bounds of what is known: grey as in the file, in the accent after the shift."""
    if not preview.points:
        return None
    shift = f"{number(preview.shift_m)} 米" if preview.shift_m >= 1 else "不移动"
    return div(
        el("h3", "边界" if preview.outlines else "点位"),
        el(
            "img",
            src=_picture(screen, preview),
            alt="边界预览" if preview.outlines else "点位预览",
            width=MAP_SIZE,
            height=MAP_SIZE,
        ),
        div(f"坐标系：{preview.system}，平均移动 {shift}", cls="om-note"),
        div(span("▱ ", cls="om-in_time"), "接入后的边界（已简化）", cls="om-note")
        if preview.outlines
        else None,
        div(span("● ", cls="om-in_time"), "接入后的位置（抽样，最多 500 点）", cls="om-note"),
        div("○ 文件中的位置", cls="om-note") if preview.shift_m >= 1 else None,
        div("▱ 已接入区划的范围", cls="om-note"),
        cls="om-preview-map",
    )


def _picture(screen: Screen, preview: Preview) -> str:
    colors = TOKENS[current_theme()]
    drawn: DrawnDivisions = ask(screen, drawn_divisions, prefixes=("",))
    points = np.array(preview.points, dtype=float)
    outlines = [np.array(ring, dtype=float) for ring in preview.outlines]
    corners = [points, *outlines]
    if drawn.bounds:
        corners.append(np.array([drawn.bounds[:2], drawn.bounds[2:]]))
    every = np.vstack(corners)
    west, south = every.min(axis=0)
    east, north = every.max(axis=0)
    stretch = np.cos(np.radians((south + north) / 2))
    size = max((east - west) * stretch, north - south, 1e-4)
    middle = np.array([(west + east) / 2, (south + north) / 2])

    def place(lonlat: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        scaled = (lonlat - middle) * np.array([stretch, -1.0]) / size * (MAP_SIZE - 32)
        return np.asarray(scaled + MAP_SIZE / 2)

    marks = []
    for ring in ask(screen, outline_rings):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in place(np.array(ring, dtype=float)))
        marks.append(f'<polygon points="{line}" fill="{colors["surface"]}" stroke="{colors["muted"]}"/>')
    if preview.shift_m >= 1 and preview.raw_points and len(preview.raw_points) == len(preview.points):
        raw = np.array(preview.raw_points, dtype=float)
        if np.abs(raw - points).max() < 1:
            marks += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="none" stroke="{colors["muted"]}"/>'
                for x, y in place(raw)
            ]
    for outline in outlines:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in place(outline))
        marks.append(f'<polygon points="{line}" fill="none" stroke="{colors["in_time"]}"/>')
    radius = 1.2 if outlines else 2.5
    marks += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colors["in_time"]}"/>'
        for x, y in place(points)
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {MAP_SIZE} {MAP_SIZE}">'
        f'<rect width="100%" height="100%" fill="{esc(colors["ground"])}"/>{"".join(marks)}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
