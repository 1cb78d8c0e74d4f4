"""The background worker: who may act, and what its jobs did last."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from data.models.base import UtcDateTime


class WorkerLease(SQLModel, table=True):
    """Who may act under ``name``. ``owner`` '': nobody.

    ``beat`` grows with every renewal and is what others watch; ``heartbeat_at`` and ``expires_at`` are for
    people only, because clocks can be set back.
    """

    __tablename__ = "worker_lease"

    name: str = Field(primary_key=True, max_length=32)
    owner: str = Field(default="", max_length=64)
    beat: int = 0
    acquired_at: datetime = Field(sa_type=UtcDateTime)
    heartbeat_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class WorkerJob(SQLModel, table=True):
    """The last run of a job. ``result`` in Chinese; ``error`` '' after a run that went well."""

    __tablename__ = "worker_job"

    name: str = Field(primary_key=True, max_length=32)
    owner: str = Field(default="", max_length=64)
    started_at: datetime = Field(sa_type=UtcDateTime)
    duration_seconds: float = 0.0
    result: str = Field(default="", max_length=256)
    error: str = Field(default="", max_length=256)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
