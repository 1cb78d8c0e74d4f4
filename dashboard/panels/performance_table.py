"""效能监测: indicators by area as a heat table, with numerator and denominator in every cell."""

from __future__ import annotations

from datetime import date
from typing import Final

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu, menu
from dashboard.panels.messages import empty
from dashboard.panels.performance_weeks import against_of, week_of, week_text
from dashboard.state import Screen
from data.indicators.compare import Difference, Value, difference
from data.indicators.reader import Cell
from data.indicators.store import DIRECTIONS, Measure
from data.indicators.table import AreaCells, IndicatorTable, indicator_table
from data.labels import DASH, LEVEL
from data.rules.indicator_causes import number_text

NO_DATA: Final = "暂无数据"
_STRONG: Final = 0.25
"""Share of the baseline by which a value has to differ for the stronger colour."""
_FORMULA: Final = (
    "每格：指标值、分子/分母、与对比周相差多少。"
    "↑ 升、↓ 降；好转、变差以指标的方向为准，任一周样本不足则不判好坏。"
    "底色和符号都是与基准相比：✗ 橙色差于基准，✓ 紫色达到基准，"
    "颜色越深差得越多；斜纹为样本不足，不着色、不排名。名次只在样本足够的区域之间排，第 1 名最好。"
)


def read_table(screen: Screen) -> IndicatorTable:
    """The table of the week in the URL, the last complete one by default, against the other week there."""
    week = week_of(screen)
    found: IndicatorTable = ask(
        screen, indicator_table, parent=screen.where.focus, week=week, against=against_of(screen, week)
    )
    return found


def show_table(screen: Screen, table: IndicatorTable) -> None:
    """Rows are areas, the focus as a whole first; columns are indicators."""
    if not table.measures:
        show(div(empty("这里没有启用的指标"), cls="om-panel"))
        return
    name = LEVEL[table.level] if table.level else "区域"
    head = el("tr", el("th", name, cls="om-left om-pinned"), [_head(each) for each in table.measures])
    whole = _row(screen, table, table.total, "合计", is_total=True)
    body = [_row(screen, table, row, row.name) for row in table.rows]
    explanation = explain_menu(screen, key="perf", title="效能监测", formula=_FORMULA, about_events=False)
    show(
        div(
            div(
                span(f"效能监测 · {name}", cls="om-title"),
                explanation,
                _legend(),
                span(_extent(table), cls="om-note"),
                cls="om-panel-head om-wrap",
            ),
            div(
                el("table", el("thead", head), el("tbody", whole, body), cls="om-table om-heat"),
                cls="om-scroll om-x",
            ),
            cls="om-panel om-perf-table",
        )
    )


def _extent(table: IndicatorTable) -> str:
    """How much there is to see; of a community, why only its own row."""
    if table.level is None:
        return f"指标算到社区，不分网格；{len(table.measures)} 项指标"
    return f"{len(table.rows)} 个区域 × {len(table.measures)} 项指标"


def _legend() -> Html:
    marks = (("om-bad2", "✗ 差得多"), ("om-bad1", "✗ 差于基准"), ("om-good1", "✓ 达到"),
             ("om-good2", "✓ 好得多"),
             ("om-few", "样本不足"))  # fmt: skip
    return span([span(text, cls=f"om-swatch {cls}") for cls, text in marks], cls="om-swatches")


def _head(measure: Measure) -> Html:
    lines = [
        ("算法", f"{measure.name} = {measure.formula_text}"),
        ("方向", DIRECTIONS[measure.direction]),
        ("基准", baseline_text(measure)),
        ("合计", f"近 {measure.weeks} 周" if measure.weeks > 1 else "一周"),
        ("最小样本", number(measure.minimum_sample)),
        ("负责", measure.owner or DASH),
        ("来历", measure.origin or DASH),
        ("问题", measure.problem),
    ]
    sheet = div(
        el("strong", f"{measure.name}怎么算的"),
        [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text],
    )
    explanation = menu(
        key=f"measure-{measure.key}", summary=span("ⓘ", aria_label=f"{measure.name}怎么算的"), sheet=sheet,
        cls="om-explain",
    )  # fmt: skip
    return el("th", div(span(measure.name), explanation, cls="om-heat-name"))


def baseline_text(measure: Measure) -> str:
    """The baseline in words."""
    if measure.direction == "band":
        return f"{measure.band_low:g} 至 {measure.band_high:g}{measure.unit}"
    if measure.baseline_kind == "trend":
        return f"前 {measure.trend_weeks} 周的中位数"
    return number_text(measure.baseline, measure.unit)


def _row(screen: Screen, table: IndicatorTable, row: AreaCells, name: str, *, is_total: bool = False) -> Html:
    title = name if is_total or not row.code else link(screen.href_area(row.code), name)
    cells = [_cell(screen, table, row.code, cell) for cell in row.cells]
    return el(
        "tr",
        el("td", title, cls="om-left om-pinned"),
        cells,
        data_area=row.code or "all",
        cls="om-whole" if is_total else "",
    )


def _cell(screen: Screen, table: IndicatorTable, code: str, cell: Cell) -> Html:
    measure, now = cell.measure, cell.now
    if now.value is None:
        title = _title(screen, table, cell)
        return el("td", span(NO_DATA, cls="om-note"), cls="om-none", data_cell=measure.key, title=title)
    key = f"{measure.key}:{code}"
    chosen = screen.view.get("cell") == key
    tone, sign = _tone(cell)
    return el(
        "td",
        link(
            screen.href(extra={"cell": key, "own": ""}),
            span(span(sign, cls="om-mark"), number_text(now.value, measure.unit), cls="om-heat-value"),
            span(f"第 {cell.rank}" if cell.rank else "", cls="om-heat-rank"),
            span(part_text(now), cls="om-heat-part"),
            _change(cell, against=table.against),
            title=_title(screen, table, cell),
        ),
        cls=f"{tone} om-selected" if chosen else tone,
        data_cell=measure.key,
        data_value=f"{now.value:.4f}",
    )


def _tone(cell: Cell) -> tuple[str, str]:
    """The class of the colour and the sign that says the same."""
    now = cell.now
    if not now.enough:
        return "om-few", "·"
    if now.worse is None or now.value is None:
        return "", ""
    base = now.baseline
    far = base is not None and abs(now.value - base) > _STRONG * max(abs(base), 1e-9)
    if now.worse:
        return ("om-bad2" if far else "om-bad1"), "✗"
    return ("om-good2" if far else "om-good1"), "✓"


def _change(cell: Cell, *, against: date | None) -> Html:
    """The difference to the other week: arrow, sign and unit; the colour and a word say better or worse."""
    gap = difference(cell.measure, now=cell.now, then=cell.then)
    if gap is None:
        text = "对比周暂无数据" if against else "没有对比周"
        return span(text, cls="om-heat-change om-note", data_change="")
    kind = {True: "better", False: "worse", None: ""}[gap.better]
    return span(
        difference_text(cell.measure, gap),
        cls=f"om-heat-change om-{kind}" if kind else "om-heat-change",
        data_change=f"{gap.amount:+.4f}",
    )


def difference_text(measure: Measure, gap: Difference) -> str:
    """``↑ +5.0 百分点 好转``, ``↓ −0.8 分钟 变差``, ``→ 持平``."""
    if gap.is_equal:
        return "→ 持平"
    arrow, sign = ("↑", "+") if gap.amount > 0 else ("↓", "−")
    unit = "百分点" if measure.unit == "%" else measure.unit
    verdict = {True: " 好转", False: " 变差", None: ""}[gap.better]
    return f"{arrow} {sign}{abs(gap.amount):.1f} {unit}{verdict}"


def value_text(measure: Measure, value: Value) -> str:
    """The value with its unit, or that there is none."""
    return NO_DATA if value.value is None else number_text(value.value, measure.unit)


def part_text(value: Value) -> str:
    """``9/12``, ``640 分钟/62 人次``, ``样本 12 件`` of a median, ``填报`` of one that was entered; nothing
    where the formula is no single division.
    """
    if value.sample is None:
        return "填报" if value.entered else ""
    if value.numerator is None:
        return f"样本 {number(value.sample)} 件"
    first, second = value.units
    if first == second:
        return f"{number(value.numerator)}/{number(value.sample)}"
    return f"{number(value.numerator)} {first}/{number(value.sample)} {second}"


def _title(screen: Screen, table: IndicatorTable, cell: Cell) -> str:
    measure, then = cell.measure, cell.then
    part = f"（{said}）" if (said := part_text(then)) else ""
    against = f"{week_text(screen, table.against)} " if table.against else ""
    parts = [
        f"对比周 {against}{value_text(measure, then)}{part}",
        f"上一周 {number_text(cell.before, measure.unit)}",
        f"去年同周 {number_text(cell.last_year, measure.unit)}",
        f"基准 {number_text(cell.now.baseline, measure.unit)}" if cell.now.baseline is not None else "",
        "" if cell.now.enough or cell.now.value is None else f"样本不足 {measure.minimum_sample}",
    ]
    return "；".join(part for part in parts if part)
