"""Stations as a table and as short rows."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.formats import number
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.cards import open_mark
from dashboard.state import Screen
from data.labels import DASH
from data.queries.stations import StationRow


def station_rows(screen: Screen, rows: Sequence[StationRow]) -> Html:
    """Rows of two lines, each opening its card."""
    return div(
        [
            link(
                screen.href_select("station", row.id),
                span(
                    span(span(row.name, cls="om-row-title"), open_mark(screen, row.open_now, row.opens_next)),
                    span(span(f"{row.kind_label}，{row.place_name}"), cls="om-row-second"),
                    cls="om-row-body",
                ),
                cls="om-row",
                data_station=row.id,
            )
            for row in rows
        ],
        cls="om-rows",
    )


def station_table(screen: Screen, rows: Sequence[StationRow]) -> Html:
    """The full list; a row opens its card."""
    names = ("名称", "类别", "所在", "现在", "开放时间")
    head = el(
        "tr",
        [el("th", name, cls="om-left") for name in names],
        [el("th", name) for name in ("窗口/个", "人员/人")],
    )
    return div(
        el("table", el("thead", head), el("tbody", [_row(screen, row) for row in rows]), cls="om-table"),
        cls="om-scroll om-x",
    )


def _row(screen: Screen, row: StationRow) -> Html:
    href = screen.href_select("station", row.id)
    here = screen.view.sel_kind == "station" and screen.view.sel_key == str(row.id)
    return el(
        "tr",
        el("td", link(href, row.name), cls="om-left om-nowrap"),
        el("td", row.kind_label, cls="om-left om-nowrap"),
        el("td", row.place_name, cls="om-left om-nowrap"),
        el("td", open_mark(screen, row.open_now, row.opens_next), cls="om-left om-nowrap"),
        el("td", row.hours_text or row.hours or DASH, cls="om-left"),
        el("td", number(row.counters)),
        el("td", number(row.staff_count)),
        data_href=href,
        data_station=row.id,
        cls="om-selected" if here else "",
    )
