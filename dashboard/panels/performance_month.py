"""效能: 响应率、解决率、满意率 of 12345, a month against the one before, and which class pulls each down."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.state import MONTH, Screen
from data.filter import Filter
from data.indicators.table import IndicatorTable
from data.labels import DASH
from data.queries.month_rates import (
    HOTLINE,
    ClassRates,
    Compared,
    MonthRate,
    MonthTable,
    Share,
    month_rates,
)

NAME: Final = {MonthRate.RESPONSE: "响应率", MonthRate.SOLVED: "解决率", MonthRate.SATISFIED: "满意率"}
FORMULA: Final = {
    MonthRate.RESPONSE: "在响应时限内受理的件 ÷ 规定了响应时限的件，按上报日期",
    MonthRate.SOLVED: "回访确认已解决的件 ÷ 已回访的件，按结案日期",
    MonthRate.SATISFIED: "评价满意的件 ÷ 有满意度评价的件，按结案日期",
}
_NOTE: Final = (
    "只计来源为 12345 的件。升降：本月减上月，单位是百分点。拖累：去掉这一大类，本月的合计会高多少个百分点，"
    "最高的一类就是拖后腿的；“拉高”表示没有它合计会更低。点件数看这些件。"
)


def show_month(screen: Screen, table: IndicatorTable) -> bool:
    """The month of the chosen week, when the URL looks at it."""
    if screen.view.get("look") != MONTH:
        return False
    where = Filter(areas=screen.where.areas)
    found: MonthTable = ask(screen, month_rates, where=where, month=table.week)
    formula = "；".join(f"{NAME[rate]} = {FORMULA[rate]}" for rate in MonthRate) + "。" + _NOTE
    period = (
        f"{found.start:%m-%d} 至 {found.end:%m-%d}，"
        f"上月 {found.before_start:%m-%d} 至 {found.before_end:%m-%d}"
    )
    explanation = explain_menu(
        screen,
        key="month",
        title="12345 月度三率",
        formula=formula,
        where=where.changed(sources=(HOTLINE,)),
        basis=f"响应率按上报，解决率、满意率按结案，{period}",
        rows=0,
    )
    known = any(compared.now.whole or compared.before.whole for compared in found.total.rates.values())
    body = (
        [
            div([_card(screen, found, rate) for rate in MonthRate], cls="om-hotline-cards"),
            _table(screen, found),
        ]
        if known
        else empty("这两个月没有带响应时限、回访或评价的 12345 工单")
    )
    show(
        div(
            div(
                span("12345 月度三率", cls="om-title"),
                explanation,
                span(period, cls="om-note"),
                cls="om-panel-head om-wrap",
            ),
            div(body, cls="om-scroll"),
            cls="om-panel om-perf-table om-hotline",
            data_month=f"{found.start:%Y-%m}",
        )
    )
    return True


def _card(screen: Screen, found: MonthTable, rate: MonthRate) -> Html:
    """One rate of all: value, rows, change, and the class that pulls it down."""
    compared = found.total.rates[rate]
    lagging = found.drags(rate)
    drag = lagging.rates[rate].drag if lagging else None
    said = (
        span("拖后腿的是 ", el("b", lagging.name), f"：去掉它会高 {number(drag, digits=1)} 个百分点")
        if lagging
        else span("没有哪一类拖低它" if compared.now.whole else "本月还没有这样的件")
    )
    return div(
        div(NAME[rate], cls="om-key"),
        div(
            el("b", _per_cent(compared.now), cls="om-hotline-value"),
            _rows(screen, compared.now),
            cls="om-hotline-now",
        ),
        div(_change(compared), span(f"上月 {_per_cent(compared.before)} "), _rows(screen, compared.before)),
        div(said),
        cls="om-hotline-card",
        data_rate=rate,
        data_drag=lagging.code if lagging else "",
    )


def _table(screen: Screen, found: MonthTable) -> Html:
    head = el(
        "tr",
        el("th", "大类", cls="om-left"),
        [[el("th", NAME[rate]), el("th", "较上月/点"), el("th", "拖累/点")] for rate in MonthRate],
    )
    rows = [_row(screen, found, row) for row in (*found.rows, found.total)]
    return div(el("table", el("thead", head), el("tbody", rows), cls="om-table"), cls="om-x")


def _row(screen: Screen, found: MonthTable, row: ClassRates) -> Html:
    cells = []
    for rate in MonthRate:
        compared = row.rates[rate]
        lagging = found.drags(rate)
        most = bool(row.code) and lagging is not None and lagging.code == row.code
        cells += [
            el("td", span(_per_cent(compared.now)), " ", _rows(screen, compared.now), data_rate=rate),
            el("td", _change(compared, unit=""), title=f"上月 {_per_cent(compared.before)}"),
            el("td", _drag(compared.drag), cls="om-most" if most else ""),
        ]
    return el(
        "tr",
        el("td", row.name, cls="om-left"),
        cells,
        cls="" if row.code else "om-sum",
        data_major=row.code or "all",
    )


def _per_cent(share: Share) -> str:
    return DASH if share.per_cent is None else f"{share.per_cent:.1f}%"


def _rows(screen: Screen, share: Share) -> Html:
    """Numerator and denominator, each the way to its rows."""
    if not share.whole:
        return span("0/0", cls="om-note")
    part = link(screen.href(page="events", where=share.part_where), number(share.part))
    whole = link(screen.href(page="events", where=share.whole_where), number(share.whole))
    return span(part, "/", whole, cls="om-hotline-rows")


def _change(compared: Compared, *, unit: str = " 个百分点 ") -> Html:
    change = compared.change
    if change is None:
        return span(DASH, cls="om-zero")
    if abs(change) < 0.05:
        return span("持平 ", cls="om-zero")
    sign, tone = ("↑", "om-good") if change > 0 else ("↓", "om-bad")
    return el("b", f"{sign}{abs(change):.1f}{unit}", cls=tone)


def _drag(drag: float | None) -> Html:
    if drag is None or abs(drag) < 0.05:
        return span(DASH, cls="om-zero")
    return span(f"{drag:.1f}") if drag > 0 else span(f"拉高 {-drag:.1f}", cls="om-zero")
