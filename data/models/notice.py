"""Notices of alerts: to whom, and what became of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import UtcDateTime


class Receiver(SQLModel, table=True):
    """Somebody who is told of alerts. Without a row here nothing leaves the machine.

    ``secret_name`` names ``ONEMAP_NOTICE_SECRET_<NAME>`` of the environment; the secret itself is never kept.
    ``colors`` and ``areas`` (code prefixes) are comma-separated, '' = all. ``quiet_from``/``quiet_to`` and
    ``digest_at`` are local times HH:MM, '' = none. Alerts up to ``after_alert_id`` were there before it.
    """

    __tablename__ = "receiver"
    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64)
    kind: str = Field(max_length=16)
    address: str = Field(max_length=500)
    secret_name: str = Field(default="", max_length=32)
    colors: str = Field(default="", max_length=32)
    areas: str = Field(default="", max_length=500)
    quiet_from: str = Field(default="", max_length=5)
    quiet_to: str = Field(default="", max_length=5)
    digest_at: str = Field(default="", max_length=5)
    enabled: bool = True
    after_alert_id: int = 0
    added_at: datetime = Field(sa_type=UtcDateTime)
    added_by: str = Field(default="", max_length=64)


class Notice(SQLModel, table=True):
    """One alert for one receiver: at most once, and once more when its plan is late (``about`` 'plan'), which
    is what the unique columns are for.

    ``alert_id`` None: a test that somebody asked for, tried once and at once.
    ``state``: waiting, sending, sent, failed, unclear, dropped (``data.notices.words``).
    ``claimed_by`` is the worker that sends it. ``due_at``: not to be tried before, None = at once.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("alert_id", "receiver_id", "about"),
        Index("ix_notice_receiver_state", "receiver_id", "state"),
        Index("ix_notice_state", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    alert_id: int | None = Field(default=None, foreign_key="alert.id")
    receiver_id: int = Field(foreign_key="receiver.id")
    about: str = Field(default="", max_length=8)
    state: str = Field(default="waiting", max_length=16)
    attempts: int = 0
    claimed_by: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=256)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
