"""Two workers as processes: one acts, the other takes over, each notice goes out once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.worker_process import worker_beside
from data.database import read_session, write_session
from data.event_log import append
from data.worker.lease import EXPIRY_SECONDS
from data.worker.record import worker_status
from data.worker.run import HEARTBEAT_SECONDS
from tests.data.core.events import first
from tests.data.notices.outside import COMMUNITY, receiver, web_server

ROOT = Path(__file__).resolve().parents[3]
STARTS_WITHIN_SECONDS = 60


@contextmanager
def worker(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m dashboard worker`` over the database, killed at the end where it still runs."""
    environment = {**os.environ, "ONEMAP_VAR_DIR": str(folder), "ONEMAP_DATABASE_URL": url}
    command = [sys.executable, "-m", "dashboard", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().decode().startswith("后台任务已启动")
            yield process
        finally:
            process.kill()


def owner(engine: Engine) -> str:
    with read_session(engine) as session:
        return worker_status(session, as_of=datetime.now(UTC)).owner


def wait_for_owner(engine: Engine, pid: int, seconds: float) -> float:
    began = time.monotonic()
    while f":{pid}:" not in owner(engine):
        assert time.monotonic() - began < seconds, owner(engine)
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.slow
def test_the_other_takes_over_after_a_kill_and_nothing_is_told_twice(
    small_district: Engine, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with web_server() as web, worker(database_url, tmp_path) as one:
        receiver(small_district, "值班群", "dingtalk", web.url)
        wait_for_owner(small_district, one.pid, STARTS_WITHIN_SECONDS)
        with worker(database_url, tmp_path) as two:
            time.sleep(2 * HEARTBEAT_SECONDS)
            for number in range(1, 6):
                late = first(
                    number,
                    reported_at=now - timedelta(days=9),
                    due_at=now - timedelta(days=2),
                    code=COMMUNITY,
                )
                with write_session(small_district) as session:
                    append(session, [late])
                time.sleep(0.5)
            assert f":{one.pid}:" in owner(small_district)
            one.send_signal(signal.SIGKILL)
            waited = wait_for_owner(small_district, two.pid, EXPIRY_SECONDS + 2 * HEARTBEAT_SECONDS + 5)
            end = time.monotonic() + 40
            told: list[str] = []
            while time.monotonic() < end and len(told) < 5:
                time.sleep(0.5)
                told = sorted(
                    part.split("）")[0].split("\n")[0]
                    for body in list(web.bodies)
                    for part in body["text"]["content"].split("预警 ")[1:]
                )
            two.send_signal(signal.SIGTERM)
            assert two.wait(20) == 0

    assert waited <= EXPIRY_SECONDS + HEARTBEAT_SECONDS + 2
    assert len(told) == len(set(told)) == 5
    assert owner(small_district) == ""


@pytest.mark.slow
def test_a_child_ends_with_its_server_and_is_started_again_when_it_dies(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = (
        f"import os, sys; open({str(log)!r}, 'a').write(f'start {{os.getpid()}}\\n'); "
        f"sys.stdin.read(); open({str(log)!r}, 'a').write('end\\n')"
    )

    def lines() -> list[str]:
        return log.read_text().splitlines() if log.exists() else []

    def until(count: int) -> None:
        end = time.monotonic() + 20
        while len(lines()) < count:
            assert time.monotonic() < end
            time.sleep(0.05)

    with worker_beside(command=(sys.executable, "-c", script), restart_after_seconds=0.1):
        until(1)
        os.kill(int(lines()[0].split()[1]), signal.SIGKILL)
        until(2)

    assert [line.split()[0] for line in lines()] == ["start", "start", "end"]
