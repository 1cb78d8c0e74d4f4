"""First entries of many events, column by column: the rules of :mod:`data.event_fold`, done at once. Pure.

A column is a list, or for moments an array ``datetime64[us]`` of UTC (NaT: none) and for days one of
``datetime64[D]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.clock import warnings
from data.event_fold import DEFAULTS, KEPT_BY_TABLE, MOMENTS, NO_HASH, encoded_value, spelled
from data.vocabulary import CLOSED, ENDED, HANDED_BACK
from geo.cells import encode

Moments = NDArray[np.datetime64]
Column = Sequence[Any] | Moments
Columns = Mapping[str, Column]

_quoted: Final[Callable[[str], str]] = encode_basestring
_SECOND: Final = np.timedelta64(1, "s")
_SECONDS_LONG: Final = len("2026-11-21T08:30:00")
_BOOLS: Final = {True: "true", False: "false", None: "null"}
_NONE: Final = type(None)


def moments_of(values: Sequence[datetime | None]) -> Moments:
    """Aware moments as a column."""
    naive = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
    return np.array(naive, dtype="datetime64[us]")


def first_states(
    changes: Columns, *, at: datetime, batch_id: int | None, timezone: ZoneInfo
) -> dict[str, Column]:
    """The stored fields of events whose logs begin with ``changes``: all but id, seq and head_hash.

    Fields of ``KEPT_BY_TABLE`` that ``changes`` does not set are left out.
    """
    count = len(changes["status"])
    state: dict[str, Any] = {
        name: _nothing(count) if name in MOMENTS else [default] * count
        for name, default in DEFAULTS.items()
        if name not in KEPT_BY_TABLE
    }
    state.update(changes)
    if "status_since" not in changes:
        state["status_since"] = np.full(count, moments_of([at])[0])
    _settle_ends(state, at=at, in_time_given="in_time" in changes)
    if "warn_at" not in changes:
        state["warn_at"] = warnings(state["reported_at"], state["due_at"])
    for day, moment in (("reported_day", "reported_at"), ("due_day", "due_at"), ("ended_day", "ended_at")):
        state[day] = _days(state[moment], timezone)
    state["code_at_report"] = state["code"]
    state["cell"] = _cells(state["lon"], state["lat"])
    state["batch_id"] = [batch_id] * count
    return state


def encoded_columns(changes: Columns) -> list[str]:
    """``event_fold.encoded`` of each row."""
    parts = [(name, *_encoded_column(changes[name])) for name in sorted(changes)]
    template = "{" + ",".join(f"{_escaped(_quoted(name))}:{part}" for name, part, _ in parts) + "}"
    varied = [texts for _, _, texts in parts if texts is not None]
    if not varied:
        return [template % ()] * len(changes["status"])
    return [template % row for row in zip(*varied, strict=True)]


def first_hashes(
    event_ids: Sequence[int],
    *,
    at: datetime,
    actor: str,
    action: str,
    to_status: Sequence[str],
    reason: str,
    changes: Sequence[str],
    batch_id: int | None,
) -> list[bytes]:
    """``event_fold.entry_hash`` of each first entry."""
    start = f'1,"{spelled(at)}",{_quoted(actor)},{_quoted(action)},""'
    end = f'{"null" if batch_id is None else batch_id},"{NO_HASH.hex()}"]'
    middle = _quoted(reason)
    return [
        sha256(f"[{event_id},{start},{_quoted(status)},{middle},{_quoted(change)},{end}".encode()).digest()
        for event_id, status, change in zip(event_ids, to_status, changes, strict=True)
    ]


def _settle_ends(state: dict[str, Any], *, at: datetime, in_time_given: bool) -> None:
    """The rule of ``event_fold``: what was handed back is judged only where ``in_time`` is given."""
    statuses, due = state["status"], state["due_at"]
    is_ended = np.array([status in ENDED for status in statuses], dtype=bool)
    is_closed = np.array([status in CLOSED for status in statuses], dtype=bool)
    ended = np.where(is_ended, state["ended_at"], np.datetime64("NaT", "us"))
    ended[is_ended & np.isnat(ended)] = moments_of([at])[0]
    state["ended_at"] = ended
    judged = state["in_time"] if in_time_given else (ended <= due).tolist()
    is_back = np.array([status in HANDED_BACK for status in statuses], dtype=bool)
    decided = (is_closed | is_back if in_time_given else is_closed & ~np.isnat(due)).tolist()
    state["in_time"] = [value if known else None for value, known in zip(judged, decided, strict=True)]


def _days(moments: Moments, timezone: ZoneInfo) -> Moments:
    local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]")


def _cells(lon: Column, lat: Column) -> list[int | None]:
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    located = ~(np.isnan(x) | np.isnan(y))
    cells: NDArray[np.object_] = np.full(len(x), None, dtype=object)
    cells[located] = encode(x[located], y[located]).tolist()
    found: list[int | None] = cells.tolist()
    return found


def _encoded_column(values: Column) -> tuple[str, Sequence[str] | None]:
    """What stands in a row's template, and what differs by row: None where one value stands in all."""
    if isinstance(values, np.ndarray):
        return _encoded_moments(values)
    kinds = set(map(type, values))
    # Not for floats: 0.0 and -0.0 are equal and spelled differently.
    if len(kinds) == 1 and kinds != {float} and values.count(values[0]) == len(values):
        return _escaped(encoded_value(values[0])), None
    if kinds == {str}:
        return "%s", list(map(_quoted, values))
    if kinds <= {bool, _NONE}:
        return "%s", [_BOOLS[value] for value in values]
    if kinds == {float} and np.isfinite(np.array(values)).all():
        return "%s", list(map(repr, values))
    return "%s", list(map(encoded_value, values))


def _encoded_moments(moments: Moments) -> tuple[str, Sequence[str]]:
    whole = moments.astype(np.int64) % (_SECOND // np.timedelta64(1, "us")) == 0
    nothing = np.isnat(moments)
    if whole.all() and not nothing.any():
        return '"%sZ"', np.datetime_as_string(moments, unit="s").tolist()
    texts = np.datetime_as_string(moments, unit="us").tolist()
    found = [
        f'"{text[:_SECONDS_LONG] if is_whole else text}Z"'
        for text, is_whole in zip(texts, whole.tolist(), strict=True)
    ]
    for row in np.flatnonzero(nothing):
        found[row] = "null"
    return "%s", found


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _nothing(count: int) -> Moments:
    return np.full(count, np.datetime64("NaT", "us"))
