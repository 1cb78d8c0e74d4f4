"""The row of figures: value, comparison, sparkline; a click shows its rows, ⓘ says how it is computed."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.charts import spark_bars
from dashboard.panels.explanation import explain_menu
from dashboard.state import Screen
from data.labels import DASH, SLA_SIGN
from data.queries.kpis import Kpi, kpi_row

SIGN: Final = {"overdue": "overdue", "soon": "soon"}


def show_kpis(screen: Screen) -> None:
    """Five figures of the areas and other conditions in force; each names and sets its own basis."""
    show(
        div(
            [_card(screen, kpi) for kpi in ask(screen, kpi_row, where=screen.where.standing)],
            cls="om-kpis",
            role="list",
        )
    )


def _card(screen: Screen, kpi: Kpi) -> Html:
    active = kpi.where == screen.where
    color = SIGN.get(kpi.key, "")
    digits = 1 if kpi.unit == "%" else 0
    fraction = (
        span(f"{number(kpi.numerator)}/{number(kpi.denominator)}", cls="om-fraction")
        if kpi.denominator is not None
        else None
    )
    return div(
        div(
            span(SLA_SIGN[color] + " ", cls=f"om-sign om-{color}", aria_hidden="true") if color else None,
            link(screen.href(where=kpi.where), kpi.label, cls="om-kpi-link"),
            explain_menu(
                screen,
                key=kpi.key,
                title=kpi.label,
                formula=kpi.formula,
                where=kpi.where,
                rows=kpi.denominator if kpi.denominator is not None else round(kpi.value or 0),
            ),
            cls="om-kpi-label",
        ),
        div(
            el("b", number(kpi.value, digits=digits), cls=f"om-{color}" if color and kpi.value else ""),
            span(kpi.unit, cls="om-unit"),
            fraction,
            span(kpi.aside, cls="om-aside") if kpi.aside else None,
            cls="om-kpi-value",
        ),
        div(
            _change("较昨日", kpi, kpi.yesterday, digits),
            _change("较上周同日", kpi, kpi.last_week, digits),
            cls="om-kpi-changes",
        ),
        spark_bars(kpi.spark, unit=kpi.unit, digits=digits),
        cls="om-kpi om-on" if active else "om-kpi",
        role="listitem",
        data_kpi=kpi.key,
        data_value="" if kpi.value is None else kpi.value,
    )


def _change(text: str, kpi: Kpi, before: float | None, digits: int) -> Html:
    if before is None or kpi.value is None:
        return span(text, " ", DASH)
    difference = round(kpi.value - before, digits)
    verdict = ""
    if difference and kpi.better in {"up", "down"}:
        verdict = "om-good" if (difference > 0) == (kpi.better == "up") else "om-bad"
    arrow = "↑" if difference > 0 else "↓" if difference < 0 else ""
    points = kpi.unit == "%" and difference
    unit = [span(" 个百分点", cls="om-wide-only"), span(" 点", cls="om-narrow-only")] if points else None
    return span(
        text,
        " ",
        el(
            "b",
            [f"{arrow}{number(abs(difference), digits=digits)}", unit] if difference else "持平",
            cls=verdict,
        ),
    )
