"""What a person fills in for a move, when it happens, and who the person is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_log import records_of, verify
from data.lifecycle import (
    MOVES,
    SPECS,
    BadFields,
    BadRule,
    LoopRules,
    MoveField,
    MoveRefused,
    change_rule,
    list_people,
    make_move,
    read_person,
    read_rules,
    role_of,
)
from data.lifecycle.errors import UnknownPerson
from data.models import Event, Staff
from data.vocabulary import Move, Role, Status
from tests.data.loop.world import DISPATCHER, NEIGHBOURHOOD, ROADMAN, ROADS, at, bring_to, do, report


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "需要填写处置颜色"),
        ({"route_color": "green"}, "没有“green”这种处置颜色"),
        ({"route_color": ["red"]}, "这种处置颜色"),
        ({"route_color": "red", "reason": "字" * 513}, "文字过长：513 字"),
        ({"route_color": "red", "reason": 7}, "应填文字"),
        ({"route_color": "red", "merged_into": 3}, "不需要填写并入的事件"),
        ({"route_color": "red", "colour": "x"}, "不需要填写colour"),
        ({"route_color": "red", "files": ["ab"]}, "附件没有保存成功"),
    ],
)
def test_what_is_filled_in_is_checked(district: Engine, fields: dict[str, Any], said: str) -> None:
    with write_session(district) as session:
        event_id = report(session)

    with pytest.raises(BadFields) as caught, write_session(district) as session:
        do(session, event_id, Move.VERIFY, NEIGHBOURHOOD, hours=1, **fields)
    assert said in str(caught.value)
    assert MoveField.ROUTE_COLOR in MOVES[Move.VERIFY].needs


def test_a_moment_without_zone_is_refused(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session)
    with pytest.raises(MoveRefused, match="没有时区"), write_session(district) as session:
        make_move(
            session, event_id=event_id, seen_seq=1, move=Move.VERIFY, person=NEIGHBOURHOOD,
            at=at(1).replace(tzinfo=None), fields={"route_color": "red"},
        )  # fmt: skip


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 20, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        datetime(2026, 11, 19, 21, 30, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 11, 20, 2, 30, tzinfo=timezone(timedelta(0))),
    ],
)
def test_a_moment_is_the_same_in_whatever_zone_it_is_said(district: Engine, moment: datetime) -> None:
    with write_session(district) as session:
        event_id = report(session)
        make_move(
            session, event_id=event_id, seen_seq=1, move=Move.VERIFY, person=NEIGHBOURHOOD, at=moment,
            fields={"route_color": "red"},
        )  # fmt: skip
        assert records_of(session, [event_id])[event_id][-1].at == at(1.5)
        assert verify(session) == []


def test_the_hour_that_a_change_of_clocks_repeats_is_told_apart(district: Engine) -> None:
    """In New York 1:30 came twice on 2026-11-01: whoever moves in the second has not set a clock back."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    with write_session(district) as session:
        event_id = report(session, reported_at=first)
        make_move(
            session, event_id=event_id, seen_seq=1, move=Move.VERIFY, person=NEIGHBOURHOOD,
            at=first.replace(minute=10, fold=1), fields={"route_color": "red"},
        )  # fmt: skip
        event = session.get_one(Event, event_id)
    assert (event.seq, event.route_color) == (2, "red")


def test_people_come_from_the_staff_table_with_the_role_of_their_post(district: Engine) -> None:
    with read_session(district) as session:
        assert read_person(session, staff_id=5) == DISPATCHER
        assert [one.name for one in list_people(session, role=Role.DEPARTMENT, department_code=ROADS)] == [
            "市政·示例07", "市政·示例09",
        ]  # fmt: skip
        assert [one.role for one in list_people(session, under="510115001001")] == [
            Role.GRID_WORKER, Role.COMMUNITY,
        ]  # fmt: skip
        with pytest.raises(UnknownPerson, match="没有编号为 99 的人员"):
            read_person(session, staff_id=99)


def test_a_post_without_part_in_the_loop_has_no_role(district: Engine) -> None:
    assert (role_of("驾驶员"), role_of("驾驶员", department_code="D01")) == (None, Role.DEPARTMENT)
    with write_session(district) as session:
        session.add(Staff(source="demo", external_no="x", name="司机·示例12", post="驾驶员"))
    with read_session(district) as session, pytest.raises(UnknownPerson, match="司机·示例12的岗位“驾驶员”"):
        read_person(session, staff_id=11)


def test_the_numbers_of_the_loop_are_data_with_bounds(district: Engine) -> None:
    assert SPECS.keys() == set(LoopRules.__dataclass_fields__)
    with write_session(district) as session:
        assert read_rules(session) == LoopRules()
        change_rule(session, key="extensions", value=0, at=at(0), actor="书记·示例04")
        session.flush()
        assert read_rules(session) == LoopRules(extensions=0)
        with pytest.raises(BadRule, match="一件延期的次数上限不能是 3 次：应在 0 到 2 之间"):
            change_rule(session, key="extensions", value=3, at=at(0), actor="书记·示例04")
        with pytest.raises(BadRule, match="没有“speed”这条规则"):
            change_rule(session, key="speed", value=3, at=at(0), actor="书记·示例04")
        event_id = report(session)
        bring_to(session, event_id, Status.HANDLING)
    with pytest.raises(MoveRefused, match="最多 0 次"), write_session(district) as session:
        do(session, event_id, Move.ASK_EXTENSION, ROADMAN, hours=1, reason="等")
