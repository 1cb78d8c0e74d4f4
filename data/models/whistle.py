"""吹哨报到: a street calls departments to a place, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


class Whistle(SQLModel, table=True):
    """One call. ``half_at``, ``respond_by`` and ``second_by`` are the steps of its ladder.

    They are the moments at which half of the time to respond, all of it, and as much again have passed on
    the whistle's clock; they are worked out once, when it is blown.
    """

    __tablename__ = "whistle"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    code: str = Field(index=True, sa_type=PrefixCode)
    subject: str = Field(max_length=256)
    blown_at: datetime = Field(sa_type=UtcDateTime)
    half_at: datetime = Field(sa_type=UtcDateTime)
    respond_by: datetime = Field(sa_type=UtcDateTime)
    second_by: datetime = Field(sa_type=UtcDateTime)
    returned_count: int = 0
    done_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
    outcome: str = Field(default="", max_length=512)
    actor: str = Field(max_length=64)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class WhistleDepartment(SQLModel, table=True):
    """A department that was called: one leads, the others join. ``score`` is the street's, 0 to 100."""

    __tablename__ = "whistle_department"

    whistle_id: int = Field(primary_key=True, foreign_key="whistle.id")
    department_code: str = Field(primary_key=True, max_length=32)
    leads: bool = False
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    returned_count: int = 0
    score: int | None = None
    score_note: str = Field(default="", max_length=256)


class WhistleEvent(SQLModel, table=True):
    """An event that a whistle was blown for."""

    __tablename__ = "whistle_event"

    whistle_id: int = Field(primary_key=True, foreign_key="whistle.id")
    event_id: int = Field(primary_key=True, index=True, foreign_key="event.id")


class WhistleLog(SQLModel, table=True):
    """What happened to a whistle, in order. Never updated."""

    __tablename__ = "whistle_log"

    id: int | None = Field(default=None, primary_key=True)
    whistle_id: int = Field(index=True, foreign_key="whistle.id")
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=16)
    department_code: str = Field(default="", max_length=32)
    reason: str = Field(default="", max_length=512)
