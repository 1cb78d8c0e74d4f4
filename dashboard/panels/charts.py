"""Small charts as plain HTML bars: they follow the theme, need no script and no network, and read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.formats import number
from dashboard.markup import Html, div, link, span
from data.queries.trends import DayCount


def spark_bars(values: Sequence[float | None], *, unit: str, digits: int = 0) -> Html:
    """The last days as bars, today in the accent; heights between the least and the largest for rates."""
    known = [value for value in values if value is not None]
    if not known:
        return div(cls="om-spark")
    floor = min(known) * 0.9 if unit == "%" else 0.0
    span_of = max(known) - floor or 1.0
    bars = []
    for position, value in enumerate(values):
        days_ago = len(values) - 1 - position
        name = "今天" if days_ago == 0 else f"{days_ago} 天前"
        height = 0 if value is None else max(6, round(100 * (value - floor) / span_of)) if value else 3
        bars.append(
            span(
                style=f"height:{height}%",
                title=f"{name}：{number(value, digits=digits)}{unit if value is not None else ''}",
                cls="om-now" if days_ago == 0 else "",
            )
        )
    return div(bars, cls="om-spark", role="img", aria_label=f"近 {len(values)} 天")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of a bar list: ``count`` in all, ``overdue`` of them; ``href`` shows them."""

    label: str
    count: int
    overdue: int
    href: str


def bar_list(bars: Sequence[Bar], *, limit: int = 8) -> Html:
    """Rows by size; the overdue part stands at the bar's left end. Beyond ``limit`` they are summed up."""
    shown, rest = bars[:limit], bars[limit:]
    top = max((bar.count for bar in shown), default=0) or 1
    rows = [
        link(
            bar.href,
            span(bar.label, cls="om-bar-label"),
            span(
                span(cls="om-bar-late", style=f"width:{100 * bar.overdue / top:.1f}%"),
                span(cls="om-bar-rest", style=f"width:{100 * (bar.count - bar.overdue) / top:.1f}%"),
                cls="om-bar-track",
            ),
            span(number(bar.count), cls="om-bar-count"),
            span(f"◆{bar.overdue}" if bar.overdue else "", cls="om-bar-overdue"),
            cls="om-bar",
            title=f"{bar.label}：{number(bar.count)} 件，其中超期 {number(bar.overdue)} 件",
        )
        for bar in shown
    ]
    more = sum(bar.count for bar in rest)
    tail = div(f"其余 {len(rest)} 项共 {number(more)} 件", cls="om-note") if rest else None
    return div(rows, tail, cls="om-bars")


def day_chart(days: Sequence[DayCount], *, today: date) -> Html:
    """Reported and closed a day, side by side, with the scale's top and the first and last day."""
    top = max((max(day.reported, day.closed) for day in days), default=0) or 1
    columns = [
        div(
            span(cls="om-reported", style=f"height:{100 * day.reported / top:.1f}%"),
            span(cls="om-closed", style=f"height:{100 * day.closed / top:.1f}%"),
            title=f"{day.day:%m-%d}：上报 {number(day.reported)} 件，结案 {number(day.closed)} 件",
            cls="om-chart-day",
        )
        for day in days
    ]
    first, last = (days[0].day, days[-1].day) if days else (today, today)
    return div(
        div(
            span("■ 上报", cls="om-key-reported"),
            span("■ 结案", cls="om-key-closed"),
            span(f"最高一天 {number(top)} 件", cls="om-note"),
            cls="om-legend",
        ),
        div(columns, cls="om-days", role="img", aria_label="每天上报与结案"),
        div(span(f"{first:%m-%d}"), span("今天" if last == today else f"{last:%m-%d}"), cls="om-axis"),
        cls="om-chart",
    )
