"""卡在哪个环节、哪个部门: departments by stage of the loop; every count opens exactly its rows."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.explanation import explain_menu
from dashboard.state import Screen
from data.filter import NOBODY, Filter
from data.labels import STAGE
from data.queries.kpis import kpi_filter
from data.queries.loop import stage_filter
from data.queries.stuck import Stuck, StuckRow, stuck
from data.vocabulary import Stage

SHOWN: Final = 6
_FORMULA: Final = (
    "按事件现在的状态归入环节、按现在的承办部门分行，每件只计一次，各行相加、各环节相加都等于合计。"
    "暂无部门：还没有派遣的件，和网格、街道自行处置的件。点任一个数看这些件。"
)


def stuck_table(screen: Screen, *, kind: str, name: str) -> Html | None:
    """The table of what is overdue (or soon) under the areas and other conditions in force."""
    where = kpi_filter(screen.session, kind, screen.where.standing, screen.as_of)
    found: Stuck = ask(screen, stuck, where=where)
    if not found.total:
        return None
    explanation = explain_menu(
        screen, key="stuck", title=f"{name}卡在哪里", formula=_FORMULA, where=where, rows=found.total
    )
    head = [
        el("th", "部门", cls="om-left"),
        *(el("th", STAGE[stage]) for stage in found.stages),
        el("th", "合计"),
    ]
    most = max((count for row in found.rows for count in row.counts.values()), default=0)
    rows = [_row(screen, found, row, most) for row in found.rows[:SHOWN]]
    rest = found.rows[SHOWN:]
    return div(
        div(el("h3", f"{name}卡在哪个环节、哪个部门"), explanation, cls="om-part-head"),
        div(
            el(
                "table",
                el("thead", el("tr", head)),
                el("tbody", rows, _rest(screen, found, rest, where), _sums(screen, found, where)),
                cls="om-table",
            ),
            cls="om-x",
        ),
        cls="om-stuck",
        data_stuck=found.total,
    )


def _row(screen: Screen, found: Stuck, row: StuckRow, most: int) -> Html:
    cells = [_cell(screen, row.where, stage, row.counts.get(stage, 0), most) for stage in found.stages]
    return el(
        "tr",
        el("td", row.name, cls="om-left"),
        cells,
        el("td", link(screen.href(page="events", where=row.where), number(row.total), data_sum=True)),
        data_department=row.department_code or NOBODY,
    )


def _cell(screen: Screen, where: Filter, stage: Stage, count: int, most: int = 0) -> Html:
    rows = stage_filter(where, stage, today=screen.today)
    if not count or rows is None:
        return el("td", span("0", cls="om-zero"), data_stage=stage, data_count=0)
    href = screen.href(page="events", where=rows)
    cls = "om-most" if count == most else ""
    return el("td", link(href, number(count)), cls=cls, data_stage=stage, data_count=count)


def _rest(screen: Screen, found: Stuck, rows: tuple[StuckRow, ...], where: Filter) -> Html | None:
    if not rows:
        return None
    departments = tuple(sorted(row.department_code or NOBODY for row in rows))
    inner = where.changed(departments=departments)
    counts = {stage: sum(row.counts.get(stage, 0) for row in rows) for stage in found.stages}
    total = link(screen.href(page="events", where=inner), number(sum(row.total for row in rows)))
    return el(
        "tr",
        el("td", f"其余 {len(rows)} 个部门", cls="om-left"),
        [_cell(screen, inner, stage, counts[stage]) for stage in found.stages],
        el("td", total),
        data_department="rest",
    )


def _sums(screen: Screen, found: Stuck, where: Filter) -> Html:
    return el(
        "tr",
        el("td", "合计", cls="om-left"),
        [_cell(screen, where, stage, found.by_stage.get(stage, 0)) for stage in found.stages],
        el("td", link(screen.href(page="events", where=where), number(found.total))),
        cls="om-sum",
        data_department="all",
    )
