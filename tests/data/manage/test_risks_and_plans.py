"""Risks that a person reports, and the plan of their level as a clock on every alert and drill."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Person
from data.manage.alerts import (
    acknowledge,
    note_plan,
    report_risk,
    resolve,
    take_back,
    take_plan_back,
)
from data.manage.errors import BadSetting, NotAllowed
from data.manage.plans import begin_drill
from data.models import AlertLog
from data.other_logs import verify_other_logs
from data.rules.by_hand import Report
from data.rules.errors import AlertMoved, MoveRefused
from data.rules.evaluate import evaluate
from data.rules.listing import AlertRow, alert_card, alert_page, open_alerts
from data.rules.plan_clock import PlanNote
from data.rules.store import list_rules
from data.vocabulary import AlertState, RiskColor, RuleKind
from tests.data.loop.world import (
    COMMUNITY,
    DISPATCHER,
    NEIGHBOURHOOD,
    SECRETARY,
    STREET,
    WORKER,
    report,
)
from tests.data.notices.outside import NOON, Now, delivery, look, notices, web_server
from tests.data.notices.outside import receiver as add_receiver

CROWD = Report(color=RiskColor.RED, code=COMMUNITY, title="群体聚集", detail="示例：约三十人聚集")
PLANNED: dict[str, Any] = {"note": PlanNote.FILED, "text": "示例一号文", "person": DISPATCHER}


def ring(session: Session, person: Person | None = DISPATCHER, /, **changes: Any) -> int:
    from dataclasses import replace

    return report_risk(session, replace(CROWD, **changes), person=person, at=NOON)


def row_of(session: Session, alert_id: int) -> AlertRow:
    card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    return card.row


def test_a_reported_risk_is_a_real_alert_answered_by_the_plans_owner_and_signed_with_a_number(
    district: Engine,
) -> None:
    with write_session(district) as session:
        event_id = report(session, 7)
        number = session.execute(text("SELECT external_no FROM event")).scalar_one()
        one = ring(session, NEIGHBOURHOOD, case=f" {number.lower()} ", reason="巡查发现")
        card = alert_card(session=session, alert_id=one)
        log = session.get(AlertLog, 1)
        assert open_alerts(session=session, areas=(STREET,)) == {RiskColor.RED: 1}
        page = alert_page(session=session, as_of=NOON)
        assert verify_other_logs(session) == []
    assert card is not None
    assert (card.row.title, card.row.owner, card.row.is_drill, card.row.by_hand) == (
        "群体聚集", "leader", False, True,
    )  # fmt: skip
    assert card.evidence["event_id"] == event_id
    assert log is not None
    assert (log.action, log.staff_id, log.reason) == ("report", NEIGHBOURHOOD.staff_id, "巡查发现")
    assert (page.total, page.totals, page.drills) == (1, {("new", "red"): 1}, 0)


@pytest.mark.parametrize(
    ("person", "changes", "said"),
    [
        (None, {}, "还没有选择办理人，不能上报风险"),
        (WORKER, {}, "上报风险由社区汇总"),
        (NEIGHBOURHOOD, {"code": STREET}, "只管自己的区域"),
        (SECRETARY, {"code": ""}, "不能为全区上报风险"),
    ],
)
def test_a_risk_is_reported_only_for_ones_own_area_and_by_who_may(
    district: Engine, person: Person | None, changes: dict[str, str], said: str
) -> None:
    with write_session(district) as session:
        with pytest.raises(NotAllowed, match=said):
            ring(session, person, **changes)
        assert alert_page(session=session, as_of=NOON).total == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "请写明是什么风险"),
        ({"detail": ""}, "请写明具体情况"),
        ({"code": "510115001099"}, "没有代码为 510115001099 的区域"),
        ({"case": "X-404"}, "没有案件号为“X-404”的事件"),
    ],
)
def test_a_report_that_says_too_little_is_refused(
    district: Engine, changes: dict[str, str], said: str
) -> None:
    with write_session(district) as session, pytest.raises(MoveRefused, match=said):
        ring(session, **changes)


def test_a_report_of_what_nobody_sees_is_refused_and_unseen_marks_keep_no_second_one_apart(
    district: Engine,
) -> None:
    unseen = "\u200b\u202e\ufeff"
    with write_session(district) as session:
        with pytest.raises(MoveRefused, match="请写明是什么风险"):
            ring(session, title=unseen)
        with pytest.raises(MoveRefused, match="请写明具体情况"):
            ring(session, detail=unseen)
        one = ring(session, title=f"{unseen}{CROWD.title}{unseen}")
        assert row_of(session, one).title == CROWD.title
        with pytest.raises(MoveRefused, match="不重复上报"):
            ring(session)


def test_a_report_names_a_case_of_its_own_area_and_an_owner_who_may_acknowledge(district: Engine) -> None:
    with write_session(district) as session:
        report(session, 7)
        number = session.execute(text("SELECT external_no FROM event")).scalar_one()
        with pytest.raises(MoveRefused, match="不在所选的区域"):
            ring(session, case=number, code="510115001002")
        with pytest.raises(BadSetting, match="不能处理预警"):
            ring(session, owner="grid_worker")
        assert row_of(session, ring(session, owner="street")).owner == "street"


def test_the_same_risk_is_not_reported_twice_while_it_stands(district: Engine) -> None:
    with write_session(district) as session:
        one = ring(session)
        with pytest.raises(MoveRefused, match=f"（预警 {one}），还没有解除"):
            ring(session, SECRETARY, title=" 群体聚集 ", detail="示例：又来一批")
        ring(session, color=RiskColor.YELLOW)
        ring(session, code=STREET)
        by: dict[str, Any] = {"person": DISPATCHER, "at": NOON}
        resolve(session, alert_id=one, seen_state="new", reason="已散去", **by)
        other = ring(session)
        with pytest.raises(MoveRefused, match=f"（预警 {other}），还没有解除"):
            take_back(session, alert_id=one, **by)
        resolve(session, alert_id=other, seen_state="new", reason="重复", **by)
        take_back(session, alert_id=one, **by)
        with pytest.raises(MoveRefused, match="还没有解除"):
            ring(session)


def test_a_reported_risk_never_resolves_by_itself(district: Engine) -> None:
    with write_session(district) as session:
        one = ring(session)
    with write_session(district) as session:
        assert one not in evaluate(session, as_of=NOON + timedelta(days=400)).resolved
    with read_session(district) as session:
        assert (row_of(session, one).state, row_of(session, one).lasting) == (AlertState.NEW, True)


def test_a_reported_risk_is_told_without_what_a_person_typed(district: Engine) -> None:
    with web_server() as web:
        add_receiver(district, "值班群", "webhook", web.url)
        with write_session(district) as session:
            ring(session)
        look(delivery(district, Now()))
    (line,) = web.bodies[0]["alerts"]
    assert line["rule"] == "人工上报"
    assert line["text"].endswith("人工上报的红色风险，详情请在系统中查看")
    assert "聚集" not in str(web.bodies)


def test_the_plan_of_a_level_is_a_clock_on_its_alerts_and_on_drills(district: Engine) -> None:
    with write_session(district) as session:
        red = row_of(session, ring(session))
        drill = row_of(
            session,
            begin_drill(session, color=RiskColor.RED, code=STREET, title="示例", person=DISPATCHER, at=NOON),
        )
        session.execute(text("UPDATE response_plan SET within_hours = NULL WHERE color = 'blue'"))
        blue = row_of(session, ring(session, color=RiskColor.BLUE))
    for row in (red, drill):
        assert row.plan_due_at == NOON + timedelta(hours=72)
        assert row.plan_warn_at == NOON + timedelta(hours=54)
    assert blue.plan_due_at is None


@pytest.mark.parametrize("with_plan", [True, False])
def test_what_a_rule_rings_has_the_clock_where_the_rule_asks_for_a_plan(
    district: Engine, *, with_plan: bool
) -> None:
    with write_session(district) as session:
        shipped = {rule.kind for rule in list_rules(session=session) if rule.with_plan}
        assert shipped == {RuleKind.EVENT_CLASS, RuleKind.SURGE, RuleKind.SYSTEM_FAILURE}
        only_class = "UPDATE rule SET enabled = (kind = 'event_class'), with_plan = :asked"
        session.execute(text(only_class), {"asked": with_plan})
        report(session, 7)
        parameters = json.dumps(
            {"classes": [session.execute(text("SELECT class_code FROM event")).scalar_one()]}
        )
        of_class = "UPDATE rule SET parameters = :parameters WHERE kind = 'event_class'"
        session.execute(text(of_class), {"parameters": parameters})
        session.expire_all()
        (rung,) = evaluate(session, as_of=NOON).raised
        due_at = row_of(session, rung).plan_due_at
    assert due_at == (NOON + timedelta(hours=72) if with_plan else None)


def test_a_plan_is_noted_once_by_whoever_may_and_taken_back_within_a_day(district: Engine) -> None:
    with write_session(district) as session:
        one = ring(session)
        asked: dict[str, Any] = {"alert_id": one, "seen_state": "new", "at": NOON, **PLANNED}
        with pytest.raises(NotAllowed, match="按角色办理"):
            note_plan(session, **asked | {"person": WORKER})
        with pytest.raises(MoveRefused, match="要点或文号"):
            note_plan(session, **asked | {"text": "  "})
        acknowledge(session, alert_id=one, seen_state="new", person=SECRETARY, at=NOON)
        with pytest.raises(AlertMoved, match="已变为“已确认”"):
            note_plan(session, **asked)
        asked["seen_state"] = "acknowledged"
        note_plan(session, **asked)
        row = row_of(session, one)
        assert (row.plan_text, row.plan_done_by) == ("方案已提交：示例一号文", DISPATCHER.name)
        with pytest.raises(MoveRefused, match=f"已由{DISPATCHER.name}登记"):
            note_plan(session, **asked)
        with pytest.raises(MoveRefused, match="超过 24 小时"):
            take_plan_back(session, alert_id=one, person=SECRETARY, at=NOON + timedelta(hours=25))
        take_plan_back(session, alert_id=one, person=SECRETARY, at=NOON)
        assert row_of(session, one).plan_done_at is None
        with pytest.raises(MoveRefused, match="还没有登记方案"):
            take_plan_back(session, alert_id=one, person=SECRETARY, at=NOON)
        card = alert_card(session=session, alert_id=one)
        assert verify_other_logs(session) == []
    assert card is not None
    assert [step.action for step in card.steps] == ["report", "acknowledge", "plan", "plan_back"]


def test_overdue_plans_stand_first_and_are_counted_without_drills(district: Engine) -> None:
    after = NOON + timedelta(hours=30)
    with write_session(district) as session:
        red, yellow = ring(session), ring(session, color=RiskColor.YELLOW)
        done = ring(session, color=RiskColor.YELLOW, title="另一件")
        begin_drill(session, color=RiskColor.YELLOW, code=STREET, title="示例", person=DISPATCHER, at=NOON)
        note_plan(session, alert_id=done, seen_state="new", at=NOON, **PLANNED)
        before = alert_page(session=session, as_of=NOON)
        page = alert_page(session=session, as_of=after)
        drilled = alert_page(session=session, as_of=after, drills=True, states=())
        assert [row.id for row in before.rows] == [red, done, yellow]
        assert before.late == 0
        assert [row.id for row in page.rows] == [yellow, red, done]
        assert (page.late, page.drills, page.total, drilled.total) == (1, 1, 3, 1)
        resolve(session, alert_id=yellow, seen_state="new", person=DISPATCHER, at=after, reason="已处置")
        assert alert_page(session=session, as_of=after).late == 0


def test_a_late_plan_is_told_once_and_not_after_it_is_there(district: Engine) -> None:
    with web_server() as web:
        add_receiver(district, "值班群", "webhook", web.url)
        with write_session(district) as session:
            ring(session)
            done = ring(session, title="另一件")
            note_plan(session, alert_id=done, seen_state="new", at=NOON, **PLANNED)
        now = Now()
        look(delivery(district, now))
        now.at = NOON + timedelta(hours=72)
        assert look(delivery(district, now)) is None, "at the very end of the limit nothing is late"
        now.at += timedelta(minutes=1)
        assert look(delivery(district, now)) == "“值班群”已发 1 条"
        now.at += timedelta(days=2)
        assert look(delivery(district, now)) is None
    assert [len(body["alerts"]) for body in web.bodies] == [2, 1]
    assert web.bodies[1]["alerts"][0]["text"].startswith("方案已超时限，还没有登记：")
    assert len(notices(district)) == 3


def test_a_late_plan_that_comes_in_before_its_notice_goes_out_is_not_told(district: Engine) -> None:
    with web_server() as web:
        add_receiver(district, "值班群", "webhook", web.url, quiet=("00:00", "23:59"))
        with write_session(district) as session:
            one = ring(session, color=RiskColor.YELLOW)
        now = Now(NOON + timedelta(hours=30))
        assert look(delivery(district, now)) is None
        with write_session(district) as session:
            note_plan(session, alert_id=one, seen_state="new", at=now.at, **PLANNED)
        now.at = datetime.fromisoformat("2026-11-21T23:59:30+08:00")
        look(delivery(district, now))
    assert [reason for _, _, reason in notices(district)] == ["", "方案已登记"]
    assert [len(body["alerts"]) for body in web.bodies] == [1]
