"""What the events of the Filter consist of: by class, department, source. Each bar narrows the Filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard.ask import ask
from dashboard.markup import Html
from dashboard.panels.charts import Bar, bar_list
from dashboard.panels.explanation import explain_menu
from dashboard.panels.frame import panel, show_column
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.filter import NOBODY
from data.labels import BASIS
from data.queries.trends import KeyCount, by_class, by_department, by_source


def show_breakdown(screen: Screen) -> None:
    """The three lists below one another."""
    show_column(class_panel(screen), department_panel(screen), source_panel(screen))


def class_panel(screen: Screen) -> Html:
    return _panel(screen, "class", "类别", ask(screen, by_class), lambda key: {"classes": (key,)})


def department_panel(screen: Screen) -> Html:
    rows = ask(screen, by_department)
    return _panel(screen, "department", "部门", rows, lambda key: {"departments": (key or NOBODY,)})


def source_panel(screen: Screen) -> Html:
    return _panel(screen, "source", "来源", ask(screen, by_source), lambda key: {"sources": (key,)})


def _panel(
    screen: Screen, key: str, name: str, rows: list[KeyCount], only: Callable[[str], dict[str, Any]]
) -> Html:
    """``only``: what a row sets in the Filter, given its key."""
    bars = [
        Bar(
            label=row.label,
            count=row.count,
            overdue=row.overdue,
            href=screen.href(where=screen.where.changed(**only(row.key))),
        )
        for row in rows
    ]
    explanation = explain_menu(
        screen,
        key=f"by-{key}",
        title=f"按{name}",
        formula=f"本页筛选条件下（{BASIS[screen.where.basis]}）各{name}的件数，红色部分为其中超期的；点一行只看该{name}。",
        rows=sum(bar.count for bar in bars),
    )
    return panel(f"按{name}", bar_list(bars, limit=12) if bars else empty("没有事件"), aside=explanation)
