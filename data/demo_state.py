"""What the database says about its demo, and the errors of making or removing one.

DemoError
├── DemoRefused     the database holds data of one's own, or a demo already
└── DemoMissing     there is no demo to remove or to bring forward
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlmodel import Session, col, select

from data.models import (
    Department,
    DispatchRule,
    Division,
    Event,
    EventClass,
    ImportBatch,
    ListItem,
    ServiceItem,
    Staff,
    Station,
)
from data.models.base import column
from data.vocabulary import BatchKind, BatchStatus

# Each asked by its key, so that no table is scanned for the answer.
_FIRST_ROWS: Final = (
    select(Division.code).where(col(Division.code) > ""),
    select(Station.id).where(col(Station.id) > 0),
    select(Event.id).where(col(Event.id) > 0),
    select(Department.code).where(col(Department.code) > ""),
    select(Staff.id).where(col(Staff.id) > 0),
    select(EventClass.code).where(col(EventClass.code) > ""),
    select(DispatchRule.id).where(col(DispatchRule.id) > 0),
    select(ListItem.id).where(col(ListItem.id) > 0),
    select(ServiceItem.id).where(col(ServiceItem.id) > 0),
)


class DemoError(RuntimeError):
    """Root of what can be wrong with the demo. The text is for people."""


class DemoRefused(DemoError):
    """The database is not empty, and demo data never mixes with other data."""


class DemoMissing(DemoError):
    """There is no demo."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoState:
    """``present``: the demo is in. ``removed``: it was, and was taken out. ``database_empty``: no rows."""

    present: bool
    removed: bool
    database_empty: bool
    batch_id: int | None = None
    seed: int | None = None
    first_day: date | None = None
    seeded_at: datetime | None = None
    last_caught_up_at: datetime | None = None

    @property
    def is_demo(self) -> bool:
        """Whether what the product shows is the demo."""
        return self.present


def demo_state(session: Session) -> DemoState:
    """How it stands with the demo."""
    batches = session.exec(
        select(ImportBatch)
        .where(column(ImportBatch.is_demo).is_(True))
        .order_by(column(ImportBatch.id).desc())
    ).all()
    if not batches:
        return DemoState(present=False, removed=False, database_empty=is_empty(session))
    newest = batches[0]
    note = json.loads(newest.note)
    present = newest.status == BatchStatus.PUBLISHED
    return DemoState(
        present=present,
        removed=not present,
        database_empty=not present and is_empty(session),
        batch_id=newest.id,
        seed=note["seed"],
        first_day=date.fromisoformat(note["first_day"]),
        seeded_at=newest.published_at,
        last_caught_up_at=datetime.fromisoformat(note["caught_up_at"]),
    )


def is_empty(session: Session) -> bool:
    """Whether no table of places, people, classes, duties or events holds a row."""
    return all(session.connection().execute(first.limit(1)).first() is None for first in _FIRST_ROWS)


def note_of(*, seed: int, first_day: date, caught_up_at: datetime) -> str:
    """What a batch remembers, so that the same days can be planned again."""
    caught_up = caught_up_at.astimezone(UTC).isoformat()
    return json.dumps({"seed": seed, "first_day": first_day.isoformat(), "caught_up_at": caught_up})


def new_batch(*, seed: int, first_day: date, now: datetime) -> ImportBatch:
    """The batch that everything of the demo belongs to."""
    return ImportBatch(
        kind=BatchKind.DEMO, status=BatchStatus.PUBLISHED, source="demo", is_demo=True, actor="系统",
        created_at=now, published_at=now, note=note_of(seed=seed, first_day=first_day, caught_up_at=now),
    )  # fmt: skip
