"""Kill −9 in the midst of random moves, at random statements and at random times: nothing is lost or half.

After every kill the log is replayed: it has to give every row, every count and every indicator.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from multiprocessing.connection import Connection
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlmodel import Session

from data import roll_up
from data.counted import monday_of
from data.database import open_engine, read_session, write_session
from data.event_base import zone_of
from data.event_fold import fold
from data.event_log import append, records_of, verify
from data.indicators.reader import Reader
from data.indicators.store import measures
from data.indicators.values import Sums
from data.lifecycle import MoveRefused, available_moves, make_move
from data.models import Event, EventClass
from data.models.base import column
from data.recount import from_log
from data.vocabulary import Move
from tests.data.core.events import first
from tests.data.loop.test_any_story import WHO, fields_for
from tests.data.loop.world import COMMUNITY, DISTRICT, GRID, ROADS, STREET, at, furnish

EVENTS = 30
LAST, ENDING = {Move.VOID, Move.MERGE, Move.EVALUATE}, 0.03
"""Moves that end a case are rare: else there would soon be nothing left to do."""
MOVES_TO_SEE = 200
MOST_STATEMENTS = 120
MOST_SECONDS = 0.2
MOST_CHILDREN = 200
BY_STATEMENT = 0.7
CLASSES = ("0201", "0106", "0102")
"""The last is one of those that the count of garbage is made of."""
PLACES = (GRID, COMMUNITY, "510115001002")
AREAS = ((DISTRICT,), (STREET,), (COMMUNITY, "510115001002"))
WEEK, LATER = monday_of(at(0).date()), at(24 * 14)
"""The week of all cases, and a moment at which it is long over."""


def act_until_killed(url: str, seed: int, statements: int | None, tell: Connection) -> None:
    """Random people make random moves; the process kills itself before the statement of that number."""
    chance = random.Random(seed)
    engine = open_engine(url)
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
    tables = ("area_week", "area_week_count")
    found = [session.execute(text(f"SELECT * FROM {table}")).all() for table in tables]  # noqa: S608
    return [row for rows in found for row in sorted((code, str(week), *rest) for code, week, *rest in rows)]


def spelled(deltas: roll_up.Deltas) -> list[tuple[Any, ...]]:
    """Counts that were folded from the log, as ``counts`` gives those that are kept."""
    wide = [(code, str(week), *row.values()) for (code, week), row in deltas.counts.items()]
    narrow = [(code, str(week), name, number) for (code, week, name), number in deltas.narrow.items()]
    return sorted(row for row in wide if any(row[2:])) + sorted(row for row in narrow if row[3])


def sums(deltas: roll_up.Deltas, codes: Sequence[str]) -> Sums:
    """What the areas of these codes come to, added up by hand from counts by community."""
    found = Sums()
    lines = [(code, week, name, n) for (code, week), row in deltas.counts.items() for name, n in row.items()]
    lines += [(code, week, name, number) for (code, week, name), number in deltas.narrow.items()]
    for code, week, name, number in lines:
        for area in codes:
            if code.startswith(area):
                found[area, week][name] = found[area, week].get(name, Fraction()) + number
    return found


def arrivals(session: Session, found: Sums, codes: Sequence[str]) -> None:
    """The single times of 应急到场 of the areas of these codes, from nothing but the logs."""
    logs = records_of(session, list(range(1, EVENTS + 1)))
    for row in (fold(log, timezone=zone_of(session)) for log in logs.values()):
        if row["arrived_at"] is None or row["status"] == "voided":
            continue
        for area in (code for code in codes if row["code"].startswith(code)):
            seconds = (row["arrived_at"] - row["reported_at"]) // timedelta(seconds=1)
            found.seconds["arrival_minutes", area, monday_of(row["reported_day"])].append(seconds)


def indicators(session: Session, anew: roll_up.Deltas) -> int:
    """Every indicator of every area is what the replayed log gives; how many of them have a value."""
    shown = tuple(measures(session=session, on=WEEK))
    reader, known = Reader(session=session, measures=shown, as_of=LATER), 0
    for codes in AREAS:
        cells = reader.cells(under=DISTRICT, codes=codes, week=WEEK)
        by_hand = sums(anew, codes)
        arrivals(session, by_hand, codes)
        for code in codes:
            for measure, cell in zip(shown, cells[code], strict=True):
                assert cell.now == reader.value(by_hand, measure, code, WEEK), (code, measure.name)
                known += cell.now.value is not None
    return known


def check(engine: Engine, told: dict[int, int]) -> tuple[int, int]:
    """Rows, roll-up and indicators are the replay of the log, and what was told is there.

    Returns how many moves there are, and how many indicators have a value.
    """
    with read_session(engine) as session:
        assert verify(session) == []
        now, kept = seqs(session), counts(session)
        entries = session.execute(text("SELECT count(*) FROM event_log")).scalar_one()
        known = session.execute(text("SELECT sum(events) FROM source_state")).scalar_one()
        anew = from_log(session)
        assert kept == spelled(anew)
        with_value = indicators(session, anew)
    assert now.keys() == set(range(1, EVENTS + 1))
    assert (entries, known) == (sum(now.values()), EVENTS)
    assert all(now[event_id] >= seq for event_id, seq in told.items())
    assert sum(now.values()) - sum(told.values()) <= 1, "at most the last move was written and not told"
    told.update(now)
    with write_session(engine) as session:
        roll_up.recompute(session)
        assert counts(session) == kept
    return sum(now.values()) - EVENTS, with_value


def cases(session: Session) -> None:
    """Cases of three classes in three places, one of them a class that furnishing did not bring."""
    session.add(
        EventClass(
            code=CLASSES[2], valid_from=date(2023, 1, 1), major="演示大类", minor="演示垃圾",
            department_code=ROADS, urgency="normal", limit_hours=1.0, clock_type="urgent_hours",
        )
    )  # fmt: skip
    append(
        session,
        [
            first(n, code=PLACES[n % 3], class_code=CLASSES[n // 3 % 3], due_at=None)
            for n in range(1, EVENTS + 1)
        ],
    )


@pytest.mark.slow
def test_two_hundred_moves_survive_a_process_that_is_killed_all_the_time(database_url: str) -> None:
    engine = open_engine(database_url)
    furnish(engine)
    with write_session(engine) as session:
        cases(session)
    told = dict.fromkeys(range(1, EVENTS + 1), 1)
    chance, context = random.Random(20261122), multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([act_until_killed.__module__])
    done = killed = with_value = 0
    while done < MOVES_TO_SEE and killed < MOST_CHILDREN:
        engine.dispose()
        statements = chance.randint(1, MOST_STATEMENTS) if chance.random() < BY_STATEMENT else None
        receive, send = context.Pipe(duplex=False)
        child = context.Process(
            target=act_until_killed,
            args=(database_url, killed, statements, send),
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
        done, with_value = check(engine, told)
        killed += 1
    engine.dispose()
    assert done >= MOVES_TO_SEE
    assert killed > 20
    assert with_value >= 12, "indicators that nobody could compute would agree as well"
