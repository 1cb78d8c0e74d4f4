"""Runs the jobs while the lease is held. The scheduler is APScheduler; what is ours is who may act, what is
noted, and that no error stops anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from data.database import DatabaseProblem
from data.worker.jobs import Job
from data.worker.lease import Lease
from data.worker.record import note_run, note_under_way

HEARTBEAT_SECONDS: Final = 3.0
IDLE_NOTED_SECONDS: Final = 60.0
"""A run with nothing to do is noted so often, to show that the job is alive."""
UNDER_WAY_NOTED_SECONDS: Final = 60.0
"""A run that takes longer is noted so often while it goes on: one that hangs would not be seen."""
LONGEST_REST_SECONDS: Final = 60.0
"""Between two tries of a job that fails."""
_CLOCK_JUMP_SECONDS: Final = 30.0
_STEP_SECONDS: Final = 0.2
LOG: Final = logging.getLogger("onemap.worker")
_OURS: Final = frozenset({"data", "geo"})
_UNNAMED: Final = "内部错误，详情见服务器日志"


@dataclass(slots=True)
class _Run:
    """A run that has not ended. ``began`` and ``noted`` (None: not yet) by the monotonic clock."""

    started_at: datetime
    began: float
    noted: float | None = None


class Worker:
    """Jobs under one lease. ``run`` returns when ``stop`` is set."""

    def __init__(
        self,
        engine: Engine,
        *,
        lease: Lease,
        jobs: Sequence[Job],
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        under_way_noted_seconds: float = UNDER_WAY_NOTED_SECONDS,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._jobs = {job.name: job for job in jobs}
        self._heartbeat = heartbeat_seconds
        self._under_way_noted = under_way_noted_seconds
        self._under_way: dict[str, _Run] = {}
        self._noting = Lock()
        self._wall_clock = wall_clock
        self._noted: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}
        self._drift = wall_clock() - time.monotonic()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self, stop: Event) -> None:
        """Until told to stop; then the jobs that run end, and the lease is given back."""
        self._schedule()
        held = False
        try:
            while not stop.is_set():
                now_held = self._lease.beat()
                if now_held and not held:
                    LOG.info("this worker holds the lease")
                    self._hurry(only_at_once=True)
                held = now_held
                if held:
                    self._note_long_runs()
                self._follow_clock()
                stop.wait(self._heartbeat)
        finally:
            self._scheduler.shutdown(wait=True)
            for job in self._jobs.values():
                if job.close:
                    job.close()
            try:
                self._lease.release()
            except DatabaseProblem:
                LOG.warning("the lease could not be given back: it runs out by itself", exc_info=True)

    def _schedule(self) -> None:
        now = datetime.now(UTC)
        for job in self._jobs.values():
            first = now + timedelta(seconds=_STEP_SECONDS if job.at_once else job.every_seconds)
            self._scheduler.add_job(
                self.run_job, "interval", seconds=job.every_seconds, args=[job.name], id=job.name,
                next_run_time=first,
            )  # fmt: skip
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def _hurry(self, *, only_at_once: bool = False) -> None:
        """The next look of each job is now."""
        for job in self._jobs.values():
            if job.at_once or not only_at_once:
                self._scheduler.modify_job(job.name, next_run_time=datetime.now(UTC))

    def _follow_clock(self) -> None:
        """A clock that was set back would leave every job waiting for the time that it had reached."""
        drift = self._wall_clock() - time.monotonic()
        if abs(drift - self._drift) > _CLOCK_JUMP_SECONDS:
            LOG.warning("the clock was set by %.0f seconds: all jobs are looked at now", drift - self._drift)
            self._hurry()
        self._drift = drift

    def run_job(self, name: str) -> None:
        """One look at one job. Whatever it raises is noted, and tried again after a rest that grows."""
        if not self._lease.held() or time.monotonic() < self._rests_until.get(name, 0.0):
            return
        started_at, began = datetime.now(UTC), time.monotonic()
        run = self._under_way[name] = _Run(started_at, began)
        result, error = "", ""
        try:
            result = self._jobs[name].work() or ""
        except Exception as problem:
            error = _told(problem)
            failures = self._failures[name] = self._failures.get(name, 0) + 1
            self._rests_until[name] = time.monotonic() + min(LONGEST_REST_SECONDS, 2.0**failures)
            LOG.exception("job %s failed", name)
        with self._noting:
            del self._under_way[name]
        recovered = not error and self._failures.pop(name, 0) > 0
        due = began >= self._noted.get(name, began) + IDLE_NOTED_SECONDS or name not in self._noted
        if result or error or recovered or due or run.noted:
            self._noted[name] = began
            self._note(name, started_at, time.monotonic() - began, result=result, error=error)

    def _note_long_runs(self) -> None:
        """What runs for long. Not once it has ended: the note of its end would be overwritten."""
        now = time.monotonic()
        for name in list(self._under_way):
            with self._noting:
                run = self._under_way.get(name)
                if run is None or now - (run.noted or run.began) < self._under_way_noted:
                    continue
                run.noted = now
                try:
                    note_under_way(
                        self._engine, name=name, owner=self._lease.owner, started_at=run.started_at,
                        duration_seconds=now - run.began,
                    )  # fmt: skip
                except DatabaseProblem:
                    LOG.warning("that job %s is under way could not be noted", name, exc_info=True)

    def _note(self, name: str, started_at: datetime, seconds: float, *, result: str, error: str) -> None:
        """A full or locked disk must not stop the worker either."""
        try:
            note_run(
                self._engine, name=name, owner=self._lease.owner, started_at=started_at,
                duration_seconds=seconds, result=result or ("" if error else "没有要做的"), error=error,
            )  # fmt: skip
        except DatabaseProblem:
            LOG.warning("the run of job %s could not be noted", name, exc_info=True)


def _told(problem: Exception) -> str:
    """What people read of an error: the sentence of one that we named; others may carry data."""
    named = type(problem).__module__.partition(".")[0] in _OURS
    return (str(problem) if named else "") or _UNNAMED
