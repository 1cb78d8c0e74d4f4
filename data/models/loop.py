"""What a case gathers on its way through the loop: files, judgements, and the anchors of its log."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


class EventAttachment(SQLModel, table=True):
    """A file of a case, kept under its SHA-256 in ``Settings.attachment_dir``; the same file is kept once.

    ``log_seq`` is the entry of the event's log that it came with. Width and height in pixels; None where the
    file is no picture.
    """

    __tablename__ = "event_attachment"
    __table_args__ = (UniqueConstraint("event_id", "log_seq", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    log_seq: int
    sha256: str = Field(max_length=64, index=True)
    mime: str = Field(max_length=64)
    size_bytes: int
    width: int | None = None
    height: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)


class Evaluation(SQLModel, table=True):
    """One judgement of a department or an area in a period, by one of the four sources (DOMAIN section 7, 6).

    Exactly one of ``department_code`` and ``area_code`` is given. ``score`` from 0 to 100. ``period`` is
    ``2026-11`` (month), ``2026-Q4`` (quarter) or ``2026`` (year). A later judgement by the same person of the
    same subject and period takes the place of the earlier one: ``replaced_at`` says when. One that was taken
    back has ``withdrawn_at`` as well, and the one before it counts again. ``staff_id`` None: entered by no
    person of the staff table.
    """

    __tablename__ = "evaluation"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=16)
    department_code: str = Field(default="", max_length=32, index=True)
    area_code: str = Field(default="", sa_type=PrefixCode, index=True)
    period: str = Field(max_length=8, index=True)
    score: float
    reason: str = Field(default="", max_length=512)
    actor: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    staff_id: int | None = None
    role: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LogAnchor(SQLModel, table=True):
    """What the whole log was up to an entry: the entries since the anchor before, and that anchor.

    ``entries`` is how many it covers, ``log_id`` the last of them; ``hash`` chains it to ``prev_hash``.
    ``ends``: where the other logs then ended, as JSON. See ``data.event_anchor`` and ``data.chain_ends``.
    """

    __tablename__ = "log_anchor"

    day: date = Field(primary_key=True)
    log_id: int
    entries: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    prev_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    ends: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class ChainHead(SQLModel, table=True):
    """The end of a chained log (``data.chain``): how many rows it has and the hash of the last.

    Rows up to ``sealed_up_to`` were chained afterwards, at ``sealed_at``; 0: every row when it was written.
    """

    __tablename__ = "chain_head"

    log: str = Field(primary_key=True, max_length=32)
    entries: int = 0
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    sealed_up_to: int = 0
    sealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoopRule(SQLModel, table=True):
    """A number of the loop that a district has changed from its default (``data.lifecycle.rules``)."""

    __tablename__ = "loop_rule"

    key: str = Field(primary_key=True, max_length=48)
    value: float
    changed_at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
