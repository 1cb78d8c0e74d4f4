"""Two operating-system processes report at once: every number once, none left out."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier

import pytest
from sqlalchemy import Engine, text

from data.database import open_engine, read_session, write_session
from data.event_log import verify
from data.reporting import ReportForm, new_form, report
from tests.data.loop.world import WORKER, at
from tests.data.reporting.test_report import SECRET

ROUNDS = 100
PATIENCE_S = 120.0


def report_in_step(url: str, barrier: Barrier) -> None:
    """One report a round, both processes released together."""
    engine = open_engine(url)
    for _ in range(ROUNDS):
        form = ReportForm(
            token=new_form(SECRET, scope="test", at=at(0)), class_code="0201", lon=103.805, lat=30.71
        )
        barrier.wait(PATIENCE_S)
        with write_session(engine) as session:
            report(session, form=form, person=WORKER, secret=SECRET, at=at(0))
    engine.dispose()


def send_the_same(url: str, barrier: Barrier, token: str) -> None:
    """The same form from both processes, released together."""
    engine = open_engine(url)
    form = ReportForm(token=token, class_code="0201", lon=103.805, lat=30.71)
    barrier.wait(PATIENCE_S)
    with write_session(engine) as session:
        report(session, form=form, person=WORKER, secret=SECRET, at=at(0))
    engine.dispose()


def run_two(engine: Engine, target: object, *arguments: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    url = engine.url.render_as_string(hide_password=False)
    workers = [
        context.Process(target=target, args=(url, barrier, *arguments))  # type: ignore[arg-type]
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)
    assert [worker.exitcode for worker in workers] == [0, 0]


@pytest.mark.slow
def test_two_processes_never_give_one_number_twice(town: Engine) -> None:
    run_two(town, report_in_step)
    with read_session(town) as session:
        numbers = session.connection().execute(text("SELECT external_no FROM event ORDER BY external_no"))
        assert numbers.scalars().all() == [f"XC20261120-{number:04d}" for number in range(1, 2 * ROUNDS + 1)]
        assert verify(session) == []


@pytest.mark.slow
def test_one_form_from_two_processes_is_one_case(town: Engine) -> None:
    run_two(town, send_the_same, new_form(SECRET, scope="test", at=at(0)))
    with read_session(town) as session:
        assert session.connection().execute(text("SELECT count(*) FROM event")).scalar_one() == 1
