"""A whistle from its blow to its scores; its clock; who may do what; its log, and the way back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from data.calendar import published_calendar
from data.database import read_session, write_session
from data.event_log import append_one
from data.filter import Filter
from data.lifecycle import LoopRules, Person, change_rule
from data.models import Whistle, WhistleEvent, WhistleLog
from data.models.base import column
from data.time_left import time_left
from data.vocabulary import Role
from data.whistle import (
    Deed,
    LadderOwner,
    StaleWhistle,
    WhistleCard,
    WhistleDraft,
    WhistleError,
    WhistleRule,
    blow,
    offers,
    steps_of,
    take,
    verify_whistles,
    whistle_card,
    whistle_page,
    whistles_of_event,
)
from data.whistle.log import Step, append, fold, log_of, notes_of
from data.whistle_vocabulary import CalledStanding, LadderColor, WhistleAct, WhistleStanding
from tests.data.core.events import first
from tests.data.dispatch.town import COMMUNITY, STREET, build_town
from tests.sql_recorder import recorded, scans

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
CALENDAR = published_calendar()
DRAFT = WhistleDraft(
    kind="emergency", code=COMMUNITY, subject="示例路燃气泄漏", lead="D01", joining=("D02", "S01")
)
CLERK = Person(name="演示报单员", role=Role.STREET, division_code=STREET)
SECRETARY = Person(name="演示书记", role=Role.LEADER, division_code=STREET)
NEIGHBOUR = Person(name="演示邻街", role=Role.STREET, division_code="510115002")
WORKER = Person(name="演示网格员", role=Role.GRID_WORKER, division_code=COMMUNITY)
STAFF = {
    code: Person(name=f"演示{code}", role=Role.DEPARTMENT, department_code=code)
    for code in ("D01", "D02", "S01", "C01")
}


@pytest.fixture
def town(small_district: Engine) -> Engine:
    return build_town(small_district)


def blown(engine: Engine, draft: WhistleDraft = DRAFT, at: datetime = FRIDAY, by: Person = CLERK) -> int:
    with write_session(engine) as session:
        return blow(session, draft, person=by, at=at).id or 0


def act(
    engine: Engine,
    what: WhistleAct | str,
    department: str = "",
    *,
    minutes: float = 5,
    by: Person | None = None,
    seen: int | None = None,
    **more: Any,
) -> None:
    person = by or STAFF.get(department, CLERK)
    deed = Deed(act=WhistleAct(what), whistle_id=1, department=department, **more)
    with write_session(engine) as session:
        take(session, deed, person=person, at=FRIDAY + timedelta(minutes=minutes), seen_seq=seen)


def card(engine: Engine, minutes: float) -> WhistleCard:
    with read_session(engine) as session:
        found = whistle_card(session=session, whistle_id=1, as_of=FRIDAY + timedelta(minutes=minutes))
    assert found is not None
    return found


def faults(engine: Engine) -> list[str]:
    with read_session(engine) as session:
        return verify_whistles(session)


# --- the clock ---------------------------------------------------------------------------------------------
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


def test_a_whistle_before_the_national_holiday_waits_until_after_it_by_hand() -> None:
    """Wednesday 2026-09-30 16:00, seven days off: the next working day is Thursday 10-08. Of its clock
    09:00–12:00 and 13:00–17:00 stand in the calendar: one hour is left on the 30th and seven follow.
    """
    at = datetime(2026, 9, 30, 8, 0, tzinfo=UTC)
    steps = steps_of(kind="joint", blown_at=at, calendar=CALENDAR)
    spans = [CALENDAR.spans_on(date(2026, 10, day)) for day in (7, 8)]
    worked = [sum(end - start for start, end in CALENDAR.spans_on(date(2026, 10, 8)))]
    left_on_the_30th = CALENDAR.spans_on(date(2026, 9, 30))[-1][1] - 16 * 60

    assert spans[0] == ()
    assert steps.respond_by == datetime(2026, 10, 8, tzinfo=UTC) + timedelta(minutes=spans[1][-1][1] - 480)
    half = (left_on_the_30th + worked[0]) / 2 - left_on_the_30th
    start = spans[1][0][0]
    assert steps.half_at == datetime(2026, 10, 8, tzinfo=UTC) + timedelta(minutes=start + half - 480)


def test_a_district_sets_both_limits_itself(town: Engine) -> None:
    with write_session(town) as session:
        change_rule(session, key="whistle_minutes", value=20, at=FRIDAY, actor="演示甲")
        change_rule(session, key="whistle_days", value=2, at=FRIDAY, actor="演示甲")
    blown(town)
    blown(town, WhistleDraft(kind="joint", code=COMMUNITY, subject="示例", lead="D01"))

    with read_session(town) as session:
        first_, second = session.execute(select(Whistle).order_by(column(Whistle.id))).scalars()
    assert first_.respond_by - first_.blown_at == timedelta(minutes=20)
    assert second.respond_by == span_end(24)
    assert LoopRules().whistle_minutes == 30


def span_end(day: int) -> datetime:
    """The last working moment of a day of November 2026 by the published calendar."""
    minute = CALENDAR.spans_on(date(2026, 11, day))[-1][1]
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(minutes=minute) - timedelta(hours=8)


def remaining(start: datetime, end: datetime) -> float:
    return time_left(due_at=end, as_of=start, clock_type="working_days", calendar=CALENDAR).hours


# --- its way -----------------------------------------------------------------------------------------------
def test_a_whistle_runs_from_its_blow_over_arrivals_to_its_end(town: Engine) -> None:
    assert blown(town) == 1
    before = card(town, 1).line
    assert before.rung.reason == "等待示例执法局、示例住建局、示例街道城管办报到"
    assert (before.standing, before.next_at) == (WhistleStanding.ABSENT, FRIDAY + timedelta(minutes=15))
    assert before.left is not None
    assert before.left.hours == pytest.approx(29 / 60)
    for department in ("D01", "D02", "S01"):
        act(town, "arrive", department)
    line = card(town, 10).line
    assert (line.rung.reason, line.standing) == ("各部门已报到，办理中", WhistleStanding.WORKING)
    assert (line.left, line.next_at) == (None, None)

    for department in ("D01", "D02", "S01"):
        act(town, "finish", department, minutes=20, reason="已处置")

    done = card(town, 30).line
    assert (done.rung.owner, done.standing) == (LadderOwner.NOBODY, WhistleStanding.DONE)
    assert done.outcome == "已处置"
    with read_session(town) as session:
        assert whistle_page(session=session, where=Filter(), as_of=FRIDAY).rows == ()
    log = card(town, 30).log
    assert [one.action for one in log] == ["blow", *["arrive"] * 3, *["finish"] * 3]
    assert [(one.from_state, one.to_state) for one in log[:2]] == [("", "absent"), ("called", "arrived")]
    assert (log[1].actor, log[-1].reason) == ("演示D01", "已处置")
    assert faults(town) == []


def test_what_is_done_after_the_moment_of_a_screen_shows_on_it_all_the_same(town: Engine) -> None:
    blown(town)
    for department in ("D01", "D02", "S01"):
        act(town, "arrive", department, minutes=5)

    assert card(town, 4).line.rung.reason == "各部门已报到，办理中"


def test_returns_are_counted_take_the_arrival_back_and_need_a_reason(town: Engine) -> None:
    blown(town)
    act(town, "arrive", "D01")
    with pytest.raises(WhistleError, match="退回要写明理由"):
        act(town, "return", "D01", reason=" ")
    for _ in range(3):
        act(town, "return", "D01", reason="不属职责")

    found = card(town, 10).line
    assert (found.rung.owner, found.rung.color) == (LadderOwner.MEETING, LadderColor.RED)
    assert found.returned_count == 3
    assert found.on_agenda
    assert found.departments[0].arrived_at is None
    assert found.departments[0].standing is CalledStanding.RETURNED


def test_the_street_scores_each_department_once_it_is_done_and_a_low_score_says_why(town: Engine) -> None:
    blown(town)
    act(town, "arrive", "D01")
    with pytest.raises(WhistleError, match="还没有办结，不能评分"):
        act(town, "score", "D01", by=CLERK, points=90)
    act(town, "finish", "D01", minutes=9, reason="已处置")
    for points, said in ((101, "评分 101 不对"), (None, "没有填"), (59, "低于 60 分要写明理由")):
        with pytest.raises(WhistleError, match=said):
            act(town, "score", "D01", minutes=9, by=SECRETARY, points=points)
    act(town, "score", "D01", minutes=10, by=SECRETARY, points=90, reason="到场快")

    found = card(town, 11)
    assert (found.line.departments[0].score, found.line.departments[0].score_note) == (90, "到场快")
    assert found.log[-1].reason == "90 分 到场快"


def test_a_whistle_is_withdrawn_with_a_reason_while_nobody_has_come(town: Engine) -> None:
    blown(town)
    with pytest.raises(WhistleError, match="撤回吹哨要写明理由"):
        act(town, "withdraw")
    act(town, "withdraw", reason="误吹")
    found = card(town, 10).line
    assert (found.standing, found.rung.reason) == (WhistleStanding.WITHDRAWN, "已撤回")
    with pytest.raises(WhistleError, match="已经撤回"):
        act(town, "arrive", "D01", minutes=6)
    act(town, "undo", minutes=7)
    act(town, "arrive", "D01", minutes=8)
    with pytest.raises(WhistleError, match="已有部门报到，不能撤回"):
        act(town, "withdraw", minutes=9, reason="误吹")
    assert faults(town) == []


# --- who may ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("person", "rule", "said"),
    [
        (WORKER, WhistleRule.ROLE, "“吹哨”由街道报单、街道书记（督办）办理，演示网格员的角色是网格员"),
        (STAFF["D01"], WhistleRule.ROLE, "“吹哨”由街道报单"),
        (NEIGHBOUR, WhistleRule.AREA, "不在演示邻街的责任区 510115002 内"),
    ],
)
def test_only_a_street_blows_and_only_in_its_own_area(
    town: Engine, person: Person, rule: WhistleRule, said: str
) -> None:
    with pytest.raises(WhistleError, match=said) as refused:
        blown(town, by=person)

    assert refused.value.rule is rule


REFUSED = [
    ("arrive", STAFF["D02"], WhistleRule.SIDE, "示例执法局由该部门自己报到，演示D02属于其他部门"),
    ("arrive", WORKER, WhistleRule.ROLE, "演示网格员的角色是网格员"),
    ("arrive", NEIGHBOUR, WhistleRule.AREA, "不在演示邻街的责任区"),
    ("return", CLERK, WhistleRule.ROLE, "“退回”由职能部门办理"),
    ("finish", STAFF["D02"], WhistleRule.SIDE, "属于其他部门"),
    ("score", STAFF["D01"], WhistleRule.ROLE, "“评分”由街道报单"),
    ("withdraw", STAFF["D01"], WhistleRule.ROLE, "“撤回吹哨”由街道报单"),
]


@pytest.mark.parametrize(("what", "person", "rule", "said"), REFUSED)
def test_what_is_not_ones_own_is_refused_by_name_and_nothing_is_written(
    town: Engine, what: str, person: Person, rule: WhistleRule, said: str
) -> None:
    blown(town)
    department = "" if what == "withdraw" else "D01"
    with pytest.raises(WhistleError, match=said) as refused:
        act(town, what, department, by=person, reason="示例", points=80)

    assert refused.value.rule is rule
    assert len(card(town, 9).log) == 1


def test_the_street_may_note_who_came_and_what_is_done_for_a_department(town: Engine) -> None:
    blown(town)
    act(town, "arrive", "S01", by=CLERK)
    act(town, "finish", "S01", by=SECRETARY, reason="现场已处置")

    assert [one.actor for one in card(town, 9).log] == ["演示报单员", "演示报单员", "演示书记"]


def test_offers_say_what_each_person_may_do_and_why_not(town: Engine) -> None:
    blown(town)
    act(town, "arrive", "D01")

    def offered(person: Person) -> set[tuple[str, str]]:
        with read_session(town) as session:
            found = offers(session, session.get_one(Whistle, 1), person=person, at=FRIDAY)
        assert all(one.allowed or one.refusal for one in found)
        return {(one.act.value, one.department) for one in found if one.allowed}

    assert offered(STAFF["D01"]) == {("finish", "D01"), ("return", "D01"), ("undo", "")}
    assert offered(STAFF["D02"]) == {("arrive", "D02"), ("return", "D02")}
    assert offered(CLERK) == {("arrive", "D02"), ("arrive", "S01"), ("finish", "D01"), ("undo", "")}
    assert offered(NEIGHBOUR) == offered(WORKER) == set()


# --- back, and at once -------------------------------------------------------------------------------------
def test_the_newest_act_is_taken_back_within_a_day_by_whoever_may_do_it(town: Engine) -> None:
    blown(town)
    with pytest.raises(WhistleError, match="要取消吹哨请用“撤回吹哨”"):
        act(town, "undo")
    act(town, "arrive", "D01")
    with pytest.raises(WhistleError, match="属于其他部门"):
        act(town, "undo", minutes=6, by=STAFF["D02"])
    with pytest.raises(WhistleError, match="已超过 24 小时"):
        act(town, "undo", minutes=6 + 24 * 60, by=STAFF["D01"])
    act(town, "undo", minutes=6, by=STAFF["D01"], reason="点错了")

    found = card(town, 10)
    assert found.line.departments[0].standing is CalledStanding.CALLED
    assert found.log[-1].reason == "撤销第 2 步“报到”：点错了"
    with pytest.raises(WhistleError, match="上一步就是撤销"):
        act(town, "undo", minutes=7, by=STAFF["D01"])
    assert faults(town) == []


def test_whoever_comes_too_late_is_told_who_did_what(town: Engine) -> None:
    blown(town)
    act(town, "arrive", "D01", seen=1)
    with pytest.raises(StaleWhistle, match="演示D01 于 11-20 10:05 报到。请核对后再办"):
        act(town, "arrive", "D02", seen=1)
    act(town, "arrive", "D02", seen=2)

    assert len(card(town, 9).log) == 3


# --- lists -------------------------------------------------------------------------------------------------
def test_open_whistles_are_listed_by_rung_and_area_and_counted_by_who_is_missing(town: Engine) -> None:
    blown(town)
    blown(town, WhistleDraft(kind="joint", code=STREET, subject="示例夜市联合执法", lead="D01"))
    act(town, "arrive", "D02")
    late = FRIDAY + timedelta(minutes=45)
    with read_session(town) as session:
        everything = whistle_page(session=session, where=Filter(), as_of=late)
        inside = whistle_page(session=session, where=Filter(areas=(COMMUNITY,)), as_of=late)
        of_one = whistle_page(session=session, where=Filter(departments=("D02",)), as_of=late)
        worded = whistle_page(session=session, where=Filter(text="夜市"), as_of=late)

    assert [one.rung.color for one in everything.rows] == [LadderColor.RED, LadderColor.BLUE]
    assert everything.counts.absent == (("D01", "示例执法局", 2), ("S01", "示例街道城管办", 1))
    assert everything.counts.working == (("D02", "示例住建局", 1),)
    assert [one.code for one in inside.rows] == [COMMUNITY]
    assert dict(of_one.counts.standing) == {WhistleStanding.WORKING: 1}
    assert [one.subject for one in worded.rows] == ["示例夜市联合执法"]


def test_lists_are_empty_where_there_is_nothing(town: Engine) -> None:
    with read_session(town) as session:
        for standing in ("", "agenda", *WhistleStanding):
            found = whistle_page(session=session, where=Filter(), as_of=FRIDAY, standing=standing)
            assert (found.rows, found.total, found.counts.total) == ((), 0, 0)
        assert whistle_card(session=session, whistle_id=1, as_of=FRIDAY) is None
        assert whistles_of_event(session=session, event_id=1) == ()


# --- what cannot be ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"kind": "boredom"}, "吹哨事由“boredom”不对"),
        ({"subject": " "}, "事项要填写"),
        ({"code": "510115001099"}, "没有代码为“510115001099”的区划"),
        ({"lead": "X9"}, "部门“X9”不存在"),
        ({"joining": ("D01",)}, "同一个部门写了两次"),
        ({"events": (99,)}, "没有编号为 99 的事件"),
        ({"events": tuple(range(60))}, "最多关联 50 件"),
    ],
)
def test_a_whistle_that_cannot_be_is_refused_with_the_value(
    town: Engine, bad: dict[str, Any], said: str
) -> None:
    words: dict[str, Any] = {"kind": "joint", "code": COMMUNITY, "subject": "示例", "lead": "D01", **bad}

    with pytest.raises(WhistleError, match=said):
        blown(town, WhistleDraft(**words))


def test_a_clock_that_was_set_back_is_told_in_local_time(town: Engine) -> None:
    blown(town, at=FRIDAY + timedelta(microseconds=7))

    with pytest.raises(WhistleError) as refused:
        act(town, "arrive", "D01", minutes=-0.5)

    assert str(refused.value) == "报到时间 11-20 09:59:30 早于吹哨时间 11-20 10:00:00，请核对本机时钟"


def test_acts_that_do_not_fit_are_refused(town: Engine) -> None:
    with pytest.raises(WhistleError, match="没有编号为 1 的吹哨"):
        act(town, "arrive", "D01")
    blown(town)
    with pytest.raises(WhistleError, match="示例社区工作站不在被吹哨的部门之列"):
        act(town, "arrive", "C01")
    with pytest.raises(WhistleError, match="早于吹哨时间"):
        act(town, "arrive", "D01", minutes=-1)
    with pytest.raises(WhistleError, match="还没有报到，不能办结"):
        act(town, "finish", "D01", reason="已处置")
    act(town, "arrive", "D01")
    with pytest.raises(WhistleError, match="已经报到过"):
        act(town, "arrive", "D01")
    with pytest.raises(WhistleError, match="办结要写明处置结果"):
        act(town, "finish", "D01")
    act(town, "finish", "D01", reason="已处置")
    for what in ("arrive", "return", "finish"):
        with pytest.raises(WhistleError, match="示例执法局已经办结，不能再"):
            act(town, what, "D01", reason="示例")


# --- the log -----------------------------------------------------------------------------------------------
def tampered(engine: Engine, *statements: str) -> list[str]:
    with write_session(engine) as session:
        for statement in statements:
            session.connection().execute(text(statement))
    return faults(engine)


def test_the_log_keeps_the_number_and_the_role_of_who_acted_and_old_entries_stay_as_they_are(
    town: Engine,
) -> None:
    blown(town, by=replace(CLERK, staff_id=7))
    act(town, "arrive", "D01", by=replace(STAFF["D01"], staff_id=8))
    act(town, "undo", by=replace(CLERK, name="演示同名员", staff_id=9), minutes=6)
    old = Step(act=WhistleAct.RECKON, at=FRIDAY + timedelta(minutes=7), actor="系统")
    with write_session(town) as session:
        whistle = session.get_one(Whistle, 1)
        assert append(session, whistle, old).changes == "{}"
        entries = log_of(session, 1)

    assert [notes_of(entry) for entry in entries] == [
        {"person_id": 7, "role": "street"}, {"person_id": 8, "role": "department"},
        {"person_id": 9, "role": "street"}, {},
    ]  # fmt: skip
    assert fold(entries).keys() == {"", "D01", "D02", "S01"}
    assert faults(town) == []
    forged = "UPDATE whistle_log SET changes = replace(changes, '8,', '9,') WHERE seq = 2"
    assert tampered(town, forged) == ["吹哨 1 的第 2 条记录的内容与校验值不符，被改过"]


@pytest.fixture
def lived(town: Engine) -> Engine:
    blown(town)
    act(town, "arrive", "D01")
    act(town, "return", "D01", reason="不属职责")
    assert faults(town) == []
    return town


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE whistle_log SET actor = '别人' WHERE seq = 2", "第 2 条记录的内容与校验值不符"),
        ("UPDATE whistle_log SET department_code = 'D02' WHERE seq = 2", "被改过"),
        ("DELETE FROM whistle_log WHERE seq = 2", "应有 3 条记录，现有：第 1、3 条"),
        ("DELETE FROM whistle_log WHERE seq = 3", "应有 3 条记录，现有：第 1、2 条"),
        ("UPDATE whistle_department SET score = 100 WHERE department_code = 'D01'", "与它的记录不符：score"),
        ("UPDATE whistle SET returned_count = 0", "与它的记录不符：returned_count"),
        ("DELETE FROM whistle_department WHERE department_code = 'S01'", "部门与记录不符"),
    ],
)
def test_whatever_is_done_behind_the_log_s_back_is_found(lived: Engine, statement: str, said: str) -> None:
    assert said in "；".join(tampered(lived, statement))


def test_events_are_looked_up_by_number_and_never_scanned(town: Engine) -> None:
    with write_session(town) as session:
        event_id = append_one(session, first().entries[0])
    draft = WhistleDraft(kind="joint", code=COMMUNITY, subject="示例", lead="D01", events=(event_id,))
    with recorded(town) as statements:
        blown(town, draft)
        act(town, "arrive", "D01")
        found = card(town, 5)
        with read_session(town) as session:
            whistle_page(session=session, where=Filter(), as_of=FRIDAY)
            of_event = whistles_of_event(session=session, event_id=event_id)

    assert scans(statements) == []
    assert [one.id for one in found.events] == [event_id]
    assert of_event == ((1, "示例", WhistleStanding.WORKING),)
    with read_session(town) as session:
        linked = session.execute(select(column(WhistleEvent.event_id))).scalars()
        assert list(linked) == [event_id]


PEOPLE = [CLERK, SECRETARY, NEIGHBOUR, WORKER, *STAFF.values()]
TRIES = st.lists(
    st.tuples(
        st.sampled_from([one for one in WhistleAct if one is not WhistleAct.BLOW]),
        st.sampled_from(["D01", "D02", "S01"]),
        st.sampled_from(PEOPLE),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tries=TRIES)
def test_whatever_people_try_the_rows_stay_the_fold_of_the_log(
    town: Engine, tries: list[tuple[WhistleAct, str, Person]]
) -> None:
    number = blown(town)
    done = 0
    for minute, (what, department, person) in enumerate(tries, start=1):
        deed = Deed(act=what, whistle_id=number, department=department, reason="示例", points=80)
        at = FRIDAY + timedelta(minutes=minute)
        with suppress(WhistleError), write_session(town) as session:
            take(session, deed, person=person, at=at)
            done += 1
    with read_session(town) as session:
        assert verify_whistles(session) == []
        entries = session.execute(select(WhistleLog).where(column(WhistleLog.whistle_id) == number)).all()
    assert len(entries) == 1 + done
