"""Events and their append-only log. The event row is the fold of its log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime

_OPEN = text("ended_at IS NULL")
_SUSPENDED = text("suspended_until IS NOT NULL")
_MERGED = text("merged_into IS NOT NULL")
_ARRIVED = text("arrived_at IS NOT NULL")
_FACTS = ("class_code", "source", "department_code", "status", "due_at", "warn_at", "in_time", "ended_at")


_EMPTY: Final[dict[str, Any]] = {"server_default": ""}
_ZERO: Final[dict[str, Any]] = {"server_default": "0"}


def _period_index(name: str, day: str) -> Index:
    """A covering index for one basis: a period is read from it alone, however long the history."""
    return Index(name, day, "code", *_FACTS, "reported_at", "cell", "lon", "lat")


class Event(SQLModel, table=True):
    """A case (事件, 案件, 工单). One row for each (source, external_no).

    ``code`` is the deepest division that contains it ('' = 未落格); ``cell`` its key of ``geo.cells``.
    Days are local days. ``ended_at`` is set exactly in the statuses of ``vocabulary.ENDED``.
    ``in_time`` is None while undecided or without limit; it is judged when the department hands back.
    ``flags`` are comma-separated data marks.

    What only the loop uses comes last, and the table itself says what it is in a case that the loop has not
    touched: ``limit_hours`` and ``clock_type`` of the limit in force (see ``data.clock``); ``respond_by``,
    when the department has to accept, and ``accepted_at``; ``suspended_until``, when 挂账 ends by itself;
    ``merged_into``, the case that goes on in its place; ``extension_step`` 0 none, 1 asked, 2 first approval;
    ``appealed`` once at most; the reporter's ``solved`` and ``satisfied`` at ``rated_at``; ``route_color``
    of 分色处置 ('' undecided). ``handler_id`` and ``reporter_id`` are the numbers in the staff table of who
    handles it and who reported it, where the log knows them: a name alone can be that of two people.
    ``arrived_at``: when somebody first came to an emergency (到场).
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("source", "external_no"),
        Index(
            "ix_event_open_code", "code", *_FACTS, "reported_at", "cell", "lon", "lat",
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index(
            "ix_event_open_cell", "cell", "code", *_FACTS, "lon", "lat",
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        _period_index("ix_event_reported", "reported_day"),
        _period_index("ix_event_due", "due_day"),
        _period_index("ix_event_ended", "ended_day"),
        Index("ix_event_cell", "cell", "reported_day"),
        Index("ix_event_batch", "batch_id"),
        Index(
            "ix_event_suspended", "suspended_until", sqlite_where=_SUSPENDED, postgresql_where=_SUSPENDED
        ),
        Index("ix_event_merged", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
        Index(
            "ix_event_arrived", "reported_day", "code", "urgency", "status", "reported_at", "arrived_at",
            sqlite_where=_ARRIVED, postgresql_where=_ARRIVED,
        ),
        Index("ix_event_open_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_event_open_warn", "warn_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    external_no: str = Field(max_length=64)
    class_code: str = Field(sa_type=PrefixCode)
    title: str = Field(max_length=128)
    description: str = Field(default="", max_length=2000)
    address: str = Field(default="", max_length=256)
    code: str = Field(default="", sa_type=PrefixCode)
    code_at_report: str = Field(default="", sa_type=PrefixCode)
    lon: float | None = None
    lat: float | None = None
    cell: int | None = Field(default=None, sa_column=Column(BigInteger))
    urgency: str = Field(max_length=16)
    status: str = Field(max_length=16)
    status_since: datetime = Field(sa_type=UtcDateTime)
    department_code: str = Field(default="", max_length=32)
    handler: str = Field(default="", max_length=64)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    reported_day: date
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_day: date | None = None
    warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_day: date | None = None
    in_time: bool | None = None
    supervised: bool = False
    extended_count: int = 0
    reworked_count: int = 0
    flags: str = Field(default="", max_length=128)
    batch_id: int | None = Field(default=None, foreign_key="import_batch.id")
    seq: int = 0
    head_hash: bytes = Field(default=b"", sa_column=Column(LargeBinary(32), nullable=False))
    limit_hours: float | None = None
    clock_type: str = Field(default="", max_length=16, sa_column_kwargs=_EMPTY)
    respond_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    merged_into: int | None = None
    extension_step: int = Field(default=0, sa_column_kwargs=_ZERO)
    appealed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    solved: bool | None = None
    satisfied: bool | None = None
    rated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    route_color: str = Field(default="", max_length=16, sa_column_kwargs=_EMPTY)
    handler_id: int | None = None
    reporter_id: int | None = None
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EventLog(SQLModel, table=True):
    """One thing that happened to an event. Never updated, never deleted.

    ``changes`` is canonical JSON of the fields that this entry sets; ``hash`` covers every column above
    it and ``prev_hash``, the hash of the entry before (32 zero bytes for the first).
    """

    __tablename__ = "event_log"
    __table_args__ = (UniqueConstraint("event_id", "seq"), Index("ix_event_log_batch", "batch_id"))

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=16)
    from_status: str = Field(default="", max_length=16)
    to_status: str = Field(default="", max_length=16)
    reason: str = Field(default="", max_length=512)
    changes: str
    batch_id: int | None = Field(default=None, foreign_key="import_batch.id")
    prev_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class AreaWeek(SQLModel, table=True):
    """Weekly roll-up of one area (community; shorter or empty code where events lie no deeper).

    Written in the same transaction as the log. Weeks begin on Monday, local time. ``data.counted`` says what
    each count is; counts over some classes or sources only stand in ``area_week_count``.
    """

    __tablename__ = "area_week"
    __table_args__ = (Index("ix_area_week_week", "week"),)

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    week: date = Field(primary_key=True)
    reported: int = 0
    proactive: int = 0
    due: int = 0
    due_in_time: int = 0
    due_suspended: int = 0
    closed: int = 0
    reworked: int = 0
    due_judged: int = Field(default=0, sa_column_kwargs=_ZERO)
    due_late: int = Field(default=0, sa_column_kwargs=_ZERO)
    due_done: int = Field(default=0, sa_column_kwargs=_ZERO)
    respond_due: int = Field(default=0, sa_column_kwargs=_ZERO)
    responded: int = Field(default=0, sa_column_kwargs=_ZERO)
    called_back: int = Field(default=0, sa_column_kwargs=_ZERO)
    solved: int = Field(default=0, sa_column_kwargs=_ZERO)
    rated: int = Field(default=0, sa_column_kwargs=_ZERO)
    satisfied: int = Field(default=0, sa_column_kwargs=_ZERO)
