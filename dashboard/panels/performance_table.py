"""效能监测: indicators by area as a heat table, with numerator and denominator in every cell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from dashboard.ask import ask
from dashboard.formats import day_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu, menu
from dashboard.panels.header import breadcrumb
from dashboard.panels.messages import empty
from dashboard.state import MONTH, WORSE, Screen
from data.indicators.counts import week_end
from data.indicators.store import DIRECTIONS, TREND_WEEKS, Measure
from data.indicators.table import AreaCells, Cell, IndicatorTable, indicator_table
from data.labels import DASH, LEVEL
from data.rules.indicator_causes import number_text
from data.rules.lagging import Lags, lags

WEEKS: Final = 8
OWN: Final = "new"
_STRONG: Final = 0.25
"""Share of the baseline by which a value has to differ for the stronger colour."""
_FORMULA: Final = (
    "每格：指标值、分子/分母、与上一周相比的升降。颜色和符号都是与基准相比：✗ 橙色差于基准，✓ 紫色达到基准，"
    "颜色越深差得越多；斜纹为样本不足，不着色、不排名。名次只在样本足够的区域之间排，第 1 名最好。"
)


def read_table(screen: Screen) -> IndicatorTable:
    """The table of the week in the URL, the last complete one by default."""
    found: IndicatorTable = ask(screen, indicator_table, parent=screen.where.focus, week=week_of(screen))
    return found


def week_of(screen: Screen) -> date | None:
    """The Monday of the week in the URL; None without one, or with one still to come."""
    text = screen.view.get("week")
    if not text:
        return None
    day = date.fromisoformat(text)
    monday = day - timedelta(days=day.weekday())
    return monday if monday <= screen.today else None


def show_week_bar(screen: Screen, table: IndicatorTable) -> None:
    """Where, which week, and the way to an indicator of one's own."""
    running = screen.today - timedelta(days=screen.today.weekday())
    weeks = [running - timedelta(weeks=back) for back in range(WEEKS + 1)]
    rows = [
        link(
            screen.href(extra={"week": week.isoformat()}),
            _week_text(screen, week, running=week == running),
            cls="om-option om-on" if week == table.week else "om-option",
        )
        for week in weeks
    ]
    chosen = f"周：{_week_text(screen, table.week, running=table.running)}"
    show(
        div(
            breadcrumb(screen),
            menu(key="week", summary=chosen, sheet=div(rows, cls="om-options"), cls="om-chip"),
            _looks(screen),
            link(screen.href(extra={"own": OWN, "cell": ""}), "＋ 自设指标", cls="om-button"),
            span(
                "" if table.has_last_year else "去年同周没有数据，暂不能与去年比较。",
                "本周还没结束：到期类指标只计到今天，不作排名依据。" if table.running else "",
                cls="om-note",
            ),
            cls="om-perf-bar",
        )
    )


def _looks(screen: Screen) -> Html:
    """The heat table, what has been worse for weeks, a month against the month before."""
    worse: Lags = ask(screen, lags, areas=screen.where.areas)
    chosen = screen.view.get("look")
    names = {"": "指标热表", WORSE: "连续两周不达标", MONTH: "12345 月度三率"}
    counts = {WORSE: span(f"{number(worse.communities)} 个社区", cls="om-badge")}
    tabs = [
        link(
            screen.href(extra={"look": key, "cell": "", "own": ""}), text, counts.get(key),
            cls="om-tab om-on" if key == chosen else "om-tab",
            aria_current="true" if key == chosen else None, data_look=key or "table",
        )
        for key, text in names.items()
    ]  # fmt: skip
    return span(tabs, cls="om-looks")


def _week_text(screen: Screen, week: date, *, running: bool) -> str:
    span_text = f"{day_text(week, today=screen.today)} 至 {day_text(week_end(week), today=screen.today)}"
    return f"本周至今（{span_text}）" if running else span_text


def show_table(screen: Screen, table: IndicatorTable) -> None:
    """Rows are areas, the focus as a whole first; columns are indicators."""
    if not table.measures:
        show(div(empty("这里没有启用的指标"), cls="om-panel"))
        return
    name = LEVEL[table.level] if table.level else "区域"
    head = el("tr", el("th", name, cls="om-left om-pinned"), [_head(each) for each in table.measures])
    whole = _row(screen, table.total, "合计", is_total=True)
    body = [_row(screen, row, row.name) for row in table.rows]
    explanation = explain_menu(screen, key="perf", title="效能监测", formula=_FORMULA, about_events=False)
    show(
        div(
            div(
                span(f"效能监测 · {name}", cls="om-title"),
                explanation,
                _legend(),
                span(f"{len(table.rows)} 个区域 × {len(table.measures)} 项指标", cls="om-note"),
                cls="om-panel-head om-wrap",
            ),
            div(
                el("table", el("thead", head), el("tbody", whole, body), cls="om-table om-heat"),
                cls="om-scroll om-x",
            ),
            cls="om-panel om-perf-table",
        )
    )


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
        return f"前 {TREND_WEEKS} 周的中位数"
    return number_text(measure.baseline, measure.unit)


def _row(screen: Screen, row: AreaCells, name: str, *, is_total: bool = False) -> Html:
    title = name if is_total or not row.code else link(screen.href_area(row.code), name)
    cells = [_cell(screen, row.code, cell) for cell in row.cells]
    return el(
        "tr",
        el("td", title, cls="om-left om-pinned"),
        cells,
        data_area=row.code or "all",
        cls="om-whole" if is_total else "",
    )


def _cell(screen: Screen, code: str, cell: Cell) -> Html:
    measure, now = cell.measure, cell.now
    if now.value is None:
        return el("td", span("暂无数据", cls="om-note"), cls="om-none", data_cell=measure.key)
    key = f"{measure.key}:{code}"
    chosen = screen.view.get("cell") == key
    tone, sign = _tone(cell)
    part = f"{number(now.numerator)}/{number(now.sample)}" if now.sample is not None else ""
    return el(
        "td",
        link(
            screen.href(extra={"cell": key, "own": ""}),
            span(span(sign, cls="om-mark"), number_text(now.value, measure.unit), cls="om-heat-value"),
            span(f"第 {cell.rank}" if cell.rank else "", cls="om-heat-rank"),
            span(part, span(_change(cell)), cls="om-heat-part"),
            title=_title(cell),
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


def _change(cell: Cell) -> str:
    if cell.before is None or cell.now.value is None:
        return ""
    difference = cell.now.value - cell.before
    if abs(difference) < 0.05:
        return " →"
    return f" {'↑' if difference > 0 else '↓'}{abs(difference):.1f}"


def _title(cell: Cell) -> str:
    measure = cell.measure
    parts = [
        f"上一周 {number_text(cell.before, measure.unit)}",
        f"去年同周 {number_text(cell.last_year, measure.unit)}",
        f"基准 {number_text(cell.now.baseline, measure.unit)}" if cell.now.baseline is not None else "",
        "" if cell.now.enough else f"样本不足 {measure.minimum_sample}",
    ]
    return "；".join(part for part in parts if part)
