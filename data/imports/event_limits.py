"""Deadlines of imported events: as the source has them, else by the limit of the class on its clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from data.clock import deadlines, warnings
from data.event_columns import Column, Moments
from data.imports.known import Known, KnownClass
from data.imports.normalise import Mask
from data.vocabulary import ClockType

_PLAIN: Final = frozenset({ClockType.URGENT_HOURS, ClockType.CALENDAR_DAYS})
"""Clocks on which time runs always: the rules for a deadline without a clock hold for them as well."""


def limits(
    reported: Moments,
    given: Moments,
    *,
    classes: Sequence[str],
    codes: Sequence[str],
    known: Known,
    alive: Mask,
) -> dict[str, Column]:
    """``due_at``; and where a class counts in working time, also ``warn_at`` and the limit that is in force.

    ``classes`` are class codes, ``codes`` divisions, whose calendar counts.
    """
    due, warn = given.copy(), warnings(reported, given)
    limit_hours: list[float | None] = [None] * len(due)
    clock_types = [""] * len(due)
    for one, rows in _by_class(np.isnat(given) & ~np.isnat(reported) & alive, classes, known):
        for calendar, some in _by_calendar(rows, codes, known):
            start = reported[some]
            clock: dict[str, Any] = {"clock_type": one.clock_type, "calendar": calendar}
            due[some] = deadlines(start, limit_hours=one.limit_hours or 0.0, **clock)
            warn[some] = warnings(start, due[some], **clock)
        if one.clock_type not in _PLAIN:
            for row in rows.tolist():
                limit_hours[row], clock_types[row] = one.limit_hours, one.clock_type
    if not any(clock_types):
        return {"due_at": due}
    return {"due_at": due, "warn_at": warn, "limit_hours": limit_hours, "clock_type": clock_types}


def _by_class(
    wanted: Mask, classes: Sequence[str], known: Known
) -> Iterator[tuple[KnownClass, np.ndarray[Any, np.dtype[np.int64]]]]:
    """The rows of each class that has a limit."""
    numbers, names = pd.factorize(np.array(classes, dtype=object))
    for number, name in enumerate(names):
        one = known.class_by_code.get(name)
        rows = np.flatnonzero(wanted & (numbers == number))
        if one is not None and one.limit_hours is not None and len(rows):
            yield one, rows


def _by_calendar(
    rows: np.ndarray[Any, np.dtype[np.int64]], codes: Sequence[str], known: Known
) -> Iterator[Any]:
    """The rows under each calendar: one for all, unless areas have entries of their own."""
    of_code = known.calendars.grouped({codes[row] for row in rows.tolist()})
    calendars = {id(calendar): calendar for calendar in of_code.values()}
    if len(calendars) == 1:
        yield next(iter(calendars.values())), rows
        return
    keys = np.array([id(of_code[codes[row]]) for row in rows.tolist()])
    for key, calendar in calendars.items():
        yield calendar, rows[keys == key]
