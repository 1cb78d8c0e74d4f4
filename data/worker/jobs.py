"""What the worker does. A job is one function that exists elsewhere, and how often it is looked at.

A job says in Chinese what it did, or None where there was nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.engine import Engine

from data.database import current_moment, read_session
from data.demo import catch_up_demo, demo_state
from data.event_anchor import anchor_day
from data.event_links import link_due_batches
from data.intake.folder import take_in_folder
from data.lifecycle.attachment_check import remove_orphans
from data.lifecycle.resume import resume_due
from data.models import AlertLog
from data.models.base import column
from data.notices.deliver import Delivery
from data.notices.outbound import Outbound
from data.readings.upkeep import NEWEST, forget_old, tell_pages
from data.reckon import reckon
from data.rules.run import evaluate_rules
from data.settings import Settings
from data.worker.record import EVERY_SECONDS

Work = Callable[[], str | None]
RULES_AT_LEAST_EVERY_SECONDS: Final = 60.0
"""Deadlines pass without anybody writing."""
CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""Clocks of two machines may differ by so much."""
_NEWEST_STEP: Final = select(column(AlertLog.at)).order_by(column(AlertLog.id).desc()).limit(1)
RULES_REST: Final = 1.0
"""After an evaluation the rules rest for so many times its length: others need the processor too."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """``every_seconds`` between looks; ``at_once``: also when the worker takes over; ``close`` ends it."""

    name: str
    every_seconds: float
    work: Work
    at_once: bool = True
    close: Callable[[], None] | None = None


def standard_jobs(engine: Engine, settings: Settings, *, owner: str, outbound: Outbound) -> list[Job]:
    """Everything that keeps a street's data moving, in the hands of the worker ``owner``."""
    rules = RulesJob(engine)
    delivery = Delivery(engine, worker=owner, outbound=outbound, public_url=settings.public_url)
    return [
        _job("rules", work=rules),
        _job("notices", work=delivery, close=delivery.wait),
        _job("resume", work=lambda: resume(engine)),
        _job("calendar", work=lambda: reckon_deadlines(engine)),
        _job("intake", work=lambda: take_in_files(engine, settings)),
        _job("readings", work=ReadingsJob(engine)),
        _job("links", work=lambda: make_up_links(engine)),
        _job("anchor", work=lambda: anchor(engine, settings)),
        _job("photos", work=lambda: clean_photos(engine, settings)),
        _job("demo", at_once=False, work=lambda: keep_demo_fresh(engine, settings)),
    ]  # fmt: skip


def _job(name: str, *, work: Work, at_once: bool = True, close: Callable[[], None] | None = None) -> Job:
    return Job(name=name, every_seconds=EVERY_SECONDS[name], work=work, at_once=at_once, close=close)


def take_in_files(engine: Engine, settings: Settings) -> str | None:
    """Takes in what lies ready in the watched folder, and says what has to be left there.

    Raises:
        JobProblem: the folder, or a file in it, cannot be read or written.
    """
    try:
        found = take_in_folder(engine, settings)
    except OSError as error:
        raise JobProblem(f"接入文件夹不能读写（{error.strerror or error}）：请检查它的权限和磁盘") from error
    taken, left = sum(one.outcome != "waiting" for one in found), [one for one in found if one.is_stuck]
    said = [f"接入文件夹：处理 {taken} 个文件"] if taken else []
    if left:
        said.append(f"{len(left)} 个文件留在原处，如 {left[0].profile}/{left[0].file}：{left[0].reason}")
    if any(not one.waits_for_demo for one in left):
        raise JobProblem("；".join(said))
    return "；".join(said) or None


class ReadingsJob:
    """Pages hear of readings that came in; those beyond what is kept go."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told = 0

    def __call__(self) -> str | None:
        self._told = tell_pages(self._engine, told=self._told)
        gone = forget_old(self._engine)
        return f"清理 {gone} 条过期的读数" if gone else None


def make_up_links(engine: Engine) -> str | None:
    """Repeats from other sources that an import was stopped before it could look for."""
    batches, links = link_due_batches(engine)
    return f"补查 {batches} 个批次的重复件，新增 {links} 处" if batches else None


class RulesJob:
    """Evaluates the rules soon after anything was written or measured, and once a minute.

    Not by a clock that was set back.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._wall_clock = wall_clock
        self._revision = -1
        self._reading = 0
        self._next_at = 0.0
        self._not_before = 0.0

    def __call__(self) -> str | None:
        with read_session(self._engine) as session:
            revision = current_moment(session).revision
            reading = session.execute(NEWEST).scalar() or 0
            newest = session.execute(_NEWEST_STEP).scalar()
        began = self._clock()
        is_new = (revision, reading) != (self._revision, self._reading)
        if began < self._not_before or (not is_new and began < self._next_at):
            return None
        now = self._wall_clock()
        if newest is not None and newest - now > CLOCK_TOLERANCE:
            # Causes that have not come yet would end alerts, and ring them anew when the clock is right.
            self._not_before = began + RULES_AT_LEAST_EVERY_SECONDS
            raise JobProblem(_set_back(now, newest))
        changes = evaluate_rules(self._engine, as_of=now)
        ended = self._clock()
        # What was written after the look above is evaluated next time.
        self._revision = revision + (1 if changes.any else 0)
        self._reading = reading
        self._not_before = ended + RULES_REST * (ended - began)
        self._next_at = ended + RULES_AT_LEAST_EVERY_SECONDS
        if changes.problems:
            raise JobProblem("；".join(changes.problems))
        if not changes.any:
            return None
        return f"新预警 {len(changes.raised)}，变化 {len(changes.changed)}，解除 {len(changes.resolved)}"


def _set_back(now: datetime, newest: datetime) -> str:
    return (
        f"现在的时间 {now.astimezone():%Y-%m-%d %H:%M:%S} 早于最近一条预警记录的 "
        f"{newest.astimezone():%Y-%m-%d %H:%M:%S}：电脑的时钟可能被调回，预警暂不评估，请校准"
    )


class JobProblem(RuntimeError):
    """A job did its work in part; the text says what is left and is for people."""


def resume(engine: Engine) -> str | None:
    """挂账 that was to end by now."""
    done = resume_due(engine, as_of=datetime.now(UTC))
    return f"恢复 {done} 件" if done else None


def reckon_deadlines(engine: Engine) -> str | None:
    """Deadlines that do not follow an edit of the calendar yet: who made it was stopped halfway."""
    done = reckon(engine, now=datetime.now(UTC))
    return f"按工作日历重算 {done.moved} 件" if done.changes else None


def anchor(engine: Engine, settings: Settings) -> str | None:
    """Today's anchor of the event log, where it is not there yet."""
    made = anchor_day(engine, day=datetime.now(settings.timezone).date())
    return f"{made.day} 共 {made.entries} 条记录" if made else None


def clean_photos(engine: Engine, settings: Settings) -> str | None:
    """Photos that no case names since a day: their upload was broken off."""
    with read_session(engine) as session:
        removed = remove_orphans(session, folder=settings.attachment_dir)
    return f"清理 {removed} 个没有案卷引用的照片文件" if removed else None


def keep_demo_fresh(engine: Engine, settings: Settings) -> str | None:
    """Brings the demo forward to now, where there is one."""
    with read_session(engine) as session:
        if not demo_state(session).present:
            return None
    moved = catch_up_demo(engine, settings)
    return f"更新 {moved} 件" if moved else None
