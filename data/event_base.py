"""What every way of writing to the log shares: errors, rules of entries, numbers, freshness of the sources.

EventLogError
├── StaleEvent       somebody changed the event since the caller read it
├── UnknownEvent     no such event
├── EventExists      a new event whose (source, number) is taken
└── BadEntry         an entry that can be part of no log
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, insert, select, update
from sqlmodel import Session

from data.event_fold import DEFAULTS, Action
from data.labels import ACTION, STATUS, label
from data.models import DataState, Event, EventLog, SourceState
from data.models.base import column
from data.vocabulary import Status

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_TOLD: Final = 3
"""At most so many of the latest entries are named to somebody who comes too late."""
BEGINS: Final = frozenset({Action.REPORT, Action.IMPORT})
"""Actions that begin a log."""
NULLABLE: Final = frozenset(name for name, default in DEFAULTS.items() if default is None)
"""Fields that an entry may set to None."""
STATUSES: Final = frozenset(Status)


class EventLogError(RuntimeError):
    """Root of what can be wrong with an append. The text is for people."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What an entry did: who, when, from which status to which."""

    seq: int
    at: datetime
    actor: str
    action: str
    from_status: str
    to_status: str
    reason: str


class StaleEvent(EventLogError):
    """Somebody changed the event since the caller read it: ``since`` is what they did, in order."""

    def __init__(self, text: str, *, since: Sequence[Happened] = ()) -> None:
        super().__init__(text)
        self.since = tuple(since)


class UnknownEvent(EventLogError):
    """The event does not exist."""


class EventExists(EventLogError):
    """A new event whose source and number belong to an event already."""


class BadEntry(EventLogError):
    """An entry that can be part of no log: a field that it may not set, a first entry without its fields."""


def stale(session: Session, row: Mapping[str, Any], *, seen_seq: int) -> StaleEvent:
    """The error for a caller who saw entry ``seen_seq`` of the event ``row``, with what happened since."""
    wanted = (
        select(*(_LOG.c[name] for name in Happened.__dataclass_fields__))
        .where(_LOG.c.event_id == row["id"], _LOG.c.seq > seen_seq)
        .order_by(_LOG.c.seq)
    )
    since = [Happened(*found) for found in session.connection().execute(wanted)]
    zone = zone_of(session)
    return StaleEvent(
        f"事件 {row['external_no']}（编号 {row['id']}）已被他人更新：您看到的是第 {seen_seq} 条记录，"
        f"现在是第 {row['seq']} 条。{_told(since, zone)}请刷新后再试",
        since=since,
    )


def _told(since: Sequence[Happened], zone: ZoneInfo) -> str:
    said = [
        f"{one.actor} 于 {one.at.astimezone(zone):%m-%d %H:%M} {label(ACTION, one.action)}"
        + (f"（现为{label(STATUS, one.to_status)}）" if one.from_status != one.to_status else "")
        for one in since[-_TOLD:]
    ]
    return f"{'；'.join(said)}。" if said else ""


def zone_of(session: Session) -> ZoneInfo:
    """The zone of local days, read once a session: a database keeps its own for ever."""
    known: ZoneInfo | None = session.info.get("timezone")
    if known is not None:
        return known
    key: str | None = session.info.get("timezone_key")  # a write session has read it with its lock
    if key is None:
        wanted = select(column(DataState.timezone)).where(column(DataState.id) == 1)
        key = session.connection().execute(wanted).scalar_one()
    zone = session.info["timezone"] = ZoneInfo(key)
    return zone


def new_ids(session: Session, count: int) -> range:
    """Numbers never given before. The caller holds the write lock, so a counter is enough on any database."""
    if not count:
        return range(0)
    connection = session.connection()
    counter = connection.execute(select(column(DataState.last_event_id)).where(column(DataState.id) == 1))
    highest = max(counter.scalar_one(), connection.execute(select(func.max(_EVENT.c.id))).scalar_one() or 0)
    connection.execute(
        update(DataState).where(column(DataState.id) == 1).values(last_event_id=highest + count)
    )
    return range(highest + 1, highest + count + 1)


def taken(session: Session, keys: Iterable[tuple[str, str]], *, below_id: int) -> EventLogError:
    """Why the table refused new events of these (source, number): the first that was there already.

    The events themselves have ids from ``below_id`` on; some of them may have been written.
    """
    seen: set[tuple[str, str]] = set()
    for key in keys:
        is_known = select(_EVENT.c.id).where(
            _EVENT.c.source == key[0], _EVENT.c.external_no == key[1], _EVENT.c.id < below_id
        )
        if key in seen or session.connection().execute(is_known).first() is not None:
            return EventExists(f"来源 {key[0]} 里已有编号为 {key[1]} 的事件，不能再次新建。请改为更新它")
        seen.add(key)
    return BadEntry("事件不符合表的约束：请检查批次编号是否存在")


def freshen_sources(
    session: Session, *, newest: Mapping[str, datetime], added: Mapping[str, int], imported: bool
) -> None:
    """Notes on each source its newest report, how many events came, and that a batch came.

    ``newest`` is the latest report among what was written, by source; ``added`` counts new events.
    """
    connection = session.connection()
    table: Table = SourceState.__table__  # type: ignore[attr-defined]
    stored = {row.source: row for row in connection.execute(select(table))}
    for source, latest in sorted(newest.items()):
        old = stored.get(source)
        before = latest if old is None or old.last_reported_at is None else old.last_reported_at
        values = {
            "last_reported_at": max(latest, before),
            "last_batch_at": datetime.now(UTC) if imported else old and old.last_batch_at,
            "events": (old.events if old else 0) + added.get(source, 0),
        }
        if old is None:
            connection.execute(insert(table).values(source=source, **values))
        else:
            connection.execute(update(table).where(table.c.source == source).values(values))
