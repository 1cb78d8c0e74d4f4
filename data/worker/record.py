"""What the jobs did last, and who holds the lease: written by the worker, read by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, insert, or_, select, update
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
_UNDER_WAY: Final = "还在运行"
_BROKEN_OFF: Final = "没有运行完，后台任务就中断了"


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """The last run of a job that was noted. ``error`` '' when it went well; ``failures`` in a row until then.

    ``next_at``: when it is looked at next, at ``as_of``; None where nobody works. ``ended`` is false
    of a run that goes on (``under_way``) or was broken off; ``duration_seconds`` is how long it took so far.
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
    ended: bool = True
    under_way: bool = False


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


def note_under_way(
    engine: Engine, *, name: str, owner: str, started_at: datetime, duration_seconds: float
) -> None:
    """Keeps how long a run takes that has not ended. Whether the one before it failed stays as it is."""
    values = {
        "owner": owner, "started_at": started_at, "duration_seconds": duration_seconds, "result": _UNDER_WAY,
    }  # fmt: skip
    with write_session(engine, announce=False) as session:
        connection = session.connection()
        if not connection.execute(update(_JOB).where(_JOB.c.name == name).values(**values)).rowcount:
            connection.execute(insert(_JOB).values(name=name, error="", failures=0, **values))


def worker_status(session: Session, *, as_of: datetime) -> WorkerStatus:
    """Who works and what the jobs did last, in the order of their names."""
    connection = session.connection()
    lease = connection.execute(select(_LEASE).where(_LEASE.c.name == NAME)).first()
    rows = connection.execute(select(_JOB).order_by(_JOB.c.name)).all()
    alive = bool(lease and lease.owner and lease.expires_at >= as_of)
    owner = lease.owner if lease else ""
    return WorkerStatus(
        owner=owner,
        heartbeat_at=lease.heartbeat_at if lease else None,
        alive=alive,
        jobs=tuple(_job_status(row, owner=owner, as_of=as_of if alive else None) for row in rows),
    )


def _job_status(row: Any, *, owner: str, as_of: datetime | None) -> JobStatus:
    """``owner`` holds the lease; ``as_of`` None: nobody works."""
    ended = row.result != _UNDER_WAY
    under_way = not ended and row.owner == owner
    return JobStatus(
        name=row.name, label=LABELS.get(row.name, row.name), started_at=row.started_at,
        duration_seconds=row.duration_seconds, error=row.error, failed_at=row.failed_at,
        failures=row.failures, every_seconds=EVERY_SECONDS.get(row.name), ended=ended,
        under_way=under_way, result=row.result if ended or under_way else _BROKEN_OFF,
        next_at=_next(row.name, row.started_at, as_of) if as_of and not under_way else None,
    )  # fmt: skip


def rules_go_on(session: Session, *, as_of: datetime, patience: timedelta) -> bool:
    """Whether the worker lives, or has never lived, and evaluates the rules; one statement, for screens."""
    trouble = (
        select(_JOB.c.name)
        .where(_JOB.c.name == "rules", or_(_JOB.c.failures > 0, _JOB.c.result == _UNDER_WAY))
        .exists()
    )
    wanted = select(_LEASE.c.heartbeat_at, trouble.label("trouble")).where(_LEASE.c.name == NAME)
    row = session.connection().execute(wanted).first()
    return row is None or (as_of - row.heartbeat_at < patience and not row.trouble)


def _next(name: str, started_at: datetime, as_of: datetime) -> datetime | None:
    """The first multiple of the job's interval after ``as_of``; runs that did nothing are not all noted."""
    every = EVERY_SECONDS.get(name)
    if every is None:
        return None
    passed = max(0.0, (as_of - started_at).total_seconds())
    return started_at + timedelta(seconds=every * (passed // every + 1))
