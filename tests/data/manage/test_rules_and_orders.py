"""Rules that people make and remove, with what they would ring; orders from alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.conventions import Conventions
from data.database import read_session, write_session
from data.event_log import verify
from data.lifecycle import Person, make_move
from data.manage import alerts, rules
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo, StaleSetting
from data.manage.rules import RuleDraft
from data.models import Event
from data.rules.errors import AlertMoved, MoveRefused
from data.rules.evaluate import evaluate
from data.rules.listing import alert_page
from data.rules.parameters import Order
from data.rules.store import list_rules
from data.vocabulary import AlertState, Move, RiskColor
from tests.data.dispatch.town import negative
from tests.data.loop.world import (
    COMMUNITY,
    DISPATCHER,
    NEIGHBOURHOOD,
    PARKS,
    ROADMAN,
    ROADS,
    SECRETARY,
    STREET,
    STREET_CLERK,
    WORKER,
    report,
)
from tests.data.notices.outside import NOON, alert

LADDER = RuleDraft(
    kind="overdue_ladder", name="超期一天", color="yellow", owner="street",
    parameters={"rungs": [{"hours": 24, "color": "red", "owner": "leader"}]},
)  # fmt: skip


def save(
    session: Session, draft: RuleDraft = LADDER, *, person: Person | None = DISPATCHER, **rest: Any
) -> int:
    return rules.save(session, draft, person=person, at=NOON, **{"reason": "试行", **rest})


def overdue(session: Session, number: int) -> None:
    for each in range(number):
        report(session, each + 1, due_at=NOON - timedelta(hours=30), reported_at=NOON - timedelta(hours=40))


def test_a_new_rule_rings_what_its_preview_said_and_its_removal_ends_it(district: Engine) -> None:
    with write_session(district) as session:
        overdue(session, 3)
        found = rules.preview(session, LADDER, as_of=NOON)
        assert (found.total, found.rings, found.too_many) == (3, 3, False)
        assert found.colors == {RiskColor.RED: 3}
        before = len(evaluate(session, as_of=NOON).raised)
        number = save(session)
        assert len(evaluate(session, as_of=NOON).raised) == 3

        seen = newest(session, Subject.RULE, str(number))
        gone = rules.remove(session, rule_id=number, seen=seen, person=DISPATCHER, at=NOON, reason="不再需要")
        assert gone == "超期一天"
        assert number not in [rule.id for rule in list_rules(session=session)]
        assert len(evaluate(session, as_of=NOON).resolved) == 3
        assert before == 4, "the shipped ladder rings for the same cases, and they are a repeat at one place"

        undo_change(session, number=history(session=session)[0].number, person=DISPATCHER, at=NOON)
        assert number in [rule.id for rule in list_rules(session=session)]


def test_a_rule_that_would_ring_thousands_of_times_is_warned_of_and_capped(district: Engine) -> None:
    cap = round(Conventions().alert_cap)
    with write_session(district) as session:
        overdue(session, cap + 1)
        found = rules.preview(session, LADDER, as_of=NOON)
        assert (found.total, found.rings, found.too_many) == (cap + 1, 1, True)
        with pytest.raises(BadSetting, match=f"现在会有 {cap + 1} 起，超过 {cap} 起，只能按街道合并为 1 条"):
            save(session)
        assert save(session, replace(LADDER, enabled=False, name="先不启用")) > 0
        assert save(session, accept_many=True) > 0


def test_every_part_of_a_rule_is_changed_as_its_next_version_and_undone(district: Engine) -> None:
    with write_session(district) as session:
        number = save(session)
        seen = newest(session, Subject.RULE, str(number))
        other = RuleDraft(
            kind="overdue_ladder", name="超期两天", color="blue", owner="leader", area=STREET, enabled=False,
            notify=False, parameters={"rungs": [{"hours": 48, "color": "blue", "owner": ""}]},
        )  # fmt: skip
        save(session, other, rule_id=number, seen=seen)
        rule = next(one for one in list_rules(session=session) if one.id == number)
        assert (rule.name, rule.color, rule.owner, rule.area) == ("超期两天", "blue", "leader", STREET)
        assert (rule.enabled, rule.notify, rule.version) == (False, False, 2)

        with pytest.raises(StaleSetting):
            save(session, other, rule_id=number, seen=seen)
        undo_change(session, number=history(session=session)[0].number, person=DISPATCHER, at=NOON)
        rule = next(one for one in list_rules(session=session) if one.id == number)
        assert (rule.name, rule.enabled, rule.version) == ("超期一天", True, 3)


def test_no_version_of_a_rule_stands_for_two_rules_and_undoing_goes_on(district: Engine) -> None:
    with write_session(district) as session:
        number = save(session)

        def versions() -> list[int]:
            return [one.version for one in list_rules(session=session) if one.id == number]

        def change(name: str) -> int:
            seen = newest(session, Subject.RULE, str(number))
            save(session, replace(LADDER, name=name), rule_id=number, seen=seen)
            return newest(session, Subject.RULE, str(number))

        added = newest(session, Subject.RULE, str(number))
        first, second = change("甲"), change("乙")
        undo_change(session, number=second, person=DISPATCHER, at=NOON)
        assert versions() == [4], "3 named the rule that was taken back"
        with pytest.raises(NothingToUndo, match="已经撤销过"):
            undo_change(session, number=second, person=DISPATCHER, at=NOON)
        third = change("丙")
        assert versions() == [5]
        with pytest.raises(NothingToUndo, match="之后又改过"):
            undo_change(session, number=first, person=DISPATCHER, at=NOON)
        for each in (third, first):
            undo_change(session, number=each, person=DISPATCHER, at=NOON)
        assert versions() == [7]
        undo_change(session, number=added, person=DISPATCHER, at=NOON)
        assert versions() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "规则名称应为 1 到 64 个字"),
        ({"parameters": {"rungs": []}}, "至少要填一级"),
        ({"owner": ""}, "请选择由谁负责：社区汇总、街道报单"),
        ({"owner": "checker"}, "核查员不能处理预警"),
        (
            {"parameters": {"rungs": [{"hours": 1, "color": "red", "owner": "grid_worker"}]}},
            "网格员不能处理预警，不能负责",
        ),
        ({"kind": "sensor_limit", "parameters": {"count": "closed", "above": 1}}, "没有“closed”这个监测项"),
        (
            {"kind": "sensor_limit", "parameters": {"count": "turbidity", "above": 1, "below": 5}},
            "高于 1 或低于 5 包括了所有的数：“高于”应不小于“低于”",
        ),
        ({"kind": "threshold_now", "parameters": {"indicator": "x", "limit": 1}}, "没有“x”这个指标"),
        ({"kind": "two_weeks_worse", "parameters": {"levels": []}}, "请至少选择一个层级"),
        (
            {
                "kind": "threshold_now",
                "parameters": {
                    "indicator": "on_time", "limit": 1,
                    "order": {"class_code": "9999", "department_code": "Z"},
                },
            },
            "类别 9999 不存在.*部门 Z 不存在",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_names_nothing_is_refused(district: Engine, changes: dict[str, Any], said: str) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        save(session, replace(LADDER, **changes))


def test_a_street_makes_rules_for_itself_alone(district: Engine) -> None:
    with write_session(district) as session:
        with pytest.raises(NotAllowed, match=r"设置预警规则由.*办理"):
            save(session, person=NEIGHBOURHOOD)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            save(session, person=STREET_CLERK)
        number = save(session, replace(LADDER, area=STREET), person=STREET_CLERK)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            save(session, rule_id=number, seen=history(session=session)[0].number, person=STREET_CLERK)
        with pytest.raises(BadSetting, match="删除规则要写明理由"):
            rules.remove(
                session, rule_id=number, seen=history(session=session)[0].number, person=STREET_CLERK,
                at=NOON, reason="",
            )  # fmt: skip


ORDER = Order(class_code="0201", limit_hours=6, clock_type="urgent_hours", department_code=ROADS)


def order(session: Session, alert_id: int, what: Order = ORDER, *, person: Person | None = SECRETARY) -> int:
    return alerts.order(
        session, alert_id=alert_id, seen_state="new", person=person, at=NOON, reason="限期整改", what=what
    )


def test_an_order_takes_class_department_and_limit_from_the_form(district: Engine) -> None:
    with write_session(district) as session:
        one = alert(session)
        event = session.get_one(Event, order(session, one))
        assert (event.class_code, event.department_code, event.limit_hours) == ("0201", ROADS, 6)
        assert event.due_at == NOON + timedelta(hours=6)
        assert event.status == "dispatched"
        with pytest.raises(AlertMoved):
            order(session, one)


@pytest.mark.parametrize("clock_type", ["", "working_hours"])
def test_an_order_keeps_its_own_limit_and_clock_until_it_is_dispatched_and_passed_on(
    district: Engine, clock_type: str
) -> None:
    """Its class says four hours; the order said two days."""
    what = replace(ORDER, department_code="", limit_hours=48.0, clock_type=clock_type)
    with write_session(district) as session:
        event_id = order(session, alert(session), what)
        before = session.get_one(Event, event_id)
        kept = (before.limit_hours, before.clock_type, before.due_at, before.warn_at)
        assert (before.status, before.department_code, kept[:2]) == ("reported", "", (48.0, clock_type))
        for hours, move, person, fields in (
            (1, Move.VERIFY, NEIGHBOURHOOD, {"route_color": "red"}), (2, Move.FILE, STREET_CLERK, {}),
            (3, Move.DISPATCH, DISPATCHER, {}), (4, Move.RETURN, ROADMAN, {"reason": "不属本部门"}),
            (5, Move.DISPATCH, DISPATCHER, {"department_code": PARKS}),
        ):  # fmt: skip
            make_move(
                session, event_id=event_id, seen_seq=session.get_one(Event, event_id).seq, move=move,
                person=person, at=NOON + timedelta(hours=hours), fields=fields,
            )  # fmt: skip
            session.expire_all()
        event = session.get_one(Event, event_id)
        assert (event.limit_hours, event.clock_type, event.due_at, event.warn_at) == kept
        assert event.department_code == PARKS
        assert verify(session) == []


def test_dispatch_suggests_department_limit_and_clock_for_an_order(district: Engine) -> None:
    with read_session(district) as session:
        found = alerts.suggest(session, class_code="0106", code=COMMUNITY, on=NOON.date())
        unknown = alerts.suggest(session, class_code="", code=COMMUNITY, on=NOON.date())
        evidence = {"query": "class=02"}

        assert (found.department_code, found.limit_hours, found.clock_type) == (PARKS, 24.0, "working_days")
        assert "默认部门" in found.basis
        assert (unknown.department_code, unknown.limit_hours) == ("", Conventions().order_hours)
        assert alerts.suggested_class(session, evidence=evidence) == "0201"
        assert alerts.suggested_class(session, evidence={"query": "%"}) == "0106"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class_code": "9999"}, "没有代码为 9999 的类别"),
        ({"limit_hours": 0}, "时限 0 小时不对"),
        ({"limit_hours": float("nan")}, "时限 nan 小时不对"),
        ({"clock_type": "moon"}, "没有“moon”这种计时方式"),
        ({"department_code": "Z"}, "没有代码为 Z 的部门"),
    ],
)
def test_an_order_that_cannot_be_is_refused(district: Engine, changes: dict[str, Any], said: str) -> None:
    with write_session(district) as session:
        one = alert(session)
        with pytest.raises(BadSetting, match=said):
            order(session, one, replace(ORDER, **changes))


def test_the_negative_list_refuses_an_order_with_its_line(district: Engine) -> None:
    from data.models import Department

    with write_session(district) as session:
        session.add(Department(code="S01", name="演示街道办", kind="街道"))
        session.add(negative("FM-1", "0201"))
        one = alert(session)
        with pytest.raises(BadSetting, match=r"负面清单第 FM-1 条.*不得下派给演示街道办"):
            order(session, one, replace(ORDER, department_code="S01"))


def test_alerts_are_handled_by_people_of_their_area_alone(district: Engine) -> None:
    with write_session(district) as session:
        one, whole = alert(session, cause="a"), alert(session, cause="b", code="")
        known: dict[str, Any] = {"seen_state": "new", "at": NOON}
        with pytest.raises(NotAllowed, match="处理预警"):
            alerts.acknowledge(session, alert_id=one, person=WORKER, **known)
        with pytest.raises(NotAllowed, match="还没有选择办理人"):
            order(session, one, person=None)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            alerts.resolve(session, alert_id=whole, person=SECRETARY, reason="x", **known)
        alerts.acknowledge(session, alert_id=one, person=NEIGHBOURHOOD, **known)
        alerts.resolve(
            session, alert_id=one, seen_state="acknowledged", person=SECRETARY, reason="已整改", at=NOON
        )
        alerts.take_back(session, alert_id=one, person=SECRETARY, at=NOON)
        with pytest.raises(MoveRefused, match="没有落到区域"):
            order(session, whole, person=DISPATCHER)
        states = {row.id: row.state for row in alert_page(session=session, as_of=NOON).rows}
        assert states == {one: AlertState.ACKNOWLEDGED, whole: AlertState.NEW}


def test_a_rule_over_the_system_is_not_set_for_one_area_where_it_would_never_ring(
    district: Engine,
) -> None:
    draft = RuleDraft(
        kind="system_failure", name="系统故障", color="blue", owner="leader", area=STREET, parameters={}
    )
    with write_session(district) as session, pytest.raises(BadSetting, match="不分区域"):
        save(session, draft)
    with write_session(district) as session:
        save(session, replace(draft, area=""))
