"""The parts of the community page: facts and people, trends, and the work that is going on."""

from __future__ import annotations

from functools import partial

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.alerts import alert_panel
from dashboard.panels.breakdown import class_panel, source_panel
from dashboard.panels.cards import area_facts, people, selection_card
from dashboard.panels.charts import day_chart
from dashboard.panels.contact import staff_phone
from dashboard.panels.event_list import short_list
from dashboard.panels.explanation import explain_menu
from dashboard.panels.frame import panel, show_column
from dashboard.panels.messages import empty, message
from dashboard.panels.ranking import ranking_panel
from dashboard.panels.side import AREA_TABS, events_explained, sheet_tabs
from dashboard.panels.station_list import station_rows, stations_explained
from dashboard.state import PATHS, Screen
from data.labels import LEVEL
from data.queries.areas import AreaCard, AreaRow, AreaTable, area_card, area_table
from data.queries.events import EventPage, list_events
from data.queries.repeats import Repeat, repeats
from data.queries.stations import StationRow, list_stations
from data.queries.trends import DayCount, by_day
from data.rules.words import rules_text
from data.vocabulary import Level, RuleKind


def area_of(screen: Screen) -> AreaCard | None:
    """The one area in focus; None where there is none or no such division."""
    code = screen.where.focus
    return ask(screen, area_card, code=code) if code else None


def show_area_picker(screen: Screen) -> None:
    """Every street with its communities, to choose one."""
    streets: AreaTable = ask(screen, area_table, parent="", level=Level.STREET)
    communities: AreaTable = ask(screen, area_table, parent="", level=Level.COMMUNITY)
    if not streets.rows and not communities.rows:
        show(
            message(
                kind="empty",
                title="还没有区划边界",
                lines=("接入街道、社区和网格的边界后，可以在这里查看每个社区。",),
                actions=((PATHS["import_data"], "去接入边界"),),
            )
        )
        return
    blocks = [_street(screen, street, communities.rows) for street in streets.rows]
    show(
        div(
            el("h2", "选择一个社区", cls="om-page-title"),
            div(
                "件数为当前筛选条件下的事件，◆ 为其中超期的。也可以选择整条街道，或在右上角按名称搜索。",
                _picker_explained(screen),
                cls="om-note",
            ),
            div(blocks, cls="om-picker"),
            cls="om-picker-page",
        )
    )


def _picker_explained(screen: Screen) -> Html:
    return explain_menu(
        screen,
        key="picker",
        title="各街道、社区的件数",
        formula="本页筛选条件下代码以该街道、社区代码开头的事件件数；◆ 为其中在办且已过处置期限的，不含挂账。"
        "只定到街道的件计在街道、不计在社区，所以各社区相加可能少于街道。",
        rows=0,
    )


def _street(screen: Screen, street: AreaRow, communities: list[AreaRow]) -> Html:
    own = [row for row in communities if row.code.startswith(street.code)]
    return div(
        link(screen.href_area(street.code), el("b", street.name), _counts(street), cls="om-picker-head"),
        [link(screen.href_area(row.code), row.name, _counts(row), cls="om-picker-item") for row in own],
        cls="om-panel om-picker-street",
    )


def _counts(row: AreaRow) -> Html:
    late = span(f"◆{number(row.overdue)}", cls="om-overdue") if row.overdue else None
    return span(late, span(f"{number(row.total)} 件"), cls="om-picker-count")


def show_area_facts(screen: Screen, card: AreaCard) -> None:
    """Residents, households, grids; who answers for it and how to reach them; stations with open-now."""
    stations: list[StationRow] = ask(screen, list_stations, areas=(card.code,), kinds=())
    open_count = sum(row.open_now is True for row in stations)
    summary = span(f"{number(len(stations))} 个，现在开门 {number(open_count)} 个", cls="om-note")
    show_column(
        panel(
            f"{card.name}（{LEVEL[card.level]}）",
            div(area_facts(card), cls="om-facts"),
            aside=_facts_explained(screen, card),
            cls="om-part-info",
        ),
        panel(
            "责任人",
            people(card.staff, code=card.code, phone=partial(staff_phone, screen)),
            aside=_qr_codes(card),
            cls="om-part-info",
        ),
        panel(
            "站点",
            station_rows(screen, stations) if stations else empty("这里还没有站点"),
            aside=[summary, stations_explained(screen)],
            cls="om-part-stations",
        ),
        cls="om-area-facts",
    )


def _qr_codes(card: AreaCard) -> Html:
    """The sheet of 居民扫码 for the grids under this area."""
    return link(f"./onemap/qr-sheet?area={card.code}", "打印二维码", target="_blank")


def _facts_explained(screen: Screen, card: AreaCard) -> Html:
    return explain_menu(
        screen,
        key="facts",
        title="底数",
        formula="常住人口、户数取自接入的区划数据；面积按边界计算，以接入数据所填为准；"
        f"网格、站点为代码以 {card.code} 开头、现行有效的个数。",
        about_events=False,
    )


def show_area_trends(screen: Screen) -> None:
    """30 days of reports and closings; classes and sources."""
    days: list[DayCount] = ask(screen, by_day, days=30)
    explanation = explain_menu(
        screen,
        key="trend",
        title="每天上报与结案",
        formula="按本地日期：当天上报的件数，和当天结案（已结案、已评价）的件数；不含作废。时限颜色的筛选不影响走势。",
        where=screen.where.changed(colors=()),
        basis=f"上报和结案，各按其日期，{days[0].day} 至 {days[-1].day}",
        rows=0,
    )
    start = screen.where.start
    title = "近 30 天" if start is None else "走势"
    if start is not None and days[0].day > start:
        title += f"（时段的最后 {len(days)} 天）"
    show(
        div(
            panel(title, day_chart(days, today=screen.today), aside=explanation, cls="om-trend"),
            class_panel(screen),
            source_panel(screen),
            cls="om-area-trends",
        )
    )


def show_area_work(screen: Screen) -> None:
    """Its own alerts, its open events, its parts, and what comes back at one place; or the card chosen."""
    card = selection_card(screen)
    if card is not None:
        show_column(card, cls="om-area-work")
        return
    tab = screen.view.tab
    page: EventPage = ask(screen, list_events, limit=50)
    more = link(screen.href(page="events"), f"共 {number(page.total)} 件，查看列表", cls="om-more")
    rows = short_list(screen, page.rows) if page.rows else empty("没有符合条件的事件")
    show_column(
        sheet_tabs(screen, AREA_TABS, tab),
        alert_panel(screen),
        panel("事件", rows, aside=[events_explained(screen, page.total), more], cls="om-part-events"),
        ranking_panel(screen) if len(screen.where.focus) < 15 else None,
        _repeats(screen),
        cls="om-area-work",
    )


def _repeats(screen: Screen) -> Html:
    rows: list[Repeat] = ask(screen, repeats, where=screen.where.standing)
    lines = [
        link(
            screen.href(page="events", where=row.where),
            span("↻", cls="om-sign"),
            span(
                span(
                    span(row.class_name, cls="om-row-title"),
                    span(f"{number(row.count)} 次", cls="om-row-detail"),
                ),
                span(
                    span(row.place_name),
                    span(
                        f"在办 {number(row.open)} 件，最近 "
                        + moment_text(row.last_reported_at, zone=screen.zone, now=screen.as_of),
                        cls="om-note",
                    ),
                    cls="om-row-second",
                ),
                cls="om-row-body",
            ),
            cls="om-row",
        )
        for row in rows
    ]
    said: str = ask(screen, rules_text, where=None, kind=RuleKind.REPEAT, areas=screen.where.areas)
    explanation = explain_menu(
        screen,
        key="repeats",
        title="同一地点反复",
        formula=f"按“预警中心 › 规则”里启用的规则：{said}。",
        where=screen.where.standing,
        basis="上报，规则所说的天数之内",
        rows=0,
    )
    return panel(
        "同一地点反复",
        div(lines) if lines else empty("没有反复出现的问题"),
        aside=explanation,
        cls="om-part-events",
    )
