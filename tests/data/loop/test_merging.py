"""合并 into a case that is named by its number: the rules of those that are suggested, undone exactly."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from data.database import read_session, write_session
from data.event_log import verify
from data.filter import Filter
from data.lifecycle import MoveRefused, Rule, cases_numbered, change_rule
from data.models import AreaWeek, Event
from data.queries.events import count_events
from data.recount import from_log
from data.vocabulary import Move, Status
from tests.data.loop.test_duplicates import EAST_50_M
from tests.data.loop.world import COMMUNITY, DISPATCHER, GRID, NEIGHBOURHOOD, at, bring_to, do, report


def test_a_number_finds_its_case_in_every_source_and_in_any_case_of_letters(district: Engine) -> None:
    with write_session(district) as session:
        ids = {report(session, 1), report(session, 1, source="12345")}
        report(session, 2)
        assert set(cases_numbered(session, number=" ys-0001 ")) == ids
        assert cases_numbered(session, number="YS-00") == cases_numbered(session, number=" ") == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"class_code": "0106"}, "YS-0001 是“演示0106”，这件是“演示0201”：类别相同的件才能合并"),
        ({"reported_at": at(-73)}, "相隔 73 小时，超过 72 小时"),
        ({"lon": 103.81 + 2 * EAST_50_M}, "相距 100 米，超过 50 米"),
        ({"lon": None, "lat": None, "code": "510115001"}, "有一件没有坐标，又不在同一社区或网格"),
    ],
)
def test_a_rule_refuses_a_named_case_with_its_sentence(
    district: Engine, other: dict[str, Any], said: str
) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1, **other), report(session, 2)
    with pytest.raises(MoveRefused, match=said) as caught, write_session(district) as session:
        do(session, gone, Move.MERGE, DISPATCHER, hours=1, merged_into=kept)
    assert caught.value.rule is Rule.DUPLICATE
    with read_session(district) as session:
        assert session.get_one(Event, gone).status == Status.REPORTED


@pytest.mark.parametrize(("code", "into"), [(GRID, GRID), (COMMUNITY, GRID), (GRID, COMMUNITY)])
def test_what_was_told_without_a_position_goes_into_a_case_of_the_same_community(
    district: Engine, code: str, into: str
) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1, code=into), report(session, 2, code=code, lon=None, lat=None)
        assert do(session, gone, Move.MERGE, DISPATCHER, hours=1, merged_into=kept).status == "merged"


def test_the_numbers_of_the_rules_are_those_of_the_district(district: Engine) -> None:
    with write_session(district) as session:
        change_rule(session, key="duplicate_distance_m", value=150, at=at(0), actor="演示甲")
        kept, gone = report(session, 1, lon=103.81 + 2 * EAST_50_M), report(session, 2)
        assert do(session, gone, Move.MERGE, DISPATCHER, hours=1, merged_into=kept).status == "merged"


def counted(session: Session) -> dict[str, Any]:
    """Everything that counts cases: the screens' counts, the weekly roll-up, and the same from the log."""
    weeks = session.connection().execute(select(AreaWeek.__table__)).all()  # type: ignore[attr-defined]
    return {
        "open": count_events(session=session, where=Filter(), as_of=at(9)),
        "weeks": sorted(tuple(row) for row in weeks if any(row[2:])),
        "log": from_log(session),
        "faults": verify(session),
    }


@pytest.mark.parametrize("status", [Status.REPORTED, Status.FILED])
def test_a_merge_taken_back_leaves_every_count_and_every_field_as_it_was(
    district: Engine, status: Status
) -> None:
    with write_session(district) as session:
        kept, gone = report(session, 1, due_at=at(4)), report(session, 2, due_at=at(4), lon=None, lat=None)
        hours = bring_to(session, gone, status)
        row, before = session.get_one(Event, gone).model_dump(), counted(session)
        do(session, gone, Move.MERGE, DISPATCHER, hours=hours + 1, merged_into=kept)
        merged = counted(session)
        do(session, gone, Move.UNMERGE, NEIGHBOURHOOD, hours=hours + 2, reason="不是同一处")
        after, again = session.get_one(Event, gone, populate_existing=True).model_dump(), counted(session)

    assert merged["open"] != before["open"]
    assert merged["weeks"] != before["weeks"]
    assert again == before
    assert before["faults"] == []
    assert {name for name in row if row[name] != after[name]} == {"seq", "head_hash"}
