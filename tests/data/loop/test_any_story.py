"""Whatever anybody tries in whatever order: no undefined state, row = fold, a refusal writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from data import roll_up
from data.calendar import read_calendar
from data.database import read_session, write_session
from data.event_base import StaleEvent
from data.event_log import Advance, append, records_of, verify
from data.lifecycle import MOVES, SYSTEM, Moved, MoveRefused, Rule, available_moves, make_move
from data.lifecycle.standing import reckoned
from data.models import Event
from data.vocabulary import CLOSED, ENDED, HANDED_BACK, Move, Status
from tests.data.core.events import first
from tests.data.core.events import move as raw_move
from tests.data.databases import migrated_engine
from tests.data.loop.world import DISPATCHER, EVERYBODY, GRID, PARKS, ROADS, WAY, at, furnish

MOST_FIELDS: dict[str, Any] = {
    "reason": "演示原因", "handler": "市政·示例09", "solved": True, "satisfied": False, "merged_into": 2,
}  # fmt: skip
WHO = (*EVERYBODY, SYSTEM)
ABOUT_FIELDS = {Rule.NOT_VERIFIED, Rule.NO_DEPARTMENT, Rule.DUPLICATE, Rule.FIELDS}


@pytest.fixture(scope="module")
def shared_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = migrated_engine(tmp_path_factory.mktemp("stories") / "onemap.db")
    furnish(engine)
    yield engine
    engine.dispose()


@st.composite
def attempts(draw: st.DrawFn) -> tuple[Any, ...]:
    """Somebody tries something, mostly what the case waits for; sometimes twice, or with a clock set back."""
    wanted = draw(st.none() | st.sampled_from(list(Move)))
    return (
        wanted,
        draw(st.sampled_from(WHO)),
        draw(st.sampled_from(["red", "yellow", "blue"])),
        draw(st.sampled_from([None, ROADS, PARKS, "D99"])),
        draw(st.sampled_from([-2.0, 0.0, 0.1, 1.0, 30.0, 2_000.0])),
        draw(st.booleans()),
    )


def fields_for(move: Move, color: str, department: str | None, hours: float) -> dict[str, Any]:
    rule = MOVES[move]
    offered = {
        **MOST_FIELDS, "route_color": color, "department_code": department,
        "suspended_until": at(hours + 500.0), "arrived_at": at(hours) if color == "red" else None,
    }  # fmt: skip
    return {name: offered[name] for name in map(str, (*rule.needs, *rule.takes)) if name in offered}


def attempt(engine: Engine, tried: dict[str, Any], *, keep: bool = True) -> Moved | MoveRefused:
    """What comes of a move; without ``keep`` it is taken back again."""
    try:
        with write_session(engine) as session:
            moved = make_move(session, **tried)
            if not keep:
                raise _TakenBack
    except MoveRefused as refusal:
        return refusal
    except _TakenBack:
        pass
    return moved


class _TakenBack(Exception):
    """Leaves a write session so that nothing is written."""


def expected_next(session: Session, person: Any, hours: float) -> tuple[Move, Any] | None:
    """What the way of the command centre would do now, by who may."""
    event = session.get_one(Event, 1, populate_existing=True)
    for status, move, usual, _ in WAY:
        if event.status == status and not (move is Move.VERIFY and event.route_color):
            return move, usual
    offers = available_moves(session, event=event, person=person, as_of=at(hours))
    return next(((one.move, person) for one in offers if one.allowed), None)


def check(session: Session) -> None:
    """The case is in a state that the field knows, and every derived column agrees with it."""
    assert verify(session) == []
    event = session.get_one(Event, 1, populate_existing=True)
    status = Status(event.status)
    assert (event.ended_at is not None) is (status in ENDED)
    assert (event.suspended_until is not None) is (status is Status.SUSPENDED)
    assert (event.merged_into is not None) is (status is Status.MERGED)
    assert event.in_time is None or status in CLOSED | HANDED_BACK
    assert event.extended_count <= 2
    assert event.extension_step in {0, 1, 2}
    assert event.arrived_at is None or event.reported_at <= event.arrived_at <= log_end(session)
    assert (event.rated_at is not None) is (status is Status.EVALUATED)
    log = records_of(session, [1])[1]
    assert [record.at for record in log] == sorted(record.at for record in log)
    row = event.model_dump()
    calendar = read_calendar(session, area_code=event.code)
    assert reckoned(row, log, calendar=calendar, timezone=calendar.timezone) == {}


def log_end(session: Session) -> datetime:
    """When the newest entry of the case happened."""
    end: datetime = records_of(session, [1])[1][-1].at
    return end


def empty(session: Session) -> None:
    for table in ("event_log", "event", "area_week", "area_week_count", "source_state"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    session.execute(text("UPDATE data_state SET last_event_id = 0"))
    append(session, [first(1, code=GRID, due_at=None), first(2, code=GRID, due_at=None)])


def weeks(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT * FROM area_week ORDER BY code, week"))]


@settings(max_examples=60, deadline=None)
@given(story=st.lists(attempts(), min_size=1, max_size=25))
def test_no_story_leads_astray(shared_district: Engine, story: list[tuple[Any, ...]]) -> None:
    engine, hours, done = shared_district, 0.0, 0
    with write_session(engine) as session:
        empty(session)
    for wanted, anybody, color, department, later, twice in story:
        with read_session(engine) as session:
            chosen = (wanted, anybody) if wanted else expected_next(session, anybody, hours)
            seen = session.get_one(Event, 1).seq
        if chosen is None:
            continue
        move, person = chosen
        tried = {
            "event_id": 1, "seen_seq": seen, "move": move, "person": person, "at": at(hours + later),
            "fields": fields_for(move, color, department, hours + later),
        }  # fmt: skip
        moved = attempt(engine, tried)
        if isinstance(moved, MoveRefused):
            with read_session(engine) as session:
                assert session.get_one(Event, 1).seq == seen, "a refused move writes nothing"
            continue
        assert moved.seq == seen + 1
        hours, done = hours + later, done + 1
        if twice:
            with pytest.raises(StaleEvent, match="已被他人更新"), write_session(engine) as session:
                make_move(session, **tried)
    with read_session(engine) as session:
        check(session)
        assert session.get_one(Event, 1).seq == 1 + done
        kept = weeks(session)
    with write_session(engine) as session:
        roll_up.recompute(session)
        assert weeks(session) == kept


@settings(max_examples=30, deadline=None)
@given(person=st.sampled_from(WHO), steps=st.integers(0, len(WAY)))
def test_what_is_offered_is_taken_and_what_is_refused_is_refused(
    shared_district: Engine, person: Any, steps: int
) -> None:
    """An offer and the move itself never disagree, unless about what is filled in."""
    engine = shared_district
    with write_session(engine) as session:
        empty(session)
        for number, (_, move, who, fields) in enumerate(WAY[:steps]):
            make_move(
                session, event_id=1, seen_seq=1 + number, move=move, person=who, at=at(0.1 * number),
                fields=fields,
            )  # fmt: skip
        event = session.get_one(Event, 1, populate_existing=True)
        offers = available_moves(session, event=event, person=person, as_of=at(2))
    for offer in offers:
        fields = fields_for(offer.move, "red", PARKS if person is DISPATCHER else None, 2.0)
        tried = {
            "event_id": 1, "seen_seq": event.seq, "move": offer.move, "person": person, "at": at(2),
            "fields": fields,
        }  # fmt: skip
        found = attempt(engine, tried, keep=False)
        if isinstance(found, MoveRefused):
            assert offer.refusal == str(found) or found.rule in ABOUT_FIELDS
        else:
            assert offer.allowed


def test_an_advance_by_the_log_alone_is_seen_by_the_loop(shared_district: Engine) -> None:
    """An import goes on with a case while somebody has its card open: they are told what it did."""
    with write_session(shared_district) as session:
        empty(session)
    with write_session(shared_district) as session:
        entry = raw_move("filed", hours=1)
        append(session, [Advance(event_id=1, seen_seq=1, entries=[entry])])
    said = "派遣员·示例02 于 11-20 10:00 立案（现为已立案）"
    with pytest.raises(StaleEvent, match=said) as caught, write_session(shared_district) as session:
        make_move(
            session, event_id=1, seen_seq=1, move=Move.FILE, person=DISPATCHER,
            at=at(1) + timedelta(minutes=1), fields={"route_color": "red"},
        )  # fmt: skip
    assert [one.to_status for one in caught.value.since] == ["filed"]
