"""怎么算的: behind every number stands how it was computed, over which rows, and as of when."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, join, link, span
from dashboard.state import Screen
from data.filter import Filter
from data.labels import BASIS
from data.queries.explain import describe_conditions
from data.vocabulary import Basis


def explain_menu(
    screen: Screen,
    *,
    key: str,
    title: str,
    formula: str,
    where: Filter | None = None,
    rows: int | None = None,
    basis: str = "",
    about_events: bool = True,
) -> Html:
    """A small ⓘ that opens the explanation of one number.

    ``where`` (the screen's own unless given) is what the number was counted under: it is said in words, and
    leads to exactly its rows. ``basis`` says in words which days count, where that is not the basis of
    ``where``. A number that counts no events under a Filter (``about_events`` False) has neither.
    """
    counted = where if where is not None else screen.where
    lines = [
        ("算法", formula),
        ("口径", (basis or BASIS[counted.basis] + _period(counted)) if about_events else ""),
        ("条件", _conditions(screen, counted) if about_events else ""),
        ("行数", f"{number(rows)} 件" if rows is not None and about_events and rows else ""),
        ("数据截至", moment_text(screen.as_of, zone=screen.zone, now=screen.as_of)),
    ]
    body = [div(span(name, cls="om-key"), span(text), cls="om-pair") for name, text in lines if text]
    actions = (
        link(screen.href(page="events", where=counted), "查看这些件", cls="om-more")
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


def _conditions(screen: Screen, where: Filter) -> str:
    """Asked without basis and period, so that most numbers of one screen share the answer."""
    plain = where.changed(basis=Basis.OPEN, start=None, end=None)
    return "；".join(ask(screen, describe_conditions, where=plain)) or "无其他条件"


def _period(where: Filter) -> str:
    return f"，{where.start} 至 {where.end}" if where.start and where.end else "（此刻未办结）"
