"""Duplicates: suggested by class, place and time; merged by a person; undone to the last field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_log import Action, Advance, Entry, append, verify
from data.lifecycle import LoopRules, MoveRefused, Rule, suggest_duplicates
from data.models import Event
from data.vocabulary import Move, Status
from tests.data.core.events import REPORTED_AT, first, move
from tests.data.loop.world import DISPATCHER, NEIGHBOURHOOD, STRANGER, at, bring_to, do, report
from tests.sql_recorder import recorded, scans

EAST_50_M = 50 / 95_780
"""Degrees of longitude that are 50 m at latitude 30.71 (111,412 m × cos 30.71° a degree, GRS80)."""


def suggested(engine: Engine, **changes: Any) -> list[int]:
    asked: dict[str, Any] = {"class_code": "0201", "lon": 103.81, "lat": 30.71, "reported_at": REPORTED_AT}
    with read_session(engine) as session:
        return [one.event_id for one in suggest_duplicates(session, **{**asked, **changes})]


def test_the_same_class_near_in_place_and_time_is_suggested_the_nearest_first(district: Engine) -> None:
    with write_session(district) as session:
        ids = [
            report(session, 1, lon=103.81 + 0.9 * EAST_50_M),
            report(session, 2, lon=103.81 + 0.2 * EAST_50_M),
            report(session, 3, lon=103.81 + 1.1 * EAST_50_M),
            report(session, 4, class_code="0106"),
            report(session, 5, reported_at=at(-72)),
            report(session, 6, reported_at=at(-72.01)),
            report(session, 7, lon=None, lat=None),
        ]

    assert suggested(district) == [ids[4], ids[1], ids[0]]
    assert suggested(district, event_id=ids[1]) == [ids[4], ids[0]]


def test_a_suggestion_says_how_near_and_what_a_merge_must_have_seen(district: Engine) -> None:
    with write_session(district) as session:
        report(session, 1, lon=103.81 + 0.5 * EAST_50_M, reported_at=at(-3))
    with read_session(district) as session:
        (found,) = suggest_duplicates(
            session, class_code="0201", lon=103.81, lat=30.71, reported_at=REPORTED_AT
        )
    assert found.distance_m == pytest.approx(25.0, abs=0.1)
    assert (found.hours_apart, found.seq, found.external_no) == (3.0, 1, "YS-0001")


def test_ended_cases_are_not_suggested(district: Engine) -> None:
    with write_session(district) as session:
        append(session, [Advance(entries=[*first(1).entries, move("voided", hours=1)])])
    assert suggested(district) == []


def test_without_a_position_nothing_is_suggested(district: Engine) -> None:
    with write_session(district) as session:
        report(session)
    assert suggested(district, lon=None) == []


def test_the_numbers_are_those_of_the_district(district: Engine) -> None:
    with write_session(district) as session:
        near, later = report(session, 1, lon=103.81 + EAST_50_M), report(session, 2, reported_at=at(20))
    assert suggested(district, rules=LoopRules(duplicate_distance_m=20.0)) == [later]
    assert suggested(district, rules=LoopRules(duplicate_distance_m=60.0, duplicate_hours=10.0)) == [near]


@pytest.mark.sqlite
def test_suggesting_searches_an_index_however_many_events_there_are(district: Engine) -> None:
    with write_session(district) as session:
        append(session, [first(n, lon=103.7 + n / 5_000, due_at=None) for n in range(1, 400)])
    with recorded(district) as statements:
        suggested(district)
    assert scans(statements) == []
    assert any("ix_event_open_cell" in line for one in statements for line in one.plan)


def test_of_a_pile_of_cases_at_one_position_only_so_many_are_compared(
    district: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that does not know where gives all its cases one position: each new one met all of them."""
    monkeypatch.setattr("data.lifecycle.duplicates.MOST_LOOKED_AT", 5)
    with write_session(district) as session:
        append(session, [first(n, due_at=None) for n in range(1, 9)])
    assert len(suggested(district)) == 5


def stored(engine: Engine, event_id: int) -> dict[str, Any]:
    with read_session(engine) as session:
        return session.get_one(Event, event_id).model_dump()


def test_a_merged_case_ends_and_names_where_it_goes_on(district: Engine) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1), report(session, 2)
        bring_to(session, kept, Status.HANDLING)
        do(session, gone, Move.MERGE, NEIGHBOURHOOD, hours=2, merged_into=kept)
    event = stored(district, gone)
    assert (event["status"], event["merged_into"], event["ended_at"]) == ("merged", kept, at(2))


def test_taking_a_merge_back_restores_every_field(district: Engine) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1), report(session, 2, due_at=at(4))
        do(session, gone, Move.VERIFY, NEIGHBOURHOOD, hours=1, route_color="yellow")
    before = stored(district, gone)
    with write_session(district) as session:
        do(session, gone, Move.MERGE, NEIGHBOURHOOD, hours=2, merged_into=kept)
        do(session, gone, Move.UNMERGE, NEIGHBOURHOOD, hours=3, reason="不是同一处")
        assert verify(session) == []
    after = stored(district, gone)
    assert {name for name in before if before[name] != after[name]} == {"seq", "head_hash"}


def test_what_was_learned_since_the_merge_stays_when_it_is_taken_back(district: Engine) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1), report(session, 2)
        do(session, gone, Move.MERGE, NEIGHBOURHOOD, hours=2, merged_into=kept)
        told = Entry(action=Action.UPDATE, at=at(3), actor="演示甲", changes={"address": "演示路 1 号"})
        append(session, [Advance(event_id=gone, seen_seq=2, entries=[told])])
        do(session, gone, Move.UNMERGE, DISPATCHER, hours=4, reason="不是同一处")
    event = stored(district, gone)
    assert (event["status"], event["merged_into"], event["address"]) == ("reported", None, "演示路 1 号")


@pytest.mark.parametrize(
    ("into", "said"),
    [("itself", "并入它自己"), ("nothing", "没有编号为 99 的事件"), ("ended", "只能并入在办的件")],
)
def test_a_merge_needs_another_case_that_goes_on(district: Engine, into: str, said: str) -> None:
    with write_session(district) as session:
        gone = report(session, 1)
        (ended,) = append(session, [Advance(entries=[*first(2).entries, move("voided", hours=1)])])
    number = {"itself": gone, "nothing": 99, "ended": ended}[into]
    with pytest.raises(MoveRefused, match=said) as caught, write_session(district) as session:
        do(session, gone, Move.MERGE, NEIGHBOURHOOD, hours=2, merged_into=number)
    assert caught.value.rule is Rule.DUPLICATE


def test_nobody_merges_into_a_case_outside_their_area(district: Engine) -> None:
    with write_session(district) as session:
        elsewhere, gone = report(session, 1, code=STRANGER.division_code), report(session, 2)
    with pytest.raises(MoveRefused, match="请由上一级合并"), write_session(district) as session:
        do(session, gone, Move.MERGE, NEIGHBOURHOOD, hours=2, merged_into=elsewhere)
    with write_session(district) as session:
        assert do(session, gone, Move.MERGE, DISPATCHER, hours=2, merged_into=elsewhere).status == "merged"


def test_two_cases_are_never_merged_into_each_other(district: Engine) -> None:
    with write_session(district) as session:
        one, two = report(session, 1), report(session, 2)
        do(session, one, Move.MERGE, DISPATCHER, hours=1, merged_into=two)
    with pytest.raises(MoveRefused, match="只能并入在办的件"), write_session(district) as session:
        do(session, two, Move.MERGE, DISPATCHER, hours=2, merged_into=one)


def test_a_case_that_came_merged_has_nothing_to_go_back_to(district: Engine) -> None:
    with write_session(district) as session:
        event_id = report(session, 1, status="merged")
    with pytest.raises(MoveRefused, match="接入时就是合并件"), write_session(district) as session:
        do(session, event_id, Move.UNMERGE, DISPATCHER, hours=2, reason="试")


def test_the_default_numbers_are_fifty_metres_and_three_days() -> None:
    rules = LoopRules()
    assert (rules.duplicate_distance_m, timedelta(hours=rules.duplicate_hours)) == (50.0, timedelta(days=3))
    assert replace(rules, duplicate_hours=1.0) != rules
