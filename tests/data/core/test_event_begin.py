"""Beginning many logs at once gives what appending them one by one gives, to the last byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from data import roll_up
from data.database import read_session, write_session
from data.event_begin import begin
from data.event_columns import Column, moments_of
from data.event_fold import MOMENTS
from data.event_log import Action, Advance, BadEntry, Entry, EventExists, append, verify
from data.vocabulary import Status
from tests.data.core.events import REPORTED_AT
from tests.data.core.test_log_properties import CODES, shared_engine

__all__ = ["shared_engine"]
AT = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
TABLES = ("event", "event_log", "area_week")

moments = st.builds(
    lambda hours, us: REPORTED_AT + timedelta(hours=hours, microseconds=us),
    st.integers(-9_000, 9_000),
    st.sampled_from([0, 0, 1, 3, 999_999, 500_000]),
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    ["井盖", '"引"\\', "\n\t\x01\x7f"]
)
"""Any but the NUL, which PostgreSQL does not keep."""
optional_fields: dict[str, st.SearchStrategy[Any]] = {
    "title": texts.map(lambda title: title or "无题"),
    "description": texts,
    "address": texts,
    "handler": texts,
    "code": st.sampled_from(CODES),
    "due_at": st.none() | moments,
    "ended_at": st.none() | moments,
    "warn_at": st.none() | moments,
    "status_since": moments,
    "in_time": st.none() | st.booleans(),
    "supervised": st.booleans(),
    "reworked_count": st.integers(0, 2),
    "flags": texts,
    "department_code": texts,
    "lon": st.none() | st.floats(-180, 180),
    "lat": st.none() | st.floats(-90, 90),
}


@st.composite
def rows_of_an_import(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows that all set the same fields, whichever."""
    names = draw(st.sets(st.sampled_from(sorted(optional_fields)))) | {"title"}
    required = {
        "source": st.sampled_from(["patrol", "sensor", "12345"]),
        "class_code": st.sampled_from(["0201", "0102"]),
        "urgency": st.sampled_from(["normal", "urgent"]),
        "status": st.sampled_from([status.value for status in Status]),
        "reported_at": moments,
    }
    row = st.fixed_dictionaries({**required, **{name: optional_fields[name] for name in sorted(names)}})
    rows = draw(st.lists(row, min_size=1, max_size=6))
    return [{**one, "external_no": f"YS-{number}"} for number, one in enumerate(rows)]


def columns(rows: list[dict[str, Any]]) -> dict[str, Column]:
    return {
        name: moments_of([row[name] for row in rows]) if name in MOMENTS else [row[name] for row in rows]
        for name in rows[0]
    }


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    fields = {
        "source": "12345", "external_no": f"YS-{number}", "class_code": "0201", "title": "井盖缺失",
        "urgency": "normal", "status": "closed", "reported_at": REPORTED_AT,
        "due_at": REPORTED_AT + timedelta(hours=4), "ended_at": REPORTED_AT + timedelta(hours=5),
    }  # fmt: skip
    return fields | changes


def begin_rows(session: Session, rows: list[dict[str, Any]]) -> range:
    return begin(session, columns(rows), action=Action.IMPORT, at=AT, actor="演示乙", reason="试")


def stored(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows; the log's without their number, which PostgreSQL does not give twice."""
    found = {
        name: [tuple(r)[name == "event_log" :] for r in session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))]  # noqa: S608, E501
        for name in TABLES
    }  # fmt: skip
    found["source_state"] = [
        tuple(r) for r in session.execute(text("SELECT source, events, last_reported_at FROM source_state"))
    ]
    return found


def empty(session: Session) -> None:
    for table in ("event_log", "event", "area_week", "source_state"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    session.execute(text("UPDATE data_state SET last_event_id = 0"))


@settings(max_examples=120, deadline=None)
@given(rows=rows_of_an_import())
def test_the_tables_are_those_of_single_appends(shared_engine: Engine, rows: list[dict[str, Any]]) -> None:
    with write_session(shared_engine) as session:
        empty(session)
        entries = [
            Entry(action=Action.IMPORT, at=AT, actor="演示乙", changes=one, reason="试") for one in rows
        ]
        append(session, [Advance(entries=[entry]) for entry in entries])
        one_by_one = stored(session)
        empty(session)
        ids = begin_rows(session, rows)
        at_once = stored(session)
        assert at_once == one_by_one
        assert list(ids) == list(range(1, len(rows) + 1))
        assert verify(session) == []
        roll_up.recompute(session)
        assert stored(session) == at_once


def test_a_number_that_is_there_is_named_and_nothing_stays(engine: Engine) -> None:
    with write_session(engine) as session:
        begin_rows(session, [row(1), row(2)])
    with pytest.raises(EventExists, match="YS-2"), write_session(engine) as session:
        begin_rows(session, [row(3), row(2)])
    with read_session(engine) as session:
        assert [one[2] for one in stored(session)["event"]] == ["YS-1", "YS-2"]
        assert verify(session) == []


def test_appending_too_names_the_number_that_is_there(engine: Engine) -> None:
    entries = [Entry(action=Action.IMPORT, at=AT, actor="演示乙", changes=row(n)) for n in (1, 2, 1)]
    with write_session(engine) as session:
        append(session, [Advance(entries=[entries[0]])])
    with pytest.raises(EventExists, match="YS-1"), write_session(engine) as session:
        append(session, [Advance(entries=[entry]) for entry in entries[1:]])


def test_no_rows_write_nothing(engine: Engine) -> None:
    with write_session(engine) as session:
        assert begin(session, {}, action=Action.IMPORT, at=AT, actor="演示乙") == range(0)
        assert stored(session)["event"] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "缺少 title"),
        ({"status": "lost"}, "没有“lost”这个状态"),
        ({"hash": "x"}, "不能设置字段 hash"),
        ({"address": None}, "字段 address 不能为空"),
    ],
)
def test_what_can_be_in_no_log_is_refused(engine: Engine, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEntry, match=message), write_session(engine) as session:
        begin_rows(session, [row(1, address="示例路", **{}) | changes])
    with read_session(engine) as session:
        assert stored(session)["event"] == []


def test_only_what_begins_a_log_begins_one(engine: Engine) -> None:
    with pytest.raises(BadEntry, match="用在了开头"), write_session(engine) as session:
        begin(session, columns([row()]), action=Action.UPDATE, at=AT, actor="演示乙")


def test_a_moment_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(BadEntry, match="没有时区"), write_session(engine) as session:
        begin(session, columns([row()]), action=Action.IMPORT, at=AT.replace(tzinfo=None), actor="演示乙")


def test_moments_come_as_columns(engine: Engine) -> None:
    with pytest.raises(BadEntry, match="reported_at"), write_session(engine) as session:
        begin(
            session,
            {**columns([row()]), "reported_at": [REPORTED_AT]},
            action=Action.IMPORT,
            at=AT,
            actor="演示乙",
        )


def test_a_position_that_is_no_number_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="JSON"), write_session(engine) as session:
        begin_rows(session, [row(lon=float("nan"), lat=30.7)])


def test_outside_a_write_session_nothing_begins(engine: Engine) -> None:
    with read_session(engine) as session, pytest.raises(BadEntry, match="写会话"):
        begin_rows(session, [row()])
