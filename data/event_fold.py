"""What an event's log adds up to: the entries, their canonical bytes, and the fold into a row. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, Final
from zoneinfo import ZoneInfo

from data.clock import warning
from data.vocabulary import CLOSED, ENDED, HANDED_BACK, Move
from geo.cells import encode

_quoted: Final[Callable[[str], str]] = encode_basestring
NO_HASH: Final = bytes(32)
"""``prev_hash`` of a log's first entry."""


class Action(StrEnum):
    """What an entry does; the moves of the loop have their own names (``vocabulary.Move``).

    ``report`` and ``import`` begin a log; the others go on with one.
    """

    REPORT = "report"
    IMPORT = "import"
    UPDATE = "update"
    VOID = "void"
    RESTORE = "restore"
    RECODE = "recode"
    RECKON = "reckon"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing that happens to an event.

    ``at`` is when it happened (aware). ``changes`` sets fields of :data:`FIELDS`: what it leaves out stays.
    ``changes["status"]`` moves the event; unless given, ``status_since`` and ``ended_at`` become ``at``,
    ``warn_at`` and ``in_time`` follow from the other fields. The first entry needs :data:`REQUIRED`.
    """

    action: Action | Move
    at: datetime
    actor: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    batch_id: int | None = None


REQUIRED: Final = ("source", "external_no", "class_code", "title", "urgency", "status", "reported_at")
"""Fields that the first entry of a log must set."""
DEFAULTS: Final[Mapping[str, Any]] = {
    "description": "",
    "address": "",
    "code": "",
    "lon": None,
    "lat": None,
    "department_code": "",
    "handler": "",
    "due_at": None,
    "warn_at": None,
    "ended_at": None,
    "in_time": None,
    "supervised": False,
    "extended_count": 0,
    "reworked_count": 0,
    "flags": "",
    "limit_hours": None,
    "clock_type": "",
    "respond_by": None,
    "accepted_at": None,
    "suspended_until": None,
    "merged_into": None,
    "extension_step": 0,
    "appealed": False,
    "solved": None,
    "satisfied": None,
    "rated_at": None,
    "route_color": "",
    "handler_id": None,
    "arrived_at": None,
}
"""Fields with the value that they have until an entry sets them."""
KEPT_BY_TABLE: Final = frozenset({
    "limit_hours", "clock_type", "respond_by", "accepted_at", "suspended_until", "merged_into",
    "extension_step", "appealed", "solved", "satisfied", "rated_at", "route_color", "handler_id",
    "arrived_at",
})  # fmt: skip
"""Fields whose default the table gives by itself, so that an import that lacks them binds nothing."""
FIELDS: Final = frozenset({*REQUIRED, *DEFAULTS, "status_since"})
"""Everything that an entry may set. The rest of the row is derived."""
NOTES: Final = frozenset({"person_id", "role", "basis", "files", "respond"})
"""What an entry may note beside fields: who acted as what, by which rule, with which files. The row has no
such columns, the chain covers them all the same."""
MOMENTS: Final = (
    "status_since", "reported_at", "due_at", "warn_at", "ended_at", "respond_by", "accepted_at",
    "suspended_until", "rated_at", "arrived_at",
)  # fmt: skip


def fold(records: Iterable[Any], *, timezone: ZoneInfo) -> dict[str, Any]:
    """The event's stored fields (all but ``id``) that its log adds up to.

    ``records`` are entries as stored, ascending by ``seq``: anything with the attributes of ``EventLog``.
    """
    state = fold_without_cell(records, timezone=timezone)
    set_cells([state] if state else [])
    return state


def fold_without_cell(records: Iterable[Any], *, timezone: ZoneInfo) -> dict[str, Any]:
    """:func:`fold` for many events, whose cells :func:`set_cells` then computes at once."""
    state: dict[str, Any] = {}
    for record in records:
        step(
            state, at=record.at, changes=decoded(record.changes), batch_id=record.batch_id, timezone=timezone
        )
        state["seq"] = record.seq
        state["head_hash"] = record.hash
    return state


def step(
    state: MutableMapping[str, Any],
    *,
    at: datetime,
    changes: Mapping[str, Any],
    batch_id: int | None,
    timezone: ZoneInfo,
) -> None:
    """Brings ``state`` (empty before the first entry) forward by one entry, all but its cell."""
    before = state.get("status", "")
    is_first = not state
    if is_first:
        state.update(DEFAULTS)
        state["batch_id"] = batch_id
    state.update(changes)
    for name in NOTES & changes.keys():
        del state[name]
    if "handler" in changes and "handler_id" not in changes:
        # Entries of before the number was a field: who accepts is who acts. Any other name is only a name.
        state["handler_id"] = changes.get("person_id") if changes.get("accepted_at") else None
    if state["status"] != before and "status_since" not in changes:
        state["status_since"] = at
    _settle_end(state, at=at, before=before, changes=changes)
    if "warn_at" not in changes and ("due_at" in changes or "reported_at" in changes):
        due_at = state["due_at"]
        state["warn_at"] = due_at and warning(reported_at=state["reported_at"], due_at=due_at)
    state["reported_day"] = _day(state["reported_at"], timezone)
    state["due_day"] = _day(state["due_at"], timezone)
    state["ended_day"] = _day(state["ended_at"], timezone)
    if is_first:
        state["code_at_report"] = state["code"]
        state["reporter_id"] = changes.get("person_id")


def _settle_end(
    state: MutableMapping[str, Any], *, at: datetime, before: str, changes: Mapping[str, Any]
) -> None:
    """``ended_at`` exactly in the ended statuses. ``in_time`` only in the closed ones, and in those between
    handing back and the close as an entry there has judged it.
    """
    status = state["status"]
    if status not in ENDED:
        state["ended_at"] = None
        if status not in HANDED_BACK or (before not in HANDED_BACK and "in_time" not in changes):
            state["in_time"] = None
        return
    if state["ended_at"] is None or (before not in ENDED and "ended_at" not in changes):
        state["ended_at"] = at
    if status not in CLOSED:
        state["in_time"] = None
    elif "in_time" not in changes and (before not in CLOSED or "due_at" in changes or "ended_at" in changes):
        due_at = state["due_at"]
        state["in_time"] = None if due_at is None else state["ended_at"] <= due_at


def set_cells(states: Sequence[MutableMapping[str, Any]]) -> None:
    """Computes ``cell`` of many states at once: None without a position."""
    located = [state for state in states if state["lon"] is not None and state["lat"] is not None]
    for state in states:
        state["cell"] = None
    cells = encode([state["lon"] for state in located], [state["lat"] for state in located])
    for state, cell in zip(located, cells.tolist(), strict=True):
        state["cell"] = cell


def _day(moment: datetime | None, timezone: ZoneInfo) -> date | None:
    return None if moment is None else moment.astimezone(timezone).date()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return spelled(value)
    raise TypeError(f"日志里不能存 {type(value).__name__}")


_canonical: Final[Callable[[Any], str]] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
).encode


def spelled(moment: datetime) -> str:
    """A moment in canonical spelling: ISO 8601, UTC, ``Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def encoded_value(value: Any) -> str:
    """One value as it stands in :func:`encoded`."""
    return _canonical(value)


def encoded(changes: Mapping[str, Any]) -> str:
    """``changes`` as canonical JSON: sorted keys, no spaces, plain characters, moments in UTC with ``Z``."""
    return _canonical(changes)


def decoded(changes: str) -> dict[str, Any]:
    """The inverse of :func:`encoded`."""
    found: dict[str, Any] = json.loads(changes)
    for name in MOMENTS:
        if found.get(name) is not None:
            found[name] = datetime.fromisoformat(found[name])
    return found


def entry_hash(
    *,
    event_id: int,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    from_status: str,
    to_status: str,
    reason: str,
    changes: str,
    batch_id: int | None,
    prev_hash: bytes,
) -> bytes:
    """SHA-256 over the canonical JSON list of an entry's columns, which chains it to the entry before."""
    texts = ",".join(map(_quoted, (actor, action, from_status, to_status, reason, changes)))
    batch = "null" if batch_id is None else batch_id
    return sha256(f'[{event_id},{seq},"{spelled(at)}",{texts},{batch},"{prev_hash.hex()}"]'.encode()).digest()
