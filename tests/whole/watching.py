"""Watches what the product asks of the large database: no statement of a piece of work may scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboard import ask as asked
from dashboard import context
from dashboard.routes import events as event_routes
from dashboard.routes import respond
from tests.sql_recorder import Statement, recorded, scans
from tests.whole.screens import Product

EVENTS, OPEN_EVENTS = 200_000, 1_500
LIGHT = 2 * EVENTS // 1000
"""Work of a statement, in thousands of instructions: going over all events takes more."""


def watched(large: Product, work: Callable[[], Any]) -> list[Statement]:
    """The statements of ``work``, none of which may be answered from memory; fails when one scans."""
    large.later()
    with asked._lock:
        asked._answers.clear()
    for memory in (respond._kept, event_routes._counts):
        memory._answers.clear()
    with recorded(context.engine()) as statements:
        work()
    assert statements
    assert [(found.plan, found.sql) for found in scans(statements)] == []
    return statements


def watched_lightly(large: Product, work: Callable[[], Any]) -> list[Statement]:
    """As ``watched``; a search that goes over all events after all, by a bound that all of them pass, is no
    scan by its plan: no statement may have the work of that either.
    """
    statements = watched(large, work)
    heaviest = max(statements, key=lambda found: found.work[0])
    assert heaviest.work[0] <= LIGHT, heaviest
    return statements
