"""The figures of the closed loop: moves, indicators, alerts."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from bench.alert import seconds_to_alert
from bench.common import BUILD, PORT, long_history, overview_times, prepared
from bench.indicators import seconds_for_a_week
from bench.many_alerts import with_alerts
from bench.moves import moves_a_second
from bench.table import Figure, spread


def moves() -> list[Figure]:
    """Moves a second, one write session each, with log and roll-ups; against plain row updates."""
    rates = moves_a_second(BUILD / "var-moves", repeats=7)
    return [
        Figure(
            name="moves a second, log and roll-ups included ÷ plain SQLModel row updates",
            value=_median_ratio(rates.ours, rates.plain),
            bound=0.3,
            at_least=True,
            unit="",
            parts={"ours": spread(rates.ours), "plain": spread(rates.plain)},
        )
    ]


def indicators() -> list[Figure]:
    """A week's twelve indicators after a hundred moves, against counting 2,000,000 events anew."""
    kept, anew = seconds_for_a_week(long_history(), repeats=5)
    return [
        Figure(
            name="a week's 12 indicators of 109 areas, kept up to date ÷ counted from 2,000,000 events",
            value=_median_ratio(kept, anew),
            bound=0.01,
            at_least=False,
            unit="",
            parts={"kept up to date, s": spread(kept), "counted anew, s": spread(anew)},
        )
    ]


def alert() -> list[Figure]:
    """Seconds until an alert is seen on a page that is open, after the move that causes it."""
    return [
        Figure(
            name=f"alert on the open page {page}, after the move that causes it",
            value=statistics.median(seconds),
            bound=2,
            at_least=False,
            unit="s",
            parts={"seconds": spread(seconds)},
        )
        for page, seconds in seconds_to_alert(BUILD / "var-alert", PORT, repeats=7).items()
    ]


def alerts() -> list[Figure]:
    """Server time of one overview with 5,000 active alerts and with 5."""
    _, _, base = prepared(grids=1_000, events=1_200)
    few = with_alerts(base, BUILD / "var-alerts-5", count=5)
    many = with_alerts(base, BUILD / "var-alerts-5000", count=5_000)
    return [
        overview_times("5,000 active alerts ÷ 5", more=("5,000", many), less=("5", few), at_most=1.3),
    ]


def _median_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))
