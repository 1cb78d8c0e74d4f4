"""Whatever happens to events: row = fold of the log, roll-up = recomputed roll-up, no faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from data import roll_up
from data.database import read_session, write_session
from data.event_log import Advance, Entry, append, verify
from data.vocabulary import Status
from tests.data.core.events import REPORTED_AT, first, move
from tests.data.databases import migrated_engine

CODES = ("", "510115001001", "510115001001002", "510115001", "510115002003001")
SOURCES = ("patrol", "sensor", "12345")
moments = st.integers(-300, 300).map(lambda hours: REPORTED_AT + timedelta(hours=hours))
positions = st.none() | st.tuples(st.floats(103.0, 104.0), st.floats(30.0, 31.0))


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Any fields that a later entry may set."""
    given_fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from([status.value for status in Status]),
                "code": st.sampled_from(CODES),
                "due_at": st.none() | moments,
                "ended_at": moments,
                "in_time": st.none() | st.booleans(),
                "reported_at": moments,
                "reworked_count": st.integers(0, 2),
                "handler": st.sampled_from(["", "演示甲", '演示"乙\\']),
                "flags": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
            },
        )
    )
    position = draw(positions)
    if position is not None:
        given_fields |= {"lon": position[0], "lat": position[1]}
    return given_fields


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[int, list[dict[str, Any]]]]:
    """What happens, append after append: which of four events goes on, and with which entries."""
    return draw(
        st.lists(st.tuples(st.integers(0, 3), st.lists(changes(), min_size=1, max_size=3)), max_size=8)
    )


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = migrated_engine(tmp_path_factory.mktemp("properties") / "onemap.db")
    yield engine
    engine.dispose()


def play(engine: Engine, story: list[tuple[int, list[dict[str, Any]]]], source: str) -> None:
    """Empties the tables, then appends step by step."""
    with write_session(engine) as session:
        for table in ("event_log", "event", "area_week", "source_state"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    known: dict[int, tuple[int, int]] = {}
    for number, entries in story:
        later = [_entry(hours, fields) for hours, fields in enumerate(entries, start=1)]
        event_id, seq = known.get(number, (None, 0))
        opening = list(first(number, source=source).entries) if event_id is None else []
        advance = Advance(event_id=event_id, seen_seq=seq, entries=[*opening, *later])
        with write_session(engine) as session:
            (found,) = append(session, [advance])
        known[number] = (found, seq + len(advance.entries))


def _entry(hours: int, fields: dict[str, Any]) -> Entry:
    entry = move("filed", hours=hours)
    return Entry(action=entry.action, at=entry.at, actor=entry.actor, changes=fields)


def weeks(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text("SELECT * FROM area_week ORDER BY code, week"))]


@settings(max_examples=60, deadline=None)
@given(story=steps(), source=st.sampled_from(SOURCES))
def test_rows_are_folds_and_differences_add_up(
    shared_engine: Engine, story: list[tuple[int, list[dict[str, Any]]]], source: str
) -> None:
    play(shared_engine, story, source)

    with read_session(shared_engine) as session:
        assert verify(session) == []
        kept = weeks(session)
    with write_session(shared_engine) as session:
        roll_up.recompute(session)
        assert weeks(session) == kept


def week_of(session: Session, code: str) -> dict[str, int]:
    wanted = text("SELECT * FROM area_week WHERE code = :code")
    (row,) = session.execute(wanted, {"code": code}).mappings().all()
    return {name: row[name] for name in roll_up.COUNTS}


def test_the_roll_up_of_a_week_by_hand(engine: Engine) -> None:
    """A grid's events count for its community: one closed in time, one late, one suspended, one voided."""
    grid = "510115001001002"
    lives = [
        [*first(1, code=grid).entries, move("closed", hours=3)],
        [*first(2, code=grid, source="12345").entries, move("closed", hours=9, reworked_count=1)],
        [*first(3, code=grid).entries, move("suspended", hours=1)],
        [*first(4, code=grid).entries, move("voided", hours=1)],
        [*first(5, code=grid).entries, move("merged", hours=1)],
    ]
    with write_session(engine) as session:
        append(session, [Advance(entries=entries) for entries in lives])
        found = week_of(session, "510115001001")

    assert found == {
        "reported": 4, "proactive": 3, "due": 3, "due_in_time": 1, "due_suspended": 1, "closed": 2,
        "reworked": 1, "due_judged": 2, "due_late": 1, "due_done": 2, "respond_due": 0, "responded": 0,
        "called_back": 0, "solved": 0, "rated": 0, "satisfied": 0,
    }  # fmt: skip


def test_a_week_that_comes_to_nothing_leaves_no_row(engine: Engine) -> None:
    with write_session(engine) as session:
        (event_id,) = append(session, [first()])
        append(session, [Advance(event_id=event_id, seen_seq=1, entries=[move("voided", hours=1)])])
        assert weeks(session) == []


def test_a_week_begins_on_monday_local_time(engine: Engine) -> None:
    sunday_night = REPORTED_AT.replace(day=22, hour=15, minute=59)
    with write_session(engine) as session:
        append(session, [first(1, reported_at=sunday_night, due_at=None)])
        append(session, [first(2, reported_at=sunday_night + timedelta(minutes=1), due_at=None)])
        assert [(str(row[1]), row[2]) for row in weeks(session)] == [("2026-11-16", 1), ("2026-11-23", 1)]
