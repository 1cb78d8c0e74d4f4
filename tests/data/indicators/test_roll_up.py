"""The weekly counts: kept by differences = recomputed from the rows = folded anew from the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from data import roll_up
from data.counted import BASES, ColumnCounts, counted, monday_of
from data.database import read_session, write_session
from data.event_log import Action, Advance, Entry, append
from data.recount import from_log
from data.roll_up import COUNTS
from data.vocabulary import Status
from tests.data.core.events import MOVE_TO, REPORTED_AT, first
from tests.data.databases import migrated_engine

CLASSES = ("0102", "0103", "0201", "0702", "0907")
moments = st.integers(-400, 400).map(lambda hours: REPORTED_AT + timedelta(hours=hours))


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Any fields of a later entry that a count looks at."""
    given_fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from([status.value for status in Status]),
                "class_code": st.sampled_from(CLASSES),
                "code": st.sampled_from(("", "510115001001", "510115001001002", "510115002")),
                "due_at": st.none() | moments,
                "ended_at": moments,
                "reported_at": moments,
                "reworked_count": st.integers(0, 2),
                "respond_by": st.none() | moments,
                "accepted_at": st.none() | moments,
                "solved": st.none() | st.booleans(),
                "satisfied": st.none() | st.booleans(),
            },
        )
    )
    return given_fields


stories = st.lists(st.tuples(st.integers(0, 3), st.lists(changes(), min_size=1, max_size=3)), max_size=8)


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = migrated_engine(tmp_path_factory.mktemp("roll_up") / "onemap.db")
    yield engine
    engine.dispose()


def play(engine: Engine, story: list[tuple[int, list[dict[str, Any]]]], source: str) -> None:
    """Empties the tables, then appends step by step."""
    with write_session(engine) as session:
        for table in ("event_log", "event", "area_week", "area_week_count", "source_state"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    known: dict[int, tuple[int, int]] = {}
    for number, fields in story:
        event_id, seq = known.get(number, (None, 0))
        opening = list(first(number, source=source, class_code="0102").entries) if event_id is None else []
        entries = [
            Entry(action=Action.UPDATE, at=REPORTED_AT + timedelta(hours=hours), actor="演示甲", changes=each)
            for hours, each in enumerate(fields, start=1)
        ]
        advance = Advance(event_id=event_id, seen_seq=seq, entries=[*opening, *entries])
        with write_session(engine) as session:
            (found,) = append(session, [advance])
        known[number] = (found, seq + len(advance.entries))


def stored(session: Session) -> tuple[list[Any], list[Any]]:
    wide = session.execute(text("SELECT * FROM area_week ORDER BY code, week")).all()
    narrow = session.execute(text("SELECT * FROM area_week_count ORDER BY code, week, name")).all()
    return _spelled(wide), _spelled(narrow)


def _spelled(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows with their week as text, whatever the driver makes of a date."""
    return [(code, str(week), *rest) for code, week, *rest in rows]


@settings(max_examples=60, deadline=None)
@given(story=stories, source=st.sampled_from(["patrol", "12345"]))
def test_differences_rows_and_log_give_the_same_counts(
    shared_engine: Engine, story: list[tuple[int, list[dict[str, Any]]]], source: str
) -> None:
    play(shared_engine, story, source)

    with write_session(shared_engine) as session:
        kept = stored(session)
        roll_up.recompute(session)
        assert stored(session) == kept
        anew = from_log(session)
        assert wide_of(anew) == [(code, week, *rest) for code, week, *rest in kept[0]]
        assert narrow_of(anew) == kept[1]


def wide_of(deltas: roll_up.Deltas) -> list[tuple[Any, ...]]:
    rows = [(code, str(week), *counts.values()) for (code, week), counts in deltas.counts.items()]
    return sorted(row for row in rows if any(row[2:]))


def narrow_of(deltas: roll_up.Deltas) -> list[tuple[Any, ...]]:
    return sorted((code, str(week), name, n) for (code, week, name), n in deltas.narrow.items() if n)


@settings(max_examples=30, deadline=None)
@given(story=stories)
def test_the_rule_for_columns_is_the_rule_for_one_event(
    shared_engine: Engine, story: list[tuple[int, list[dict[str, Any]]]]
) -> None:
    play(shared_engine, story, "sensor")
    with read_session(shared_engine) as session:
        rows = [dict(row) for row in session.execute(text("SELECT * FROM event")).mappings()]
        lines = [dict(row) for row in roll_up._stream(session)]
    if not rows:
        return
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    arrays = {name: _array(name, values) for name, values in columns.items()}
    by_hand: dict[tuple[str, str, str], int] = {}
    for line in lines:
        for name in counted(line):
            key = (name, line["code"][:12], str(monday_of(line[BASES[name]])))
            by_hand[key] = by_hand.get(key, 0) + 1

    found = {(name, area, str(week)): number for name, area, week, number in ColumnCounts(arrays).totals()}

    assert found == by_hand


def _array(name: str, values: list[Any]) -> Any:
    import numpy as np

    if name.endswith("_day"):
        return np.array(values, dtype="datetime64[D]")
    if name in {"respond_by", "accepted_at"}:
        naive = [value and value.replace(tzinfo=None) for value in values]
        return np.array(naive, dtype="datetime64[us]")
    return values


def test_a_count_over_some_classes_by_hand(engine: Engine) -> None:
    """Of four garbage cases of a week one is late, one suspended, one not due; a fifth is no garbage."""
    lives = [
        ("0102", "closed", 3, {}),
        ("0907", "closed", 9, {}),
        ("0103", "suspended", 1, {}),
        ("0606", "closed", 1, {"due_at": None}),
        ("0201", "closed", 9, {}),
    ]
    with write_session(engine) as session:
        for number, (class_code, status, hours, more) in enumerate(lives):
            opening = first(number, class_code=class_code).entries
            at = REPORTED_AT + timedelta(hours=hours)
            move = Entry(action=MOVE_TO[status], at=at, actor="演示甲", changes={"status": status, **more})
            append(session, [Advance(entries=[*opening, move])])
        _, narrow = stored(session)

    assert narrow == [
        ("510115001001", "2026-11-16", "garbage_due", 2),
        ("510115001001", "2026-11-16", "garbage_late", 1),
    ]


def test_every_count_has_its_column() -> None:
    from data.models import AreaWeek

    assert set(COUNTS) == set(AreaWeek.model_fields) - {"code", "week"}
