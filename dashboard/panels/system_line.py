"""系统故障, computed live: a worker that is dead rings nothing, so the page says it by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.markup import Html, div, link, span
from dashboard.state import Screen
from data.labels import RISK_COLOR, RISK_SIGN
from data.rules.system_causes import unrung


def system_lines(screen: Screen) -> list[Html]:
    """One line for each failure that no alert tells of; read at each run, as the worker tells no screen."""
    return [
        div(
            span(
                f"{RISK_SIGN[cause.color]} {RISK_COLOR[cause.color]}",
                cls=f"om-risk-{cause.color} om-nowrap",
            ),
            span(cause.title, cls="om-nowrap"),
            span(cause.detail, cls="om-note om-cut-text", title=cause.detail),
            link(screen.href(page="quality"), "看后台任务", cls="om-more om-nowrap"),
            cls="om-system-line",
            role="status",
            data_system=cause.key,
        )
        for cause in unrung(screen.session, as_of=datetime.now(UTC))
    ]
