"""吹哨报到: a street calls departments to a place, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


class Whistle(SQLModel, table=True):
    """One call. ``half_at``, ``respond_by`` and ``second_by`` are the steps of its ladder.

    They are the moments at which half of the time to respond, all of it, and as much again have passed on
    the whistle's clock; they are worked out when it is blown, and again when the calendar changes. ``seq``
    and ``head_hash`` are the number and the hash of its newest log entry, of whose fold this row and those of
    its departments are made.
    A whistle that was ``withdrawn`` (撤回) has a ``done_at`` too: nobody waits for it any more.
    """

    __tablename__ = "whistle"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    code: str = Field(index=True, sa_type=PrefixCode)
    subject: str = Field(max_length=256)
    blown_at: datetime = Field(index=True, sa_type=UtcDateTime)
    half_at: datetime = Field(sa_type=UtcDateTime)
    respond_by: datetime = Field(sa_type=UtcDateTime)
    second_by: datetime = Field(sa_type=UtcDateTime)
    returned_count: int = 0
    done_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
    withdrawn: bool = False
    outcome: str = Field(default="", max_length=512)
    actor: str = Field(max_length=64)
    seq: int = 0
    head_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
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
    """One act, by whom and why; hash-chained by whistle. Never updated (``data.whistle.log``).

    ``from_state`` and ``to_state`` are the standing of the department that the act is about, or of the whole
    whistle. ``changes`` is JSON: what each row was set to ('' the whistle, otherwise a department's code),
    and who acted as what (``data.whistle.log.notes_of``).
    """

    __tablename__ = "whistle_log"
    __table_args__ = (Index("ix_whistle_log_seq", "whistle_id", "seq", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    whistle_id: int = Field(index=True, foreign_key="whistle.id")
    seq: int = 0
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=16)
    department_code: str = Field(default="", max_length=32)
    from_state: str = Field(default="", max_length=16)
    to_state: str = Field(default="", max_length=16)
    reason: str = Field(default="", max_length=512)
    changes: str = "{}"
    prev_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
    hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
