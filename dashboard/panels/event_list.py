"""Events as a table: the full one of the events page, and a short list for cards and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Child, Html, div, el, link, show, span
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.calendar import notice_of_years
from data.filter import Filter
from data.labels import NO_DEPARTMENT, SLA_COLOR, SLA_SIGN, SOURCE, STATUS, label
from data.queries.alerts import Alert
from data.queries.events import EventPage, Order, list_events
from data.queries.rows import EventRow, left_text
from data.vocabulary import SlaColor

PAGE_SIZE = 100


def color_mark(color: SlaColor) -> Html:
    """Sign and word of a deadline colour, never the colour alone."""
    return span(
        span(SLA_SIGN[color], cls=f"om-sign om-{color}", aria_hidden="true"), SLA_COLOR[color], cls="om-mark"
    )


def show_event_list(screen: Screen) -> None:
    """The list panel: how many, exports under the same filter, one page of rows, the pager."""
    offset = (screen.view.page_number - 1) * PAGE_SIZE
    page: EventPage = ask(screen, list_events, limit=PAGE_SIZE, offset=offset, order=Order(screen.view.order))
    if not page.rows:
        ways = ((screen.href(where=Filter(areas=screen.where.areas)), "清除筛选"),)
        body = empty("没有符合条件的事件" if not page.total else "没有这一页", actions=ways)
    else:
        body = event_table(screen, page)
    show(
        div(
            div(span("事件", cls="om-title"), _exports(screen, page.total), cls="om-panel-head"),
            body,
            div(pager(screen, total=page.total), cls="om-panel-foot"),
            cls="om-panel om-event-list",
        )
    )


def _exports(screen: Screen, total: int) -> Html | None:
    """Files of exactly the list's rows, judged at the same moment."""
    if not total:
        return None
    query = urlencode({**screen.where.to_params(), "at": screen.as_of.isoformat()})
    return span(
        span("导出 ", cls="om-note"),
        [
            el("a", name, href=f"./onemap/export.{kind}?{query}", download=True, cls="om-button om-small")
            for kind, name in (("csv", "CSV 文件"), ("xlsx", "Excel 文件"))
        ],
        cls="om-exports",
    )


def event_table(screen: Screen, page: EventPage) -> Html:
    """One page of the list, two lines an event; a row opens its card. Under it what its calendars lack."""
    order = screen.view.order
    head = el(
        "tr",
        el(
            "th",
            _sorter(screen, "urgent", "时限", order),
            " · ",
            _sorter(screen, "due", "到期", order),
            cls="om-left",
        ),
        el("th", "事件 · 类别", cls="om-left"),
        el("th", "案件号 · 来源", cls="om-left"),
        el("th", "地点 · 地址", cls="om-left"),
        el("th", "状态 · 部门", cls="om-left"),
        el("th", _sorter(screen, "reported", "上报", order)),
    )
    rows = [_row(screen, row) for row in page.rows]
    table = el("table", el("thead", head), el("tbody", rows), cls="om-table om-events")
    return div(table, unknown_years_note(page.rows), cls="om-scroll om-x")


def unknown_years_note(rows: Iterable[EventRow | Alert]) -> Html | None:
    """Once under a list: deadlines among these lie in years whose holidays are not known. None without."""
    said = notice_of_years(row.unknown_year for row in rows if row.unknown_year is not None)
    return div("▲ ", said, cls="om-note om-cut", data_unknown_years=True) if said else None


def _sorter(screen: Screen, order: str, text: str, current: str) -> Html:
    on = order == current
    hint = {"urgent": "最急的在前，按到期时刻", "reported": "最新的在前", "due": "到期早的在前"}[order]
    return link(
        screen.href(order=str(Order(order)), page_number=1),
        text,
        span(" ↓" if on else ""),
        title=hint,
        cls="om-on" if on else "",
    )


def _row(screen: Screen, row: EventRow) -> Html:
    href = screen.href_select("event", row.id)
    here = screen.view.sel_kind == "event" and screen.view.sel_key == str(row.id)
    reported, due = (
        moment_text(at, zone=screen.zone, now=screen.as_of) for at in (row.reported_at, row.due_at)
    )
    sign = span(SLA_SIGN[row.color], cls=f"om-sign om-{row.color}")
    tag = span("督办", cls="om-tag") if row.supervised else None
    return el(
        "tr",
        two_lines([sign, span(left_text(row), cls=f"om-{row.color}")], f"到期 {due}" if row.due_at else ""),
        two_lines([link(href, row.title), tag], row.class_name, cls="om-grow"),
        two_lines(row.external_no, label(SOURCE, row.source)),
        two_lines(row.place_name, row.address, cls="om-grow"),
        two_lines(STATUS[row.status], row.department_name or NO_DEPARTMENT),
        el("td", reported, cls="om-nowrap"),
        data_href=href,
        data_event=row.id,
        cls="om-selected" if here else "",
    )


def two_lines(first: Child, second: str, *, cls: str = "") -> Html:
    """A cell of two lines, the second one quiet."""
    return el(
        "td", div(first), div(second, cls="om-note", title=second or None), cls=f"om-left {cls}".strip()
    )


def pager(screen: Screen, *, total: int) -> Html:
    """第 1–100 件，共 N 件, with the ways back and on."""
    page = screen.view.page_number
    last = max(1, -(-total // PAGE_SIZE))
    first_row, last_row = (page - 1) * PAGE_SIZE + 1, min(page * PAGE_SIZE, total)

    def step(text: str, target: int) -> Html:
        if not 1 <= target <= last or target == page:
            return span(text, cls="om-button om-small om-off", aria_disabled="true")
        return link(screen.href(page_number=target), text, cls="om-button om-small")

    shown = f"第 {number(first_row)}–{number(last_row)} 件，" if total and first_row <= total else ""
    return div(
        span(f"{shown}共 {number(total)} 件"),
        step("首页", 1),
        step("上一页", page - 1),
        span(f"{number(min(page, last))} / {number(last)} 页"),
        step("下一页", page + 1),
        step("末页", last),
        cls="om-pager",
    )


def short_list(
    screen: Screen, rows: Sequence[EventRow], *, place: bool = True, page: str | None = None
) -> Html:
    """Events as rows of two lines, each opening its card on this page or on ``page``."""
    shown = [_short(screen, row, place=place, page=page) for row in rows]
    return div(shown, unknown_years_note(rows), cls="om-rows")


def _short(screen: Screen, row: EventRow, *, place: bool, page: str | None) -> Html:
    second = row.place_name if place else STATUS[row.status]
    return link(
        screen.href_select("event", row.id, page=page),
        span(SLA_SIGN[row.color], cls=f"om-sign om-{row.color}"),
        span(
            span(span(f"{row.class_name} · {row.title}", cls="om-row-title"),
                 span(left_text(row), cls=f"om-row-detail om-{row.color}")),
            span(span(second),
                 span(moment_text(row.reported_at, zone=screen.zone, now=screen.as_of), cls="om-note"),
                 cls="om-row-second"),
            cls="om-row-body",
        ),
        cls="om-row",
        data_event=row.id,
    )  # fmt: skip
