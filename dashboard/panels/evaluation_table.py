"""考评 as a table: units by four sources, each with its count and average, a weighted total, and ranks."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu, menu
from dashboard.panels.header import breadcrumb
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.evaluation import (
    Cell,
    EvaluationTable,
    Period,
    UnitKind,
    UnitRow,
    evaluation_table,
    newest_judged_month,
    parse_period,
    recent_periods,
)
from data.evaluation.table import weight_of
from data.labels import DASH, EVALUATION_SOURCE
from data.lifecycle import LoopRules
from data.vocabulary import EvaluationSource

KINDS: Final = {UnitKind.DEPARTMENT: "部门", UnitKind.STREET: "街道", UnitKind.COMMUNITY: "社区"}


def read_table(screen: Screen) -> EvaluationTable:
    """The table of the URL's period and kind of units: departments in the newest judged month without."""
    found: EvaluationTable = ask(screen, evaluation_table, period=_period(screen), kind=_kind(screen))
    return found


def _period(screen: Screen) -> Period:
    named = parse_period(screen.view.get("period"))
    newest: Period = named or ask(screen, newest_judged_month)
    return newest


def _kind(screen: Screen) -> UnitKind:
    return UnitKind(screen.view.get("units") or UnitKind.DEPARTMENT)


def show_bar(screen: Screen, table: EvaluationTable) -> None:
    """Where, which period, and whether it may still be judged."""
    options = [
        link(
            screen.href(extra={"period": one.key}),
            one.label,
            cls="om-option om-on" if one.key == table.period.key else "om-option",
        )
        for one in recent_periods(screen.today)
    ]
    closes = table.period.closes_on(table.rules.evaluation_open_days)
    state = (
        span(f"‖ {table.problem}", cls="om-note om-suspended")
        if table.problem
        else span(f"● 可评，{closes} 截止；截止前本人可以更改或撤销", cls="om-note om-in_time")
    )
    chosen = menu(
        key="period",
        summary=f"周期：{table.period.label}",
        sheet=div(options, cls="om-options"),
        cls="om-chip",
    )
    whole = table.kind is UnitKind.DEPARTMENT and bool(screen.where.focus)
    note = span("部门按全区计", cls="om-note") if whole else None
    show(div(breadcrumb(screen), note, chosen, state, cls="om-perf-bar"))


def formula_of(rules: LoopRules) -> str:
    """How the numbers of the table are made, in words."""
    weights = "、".join(
        f"{text} {weight_of(rules, EvaluationSource(source)):g}%"
        for source, text in EVALUATION_SOURCE.items()
    )
    return (
        "自评、互评、第三方评：有效评价的平均分。群众评：周期内结案且居民评过的案件，满意一件 100 分、"
        f"不满意一件 0 分，与登记的居民测评一起平均。总分按权重加权（{weights}），"
        "缺一项时按其余各项折算并写明缺哪项。"
        f"评价合计不足 {rules.evaluation_minimum:g} 个，或缺一项的，不参加排名；总分相同名次相同。"
        f"{rules.evaluation_good:g} 分及以上为优秀，{rules.evaluation_pass:g} 分及以上为合格，其余为待改进。"
    )


def grade_of(total: float, rules: LoopRules) -> tuple[str, str]:
    """优秀, 合格 or 待改进, and its class."""
    shown = round(total, 1)
    if shown >= rules.evaluation_good:
        return "优秀", "om-done"
    return ("合格", "") if shown >= rules.evaluation_pass else ("待改进", "om-overdue")


def show_table(screen: Screen, table: EvaluationTable) -> None:
    """Rows are units; a number opens what stands behind it."""
    tabs = [
        link(
            screen.href(extra={"units": kind.value, "unit": "", "by": ""}),
            name,
            cls="om-tab om-on" if kind is table.kind else "om-tab",
            data_units=kind.value,
        )
        for kind, name in KINDS.items()
    ]
    explanation = explain_menu(
        screen, key="judged", title="考评", formula=formula_of(table.rules), about_events=False
    )
    heads = [
        el("th", div(text), div(f"权重 {weight_of(table.rules, EvaluationSource(source)):g}%", cls="om-note"))
        for source, text in EVALUATION_SOURCE.items()
    ]
    head = el(
        "tr", el("th", "名次", cls="om-left"), el("th", KINDS[table.kind], cls="om-left"), heads,
        el("th", div("总分"), div("等次", cls="om-note")),
    )  # fmt: skip
    body = [_row(screen, table, row) for row in table.rows]
    grid = el("table", el("thead", head), el("tbody", body), cls="om-table om-judged")
    ranked = sum(row.rank is not None for row in table.rows)
    note = span(f"{len(table.rows)} 个单位，{ranked} 个参加排名", cls="om-note")
    nothing = empty(f"这里没有{KINDS[table.kind]}")
    show(
        div(
            div(tabs, explanation, note, cls="om-panel-head om-wrap"),
            div(grid, cls="om-scroll om-x") if body else nothing,
            cls="om-panel om-perf-table",
            data_period=table.period.key,
        )
    )


def _row(screen: Screen, table: EvaluationTable, row: UnitRow) -> Html:
    chosen = screen.view.get("unit") == row.code
    href = screen.href(extra={"unit": row.code, "by": ""})
    lacking = "、".join(EVALUATION_SOURCE[one] for one in row.missing)
    if row.rank is not None:
        why = ""
    elif not row.sample:
        why = "还没有评价"
    elif row.sample < table.rules.evaluation_minimum:
        why = f"评价 {row.sample} 个，不足 {table.rules.evaluation_minimum:g} 个"
    else:
        why = f"缺{lacking}"
    return el(
        "tr",
        el("td", str(row.rank) if row.rank is not None else DASH, title=why or None, cls="om-left"),
        el("td", link(href, row.name), div(why, cls="om-note") if why else None, cls="om-left"),
        [_cell(screen, row, source) for source in EvaluationSource],
        _total(table, row),
        data_href=href,
        data_unit=row.code,
        data_rank=row.rank,
        cls="om-selected" if chosen else "",
    )


def _cell(screen: Screen, row: UnitRow, source: EvaluationSource) -> Html:
    cell: Cell = row.cells[source]
    if cell.mean is None:
        return el("td", span(DASH, cls="om-note"), data_by=source.value, data_count=0)
    unit = "件" if cell.cases == cell.count else "个"
    part = f"{number(cell.count)} {unit}"
    return el(
        "td",
        link(
            screen.href(extra={"unit": row.code, "by": source.value}),
            el("b", f"{cell.mean:.1f}"),
            div(part, cls="om-note"),
        ),
        data_by=source.value,
        data_count=cell.count,
    )


def _total(table: EvaluationTable, row: UnitRow) -> Html:
    if row.total is None:
        return el("td", span(DASH, cls="om-note"))
    grade, cls = grade_of(row.total, table.rules)
    return el(
        "td", el("b", f"{row.total:.1f}"), div(grade, cls=cls or "om-note"), data_total=f"{row.total:.4f}"
    )
