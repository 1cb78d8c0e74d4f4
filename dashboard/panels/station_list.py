"""Stations as a table and as short rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.cards import open_mark
from dashboard.panels.event_list import two_lines
from dashboard.panels.explanation import explain_menu
from dashboard.panels.frame import panel
from dashboard.panels.messages import empty
from dashboard.state import OPEN_NOW, PATHS, Screen
from data.labels import DASH, STATION_KIND
from data.queries.stations import StationRow, list_stations
from data.vocabulary import StationKind


def chosen_stations(screen: Screen) -> list[StationRow]:
    """Stations under the focus of the kinds in the URL, open now where it asks for that."""
    rows: list[StationRow] = ask(
        screen, list_stations, areas=screen.where.areas, kinds=screen.view.station_kinds
    )
    return [row for row in rows if row.open_now] if screen.view.get("now") == OPEN_NOW else rows


def show_station_list(screen: Screen) -> None:
    """Kinds and open-now as filters, then the table."""
    rows = chosen_stations(screen)
    body = station_table(screen, rows) if rows else empty("没有符合条件的站点", actions=_ways_on(screen))
    count = span(f"{number(len(rows))} 个", cls="om-note")
    title = span("站点", cls="om-title")
    head = div(title, stations_explained(screen), count, _filters(screen), cls="om-panel-head om-wrap")
    show(div(head, body, cls="om-panel om-station-list"))


def stations_explained(screen: Screen) -> Html:
    """怎么算的 of the number of stations and of those open now."""
    return explain_menu(
        screen,
        key="stations",
        title="站点与现在开门",
        formula="站点：所看区域内现行登记的站点。现在开门：按登记的开放时间，以数据截至的时刻判断；"
        "没有登记开放时间的，不计入开门，也不计入关门。",
        about_events=False,
    )


def _ways_on(screen: Screen) -> tuple[tuple[str, str], ...]:
    if screen.view.get("kind") or screen.view.get("now"):
        return ((screen.href(extra={"kind": "", "now": ""}), "全部站点"),)
    return ((PATHS["import_data"], "去接入站点"),)


def _filters(screen: Screen) -> Html:
    every: list[StationRow] = ask(screen, list_stations, areas=screen.where.areas, kinds=())
    counts = Counter(row.kind for row in every)
    chosen = set(screen.view.station_kinds)
    only_open = screen.view.get("now") == OPEN_NOW
    chips = [
        link(
            screen.href(extra={"now": "" if only_open else OPEN_NOW}),
            "● 现在开门",
            span(number(sum(row.open_now is True for row in every)), cls="om-badge"),
            cls="om-tab om-on" if only_open else "om-tab",
        )
    ]
    for kind in StationKind:
        if counts[kind]:
            target = ",".join(sorted(chosen ^ {kind}))
            chips.append(
                link(
                    screen.href(extra={"kind": target}),
                    STATION_KIND[kind],
                    span(number(counts[kind]), cls="om-badge"),
                    cls="om-tab om-on" if kind in chosen else "om-tab",
                )
            )
    return div(chips, cls="om-chips")


def station_summary(screen: Screen) -> Html:
    """By kind: how many, open now, counters, staff, where no card is open."""
    rows = chosen_stations(screen)
    head = el(
        "tr",
        el("th", "类别", cls="om-left"),
        [el("th", name) for name in ("站点/个", "开门/个", "窗口/个", "人员/人")],
    )
    body = []
    for kind in dict.fromkeys(row.kind for row in rows):
        own = [row for row in rows if row.kind == kind]
        body.append(_sum_row(own[0].kind_label, own, cls=""))
    total = _sum_row("合计", rows, cls="om-sum") if rows else None
    table = el("table", el("thead", head), el("tbody", body, total), cls="om-table")
    explanation = explain_menu(
        screen,
        key="capacity",
        title="服务能力",
        formula="所列站点按类别相加。开门：此刻在登记的开放时间之内；"
        "窗口、人员：各站点登记数之和，未登记的按 0 计。",
        about_events=False,
    )
    return panel("服务能力", table if rows else empty("没有站点"), aside=explanation)


def _sum_row(name: str, rows: Sequence[StationRow], *, cls: str) -> Html:
    return el(
        "tr",
        el("td", name, cls="om-left"),
        el("td", number(len(rows))),
        el("td", number(sum(row.open_now is True for row in rows))),
        el("td", number(sum(row.counters or 0 for row in rows))),
        el("td", number(sum(row.staff_count or 0 for row in rows))),
        cls=cls,
    )


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
    """The full list, two lines a station; a row opens its card."""
    head = el(
        "tr",
        [el("th", name, cls="om-left") for name in ("名称 · 类别", "所在 · 地址", "现在 · 开放时间")],
        [el("th", name) for name in ("窗口/个", "人员/人")],
    )
    return div(
        el(
            "table",
            el("thead", head),
            el("tbody", [_row(screen, row) for row in rows]),
            cls="om-table om-events",
        ),
        cls="om-scroll om-x",
    )


def _row(screen: Screen, row: StationRow) -> Html:
    href = screen.href_select("station", row.id)
    here = screen.view.sel_kind == "station" and screen.view.sel_key == str(row.id)
    return el(
        "tr",
        two_lines(link(href, row.name), row.kind_label, cls="om-grow"),
        two_lines(row.place_name, row.address, cls="om-grow"),
        two_lines(open_mark(screen, row.open_now, row.opens_next), row.hours_text or row.hours or DASH),
        el("td", number(row.counters)),
        el("td", number(row.staff_count)),
        data_href=href,
        data_station=row.id,
        cls="om-selected" if here else "",
    )
