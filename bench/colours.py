"""The colouring that every contestant shows: events a grid in six classes."""

from __future__ import annotations

from typing import Any

COLORS = ("in_time", "soon", "overdue")
"""Deadline colours of the events; a filter is a set of them, the empty set being all."""

TOGGLES = ("in_time", "soon", "in_time", "overdue", "in_time", "soon", "in_time")
"""One click each: seven filters, no two alike, so that nothing comes from a cache of the message before."""

CLASSES = ("#FFFFFF", "#EFF3FF", "#BDD7E7", "#6BAED6", "#3182BD", "#08519C")


def class_of_count(count: int) -> int:
    """Legend class of a number of events: 0, 1, 2, 3–4, 5–9, 10 and more."""
    for index, limit in enumerate((0, 1, 2, 4, 9)):
        if count <= limit:
            return index
    return 5


def count_by_grid(events: list[dict[str, Any]], grids: int) -> list[int]:
    """Number of events in each grid, by the grid's index; events outside every grid have index −1."""
    counts = [0] * grids
    for event in events:
        if event["grid"] >= 0:
            counts[event["grid"]] += 1
    return counts
