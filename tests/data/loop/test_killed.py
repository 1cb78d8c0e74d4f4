"""Kill −9 in the midst of random moves, at random statements and at random times: nothing is lost or half."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlmodel import Session

from data import roll_up
from data.database import open_engine, read_session, write_session
from data.event_log import append, verify
from data.lifecycle import MoveRefused, available_moves, make_move
from data.models import Event
from data.models.base import column
from data.vocabulary import Move
from tests.data.core.events import first
from tests.data.loop.test_any_story import WHO, fields_for
from tests.data.loop.world import GRID, ROADS, at, furnish

EVENTS = 30
LAST, ENDING = {Move.VOID, Move.MERGE, Move.EVALUATE}, 0.03
"""Moves that end a case are rare: else there would soon be nothing left to do."""
MOVES_TO_SEE = 200
MOST_STATEMENTS = 120
MOST_SECONDS = 0.2
MOST_CHILDREN = 200
BY_STATEMENT = 0.7


def act_until_killed(path: str, seed: int, statements: int | None, tell: Connection) -> None:
    """Random people make random moves; the process kills itself before the statement of that number."""
    chance = random.Random(seed)
    engine = open_engine(f"sqlite:///{path}")
    left = [statements or 1_000_000_000]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    while True:
        made = one_move(engine, chance)
        if made is not None:
            tell.send(made)


def one_move(engine: Engine, chance: random.Random) -> tuple[int, int] | None:
    """Some move that somebody may make: the event and its new number of entries; None where none is left."""
    event_id = chance.randint(1, EVENTS)
    with read_session(engine) as session:
        known = session.get_one(Event, event_id)
        hours = 0.01 * known.seq
        allowed = [
            (person, offer.move)
            for person in WHO
            for offer in available_moves(session, event=known, person=person, as_of=at(hours))
            if offer.allowed and (offer.move not in LAST or chance.random() < ENDING)
        ]
    if not allowed:
        return None
    person, move = chance.choice(allowed)
    try:
        with write_session(engine) as session:
            moved = make_move(
                session, event_id=event_id, seen_seq=known.seq, move=move, person=person, at=at(hours),
                fields=fields_for(move, chance.choice(["red", "blue", "yellow"]), ROADS, hours),
            )  # fmt: skip
    except MoveRefused:
        return None
    return event_id, moved.seq


def seqs(session: Session) -> dict[int, int]:
    rows = session.connection().execute(select(column(Event.id), column(Event.seq)))
    return {row.id: row.seq for row in rows}


def counts(session: Session) -> list[tuple[Any, ...]]:
    tables = {
        "area_week": "SELECT * FROM area_week ORDER BY code, week",
        "area_week_count": "SELECT * FROM area_week_count ORDER BY code, week, name",
    }
    return [tuple(row) for wanted in tables.values() for row in session.execute(text(wanted))]


def check(engine: Engine, told: dict[int, int]) -> int:
    """Every row is the replay of its log, every roll-up the sum of the rows, and what was told is there."""
    with read_session(engine) as session:
        assert verify(session) == []
        now, kept = seqs(session), counts(session)
        revision = session.execute(text("SELECT revision FROM data_state")).scalar_one()
        entries = session.execute(text("SELECT count(*) FROM event_log")).scalar_one()
    assert now.keys() == set(range(1, EVENTS + 1))
    assert entries == sum(now.values())
    assert all(now[event_id] >= seq for event_id, seq in told.items())
    assert sum(now.values()) - sum(told.values()) <= 1, "at most the last move was written and not told"
    told.update(now)
    with write_session(engine) as session:
        roll_up.recompute(session)
        assert counts(session) == kept
    assert revision > 0
    return sum(now.values()) - EVENTS


@pytest.mark.slow
def test_two_hundred_moves_survive_a_process_that_is_killed_all_the_time(database_path: Path) -> None:
    engine = open_engine(f"sqlite:///{database_path}")
    furnish(engine)
    with write_session(engine) as session:
        append(session, [first(n, code=GRID, due_at=None) for n in range(1, EVENTS + 1)])
    told = dict.fromkeys(range(1, EVENTS + 1), 1)
    chance, context = random.Random(20261122), multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([act_until_killed.__module__])
    done = killed = 0
    while done < MOVES_TO_SEE and killed < MOST_CHILDREN:
        engine.dispose()
        statements = chance.randint(1, MOST_STATEMENTS) if chance.random() < BY_STATEMENT else None
        receive, send = context.Pipe(duplex=False)
        child = context.Process(
            target=act_until_killed,
            args=(str(database_path), killed, statements, send),
        )
        child.start()
        send.close()
        if statements is None:
            time.sleep(chance.uniform(0.0, MOST_SECONDS))
            child.kill()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        while receive.poll():
            try:
                event_id, seq = receive.recv()
            except EOFError:
                break
            told[event_id] = seq
        done = check(engine, told)
        killed += 1
    engine.dispose()
    assert done >= MOVES_TO_SEE
    assert killed > 20
