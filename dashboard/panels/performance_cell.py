"""One value of the heat table: 怎么算的, its 26 weeks, its baseline, and the cases that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dashboard.ask import ask
from dashboard.formats import day_text, moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.messages import empty
from dashboard.panels.performance_table import NO_DATA, baseline_text, difference_text, part_text, value_text
from dashboard.panels.performance_weeks import week_text
from dashboard.state import Screen
from data.filter import Filter
from data.indicators.compare import Value, difference
from data.indicators.reader import Cell
from data.indicators.store import DIRECTIONS, Measure
from data.indicators.table import AreaCells, IndicatorTable, cell_rows, preview
from data.manage.readings_behind import Behind, readings_behind
from data.queries.names import place_names
from data.rules.indicator_causes import number_text

WEEKS = 26
MOST_READINGS = 20


def show_cell(screen: Screen, table: IndicatorTable) -> bool:
    """The card of the cell in the URL; False where the URL names none."""
    key, _, code = screen.view.get("cell").partition(":")
    if not key:
        return False
    row = next((each for each in (table.total, *table.rows) if each.code == code), None)
    cell = next((each for each in row.cells if each.measure.key == key), None) if row else None
    if row is None or cell is None:
        show(div(empty("这一格不在当前表中，请在左边重新选择"), cls="om-panel"))
        return True
    show(_card(screen, table, row, cell))
    return True


def _card(screen: Screen, table: IndicatorTable, row: AreaCells, cell: Cell) -> Html:
    measure, now = cell.measure, cell.now
    names = ask(screen, place_names, where=None, codes=frozenset({row.code})) if row.code else {}
    place = names.get(row.code, "全部")
    parts: list[tuple[str, Filter | None]] = ask(
        screen, cell_rows, measure=measure, code=row.code, week=table.week
    )
    typed = any(where is None for _, where in parts)
    lines = [
        ("算法", f"{measure.name} = {measure.formula_text}"),
        ("本期", _side(screen, measure, table.week, now)),
        ("对比周", _side(screen, measure, table.against, cell.then)),
        ("相差", _gap_text(cell)),
        ("基准", f"{baseline_text(measure)}（{DIRECTIONS[measure.direction]}）"),
        ("判定", _verdict(cell)),
        ("上一周", number_text(cell.before, measure.unit)),
        ("去年同周", number_text(cell.last_year, measure.unit) if cell.last_year is not None else NO_DATA),
        ("名次", _rank_text(table, cell)),
        ("数据截至", moment_text(screen.as_of, zone=screen.zone, now=screen.as_of)),
    ]
    values = ask(screen, preview, measure=measure, areas=(row.code,), weeks=WEEKS)[row.code]
    to_form = link(screen.href(extra={"own": measure.key, "cell": ""}), "修改基准", cls="om-button")
    return div(
        div(
            span(f"{place} · {measure.name}", cls="om-title"),
            link(screen.href(extra={"cell": ""}), "✕", cls="om-close", title="关闭", data_escape=True),
            cls="om-panel-head",
        ),
        div(
            div(number_text(now.value, measure.unit), cls="om-perf-figure"),
            [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text],
            div([_part(screen, name, where) for name, where in parts], cls="om-perf-parts"),
            _other_parts(screen, measure, row.code, table.against) if cell.then.value is not None else None,
            div(to_form, cls="om-perf-parts"),
            _readings(screen, measure, row.code, table.week) if typed else None,
            week_bars(values, measure=measure, last=_last_complete(screen)),
            cls="om-scroll",
        ),
        cls="om-panel om-perf-card",
        data_card="indicator",
    )


def _side(screen: Screen, measure: Measure, week: date | None, value: Value) -> str:
    """One of the two weeks: which it is, its value and what it is made of."""
    if week is None:
        return f"没有这一周，{NO_DATA}"
    several = f"及之前 {measure.weeks - 1} 周" if measure.weeks > 1 else ""
    part = f"，{said}" if (said := part_text(value)) else ""
    return f"{week_text(screen, week)}{several}：{value_text(measure, value)}{part}"


def _gap_text(cell: Cell) -> str:
    gap = difference(cell.measure, now=cell.now, then=cell.then)
    return difference_text(cell.measure, gap) if gap else ""


def _last_complete(screen: Screen) -> date:
    return screen.today - timedelta(days=screen.today.weekday() + 7)


def _rank_text(table: IndicatorTable, cell: Cell) -> str:
    if cell.rank:
        return f"第 {cell.rank}"
    if table.running:
        return "本周还没结束，不参加排名"
    if cell.now.enough and not cell.now.sized:
        return "不知道样本量，不参加排名"
    return "不参加排名"


def _verdict(cell: Cell) -> str:
    if cell.now.value is None:
        return "暂无数据"
    if not cell.now.enough:
        return f"样本不足 {cell.measure.minimum_sample}，只显示、不判定、不排名"
    if cell.now.worse is None:
        return "还没有可比的基准"
    return "✗ 差于基准" if cell.now.worse else "✓ 达到基准"


def _part(screen: Screen, name: str, where: Filter | None, *, of: str = "") -> Html:
    if where is None:
        return span(f"{name}：由人填报或接入", cls="om-note")
    return link(screen.href(page="events", where=where), f"查看{of}{name}的件", cls="om-button")


def _other_parts(screen: Screen, measure: Measure, code: str, week: date | None) -> Html | None:
    """The way to the cases of the week that it is compared with."""
    if week is None:
        return None
    parts: list[tuple[str, Filter | None]] = ask(screen, cell_rows, measure=measure, code=code, week=week)
    links = [_part(screen, name, where, of="对比周") for name, where in parts if where is not None]
    return div(links, cls="om-perf-parts", data_against=week.isoformat()) if links else None


def _readings(screen: Screen, measure: Measure, code: str, week: date) -> Html:
    """The readings behind the value: who entered which number when, each leading to its form."""
    found: tuple[Behind, ...] = ask(
        screen, readings_behind, where=None, measure=measure, code=code, week=week
    )
    if not found:
        to_form = _to_readings(screen, code, week)
        return div(link(to_form, "这一周还没有填报，去填报", cls="om-button"), cls="om-perf-parts")
    names = ask(screen, place_names, where=None, codes=frozenset({one.code for one in found}))
    lines = [_reading(screen, one, names[one.code]) for one in found[:MOST_READINGS]]
    rest = len(found) - MOST_READINGS
    more = el("p", f"另有 {rest} 条，请点到下一级区域查看", cls="om-note") if rest > 0 else None
    return div(lines, more)


def _reading(screen: Screen, one: Behind, place: str) -> Html:
    when = moment_text(one.entered_at, zone=screen.zone, now=screen.as_of)
    return link(
        _to_readings(screen, one.code, one.week),
        el("b", f"{one.label} {one.value:,.12g}"),
        span(f"{place} · {day_text(one.week, today=screen.today)} 一周", cls="om-note"),
        span(" · ".join(part for part in (one.actor, when, one.source) if part), cls="om-note"),
        cls="om-perf-reading",
        data_reading=one.code,
    )


def _to_readings(screen: Screen, code: str, week: date) -> str:
    where = screen.where.changed(areas=(code,) if code else ())
    return screen.href(page="settings", where=where, extra={"set": "readings", "week": week.isoformat()})


def week_bars(values: Sequence[Value], *, measure: Measure, last: date) -> Html:
    """26 weeks as bars up to ``last``; those without a value are left empty and counted."""
    known = [value.value for value in values if value.value is not None]
    if not known:
        return div(f"近 {len(values)} 周都没有数据", cls="om-note")
    top, floor = max(known), min(0.0, *known)
    span_of = (top - floor) or 1.0
    bars = []
    for place, value in enumerate(values):
        week = last - timedelta(weeks=len(values) - 1 - place)
        height = 0 if value.value is None else max(4, round(100 * (value.value - floor) / span_of))
        sign = {True: "，差于基准", False: "，达到基准", None: ""}[value.worse]
        text = number_text(value.value, measure.unit) if value.value is not None else "没有数据"
        bars.append(
            span(
                style=f"height:{height}%",
                title=f"{day_text(week, today=last)} 一周：{text}{sign}",
                cls={True: "om-bar-bad", False: "om-bar-good", None: ""}[value.worse],
            )
        )
    first = last - timedelta(weeks=len(values) - 1)
    return div(
        div(bars, cls="om-weeks", role="img", aria_label=f"近 {len(values)} 周"),
        div(
            span(day_text(first, today=last)),
            span(f"近 {len(values)} 周，{len(known)} 周有数据，最高 {number_text(top, measure.unit)}"),
            span(day_text(last, today=last)),
            cls="om-axis",
        ),
        el("p", "橙色一周差于基准，紫色一周达到基准。", cls="om-note"),
    )
