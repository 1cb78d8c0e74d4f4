"""What the jobs did last, and who holds the lease: written by the worker, read by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, insert, select, update
from sqlalchemy.engine import Engine
from sqlmodel import Session

from data.database import write_session
from data.models import WorkerJob, WorkerLease
from data.worker.lease import NAME

_JOB: Final[Table] = WorkerJob.__table__  # type: ignore[attr-defined]
_LEASE: Final[Table] = WorkerLease.__table__  # type: ignore[attr-defined]
LABELS: Final = {
    "rules": "评估预警规则",
    "resume": "恢复到期挂账",
    "calendar": "按工作日历重算时限",
    "intake": "接入文件夹",
    "readings": "整理传感器读数",
    "links": "补查重复件",
    "anchor": "每日日志锚点",
    "demo": "更新演示数据",
    "notices": "发送预警通知",
    "photos": "清理无主照片",
}
EVERY_SECONDS: Final[dict[str, float]] = {
    "rules": 0.5,
    "notices": 2,
    "resume": 20,
    "calendar": 10,
    "intake": 5,
    "readings": 20,
    "links": 30,
    "anchor": 600,
    "demo": 600,
    "photos": 3600,
}
"""How often each job is looked at."""


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """The last run of a job that was noted. ``error`` '' when it went well; ``failures`` in a row until then.

    ``next_at``: when it is looked at next, at ``as_of``; None where nobody works.
    """

    name: str
    label: str
    started_at: datetime
    duration_seconds: float
    result: str
    error: str
    failed_at: datetime | None
    failures: int
    every_seconds: float | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """``owner`` '' where nobody holds the lease; ``alive``: its last sign of life is fresh at ``as_of``."""

    owner: str
    heartbeat_at: datetime | None
    alive: bool
    jobs: tuple[JobStatus, ...]


def note_run(
    engine: Engine,
    *,
    name: str,
    owner: str,
    started_at: datetime,
    duration_seconds: float,
    result: str,
    error: str,
) -> None:
    """Keeps the last run of a job. An error stays with its time until the next run that goes well."""
    values = {
        "owner": owner, "started_at": started_at, "duration_seconds": duration_seconds,
        "result": result[:256], "error": error[:256],
    }  # fmt: skip
    with write_session(engine, announce=False) as session:
        connection = session.connection()
        before = connection.execute(select(_JOB.c.failures).where(_JOB.c.name == name)).scalar_one_or_none()
        values["failures"] = (before or 0) + 1 if error else 0
        if error:
            values["failed_at"] = started_at
        if before is None:
            connection.execute(insert(_JOB).values(name=name, **values))
        else:
            connection.execute(update(_JOB).where(_JOB.c.name == name).values(**values))


def worker_status(session: Session, *, as_of: datetime) -> WorkerStatus:
    """Who works and what the jobs did last, in the order of their names."""
    connection = session.connection()
    lease = connection.execute(select(_LEASE).where(_LEASE.c.name == NAME)).first()
    rows = connection.execute(select(_JOB).order_by(_JOB.c.name)).all()
    alive = bool(lease and lease.owner and lease.expires_at >= as_of)
    return WorkerStatus(
        owner=lease.owner if lease else "",
        heartbeat_at=lease.heartbeat_at if lease else None,
        alive=alive,
        jobs=tuple(
            JobStatus(
                name=row.name, label=LABELS.get(row.name, row.name), started_at=row.started_at,
                duration_seconds=row.duration_seconds, result=row.result, error=row.error,
                failed_at=row.failed_at, failures=row.failures, every_seconds=EVERY_SECONDS.get(row.name),
                next_at=_next(row.name, row.started_at, as_of) if alive else None,
            )
            for row in rows
        ),
    )  # fmt: skip


def rules_go_on(session: Session, *, as_of: datetime, patience: timedelta) -> bool:
    """Whether the worker lives, or has never lived, and evaluates the rules; one statement, for screens."""
    failures = select(_JOB.c.failures).where(_JOB.c.name == "rules").scalar_subquery()
    wanted = select(_LEASE.c.heartbeat_at, failures.label("failures")).where(_LEASE.c.name == NAME)
    row = session.connection().execute(wanted).first()
    return row is None or (as_of - row.heartbeat_at < patience and not row.failures)


def _next(name: str, started_at: datetime, as_of: datetime) -> datetime | None:
    """The first multiple of the job's interval after ``as_of``; runs that did nothing are not all noted."""
    every = EVERY_SECONDS.get(name)
    if every is None:
        return None
    passed = max(0.0, (as_of - started_at).total_seconds())
    return started_at + timedelta(seconds=every * (passed // every + 1))
