"""效能: which community has been worse than its baseline for weeks, and by how much."""

from __future__ import annotations

from itertools import groupby

from dashboard.ask import ask
from dashboard.formats import day_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import empty
from dashboard.panels.performance_table import baseline_text
from dashboard.state import WORSE, Screen
from data.codes import parent_of
from data.indicators.counts import week_end
from data.indicators.store import DIRECTIONS, Measure
from data.labels import LEVEL
from data.rules.indicator_causes import number_text
from data.rules.lagging import Lag, Lags, lags
from data.vocabulary import Level

_FORMULA = (
    "规则“指标连续变差”每次评估时，连续几周（默认两周，以规则为准）都差于基准、每周样本都足够的区域。"
    "差多少：最后一周的值与基准之差，百分比指标为百分点。只列原因还在的；点一行看这个指标的各周和件。"
)


def show_worse(screen: Screen) -> bool:
    """The list, when the URL looks at it."""
    if screen.view.get("look") != WORSE:
        return False
    found: Lags = ask(screen, lags, areas=screen.where.areas)
    parts = [
        _part(screen, measure, list(rows))
        for measure, rows in groupby(found.rows, key=lambda row: row.measure)
    ]
    more = (
        div(
            f"另有 {number(found.merged)} 起因为同时超标的区域太多，按街道合并，",
            link(screen.href(page="alerts"), "到预警中心查看", cls="om-more"),
            cls="om-note om-cut",
        )
        if found.merged
        else None
    )
    explanation = explain_menu(
        screen, key="worse", title="连续两周不达标", formula=_FORMULA, about_events=False
    )
    show(
        div(
            div(
                span("连续两周不达标", cls="om-title"),
                explanation,
                span(
                    f"{number(found.communities)} 个社区，{number(len(found.rows))} 项（含街道）",
                    cls="om-note",
                ),
                cls="om-panel-head om-wrap",
            ),
            div(parts or empty("没有连续两周差于基准的社区和街道"), more, cls="om-scroll"),
            cls="om-panel om-perf-table om-worse",
            data_worse=found.communities,
        )
    )
    return True


def _part(screen: Screen, measure: Measure, rows: list[Lag]) -> Html:
    """One indicator: its baseline, then its areas."""
    weeks = rows[0].weeks
    names = [
        f"{day_text(week, today=screen.today)} 至 {day_text(week_end(week), today=screen.today)}"
        for week in weeks
    ]
    head = el(
        "tr",
        el("th", "区域", cls="om-left"),
        [el("th", name) for name in names],
        el("th", "基准"),
        el("th", "差多少"),
    )
    return div(
        div(
            el("h3", measure.name),
            span(f"基准 {baseline_text(measure)}，{DIRECTIONS[measure.direction]}", cls="om-note"),
            cls="om-part-head",
        ),
        div(
            el("table", el("thead", head), el("tbody", [_row(screen, row) for row in rows]), cls="om-table"),
            cls="om-x",
        ),
        cls="om-worse-part",
        data_measure=measure.key,
    )


def _row(screen: Screen, row: Lag) -> Html:
    parent = parent_of(row.code)
    where = screen.where.changed(areas=(parent,) if parent else ())
    extra = {"cell": f"{row.measure.key}:{row.code}", "look": "", "week": row.weeks[-1].isoformat()}
    href = screen.href(where=where, extra=extra)
    level = LEVEL[row.level] if row.level and row.level is not Level.COMMUNITY else ""
    shares = zip(row.values, row.numerators, row.samples, strict=True)
    return el(
        "tr",
        el("td", link(href, row.place_name), span(f" {level}", cls="om-note"), cls="om-left"),
        [el("td", _value(row.measure, *share)) for share in shares],
        el("td", number_text(row.baseline, row.measure.unit)),
        el("td", el("b", f"差 {gap_text(row)}")),
        data_href=href,
        data_area=row.code,
        data_gap=f"{row.gap:.4f}",
    )


def _value(measure: Measure, value: float, part: float | None, whole: float | None) -> list[Html]:
    share = f"{number(part)}/{number(whole)}" if part is not None and whole is not None else ""
    if part is None and whole is not None:
        share = f"样本 {number(whole)}"
    return [span(number_text(value, measure.unit)), span(f" {share}", cls="om-note")]


def gap_text(row: Lag) -> str:
    """``8.0 个百分点``, ``3.2 分钟``."""
    if row.measure.unit == "%":
        return f"{row.gap:.1f} 个百分点"
    return number_text(row.gap, row.measure.unit)
