"""When colours next change: the same as asking every open event, and asked of the indexes only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from data.clock import sla_color
from data.database import read_session, write_session
from data.queries.next_change import next_change
from data.queries.tables import EVENT
from data.vocabulary import Status
from tests.data.queries.synthetic import NOW, build_engine
from tests.sql_recorder import recorded

FIELDS = ("status", "due_at", "warn_at", "ended_at", "suspended_until", "in_time")
INSTANT = timedelta.resolution


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("next") / "large.db"
    engine = build_engine(path, events=5_000, open_events=1_000, grids=100)
    with write_session(engine) as session:
        for step, number in enumerate(range(1, 5_000, 37)):
            until = NOW + timedelta(minutes=step - 20)
            is_open = EVENT.c.ended_at.is_(None) & (EVENT.c.id == number)
            session.execute(
                update(EVENT).where(is_open).values(status=Status.SUSPENDED.value, suspended_until=until)
            )
    return engine


def first_change(row: dict[str, Any], *, as_of: datetime) -> datetime | None:
    """The first moment after ``as_of`` at which this event's colour is another, by asking for the colour."""
    until = row.pop("suspended_until")
    if row["status"] == Status.SUSPENDED:
        return until if until is not None and until > as_of else None
    now = sla_color(**row, as_of=as_of)
    steps = (row["warn_at"], row["due_at"] and row["due_at"] + INSTANT)
    later = sorted(at for at in steps if at is not None and at > as_of)
    return next((at for at in later if sla_color(**row, as_of=at) != now), None)


@pytest.mark.parametrize("hours", [-2_000, -400, -48, -1, 0, 0.3, 5, 60, 1_000, 100_000])
def test_it_is_the_earliest_change_of_all_open_events(large: Engine, hours: float) -> None:
    as_of = NOW + timedelta(hours=hours)
    with read_session(large) as session:
        rows = session.execute(
            select(*(EVENT.c[name] for name in FIELDS)).where(EVENT.c.ended_at.is_(None))
        ).mappings()
        changes = [first_change(dict(row), as_of=as_of) for row in rows]

        assert len(changes) > 900
        assert next_change(session, as_of=as_of) == min(filter(None, changes), default=None)


@pytest.mark.sqlite
def test_it_reads_only_the_partial_indexes_of_open_events(large: Engine) -> None:
    with recorded(large) as statements, read_session(large) as session:
        next_change(session, as_of=NOW)

    plans = [step for statement in statements for step in statement.plan]
    assert len(plans) == 3
    for index in (
        "ix_event_open_warn (warn_at>",
        "ix_event_open_due (due_at>",
        "ix_event_suspended (suspended_until>",
    ):
        assert any(f"INDEX {index}" in plan for plan in plans), plans
    assert not any("SCAN" in plan or "TEMP B-TREE" in plan for plan in plans)
