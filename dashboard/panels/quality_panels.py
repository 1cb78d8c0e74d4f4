"""What came in, what did not, and how fresh it is: batches, refused rows, queues, sources."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.ask import ask
from dashboard.formats import ago_text, moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.event_list import short_list
from dashboard.panels.explanation import explain_menu
from dashboard.panels.frame import panel
from dashboard.panels.import_publish import download_rejects, undo_button
from dashboard.panels.messages import empty
from dashboard.state import PATHS, QUEUES, Screen
from data.labels import DASH, NO_CODE, NO_POSITION
from data.queries.quality import (
    BatchRow,
    Freshness,
    Queue,
    RejectPage,
    batches,
    freshness,
    marked,
    rejects,
    unlocated,
    unplaced,
)
from data.vocabulary import BatchStatus

STALE_HOURS: Final = 48
QUEUE_NAME: Final = dict(zip(QUEUES, (NO_CODE, NO_POSITION, "有数据标记"), strict=True))
QUEUE_HINT: Final = {
    "unplaced": "不在任何街道、社区或网格之内，或没有坐标也没有代码：请核对坐标系和边界。",
    "unlocated": "没有坐标：按所填代码归入区划，地图上不显示。",
    "marked": "接入时发现前后矛盾、已按规则处理的事件。",
}
_QUERY: Final = {"unplaced": unplaced, "unlocated": unlocated, "marked": marked}


def show_batches(screen: Screen) -> int | None:
    """All batches; the one that the URL names, or the newest with refused rows, is returned."""
    rows: list[BatchRow] = ask(screen, batches)
    if not rows:
        show(panel("批次", empty("还没有接入过数据", actions=((PATHS["import_data"], "去接入"),))))
        return None
    wanted = screen.view.get("batch")
    chosen = next((row for row in rows if str(row.id) == wanted), None)
    titles = ("批次", "内容", "文件", "时间", "状态")
    numbers = ("总行数", "新增", "更新", "不变", "退回", "未落格", "无坐标", "加标记")
    head = el("tr", [el("th", t, cls="om-left") for t in titles], [el("th", f"{t}/行") for t in numbers])
    body = [_batch(screen, row, on=row is chosen) for row in rows]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table")
    explanation = explain_menu(
        screen,
        key="batches",
        title="批次行数",
        formula="每个批次：总行数 = 新增 + 更新 + 不变 + 退回。未落格、无坐标、加标记是已接入行中的一部分。",
        about_events=False,
    )
    lost = f"这里没有批次 {wanted}，只列最近接入的 {len(rows)} 个"
    unknown = empty(lost) if wanted and not chosen else None
    show(panel("批次", unknown, div(table, cls="om-x"), aside=explanation, cls="om-batches"))
    return chosen.id if chosen else None


def _batch(screen: Screen, row: BatchRow, *, on: bool) -> Html:
    href = screen.href(extra={"batch": str(row.id)})
    when = moment_text(
        row.undone_at or row.published_at or row.created_at, zone=screen.zone, now=screen.as_of
    )
    state = {"published": "om-done", "failed": "om-overdue", "undone": "om-suspended"}.get(
        row.status, "om-soon"
    )
    sign = {"published": "✓", "failed": "◆", "undone": "‖"}.get(row.status, "▲")
    counts = (row.rows_total, row.rows_new, row.rows_changed, row.rows_same, row.rows_rejected,
              row.rows_unplaced, row.rows_unlocated, row.rows_marked)  # fmt: skip
    return el(
        "tr",
        el("td", link(href, str(row.id)), cls="om-left"),
        el("td", row.kind_label, cls="om-left om-nowrap"),
        el("td", row.file_name or DASH, cls="om-left om-file", title=row.file_name),
        el("td", when, cls="om-left om-nowrap"),
        el(
            "td",
            span(f"{sign} {row.status_label}", cls=state),
            cls="om-left om-nowrap",
            title=(row.note or None) if not row.is_demo else None,
        ),
        [el("td", number(count), cls="" if count else "om-zero") for count in counts],
        data_href=href,
        data_batch=row.id,
        cls="om-selected" if on else "",
    )


def show_batch_actions(screen: Screen, batch_id: int) -> None:
    """Refused rows of the chosen batch, their file, and 撤销."""
    rows: list[BatchRow] = ask(screen, batches)
    row = next(each for each in rows if each.id == batch_id)
    page: RejectPage = ask(screen, rejects, batch_id=batch_id, limit=100)
    with st.container(horizontal=True, key="om-batch-actions"):
        if page.total:
            download_rejects(screen, batch_id)
        if row.status == BatchStatus.PUBLISHED and not row.is_demo:
            undo_button(batch_id)
    if row.note and not row.is_demo:
        show(el("p", row.note, cls="om-note"))
    head = el("tr", [el("th", name, cls="om-left") for name in ("行号", "字段", "值", "原因", "怎么办")])
    body = [
        el(
            "tr",
            [el("td", text, cls="om-left") for text in (str(r.line), r.field, r.value, r.reason, r.advice)],
        )
        for r in page.rows
    ]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table")
    explanation = explain_menu(
        screen,
        key="rejects",
        title="退回的行",
        formula="没有接入的行，每行可有几处问题，一处一条；改好后可再次接入，已接入的不会重复。",
        about_events=False,
    )
    aside = [
        explanation,
        span(f"显示 {number(len(page.rows))} 条，共 {number(page.total)} 条", cls="om-note"),
    ]
    body_html = div(table, cls="om-x") if page.total else empty("没有退回的行")
    show(panel(f"批次 {batch_id} 退回的行", body_html, aside=aside, cls="om-rejects"))


def show_queue(screen: Screen) -> None:
    """未落格, 无坐标 and marked events, one queue at a time."""
    chosen = screen.view.get("queue") or "unplaced"
    found: dict[str, Queue] = {key: ask(screen, query) for key, query in _QUERY.items()}
    tabs = [
        link(
            screen.href(extra={"queue": key}),
            name,
            span(number(found[key].total), cls="om-badge"),
            cls="om-tab om-on" if key == chosen else "om-tab",
        )
        for key, name in QUEUE_NAME.items()
    ]
    queue = found[chosen]
    cut = (
        div(f"显示 {number(len(queue.rows))} 件，共 {number(queue.total)} 件", cls="om-note om-cut")
        if queue.total > len(queue.rows)
        else None
    )
    rows = short_list(screen, queue.rows, page="events") if queue.rows else empty("没有")
    explanation = explain_menu(
        screen,
        key="queues",
        title="待处理",
        formula="全区在办事件。" + "".join(f"{QUEUE_NAME[key]}：{hint}" for key, hint in QUEUE_HINT.items()),
        about_events=False,
    )
    show(
        div(
            div(span("待处理", cls="om-title"), explanation, tabs, cls="om-panel-head om-wrap"),
            div(
                el("p", QUEUE_HINT[chosen] + "只列在办的。", cls="om-note om-cut"), rows, cut, cls="om-scroll"
            ),
            cls="om-panel om-queue",
        )
    )


def show_freshness(screen: Screen) -> None:
    """When each source last reported and was last imported; old ones carry a sign."""
    rows: list[Freshness] = ask(screen, freshness)
    head = el(
        "tr", el("th", "来源", cls="om-left"), [el("th", t) for t in ("事件/件", "最近上报", "最近接入")]
    )
    table = el(
        "table", el("thead", head), el("tbody", [_source(screen, row) for row in rows]), cls="om-table"
    )
    explanation = explain_menu(
        screen,
        key="freshness",
        title="来源的新鲜程度",
        formula=f"最近上报：该来源最新一件的上报时间，超过 {STALE_HOURS} 小时标 ▲。件数为接入以来的全部。",
        about_events=False,
    )
    show(panel("来源", table if rows else empty("还没有事件"), aside=explanation, cls="om-freshness"))


def _source(screen: Screen, row: Freshness) -> Html:
    late = row.age_hours is not None and row.age_hours > STALE_HOURS
    ago = ago_text(row.last_reported_at, now=screen.as_of) if row.last_reported_at else DASH
    imported = moment_text(row.last_batch_at, zone=screen.zone, now=screen.as_of)
    return el(
        "tr",
        el(
            "td",
            span("▲" if late else "●", cls="om-sign om-soon" if late else "om-sign om-done"),
            row.label,
            cls="om-left",
        ),
        el("td", number(row.events)),
        el("td", ago, cls="om-nowrap om-soon" if late else "om-nowrap"),
        el("td", imported, cls="om-nowrap"),
    )
