"""The right column of the overview: alerts, events or stations above, the ranked areas below, or one card."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Child, Html, div, link, show, span
from dashboard.panels.alerts import alert_panel
from dashboard.panels.cards import selection_card
from dashboard.panels.event_list import short_list
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.ranking import ranking_panel
from dashboard.panels.station_list import station_rows, stations_explained
from dashboard.state import Screen
from data.queries.events import EventPage, list_events
from data.queries.stations import StationRow, list_stations
from data.queries.trends import KeyCount, by_source

SHORT = 50
TABS = {"alerts": "预警", "events": "事件", "areas": "下级", "stations": "站点"}
AREA_TABS = {**TABS, "info": "概况"}


def show_side(screen: Screen) -> None:
    """A card covers the column, that of an area leaves the ranking below it; otherwise the chosen panel and
    the ranking.
    """
    card = selection_card(screen)
    if card is not None and screen.view.sel_kind == "area":
        show(div(card, ranking_panel(screen, foot=source_mix(screen)), cls="om-side"))
        return
    if card is not None:
        show(div(card, cls="om-side om-single"))
        return
    tab = screen.view.tab if screen.view.tab in TABS else "alerts"
    show(
        div(
            sheet_tabs(screen, TABS, tab),
            _upper(screen, tab),
            ranking_panel(screen, foot=source_mix(screen)),
            cls=f"om-side om-tab-{tab}",
        )
    )


def source_mix(screen: Screen) -> Html | None:
    """Where the events of the Filter come from, most first; a click keeps one source only."""
    rows: list[KeyCount] = ask(screen, by_source)
    if not rows:
        return None
    shown = [
        link(
            screen.href(where=screen.where.changed(sources=(row.key,))),
            f"{row.label} {number(row.count)}",
            data_source=row.key,
        )
        for row in rows
    ]
    explanation = explain_menu(
        screen,
        key="mix",
        title="来源",
        formula="本页筛选条件下各来源的件数，件数多的在前，相加等于共计件数；点一个来源只看它的件。",
        rows=sum(row.count for row in rows),
    )
    line = span("来源：", [[" · " if place else "", one] for place, one in enumerate(shown)], cls="om-mix")
    return div(line, explanation, cls="om-note om-mix-line")


def events_explained(screen: Screen, total: int) -> Html:
    """怎么算的 of the number of events beside their short list."""
    return explain_menu(
        screen,
        key="events",
        title="事件件数",
        formula=f"符合全部筛选条件的事件件数，与共计件数相同；这里只列最急的 {SHORT} 件，其余在列表中。",
        rows=total,
    )


def sheet_tabs(screen: Screen, tabs: Mapping[str, str], chosen: str) -> Html:
    """The tabs of the sheet under the map on an upright tablet; elsewhere the panels stand side by side."""
    links = [
        link(
            screen.href(tab=key),
            name,
            cls=f"om-tab om-sheet-{key} {'om-on' if key == chosen else ''}".strip(),
            role="tab",
            aria_selected="true" if key == chosen else "false",
        )
        for key, name in tabs.items()
    ]
    return div(links, cls="om-sheet-tabs", role="tablist", data_tab=chosen)


def _upper(screen: Screen, tab: str) -> Html:
    if tab == "events":
        return _events(screen)
    if tab == "stations":
        return _stations(screen)
    return alert_panel(screen)


def _events(screen: Screen) -> Html:
    page: EventPage = ask(screen, list_events, limit=SHORT)
    more = [
        events_explained(screen, page.total),
        link(screen.href(tab="alerts"), "‹ 预警", cls="om-back"),
        link(screen.href(page="events"), f"共 {number(page.total)} 件，查看列表", cls="om-more"),
    ]
    return _panel("事件", more, short_list(screen, page.rows) if page.rows else empty("没有符合条件的事件"))


def _stations(screen: Screen) -> Html:
    rows: list[StationRow] = ask(screen, list_stations, areas=screen.where.areas, kinds=())
    more = [
        stations_explained(screen),
        link(screen.href(page="stations"), f"共 {number(len(rows))} 个，查看列表", cls="om-more"),
    ]
    return _panel("站点", more, station_rows(screen, rows[:SHORT]) if rows else empty("这里还没有站点"))


def _panel(title: str, more: Child, body: Html) -> Html:
    head = div(div(title, cls="om-title"), more, cls="om-panel-head")
    return div(head, div(body, cls="om-scroll"), cls="om-panel")
