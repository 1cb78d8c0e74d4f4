"""The worker on 数据质量: what its jobs did, what failed, and that it is plainly said where nobody works."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.database import open_engine, write_session
from data.models import WorkerLease
from data.worker.jobs import standard_jobs
from data.worker.lease import NAME
from data.worker.record import EVERY_SECONDS, LABELS, note_run, note_under_way, worker_status
from tests.dashboard.small_world import World
from tests.pages.conftest import Opener


@pytest.fixture
def engine(world: World, tmp_path: Path) -> Engine:
    assert world.grids
    return open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")


def beat(engine: Engine, *, owner: str, ago: timedelta) -> datetime:
    now = datetime.now(UTC)
    with write_session(engine) as session:
        session.merge(
            WorkerLease(
                name=NAME, owner=owner, acquired_at=now - ago, heartbeat_at=now - ago,
                expires_at=now - ago + timedelta(seconds=15),
            )
        )  # fmt: skip
    return now


def run(engine: Engine, name: str, at: datetime, *, result: str = "", error: str = "") -> None:
    note_run(engine, name=name, owner="w", started_at=at, duration_seconds=0.25, result=result, error=error)


def test_a_worker_that_never_ran_is_said_with_the_way_out(opener: Opener, engine: Engine) -> None:
    assert engine.dialect.name == "sqlite"
    shown = opener("quality")

    assert 'data-worker="stale"' in shown.html
    assert "后台任务还没有运行过" in shown.text
    assert "请重新启动服务" in shown.text


def test_a_worker_that_works_shows_each_job_and_when_it_is_looked_at_next(
    opener: Opener, engine: Engine
) -> None:
    now = beat(engine, owner="demo-host:4711:ab", ago=timedelta(seconds=2))
    run(engine, "anchor", now - timedelta(seconds=60), result="2026-11-21 共 9 条记录")
    run(engine, "intake", now - timedelta(seconds=1), error="磁盘已满")
    run(engine, "intake", now, error="磁盘已满")
    shown = opener("quality")

    assert 'data-worker="alive"' in shown.html
    assert "demo-host进程 4711" in shown.text
    assert re.findall(r'data-job="(\w+)"', shown.html) == ["anchor", "intake"]
    assert "2026-11-21 共 9 条记录" in shown.text
    assert "9 分钟内" in shown.text
    assert "连续 2 次出错：磁盘已满" in shown.text
    assert "没有反应" not in shown.text


def test_a_worker_that_waits_behind_a_long_write_is_not_called_dead(opener: Opener, engine: Engine) -> None:
    beat(engine, owner="w:1:x", ago=timedelta(seconds=40))
    shown = opener("quality")

    assert 'data-worker="alive"' in shown.html
    assert "没有反应" not in shown.text


def test_a_job_that_has_not_ended_says_for_how_long_it_runs(opener: Opener, engine: Engine) -> None:
    now = beat(engine, owner="w", ago=timedelta(seconds=2))
    note_under_way(
        engine, name="intake", owner="w", started_at=now - timedelta(minutes=16), duration_seconds=16 * 60
    )
    note_under_way(
        engine, name="rules", owner="v", started_at=now - timedelta(minutes=9), duration_seconds=99
    )
    shown = opener("quality")

    assert re.search(r"▲\s*接入文件夹.*已运行 16 分.*还在运行.*结束之后", shown.text, re.DOTALL)
    assert "没有运行完，后台任务就中断了" in shown.text


@pytest.mark.parametrize(
    ("owner", "said"), [("w:1:x", "后台任务没有反应，最后一次心跳"), ("", "后台任务已停止")]
)
def test_a_worker_that_died_or_was_stopped_is_said_plainly(
    opener: Opener, engine: Engine, owner: str, said: str
) -> None:
    now = beat(engine, owner=owner, ago=timedelta(minutes=7))
    run(engine, "rules", now - timedelta(minutes=7), result="新预警 1，变化 0，解除 0")
    shown = opener("quality")

    assert said in shown.text
    assert "启动后" in shown.text
    assert "挂账不会自动恢复" in shown.text


def test_every_job_has_a_name_and_an_interval_and_the_next_look_lies_ahead(engine: Engine) -> None:
    from data.notices.outbound import Outbound
    from data.settings import read_settings

    names = {
        job.name for job in standard_jobs(engine, read_settings(), owner="w", outbound=Outbound(environ={}))
    }
    assert names == set(LABELS) == set(EVERY_SECONDS)

    now = beat(engine, owner="w", ago=timedelta(0))
    run(engine, "resume", now - timedelta(seconds=50))
    from data.database import read_session

    with read_session(engine) as session:
        (job,) = worker_status(session, as_of=now).jobs
        (dead,) = worker_status(session, as_of=now + timedelta(days=1)).jobs
    assert job.next_at == now + timedelta(seconds=10)
    assert dead.next_at is None


@pytest.mark.parametrize("page", ["overview", "alerts"])
def test_a_dead_worker_is_a_blue_failure_of_the_system_on_the_page_itself(
    opener: Opener, engine: Engine, page: str
) -> None:
    beat(engine, owner="w:1:x", ago=timedelta(minutes=9))
    assert "data-system" not in opener(page).html

    beat(engine, owner="w:1:x", ago=timedelta(minutes=11))
    shown = opener(page)
    assert 'data-system="worker"' in shown.html
    assert "● 蓝色" in shown.text
    assert "系统故障：后台任务没有在运行" in shown.text
    assert "请重新启动服务" in shown.text
    assert any(href.startswith("./quality") for href in shown.links)


def test_a_dead_worker_is_an_alert_once_somebody_evaluates_and_is_not_said_twice(
    opener: Opener, engine: Engine
) -> None:
    beat(engine, owner="w:1:x", ago=timedelta(minutes=11))
    shown = opener("alerts", risk="blue")
    shown.app.button(key="om_ring_evaluate").click().run()

    assert "data-system" not in shown.html
    assert shown.text.count("系统故障：后台任务没有在运行") == 1
    (number,) = re.findall(r'data-ring="(\d+)"', shown.html)
    card = opener("alerts", ring=number)
    assert "全区" in card.text
    assert "后台任务超过 10 分钟没有心跳" in card.text
    assert "看后台任务" in card.text
