"""The ranked table of the next level down. A row drills; children + 未落格 = the total line."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import number, rate
from dashboard.markup import Html, div, el, join, link, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.workload_table import workload_panel
from dashboard.state import BY_GRID, PATHS, Screen
from data.labels import BASIS, DASH, LEVEL, NO_CODE
from data.queries.areas import AreaRow, AreaTable, area_table
from data.queries.rates import minimum_sample
from data.vocabulary import Basis, Missing


def ranking_panel(screen: Screen, *, foot: Html | None = None) -> Html:
    """Areas under the focus with their counts, in the order that the URL's ``sort`` names; ``foot`` below.

    Where the URL's ``rank`` says so, the grids by their load stand in their place.
    """
    if screen.view.get("rank") == BY_GRID:
        return workload_panel(screen, foot=foot)
    table: AreaTable = ask(screen, area_table, parent=screen.where.focus)
    if table.level is None or not table.rows:
        text = "网格是最下一级" if screen.where.focus else "还没有街道、社区的边界"
        actions = () if screen.where.focus else ((PATHS["import_data"], "去接入边界"),)
        return div(
            div(span("下级", cls="om-title"), cls="om-panel-head"),
            empty(text, actions=actions),
            cls="om-panel",
        )
    sort = screen.view.get("sort") or "total"
    fewest: int = ask(screen, minimum_sample)
    rows = sorted(table.rows, key=lambda row: _key(row, sort, fewest))
    total_label = BASIS[screen.where.basis]
    head = el(
        "tr",
        el("th", _sorter(screen, "name", LEVEL[table.level], sort), cls="om-left"),
        el("th", _sorter(screen, "total", f"{total_label}/件", sort)),
        el("th", _sorter(screen, "overdue", "超期/件", sort)),
        el("th", _sorter(screen, "rate", "按期率", sort)),
        el("th", _sorter(screen, "per_1000", "每千人", sort)),
    )
    body = [_row(screen, position, row, fewest) for position, row in enumerate(rows, start=1)]
    unplaced = _special(table.unplaced, NO_CODE, screen, fewest) if table.unplaced.total else None
    period = "本周" if screen.where.basis is Basis.OPEN else "所选时段"
    explanation = explain_menu(
        screen,
        key="ranking",
        title=f"{LEVEL[table.level]}对比",
        formula=(
            f"{total_label}、超期：本页筛选条件下各{LEVEL[table.level]}的件数，各行与未落格相加等于合计。"
            f"按期率：按期结案 ÷ 应结（{period}到期、不含挂账与无时限），"
            f"应结不足 {fewest} 件的不参加排序。每千人：件数 ÷ 常住人口 × 1000。"
        ),
        rows=table.total.total,
    )
    return div(
        div(span(f"下级 · {LEVEL[table.level]}", cls="om-title"), explanation,
            span(f"{len(rows)} 个", cls="om-note"), _to_grids(screen), cls="om-panel-head"),
        div(
            el("table", el("thead", head), el("tbody", body, unplaced,
               _special(table.total, "合计", screen, fewest)), cls="om-table"),
            cls="om-scroll",
        ),
        foot,
        cls="om-panel om-ranking",
    )  # fmt: skip


def _to_grids(screen: Screen) -> Html:
    href = screen.href(extra={"rank": BY_GRID, "sort": ""})
    return link(href, "网格人少事多", cls="om-more", title="每名网格员、每千人多少件，最多的在前")


def _key(row: AreaRow, sort: str, fewest: int) -> tuple[float, str]:
    """Worst first; what cannot be ranked comes last."""
    if sort == "name":
        return 0.0, row.code
    if sort == "rate":
        worth = row.on_time_rate if row.due >= fewest else None
        return (1e9 if worth is None else worth), row.code
    if sort == "per_1000":
        return (1e9 if row.per_1000 is None else -row.per_1000), row.code
    return (-float(row.overdue if sort == "overdue" else row.total)), row.code


def _sorter(screen: Screen, key: str, text: str, current: str) -> Html:
    on = key == current
    return link(
        screen.href(extra={"sort": "" if key == "total" else key}),
        text,
        span(" ↓" if on else "", aria_hidden="true"),
        cls="om-on" if on else "",
    )


def _row(screen: Screen, position: int, row: AreaRow, fewest: int) -> Html:
    href = screen.href_area(row.code)
    return el(
        "tr",
        el("td", span(str(position), cls="om-rank"), link(href, row.name), cls="om-left"),
        el("td", number(row.total)),
        el("td", _late(row)),
        el("td", _rate(row, fewest)),
        el("td", DASH if row.per_1000 is None else number(row.per_1000, digits=1)),
        data_href=href,
        data_code=row.code,
        data_count=row.total,
    )


def _late(row: AreaRow) -> Html:
    if not row.overdue:
        return span("0", cls="om-zero")
    return join([span("◆", cls="om-sign om-overdue"), span(number(row.overdue), cls="om-overdue")])


def _rate(row: AreaRow, fewest: int) -> Html:
    small = row.due < fewest
    return span(
        rate(row.due_in_time, row.due),
        cls="om-zero" if small else "",
        title=f"{number(row.due_in_time)}/{number(row.due)}"
        + ("，样本不足，不参加排序" if small and row.due else ""),
    )


def _special(row: AreaRow, name: str, screen: Screen, fewest: int) -> Html:
    """A sum; 未落格 leads to exactly its rows."""
    missing = screen.where.changed(missing=Missing.CODE)
    label = link(screen.href(page="events", where=missing), name) if name == NO_CODE else name
    return el(
        "tr",
        el("td", span("", cls="om-rank"), label, cls="om-left"),
        el("td", number(row.total)),
        el("td", _late(row)),
        el("td", _rate(row, fewest)),
        el("td", DASH if row.per_1000 is None else number(row.per_1000, digits=1)),
        cls="om-sum",
        data_count=row.total,
    )
