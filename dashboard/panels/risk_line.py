"""The colour of a rule and whose it is, as the last line of a row: ▲ 黄色 · 规则“诉求激增”."""

from __future__ import annotations

from dashboard.markup import Html, div, span
from data.labels import RISK_COLOR, RISK_SIGN
from data.vocabulary import RiskColor


def risk_line(color: RiskColor, text: str) -> Html:
    """The colour by sign and name, and what is said of it."""
    said = " · ".join(part for part in (f"{RISK_SIGN[color]} {RISK_COLOR[color]}", text) if part)
    return div(span(said, cls=f"om-risk-{color}"), cls="om-row-second", data_risk=color)
