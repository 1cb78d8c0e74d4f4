"""Jobs are looked at while the lease is held; what they do and how they fail is kept; nothing stops them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.calendar.edit import DayEntry, set_day
from data.database import current_moment, read_session, write_session
from data.event_log import append
from data.notices.deliver import Delivery
from data.notices.outbound import Outbound
from data.settings import read_settings
from data.worker.jobs import (
    Job,
    JobProblem,
    RulesJob,
    keep_demo_fresh,
    reckon_deadlines,
    resume,
    standard_jobs,
)
from data.worker.lease import Lease
from data.worker.record import JobStatus, note_under_way, worker_status
from data.worker.run import Worker
from tests.data.core.events import first
from tests.data.notices.outside import COMMUNITY, receiver, web_server


@contextmanager
def working(engine: Engine, jobs: list[Job], **rest: object) -> Iterator[Worker]:
    """A worker in a thread, stopped at the end."""
    lease = Lease(engine, owner="甲", expiry_seconds=3, margin_seconds=1)
    worker = Worker(engine, lease=lease, jobs=jobs, heartbeat_seconds=0.1, **rest)  # type: ignore[arg-type]
    stop = Event()
    thread = Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def status(engine: Engine, name: str) -> JobStatus | None:
    with read_session(engine) as session:
        found = worker_status(session, as_of=datetime.now(UTC)).jobs
    return next((job for job in found if job.name == name), None)


def test_an_error_that_nobody_named_is_told_without_its_text_which_stands_in_the_log(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def bad() -> str:
        raise ValueError("psycopg://onemap:secret@db/onemap")

    with working(engine, [Job(name="anchor", every_seconds=0.2, work=bad)]):
        until(lambda: status(engine, "anchor"))
        failed = status(engine, "anchor")

    assert failed is not None
    assert failed.error == "内部错误，详情见服务器日志"
    assert "psycopg://onemap:secret@db/onemap" in caplog.text


def test_the_error_of_a_statement_does_not_show_the_values_that_it_carried(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as caught, write_session(engine) as session:
        session.execute(text("SELECT nothing FROM worker_job WHERE name = :name"), {"name": "居民甲"})

    assert "居民甲" not in str(caught.value)


def test_a_job_that_fails_is_noted_with_its_reason_and_the_others_go_on(engine: Engine) -> None:
    calls: list[str] = []

    def bad() -> str:
        calls.append("bad")
        if len(calls) < 2:
            raise JobProblem("磁盘已满")
        return "好了"

    good = Event()

    def fine() -> None:
        good.set()

    jobs = [Job(name="anchor", every_seconds=0.2, work=bad), Job(name="demo", every_seconds=0.2, work=fine)]
    with working(engine, jobs):
        until(lambda: status(engine, "anchor"))
        failed = status(engine, "anchor")
        assert good.wait(10)
        until(lambda: (now := status(engine, "anchor")) is not None and not now.error)
        recovered = status(engine, "anchor")

    assert failed is not None
    assert recovered is not None
    assert (failed.label, failed.error, failed.failures) == ("每日日志锚点", "磁盘已满", 1)
    assert (recovered.result, recovered.error, recovered.failures) == ("好了", "", 0)
    assert recovered.failed_at == failed.started_at
    with read_session(engine) as session:
        assert worker_status(session, as_of=datetime.now(UTC)).owner == ""


def test_a_job_that_hangs_is_noted_while_it_runs_and_its_end_is_not_overwritten(engine: Engine) -> None:
    let_go = Event()

    def hang() -> None:
        assert let_go.wait(20)

    def under_way() -> bool:
        found = status(engine, "anchor")
        return found is not None and found.under_way and found.duration_seconds > 0.4

    jobs = [Job(name="anchor", every_seconds=0.2, work=hang)]
    with working(engine, jobs, under_way_noted_seconds=0.2):
        until(under_way)
        let_go.set()
        until(lambda: (now := status(engine, "anchor")) is not None and now.ended)
        time.sleep(0.5)
        ended = status(engine, "anchor")

    assert ended is not None
    assert (ended.ended, ended.result) == (True, "没有要做的")


def test_a_job_in_which_its_worker_was_killed_is_said_to_be_broken_off(engine: Engine) -> None:
    Lease(engine, owner="乙").beat()
    note_under_way(engine, name="anchor", owner="甲", started_at=datetime.now(UTC), duration_seconds=90)
    found = status(engine, "anchor")

    assert found is not None
    assert (found.ended, found.under_way) == (False, False)
    assert found.result == "没有运行完，后台任务就中断了"


def test_a_worker_without_the_lease_does_nothing(engine: Engine) -> None:
    done = Event()
    Lease(engine, owner="乙").beat()

    def work() -> None:
        done.set()

    with working(engine, [Job(name="demo", every_seconds=0.1, work=work)]):
        assert not done.wait(1.5)


def test_a_clock_set_back_by_a_day_does_not_stop_the_jobs(engine: Engine) -> None:
    calls: list[float] = []
    offset = [0.0]

    def work() -> None:
        calls.append(time.monotonic())

    with working(
        engine,
        [Job(name="demo", every_seconds=3600, work=work)],
        wall_clock=lambda: time.time() + offset[0],
    ):
        until(lambda: len(calls) >= 1)
        before = len(calls)
        offset[0] = -86_400.0
        until(lambda: len(calls) > before)

    assert len(calls) == before + 1


def test_rules_are_evaluated_after_a_write_and_otherwise_once_a_minute(small_district: Engine) -> None:
    clock = [100.0]
    job = RulesJob(small_district, clock=lambda: clock[0])
    now = datetime.now(UTC)

    assert job() is None
    assert job() is None
    with write_session(small_district) as session:
        late = first(1, reported_at=now - timedelta(days=9), due_at=now - timedelta(days=2), code=COMMUNITY)
        append(session, [late])
    said = job()
    with read_session(small_district) as session:
        revision = current_moment(session).revision
    assert said is not None
    assert said.startswith("新预警 1")
    assert job() is None
    with read_session(small_district) as session:
        assert current_moment(session).revision == revision
    with write_session(small_district, announce=False) as session:
        session.execute(text("UPDATE event SET status = 'suspended'"))
    assert job() is None
    clock[0] += 61
    assert job() == "新预警 0，变化 0，解除 1"


def test_where_nothing_is_to_do_nothing_is_written(engine: Engine) -> None:
    with read_session(engine) as session:
        before = current_moment(session).revision
    settings = read_settings({})

    assert resume(engine) is None
    assert keep_demo_fresh(engine, settings) is None
    with read_session(engine) as session:
        assert current_moment(session).revision == before


def test_a_late_case_becomes_an_alert_and_then_a_notice(small_district: Engine) -> None:
    settings = read_settings({"ONEMAP_PUBLIC_URL": "https://jiedao.example.org"})
    now = datetime.now(UTC)
    jobs = standard_jobs(small_district, settings, owner="甲", outbound=Outbound(environ={}))
    with web_server() as web, working(small_district, jobs):
        receiver(small_district, "值班群", "dingtalk", web.url)
        late = first(1, reported_at=now - timedelta(days=9), due_at=now - timedelta(days=2), code=COMMUNITY)
        with write_session(small_district) as session:
            append(session, [late])
        written = time.monotonic()
        until(lambda: web.got)
        seconds = time.monotonic() - written

    (body,) = web.bodies
    lines = body["text"]["content"].splitlines()
    assert lines[0].startswith("【黄色预警】公平街道·惠民社区 超期升级：")
    assert lines[0].endswith("YS-0001 已超过 24 小时")
    assert lines[2].startswith("https://jiedao.example.org/alerts?ring=")
    assert seconds < 15
    said = status(small_district, "notices")
    assert said is None or said.error == ""
    names = {"rules", "notices", "resume", "calendar", "intake", "readings", "links", "anchor", "photos",
             "demo"}  # fmt: skip
    assert {job.name for job in jobs} == names
    assert isinstance(next(job.work for job in jobs if job.name == "notices"), Delivery)


def test_deadlines_that_were_left_behind_by_an_edit_of_the_calendar_are_moved(engine: Engine) -> None:
    """Whoever made the edit was stopped before the deadlines followed it."""
    reported = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    due = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    fields = {"reported_at": reported, "due_at": due, "limit_hours": 24.0, "clock_type": "working_days"}
    with write_session(engine) as session:
        append(session, [first(1, **fields)])
        off = DayEntry(day=date(2026, 11, 23), is_working=False)
        set_day(session, off, area_prefix="", seen_id=None, actor="演示甲")

    assert reckon_deadlines(engine) == "按工作日历重算 1 件"
    assert reckon_deadlines(engine) is None
    with read_session(engine) as session:
        moved = session.execute(text("SELECT due_at FROM event")).scalar_one()
    assert str(moved).startswith("2026-11-24 10:00:00")


def test_by_a_clock_that_was_set_back_no_alert_ends_and_none_rings_twice(small_district: Engine) -> None:
    """Overdue for a day at noon; two days before there was no such cause, and nobody may conclude from it."""
    noon = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    due_at = noon - timedelta(hours=25)
    late = first(1, reported_at=due_at - timedelta(hours=4), due_at=due_at, code=COMMUNITY)
    with write_session(small_district) as session:
        session.execute(text("UPDATE rule SET enabled = (kind = 'overdue_ladder')"))
        append(session, [late])
    moments = [noon, noon - timedelta(days=2), noon + timedelta(minutes=5)]
    seconds = [0.0, 100.0, 200.0]
    job = RulesJob(small_district, clock=lambda: seconds[0], wall_clock=lambda: moments[0])

    assert job() == "新预警 1，变化 0，解除 0"
    del moments[0], seconds[0]
    with pytest.raises(JobProblem, match=r"早于最近一条预警记录.*时钟可能被调回"):
        job()
    assert job() is None, "it rests for a minute"
    del moments[0], seconds[0]
    assert job() is None
    with read_session(small_district) as session:
        actions = session.execute(text("SELECT action FROM alert_log ORDER BY id")).scalars().all()
    assert actions == ["raise"]
