"""哪个网格人少事多: grids ranked by their load, with numerator and denominator in every row."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.labels import BASIS, DASH
from data.queries.workload import GridLoad, Workload, WorkloadOrder, workload

NOBODY_THERE = "无人"


def workload_panel(screen: Screen, *, foot: Html | None = None) -> Html:
    """The grids under the focus, the heaviest load first; a row drills, the count opens its rows."""
    by_residents = screen.view.get("sort") == "per_1000"
    order = WorkloadOrder.RESIDENTS if by_residents else WorkloadOrder.WORKER
    found: Workload = ask(screen, workload, parent=screen.where.focus, order=order)
    back = link(screen.href(extra={"rank": "", "sort": ""}), "‹ 下级", cls="om-more")
    total_label = BASIS[screen.where.basis]
    formula = (
        f"每员件数：本页筛选条件下{total_label}的件数 ÷ 该网格登记的网格员人数（岗位含“网格”或“巡查”）；"
        "有件而没有登记网格员的排在最前，记为无人。每千人：件数 ÷ 该网格常住人口 × 1000。"
        "点列名换排序，点件数看这些件。"
    )
    head = el(
        "tr",
        el("th", "网格", cls="om-left"),
        el("th", f"{total_label}/件"),
        el("th", "网格员"),
        el("th", _sorter(screen, "", "每员件数", on=not by_residents)),
        el("th", "居民"),
        el("th", _sorter(screen, "per_1000", "每千人", on=by_residents)),
    )
    rows = [_row(screen, place, row) for place, row in enumerate(found.rows, start=1)]
    cut = f"前 {number(len(rows))} 个，共 {number(found.grids)} 个网格"
    explanation = explain_menu(screen, key="workload", title="网格负担", formula=formula, rows=0)
    body = el("table", el("thead", head), el("tbody", rows, _sums(found)), cls="om-table")
    return div(
        div(span("网格 · 人少事多", cls="om-title"), explanation, span(cut, cls="om-note"), back,
            cls="om-panel-head"),
        div(body if rows else empty("这里还没有网格"), cls="om-scroll"),
        foot,
        cls="om-panel om-ranking om-workload",
    )  # fmt: skip


def _sorter(screen: Screen, sort: str, text: str, *, on: bool) -> Html:
    arrow = span(" ↓" if on else "", aria_hidden="true")
    return link(screen.href(extra={"sort": sort}), text, arrow, cls="om-on" if on else "")


def _row(screen: Screen, place: int, row: GridLoad) -> Html:
    above, _, name = row.place_name.rpartition("·")
    href = screen.href(where=row.where, extra={"rank": "", "sort": ""}, sel_kind="", sel_key="")
    rows = screen.href(page="events", where=row.where)
    label = span(link(href, name), span(above, cls="om-note"), cls="om-two-lines")
    return el(
        "tr",
        el("td", div(span(str(place), cls="om-rank"), label, cls="om-ranked"), cls="om-left"),
        el("td", link(rows, number(row.events)) if row.events else span("0", cls="om-zero")),
        el("td", number(row.workers)),
        el("td", el("b", NOBODY_THERE if row.per_worker is None else number(row.per_worker, digits=1))),
        el("td", number(row.residents)),
        el("td", DASH if row.per_1000 is None else number(row.per_1000, digits=1)),
        data_href=href,
        data_grid=row.code,
        data_events=row.events,
    )


def _sums(found: Workload) -> Html:
    each = found.events / found.workers if found.workers else None
    per_1000 = 1000 * found.events / found.residents if found.residents else None
    return el(
        "tr",
        el("td", span("", cls="om-rank"), "合计", cls="om-left"),
        el("td", number(found.events)),
        el("td", number(found.workers)),
        el("td", number(each, digits=1)),
        el("td", number(found.residents)),
        el("td", number(per_1000, digits=1)),
        cls="om-sum",
    )
