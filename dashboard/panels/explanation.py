"""怎么算的: behind every number stands how it was computed, over which rows, and as of when."""

from __future__ import annotations

from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, join, link, span
from dashboard.state import Screen
from data.filter import Filter
from data.labels import BASIS


def explain_menu(
    screen: Screen,
    *,
    key: str,
    title: str,
    formula: str,
    where: Filter | None = None,
    rows: int | None = None,
    conditions: tuple[str, ...] = (),
    about_events: bool = True,
) -> Html:
    """A small ⓘ that opens the explanation of one number; ``where`` leads to exactly its rows.

    A number that counts no events (``about_events`` False) has neither basis nor conditions of the Filter.
    """
    basis = where if where is not None else screen.where
    lines = [
        ("算法", formula),
        ("口径", BASIS[basis.basis] + _period(basis) if about_events else ""),
        ("条件", ("；".join(conditions) or "无其他条件") if about_events else ""),
        ("行数", f"{number(rows)} 件" if rows is not None and about_events and rows else ""),
        ("数据截至", moment_text(screen.as_of, zone=screen.zone, now=screen.as_of)),
    ]
    body = [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text]
    actions = (
        link(screen.href(page="events", where=basis), "查看这些件", cls="om-more")
        if about_events and rows != 0
        else None
    )
    return menu(
        key=f"explain-{key}",
        summary=span("ⓘ", aria_label=f"{title}怎么算的", title="怎么算的"),
        sheet=join([el("strong", f"{title}怎么算的"), body, actions]),
        cls="om-explain",
    )


def menu(*, key: str, summary: Html | str, sheet: Html, cls: str = "") -> Html:
    """A small sheet that opens under its summary. ``key`` is unique on the page."""
    return el(
        "details",
        el("summary", summary),
        div(sheet, cls="om-menu-sheet"),
        cls=f"om-menu {cls}".strip(),
        id=f"om-menu-{key}",
        data_menu=True,
    )


def _period(where: Filter) -> str:
    return f"，{where.start} 至 {where.end}" if where.start and where.end else "（此刻未办结）"
