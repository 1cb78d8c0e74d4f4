"""Dispatch meets the dispatch table and the negative list: by the table, by hand, and refused by a line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import write_session
from data.lifecycle import MoveRefused, Rule, available_moves
from data.models import Department, DispatchRule, Event, ListItem
from data.vocabulary import ListStatus, ListType, Move, ReviewStage, Status
from tests.data.loop.world import (
    DISPATCHER,
    NEIGHBOURHOOD,
    PARKS,
    STREET,
    STREET_CLERK,
    at,
    bring_to,
    do,
    report,
)

OFFICE = "J01"
LINE = "行政处罚类案件"


def forbid(engine: Engine, *, level: str = "street") -> None:
    """A street's office, and a line that keeps the class 0201 from any street, or from communities only."""
    with write_session(engine) as session:
        session.add(Department(code=OFFICE, name="演示街道办", kind="街道"))
        session.add(
            ListItem(
                source="demo", external_no="FM-07", list_type=ListType.NEGATIVE.value, text=LINE,
                class_prefix="0201", level=level, status=ListStatus.IN_FORCE.value,
                review_stage=ReviewStage.PUBLISHED.value,
            )
        )  # fmt: skip


def rule(**changes: Any) -> DispatchRule:
    fields: dict[str, Any] = {
        "number": 1, "version": 1, "class_prefix": "0201", "area_prefix": STREET, "department_code": PARKS,
        "valid_from": date(2026, 1, 1), "created_at": at(-100), "actor": "演示甲",
    }  # fmt: skip
    return DispatchRule(**(fields | changes))


def filed(engine: Engine) -> int:
    with write_session(engine) as session:
        event_id = report(session)
        bring_to(session, event_id, Status.FILED)
    return event_id


def test_a_rule_of_the_table_goes_before_the_class(district: Engine) -> None:
    event_id = filed(district)
    with write_session(district) as session:
        session.add(rule(limit_hours=2.0, clock_type="urgent_hours", respond_hours=0.5))
        session.flush()
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=1)
        event = session.get_one(Event, event_id)
    assert (event.department_code, event.due_at, event.respond_by) == (PARKS, at(2), at(1.5))


@pytest.mark.parametrize("by_hand", [True, False])
def test_the_negative_list_refuses_with_its_line(district: Engine, by_hand: bool) -> None:
    forbid(district)
    event_id = filed(district)
    with write_session(district) as session:
        session.add(rule(department_code=OFFICE))
    fields = {"department_code": OFFICE} if by_hand else {}
    with pytest.raises(MoveRefused) as caught, write_session(district) as session:
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=1, **fields)

    assert caught.value.rule is Rule.NEGATIVE_LIST
    assert str(caught.value) == f"负面清单第 FM-07 条“{LINE}”：不得下派给演示街道办"


@pytest.mark.parametrize(
    ("color", "by_centre", "down_to"),
    [("blue", False, "社区"), ("blue", True, "社区"), ("yellow", True, "街道")],
)
def test_what_is_on_the_negative_list_does_not_stay_with_community_or_street_either(
    district: Engine, color: str, by_centre: bool, down_to: str
) -> None:
    forbid(district)
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=0.1, route_color=color)
        do(session, event_id, Move.FILE, STREET_CLERK, hours=0.2)
    sender = DISPATCHER if by_centre else NEIGHBOURHOOD
    with pytest.raises(MoveRefused) as caught, write_session(district) as session:
        do(session, event_id, Move.DISPATCH, sender, hours=1)

    assert caught.value.rule is Rule.NEGATIVE_LIST
    assert str(caught.value) == f"负面清单第 FM-07 条“{LINE}”：不得下派给{down_to}，请由指挥中心派给部门"
    with write_session(district) as session:
        event = session.get_one(Event, event_id)
        offered = {
            person: offer.allowed
            for person in (NEIGHBOURHOOD, DISPATCHER)
            for offer in available_moves(session, event=event, person=person, as_of=at(1))
            if offer.move is Move.DISPATCH
        }
        assert offered == {NEIGHBOURHOOD: False, DISPATCHER: True}, "only the centre names a department"
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=2, department_code=PARKS)
        assert session.get_one(Event, event_id).department_code == PARKS


def test_a_line_for_communities_leaves_a_case_with_its_street(district: Engine) -> None:
    forbid(district, level="community")
    with write_session(district) as session:
        event_id = report(session)
        do(session, event_id, Move.FILE, STREET_CLERK, hours=0.2, route_color="yellow")
        do(session, event_id, Move.DISPATCH, STREET_CLERK, hours=1)
        assert session.get_one(Event, event_id).status == Status.DISPATCHED


def test_a_contradiction_of_the_table_names_nobody_and_says_so(district: Engine) -> None:
    event_id = filed(district)
    with write_session(district) as session:
        session.add_all([rule(), rule(number=2, department_code="D01")])
    with (
        pytest.raises(MoveRefused, match="派遣规则 1、2 的类别和区域相同"),
        write_session(district) as session,
    ):
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=1)
    with write_session(district) as session:
        do(session, event_id, Move.DISPATCH, DISPATCHER, hours=1, department_code=PARKS)
        assert session.get_one(Event, event_id).department_code == PARKS
