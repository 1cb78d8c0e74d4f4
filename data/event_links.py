"""Repeats across sources: an open case of the same class near in place and time that another source reported.

A link is a suggestion that stands on both cards; it changes neither case and writes no log. Whether two cases
are one is for people to say: who merges them in the loop has said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, Table, select, update
from sqlmodel import Session

from data.bulk import insert_rows
from data.database import read_session, write_session
from data.lifecycle import read_rules, suggest_duplicates
from data.models import Event, EventLink, ImportBatch
from data.vocabulary import BatchStatus

SAME_PLACE_CLASS: Final = "same_place_class"
SUGGESTED: Final = "suggested"
BY: Final = "系统"
MOST: Final = 5_000
"""New open cases of one batch that are looked at, the latest reports first: a history of years that is
brought in once is not compared with itself."""
SLICE: Final = 200
"""Cases a write: between two slices others get the write lock."""
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_BATCH: Final[Table] = ImportBatch.__table__  # type: ignore[attr-defined]
_LINK: Final[Table] = EventLink.__table__  # type: ignore[attr-defined]


def link_repeats(session: Session, *, event_ids: Sequence[int], at: datetime) -> int:
    """Links open cases to their repeats from other sources, in the caller's write session.

    Distance (metres) and hours are those of the loop's rules. Asked again it adds nothing. Returns how many
    links are new.
    """
    rules = read_rules(session)
    found: dict[tuple[int, int], None] = {}
    columns = [_EVENT.c[name] for name in ("id", "source", "class_code", "lon", "lat", "reported_at")]
    is_open = select(*columns).where(_EVENT.c.id.in_(event_ids), _EVENT.c.ended_at.is_(None))
    for row in session.connection().execute(is_open).all():
        for other in suggest_duplicates(
            session, class_code=row.class_code, lon=row.lon, lat=row.lat, reported_at=row.reported_at,
            event_id=row.id, rules=rules,
        ):  # fmt: skip
            if other.source != row.source:
                found[max(row.id, other.event_id), min(row.id, other.event_id)] = None
    known = _known(session, {event_id for event_id, _ in found})
    rows: list[dict[str, Any]] = [
        {
            "event_id": event_id, "other_id": other_id, "kind": SAME_PLACE_CLASS, "state": SUGGESTED,
            "made_by": BY, "made_at": at,
        }
        for event_id, other_id in found
        if (event_id, other_id) not in known
    ]  # fmt: skip
    insert_rows(session.connection(), _LINK, rows)
    return len(rows)


def link_batch(engine: Engine, *, batch_id: int) -> int:
    """Links what a published batch brought in, slice by slice; returns how many links are new.

    The batch is marked as linked with its last slice. Stopped before that, it is done again as a whole, by
    whoever comes next (:func:`link_due_batches`); what was linked already is not linked twice.

    Raises:
        DatabaseProblem: the database is locked, read-only or unusable. Calling it again goes on.
    """
    wanted = (
        select(_EVENT.c.id)
        .where(_EVENT.c.batch_id == batch_id, _EVENT.c.ended_at.is_(None), _EVENT.c.cell.is_not(None))
        .order_by(_EVENT.c.reported_at.desc())
        .limit(MOST)
    )
    with read_session(engine) as session:
        ids = list(session.connection().execute(wanted).scalars())
    made = 0
    for part in _slices(ids):
        with write_session(engine) as session:
            made += link_repeats(session, event_ids=part, at=datetime.now(UTC))
    with write_session(engine, announce=False) as session:
        session.connection().execute(update(_BATCH).where(_BATCH.c.id == batch_id).values(links_due=False))
    return made


def link_due_batches(engine: Engine) -> tuple[int, int]:
    """Makes up what a stopped import has left: (batches, new links). Asked again it does nothing.

    Raises:
        DatabaseProblem: as :func:`link_batch`; what is done stays done.
    """
    due = select(_BATCH.c.id).where(
        _BATCH.c.links_due.is_(True), _BATCH.c.status == BatchStatus.PUBLISHED.value
    )
    with read_session(engine) as session:
        ids = list(session.connection().execute(due.order_by(_BATCH.c.id)).scalars())
    return len(ids), sum(link_batch(engine, batch_id=batch_id) for batch_id in ids)


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + SLICE] for start in range(0, len(ids), SLICE))


def _known(session: Session, event_ids: set[int]) -> set[tuple[int, int]]:
    listed = sorted(event_ids)
    known: set[tuple[int, int]] = set()
    for start in range(0, len(listed), SLICE):
        part = listed[start : start + SLICE]
        query = select(_LINK.c.event_id, _LINK.c.other_id).where(_LINK.c.event_id.in_(part))
        known |= {(row.event_id, row.other_id) for row in session.connection().execute(query)}
    return known
