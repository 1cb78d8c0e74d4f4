"""What an event adds to the weekly roll-up: to which counts, by which day. Pure.

The same rule twice, for one event (:func:`counted`) and for columns of many (:class:`ColumnCounts`), tested
to agree. A voided event adds nothing; a merged one is neither due nor closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import RowMapping

from data.vocabulary import CLOSED, CODE_LENGTH, Level, Status

BASES: Final[Mapping[str, str]] = {
    "reported": "reported_day",
    "proactive": "reported_day",
    "due": "due_day",
    "due_in_time": "due_day",
    "due_suspended": "due_day",
    "closed": "ended_day",
    "reworked": "due_day",
    "due_judged": "due_day",
    "due_late": "due_day",
    "due_done": "due_day",
    "respond_due": "reported_day",
    "responded": "reported_day",
    "called_back": "ended_day",
    "solved": "ended_day",
    "rated": "ended_day",
    "satisfied": "ended_day",
}
"""Every count with the day that decides its week. ``data.indicators.counts`` says which rows each one is."""
PROACTIVE_SOURCES: Final = frozenset({"patrol", "sensor"})
"""Sources that found the case before anybody complained (主动发现, DOMAIN section 4)."""
COMMUNITY_LENGTH: Final = CODE_LENGTH[Level.COMMUNITY]
_EPOCH: Final = date(1970, 1, 1)
_DAYS: Final = 10_000_000
"""More days than the calendar has, so that an area and a day make one number."""
_FEEDBACK: Final = (("solved", "called_back", "solved"), ("satisfied", "rated", "satisfied"))

_STATUS_NUMBER: Final = {status: number for number, status in enumerate(Status)}

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Definition:
    """A count over some classes (codes or their prefixes) or sources only; empty: all."""

    name: str
    base: str
    classes: tuple[str, ...]
    sources: frozenset[str]

    def covers(self, class_code: str, source: str) -> bool:
        """Whether an event of this class and source counts."""
        return (not self.classes or class_code.startswith(self.classes)) and (
            not self.sources or source in self.sources
        )


@lru_cache(maxsize=4096)
def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def counted(event: Mapping[str, Any] | RowMapping) -> list[str]:
    """The counts to which an event adds one."""
    status = event["status"]
    if status == Status.VOIDED:
        return []
    names = ["reported"]
    if event["source"] in PROACTIVE_SOURCES:
        names.append("proactive")
    respond_by = event.get("respond_by")
    if respond_by is not None:
        names.append("respond_due")
        if event["accepted_at"] is not None and event["accepted_at"] <= respond_by:
            names.append("responded")
    if status == Status.MERGED:
        return names
    if event["due_day"] is not None:
        names += _due_counts(status, event["in_time"], event["reworked_count"])
    if status in CLOSED:
        names.append("closed")
        for column, given, positive in _FEEDBACK:
            value = event.get(column)
            if value is not None:
                names += [given, positive] if value else [given]
    return names


def _due_counts(status: str, in_time: bool | None, reworked_count: int) -> list[str]:
    names = ["due"]
    in_time = in_time and status in CLOSED  # handed back in time but not closed: as its colour says, overdue
    if in_time:
        names.append("due_in_time")
    if reworked_count > 0:
        names.append("reworked")
    if status == Status.SUSPENDED:
        return [*names, "due_suspended"]
    names.append("due_judged")
    if not in_time:
        names.append("due_late")
    if status in CLOSED:
        names.append("due_done")
    return names


class ColumnCounts:
    """:func:`counted` for events given as columns, days and moments as ``datetime64``.

    Columns that only the loop fills (``respond_by`` …) may be missing: nothing is known of them then.
    """

    def __init__(self, events: Mapping[str, Any]) -> None:
        self._events = events
        cut = [code[:COMMUNITY_LENGTH] for code in events["code"]]
        self._codes = sorted(set(cut))
        number_of = {code: number for number, code in enumerate(self._codes)}
        self._areas = np.array([number_of[code] for code in cut], dtype=np.int64)
        self.masks = _masks(events)

    def totals(self) -> Iterator[tuple[str, str, date, int]]:
        """(name, area code, Monday, number) of every count that is not zero."""
        for name, rows in self.masks.items():
            yield from ((name, area, week, number) for area, week, number in self._by_week(name, rows))

    def of(self, wanted: Definition) -> Iterator[tuple[str, date, int]]:
        """(area code, Monday, number) of a count over some classes or sources."""
        rows = self.masks.get(wanted.base)
        if rows is None:
            return
        yield from self._by_week(wanted.base, rows & self._covered(wanted))

    def _covered(self, wanted: Definition) -> Mask:
        """Asked once for each class and source that there is, not for each row."""
        pairs = list(zip(self._events["class_code"], self._events["source"], strict=True))
        covers = {pair: wanted.covers(*pair) for pair in set(pairs)}
        return _mask(map(covers.__getitem__, pairs))

    def _by_week(self, base: str, rows: Mask) -> Iterator[tuple[str, date, int]]:
        if not rows.any():
            return
        days = self._events[BASES[base]][rows].astype(np.int64)
        mondays = days - (days + _EPOCH.weekday()) % 7
        keys, numbers = np.unique(self._areas[rows] * _DAYS + mondays, return_counts=True)
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
            area, monday = divmod(key + _DAYS // 2, _DAYS)
            yield self._codes[area], _EPOCH + timedelta(days=monday - _DAYS // 2), number


def _masks(events: Mapping[str, Any]) -> dict[str, Mask]:
    """For each count the rows that add to it."""
    status = np.array([_STATUS_NUMBER[one] for one in events["status"]], dtype=np.int8)
    valid = status != _STATUS_NUMBER[Status.VOIDED]
    due = valid & (status != _STATUS_NUMBER[Status.MERGED]) & ~np.isnat(events["due_day"])
    closed = np.isin(status, [_STATUS_NUMBER[one] for one in CLOSED])
    suspended = status == _STATUS_NUMBER[Status.SUSPENDED]
    good = closed & np.array([one is True for one in events["in_time"]], dtype=bool)
    masks = {
        "reported": valid,
        "proactive": valid & np.array([one in PROACTIVE_SOURCES for one in events["source"]], dtype=bool),
        "due": due,
        "due_in_time": due & good,
        "due_suspended": due & suspended,
        "closed": closed,
        "reworked": due & (np.array(events["reworked_count"], dtype=np.int64) > 0),
        "due_judged": due & ~suspended,
        "due_late": due & ~suspended & ~good,
        "due_done": due & ~suspended & closed,
    }
    if "respond_by" in events:
        masks["respond_due"] = valid & ~np.isnat(events["respond_by"])
        if "accepted_at" in events:
            masks["responded"] = masks["respond_due"] & (events["accepted_at"] <= events["respond_by"])
    for column, given, positive in _FEEDBACK:
        if column in events:
            masks[given] = closed & _mask(one is not None for one in events[column])
            masks[positive] = closed & _mask(one is True for one in events[column])
    return masks


def _mask(tests: Iterable[bool]) -> Mask:
    return np.array(list(tests), dtype=bool)
