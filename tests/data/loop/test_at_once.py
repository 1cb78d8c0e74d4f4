"""Two operating-system processes act on one case at once, a thousand times: one wins, the other is told."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import asdict
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from data.database import open_engine, read_session, write_session
from data.event_base import StaleEvent
from data.event_log import verify
from data.lifecycle import make_move
from data.models import Event
from data.vocabulary import Move, Status
from tests.data.loop.world import DISPATCHER, SECRETARY, at, bring_to, furnish, report

ROUNDS = 1_000
PATIENCE_S = 240.0
PEOPLE = {"甲": SECRETARY, "乙": DISPATCHER}


def act_in_step(url: str, name: str, barrier: Barrier, told_path: str) -> None:
    """A round: both saw the same entry, both put the case under supervision or end it, released together."""
    engine = open_engine(url)
    person, told = PEOPLE[name], []
    for number in range(ROUNDS):
        move = Move.END_SUPERVISE if number % 2 else Move.SUPERVISE
        barrier.wait(PATIENCE_S)
        try:
            with write_session(engine) as session:
                make_move(
                    session, event_id=1, seen_seq=6 + number, move=move, person=person, at=at(1),
                    fields={"reason": f"{name}{number}"},
                )  # fmt: skip
        except StaleEvent as error:
            told.append((number, str(error), [asdict(one) | {"at": ""} for one in error.since]))
    engine.dispose()
    Path(told_path).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


@pytest.mark.slow
def test_one_wins_and_the_other_is_told_who_did_what(database_url: str, tmp_path: Path) -> None:
    engine = open_engine(database_url)
    furnish(engine)
    with write_session(engine) as session:
        bring_to(session, report(session), Status.HANDLING)
        assert session.get_one(Event, 1).seq == 6
    engine.dispose()

    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(PEOPLE))
    files = {name: tmp_path / f"{number}.json" for number, name in enumerate(PEOPLE)}
    workers = [
        context.Process(target=act_in_step, args=(database_url, name, barrier, str(files[name])))
        for name in PEOPLE
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)
    assert [worker.exitcode for worker in workers] == [0, 0]

    with read_session(engine) as session:
        assert verify(session) == []
        rows = session.connection().exec_driver_sql("SELECT reason FROM event_log WHERE seq > 6 ORDER BY seq")
        won = [str(row.reason) for row in rows]
    engine.dispose()
    assert [int(reason[1:]) for reason in won] == list(range(ROUNDS)), "one move a round, none lost, no fork"
    told = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in files.items()}
    assert len(told["甲"]) + len(told["乙"]) == ROUNDS
    for name, losses in told.items():
        other = next(one for one in PEOPLE if one != name)
        for number, text, since in losses:
            assert since[0]["reason"] == f"{other}{number}"
            assert since[0]["actor"] == PEOPLE[other].name
            assert PEOPLE[other].name in text
            assert ("解除督办" if number % 2 else "督办") in text
