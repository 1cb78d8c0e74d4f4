"""What continuous intake keeps: who may send, what was sent already, and which cases are one thing twice."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from data.models.base import UtcDateTime


class IntakeToken(SQLModel, table=True):
    """A system that may send what ``scope`` says, cases or readings, all of it of ``source``. Only the
    SHA-256 of its token is kept.
    """

    __tablename__ = "intake_token"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64, unique=True)
    source: str = Field(max_length=32)
    profile: str = Field(max_length=64)
    token_hash: str = Field(max_length=64, unique=True)
    requests_a_minute: int
    scope: str = Field(default="cases", max_length=16, sa_column_kwargs={"server_default": "cases"})
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IntakeRequest(SQLModel, table=True):
    """A request with an ``Idempotency-Key`` that was taken, and what it was told: sent again, it is told the
    same. ``body_hash`` tells another request under the same key.
    """

    __tablename__ = "intake_request"

    token_id: int = Field(primary_key=True, foreign_key="intake_token.id")
    key_hash: str = Field(primary_key=True, max_length=64)
    body_hash: str = Field(max_length=64)
    batch_id: int = Field(foreign_key="import_batch.id")
    answer: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class EventLink(SQLModel, table=True):
    """Two cases that different sources may have reported of one thing: ``event_id`` came in after
    ``other_id``. A suggestion, which changes neither case.
    """

    __tablename__ = "event_link"

    event_id: int = Field(primary_key=True, foreign_key="event.id")
    other_id: int = Field(primary_key=True, foreign_key="event.id", index=True)
    kind: str = Field(max_length=32)
    state: str = Field(max_length=16)
    made_by: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)
