"""到场时间: a fact of 开始处置 for emergencies, noted once, in the chain and in the fold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_log import records_of, verify
from data.lifecycle import MoveRefused
from data.models import Event
from data.vocabulary import Move, Status
from tests.data.core.events import REPORTED_AT
from tests.data.loop.world import CHECKER, ROADMAN, at, bring_to, do, report


def accepted(engine: Engine, number: int = 1, **changes: Any) -> int:
    with write_session(engine) as session:
        event_id = report(session, number, **changes)
        bring_to(session, event_id, Status.ACCEPTED)
    return event_id


def handle(engine: Engine, event_id: int, arrived_at: datetime, *, hours: float = 1.0) -> None:
    with write_session(engine) as session:
        do(session, event_id, Move.HANDLE, ROADMAN, hours=hours, arrived_at=arrived_at)


def test_an_arrival_is_in_the_row_in_the_chain_and_in_the_fold(district: Engine) -> None:
    event_id = accepted(district)
    handle(district, event_id, at(0.5))

    with read_session(district) as session:
        assert session.get_one(Event, event_id).arrived_at == at(0.5)
        assert '"arrived_at":"2026-11-20T01:30:00Z"' in records_of(session, [event_id])[event_id][-1].changes
        assert verify(session) == []


def test_who_came_within_the_minute_of_the_report_came_at_the_report(district: Engine) -> None:
    reported_at = REPORTED_AT + timedelta(seconds=40)
    event_id = accepted(district, reported_at=reported_at)
    handle(district, event_id, REPORTED_AT)

    with read_session(district) as session:
        assert session.get_one(Event, event_id).arrived_at == reported_at


@pytest.mark.parametrize(
    ("arrived_at", "changes", "sentence"),
    [
        (at(1.1), {}, "到场时间 11-20 10:06 晚于现在"),
        (at(-0.1), {}, "到场时间早于上报时间 11-20 09:00"),
        (at(0.5), {"urgency": "normal"}, "只有紧急的件记到场时间"),
        (datetime(2026, 11, 20, 9, 30), {}, "没有时区"),
    ],
)
def test_an_arrival_that_cannot_be_is_refused_and_nothing_is_written(
    district: Engine, arrived_at: datetime, changes: dict[str, Any], sentence: str
) -> None:
    event_id = accepted(district, **changes)
    with pytest.raises(MoveRefused, match=sentence):
        handle(district, event_id, arrived_at)
    with read_session(district) as session:
        assert session.get_one(Event, event_id).status == Status.ACCEPTED


def test_only_the_first_arrival_is_noted(district: Engine) -> None:
    event_id = accepted(district)
    handle(district, event_id, at(0.5))
    with write_session(district) as session:
        do(session, event_id, Move.FEEDBACK, ROADMAN, hours=2, reason="已处置")
        do(session, event_id, Move.CHECK, CHECKER, hours=2.1)
        do(session, event_id, Move.REWORK, CHECKER, hours=2.2, reason="未达标")
    with pytest.raises(MoveRefused, match="已记首次到场 11-20 09:30"):
        handle(district, event_id, at(2.5), hours=3)
    with write_session(district) as session:
        do(session, event_id, Move.HANDLE, ROADMAN, hours=3)
        assert session.get_one(Event, event_id, populate_existing=True).arrived_at == at(0.5)
