"""Two operating-system processes append to the same event at once, a thousand times."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier

import pytest
from sqlalchemy import select

from data.database import open_engine, read_session, write_session
from data.event_log import Action, Advance, Entry, StaleEvent, append, append_one, verify
from data.models import Event
from data.models.base import column
from tests.data.core.events import REPORTED_AT, first

ROUNDS = 1_000
PATIENCE_S = 240.0


def append_in_step(url: str, name: str, barrier: Barrier) -> None:
    """One append a round, released together; who comes second is told so and goes on from the new state."""
    engine = open_engine(url)
    seen = 1
    for round_number in range(ROUNDS):
        entry = Entry(
            action=Action.UPDATE,
            at=REPORTED_AT,
            actor=name,
            changes={"flags": f"{name}-{round_number}"},
            reason="演示",
        )
        barrier.wait(PATIENCE_S)
        while True:
            try:
                with write_session(engine) as session:
                    append_one(session, entry, event_id=1, seen_seq=seen)
                seen += 1
                break
            except StaleEvent:
                with read_session(engine) as session:
                    seen = session.execute(
                        select(column(Event.seq)).where(column(Event.id) == 1)
                    ).scalar_one()
    engine.dispose()


@pytest.mark.slow
def test_a_thousand_rounds_from_a_barrier_fork_nothing_and_lose_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    with write_session(engine) as session:
        append(session, [Advance(entries=first().entries)])
    engine.dispose()

    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    workers = [
        context.Process(target=append_in_step, args=(database_url, name, barrier)) for name in ("甲", "乙")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)

    assert [worker.exitcode for worker in workers] == [0, 0]
    with read_session(engine) as session:
        assert verify(session) == []
        assert session.get_one(Event, 1).seq == 1 + 2 * ROUNDS
        rows = (
            session.connection().exec_driver_sql("SELECT actor, changes FROM event_log WHERE seq > 1").all()
        )
    assert sorted(rows) == sorted(
        (name, f'{{"flags":"{name}-{n}"}}') for name in ("甲", "乙") for n in range(ROUNDS)
    )
    engine.dispose()
