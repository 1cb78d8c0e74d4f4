"""The log is the truth: each event has an append-only, hash-chained log, and its row is the fold of it.

Nothing changes an event except :func:`append`, inside the caller's write session: it checks that the
caller saw the newest state, writes the entries, the rows, the weekly roll-up and the freshness of the
sources, all in one transaction. ``data.event_fold`` says what entries add up to; ``data.event_verify``
finds what was tampered with.

EventLogError
├── StaleEvent       somebody changed the event since the caller read it
├── UnknownEvent     no such event
└── BadEntry         an entry that can be part of no log
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from data.event_fold import Action, Entry

__all__ = ["Action", "Advance", "Entry", "append", "append_one"]


class EventLogError(RuntimeError):
    """Root of what can be wrong with an append. The text is for people."""


class StaleEvent(EventLogError):
    """Somebody changed the event since the caller read it."""


class UnknownEvent(EventLogError):
    """The event does not exist."""


class BadEntry(EventLogError):
    """An entry that can be part of no log: a field that it may not set, a first entry without its fields."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Advance:
    """New entries of one event, in order.

    ``event_id`` None: a new event. Otherwise ``seen_seq`` is ``event.seq`` as the caller read it.
    """

    entries: Sequence[Entry]
    event_id: int | None = None
    seen_seq: int = 0


def append(session: Session, advances: Sequence[Advance]) -> list[int]:
    """Appends to the logs of many events and brings everything that follows from them up to date.

    Returns the event ids, one an advance, in order. Takes 50,000 and more at once.

    Raises:
        StaleEvent, UnknownEvent, BadEntry: nothing is written; leave the write session by this error.
    """
    raise AssertionError("being written")


def append_one(session: Session, entry: Entry, *, event_id: int | None = None, seen_seq: int = 0) -> int:
    """Appends one entry to one event (a new one when ``event_id`` is None) and returns its id."""
    return append(session, [Advance(entries=[entry], event_id=event_id, seen_seq=seen_seq)])[0]
