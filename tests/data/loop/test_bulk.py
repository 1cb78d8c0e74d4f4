"""One move for many cases: the preview says what would happen, and that is what happens."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_log import verify
from data.lifecycle import bulk_moves, preview_moves
from data.models import Event
from data.vocabulary import Move, Status
from tests.data.loop.world import (
    DISPATCHER,
    NEIGHBOURHOOD,
    PARKS,
    ROADS,
    STREET_CLERK,
    at,
    bring_to,
    do,
    report,
)


def a_mixed_lot(engine: Engine) -> list[tuple[int, int]]:
    """Two filed cases of two classes, one not yet filed, one that moved on since, one that is gone."""
    with write_session(engine) as session:
        ids = [report(session, n, class_code="0106" if n == 2 else "0201") for n in range(1, 5)]
        for event_id in (ids[0], ids[1], ids[3]):
            bring_to(session, event_id, Status.FILED)
        do(session, ids[3], Move.SUPERVISE, DISPATCHER, hours=1, reason="催")
    return [(ids[0], 3), (ids[1], 3), (ids[2], 1), (ids[3], 3), (77, 1)]


def test_the_preview_is_what_then_happens(district: Engine) -> None:
    cases = a_mixed_lot(district)
    with read_session(district) as session:
        planned = preview_moves(session, cases=cases, move=Move.DISPATCH, person=DISPATCHER, at=at(2))
    with write_session(district) as session:
        done = bulk_moves(session, cases=cases, move=Move.DISPATCH, person=DISPATCHER, at=at(2))
        assert verify(session) == []
        events = [session.get_one(Event, event_id) for event_id, _ in cases[:4]]

    assert done == planned
    assert [one.event_id for one in done.gone] == [1, 2]
    assert [(event.status, event.department_code) for event in events] == [
        ("dispatched", ROADS), ("dispatched", PARKS), ("reported", ""), ("filed", ""),
    ]  # fmt: skip
    sentences = [one.sentence for one in done.refused]
    assert sentences[0] == "这件现在是“已上报”，不能派遣：只有已立案、已退回的件可以"
    assert "已被他人更新" in sentences[1]
    assert "派遣员·示例05 于 11-20 10:00 督办" in sentences[1]
    assert "没有编号为 77 的事件" in sentences[2]


def test_a_preview_writes_nothing(district: Engine) -> None:
    cases = a_mixed_lot(district)
    with write_session(district) as session:
        preview_moves(session, cases=cases, move=Move.DISPATCH, person=DISPATCHER, at=at(2))
        assert [session.get_one(Event, event_id).seq for event_id, _ in cases[:3]] == [3, 3, 1]


def test_a_role_that_may_not_moves_nothing(district: Engine) -> None:
    cases = a_mixed_lot(district)[:2]
    with write_session(district) as session:
        done = bulk_moves(session, cases=cases, move=Move.DISPATCH, person=STREET_CLERK, at=at(2))
    assert done.gone == ()
    assert {one.sentence for one in done.refused} == {
        "“派遣”由派遣员（指挥中心）办理，街道·示例03的角色是街道报单"
    }


@pytest.mark.parametrize("count", [0, 300])
def test_any_number_goes_at_once(district: Engine, count: int) -> None:
    with write_session(district) as session:
        cases = [(report(session, n), 1) for n in range(count)]
    with write_session(district) as session:
        done = bulk_moves(
            session, cases=cases, move=Move.VERIFY, person=NEIGHBOURHOOD, at=at(1),
            fields={"route_color": "red"},
        )  # fmt: skip
        assert verify(session) == []
    assert len(done.gone) == count
    assert {one.seq for one in done.gone} <= {2}
