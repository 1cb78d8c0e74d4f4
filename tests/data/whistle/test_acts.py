"""A whistle from its blow to its scores; its clock; and that events are only looked up by number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.calendar import published_calendar
from data.clock import remaining_hours
from data.database import read_session, write_session
from data.event_log import append_one
from data.models import WhistleEvent, WhistleLog
from data.models.base import column
from data.vocabulary import LadderColor
from data.whistle import (
    LadderOwner,
    WhistleDraft,
    WhistleError,
    WhistleLine,
    arrive,
    blow,
    department_scores,
    finish,
    give_back,
    open_whistles,
    score,
    steps_of,
    whistle_line,
)
from tests.data.core.events import first
from tests.data.dispatch.town import COMMUNITY, STREET, build_town
from tests.sql_recorder import recorded, scans

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
CALENDAR = published_calendar()
DRAFT = WhistleDraft(
    kind="emergency", code=COMMUNITY, subject="示例路燃气泄漏", lead="D01", joining=("D02", "S01")
)


@pytest.fixture
def town(small_district: Engine) -> Engine:
    return build_town(small_district)


def blown(engine: Engine, draft: WhistleDraft = DRAFT, now: datetime = FRIDAY) -> int:
    with write_session(engine) as session:
        return blow(session, draft, actor="演示甲", calendar=CALENDAR, now=now).id or 0


def act(engine: Engine, how: Any, department: str, *, minutes: float = 5, **more: Any) -> None:
    with write_session(engine) as session:
        now = {} if how is score else {"now": FRIDAY + timedelta(minutes=minutes)}
        how(session, whistle_id=1, department=department, actor="演示乙", **now, **more)


def line(engine: Engine, minutes: float) -> WhistleLine:
    with read_session(engine) as session:
        found = whistle_line(session=session, whistle_id=1, as_of=FRIDAY + timedelta(minutes=minutes))
    assert found is not None
    return found


def test_in_an_emergency_departments_have_half_an_hour() -> None:
    steps = steps_of(kind="emergency", blown_at=FRIDAY, calendar=CALENDAR)

    assert steps.half_at == FRIDAY + timedelta(minutes=15)
    assert steps.respond_by == FRIDAY + timedelta(minutes=30)
    assert steps.second_by == FRIDAY + timedelta(hours=1)


@pytest.mark.parametrize("kind", ["residents", "joint"])
def test_else_they_have_until_the_end_of_the_next_working_day_and_half_is_working_time(kind: str) -> None:
    steps = steps_of(kind=kind, blown_at=FRIDAY, calendar=CALENDAR)

    assert steps.respond_by == span_end(23)
    assert steps.second_by == span_end(24)
    assert FRIDAY < steps.half_at < steps.respond_by
    worked = [remaining(FRIDAY, steps.half_at), remaining(steps.half_at, steps.respond_by)]
    assert worked[0] == pytest.approx(worked[1])


def span_end(day: int) -> datetime:
    """The last working moment of a day of November 2026 by the published calendar."""
    minute = CALENDAR.spans_on(date(2026, 11, day))[-1][1]
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(minutes=minute) - timedelta(hours=8)


def remaining(start: datetime, end: datetime) -> float:
    hours = remaining_hours(due_at=end, as_of=start, clock_type="working_days", calendar=CALENDAR)
    assert hours is not None
    return hours


def test_a_whistle_runs_from_its_blow_over_arrivals_to_its_end(town: Engine) -> None:
    assert blown(town) == 1
    assert line(town, 1).rung.reason == "等待示例执法局、示例住建局、示例街道城管办报到"
    for department in ("D01", "D02", "S01"):
        act(town, arrive, department)
    assert line(town, 10).rung.reason == "各部门已报到，办理中"

    for department in ("D01", "D02", "S01"):
        act(town, finish, department, minutes=20, reason="已处置")

    done = line(town, 30)
    assert done.rung.owner is LadderOwner.NOBODY
    assert done.whistle.outcome == "已处置"
    with read_session(town) as session:
        assert open_whistles(session=session, as_of=FRIDAY) == []
        actions = session.execute(select(column(WhistleLog.action)).order_by(column(WhistleLog.id))).scalars()
        assert list(actions) == ["blow", *["arrive"] * 3, *["finish"] * 3]


def test_returns_are_counted_take_the_arrival_back_and_need_a_reason(town: Engine) -> None:
    blown(town)
    act(town, arrive, "D01")
    with pytest.raises(WhistleError, match="退回要写明理由"):
        act(town, give_back, "D01", reason=" ")
    for _ in range(3):
        act(town, give_back, "D01", reason="不属职责")

    found = line(town, 10)
    assert (found.rung.owner, found.rung.color) == (LadderOwner.MEETING, LadderColor.RED)
    assert found.whistle.returned_count == 3
    assert found.departments[0].arrived_at is None


def test_the_street_scores_each_department_once_it_is_done(town: Engine) -> None:
    blown(town)
    act(town, arrive, "D01")
    with pytest.raises(WhistleError, match="还没有办结，不能评分"):
        act(town, score, "D01", points=90)
    act(town, finish, "D01", minutes=9)
    with pytest.raises(WhistleError, match="评分 101 不对"):
        act(town, score, "D01", points=101)
    act(town, score, "D01", points=90, note="到场快")

    with read_session(town) as session:
        (found,) = department_scores(session=session)
    assert (found.department_code, found.mean, found.count) == ("D01", 90.0, 1)


def test_open_whistles_are_listed_by_rung_and_area(town: Engine) -> None:
    blown(town)
    blown(town, WhistleDraft(kind="joint", code=STREET, subject="示例夜市联合执法", lead="D01"))
    with read_session(town) as session:
        late = FRIDAY + timedelta(minutes=45)
        everything = open_whistles(session=session, as_of=late)
        inside = open_whistles(session=session, as_of=late, area=COMMUNITY)

    assert [one.rung.color for one in everything] == [LadderColor.RED, LadderColor.BLUE]
    assert [one.whistle.code for one in inside] == [COMMUNITY]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"kind": "boredom"}, "吹哨事由“boredom”不对"),
        ({"subject": " "}, "事项要填写"),
        ({"code": "510115009"}, "没有代码为“510115009”的区划"),
        ({"lead": "X9"}, "部门“X9”不存在"),
        ({"joining": ("D01",)}, "同一个部门写了两次"),
        ({"events": (99,)}, "没有编号为 99 的事件"),
    ],
)
def test_a_whistle_that_cannot_be_is_refused_with_the_value(
    town: Engine, bad: dict[str, Any], said: str
) -> None:
    words: dict[str, Any] = {"kind": "joint", "code": COMMUNITY, "subject": "示例", "lead": "D01", **bad}

    with pytest.raises(WhistleError, match=said):
        blown(town, WhistleDraft(**words))


def test_acts_that_do_not_fit_are_refused(town: Engine) -> None:
    with pytest.raises(WhistleError, match="没有编号为 1 的吹哨"):
        act(town, arrive, "D01")
    blown(town)
    with pytest.raises(WhistleError, match="C01 不在被吹哨的部门之列"):
        act(town, arrive, "C01")
    with pytest.raises(WhistleError, match="早于吹哨时间"):
        act(town, arrive, "D01", minutes=-1)
    with pytest.raises(WhistleError, match="还没有报到"):
        act(town, finish, "D01")
    act(town, arrive, "D01")
    with pytest.raises(WhistleError, match="已经报到过"):
        act(town, arrive, "D01")


def test_events_are_looked_up_by_number_and_never_scanned(town: Engine) -> None:
    with write_session(town) as session:
        event_id = append_one(session, first().entries[0])
    with recorded(town) as statements:
        blown(
            town, WhistleDraft(kind="joint", code=COMMUNITY, subject="示例", lead="D01", events=(event_id,))
        )
        act(town, arrive, "D01")
        line(town, 5)
        with read_session(town) as session:
            open_whistles(session=session, as_of=FRIDAY)

    assert scans(statements) == []
    with read_session(town) as session:
        linked = session.execute(select(column(WhistleEvent.event_id))).scalars()
        assert list(linked) == [event_id]
