"""Receivers and response plans as people manage them; a test goes through the queue; silent rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Person
from data.manage import receivers
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo, StaleSetting
from data.manage.plans import PlanDraft, begin_drill, change_plan
from data.manage.receivers import ReceiverDraft, Wishes
from data.notices.receivers import last_notices, list_receivers
from data.notices.words import NoticeState
from data.rules.drills import drills
from data.rules.errors import MoveRefused
from data.rules.listing import alert_page
from data.rules.store import response_plans
from data.vocabulary import RiskColor
from tests.data.loop.world import DISPATCHER, SECRETARY, STREET, WORKER
from tests.data.notices.outside import COMMUNITY, NOON, Now, alert, delivery, look, notices, ring, web_server

HOOK = ReceiverDraft(name="值班群", kind="webhook", address="http://127.0.0.1:9/hook?key=SECRET")


def add(
    session: Session, draft: ReceiverDraft = HOOK, *, person: Person | None = DISPATCHER, **wishes: Any
) -> int:
    return receivers.add(session, draft, Wishes(**wishes), person=person, at=NOON)


def test_a_receiver_is_added_changed_switched_and_each_change_undone(district: Engine) -> None:
    with write_session(district) as session:
        one = add(session)
        seen = newest(session, Subject.RECEIVER, str(one))
        wishes = Wishes(quiet_from="22:00", quiet_to="07:30", digest_at="08:30", colors=("red",))
        receivers.change(session, wishes, receiver_id=one, seen=seen, person=DISPATCHER, at=NOON)
        seen = newest(session, Subject.RECEIVER, str(one))
        receivers.switch(session, receiver_id=one, enabled=False, seen=seen, person=DISPATCHER, at=NOON)
        (row,) = list_receivers(session)
        assert (row.enabled, row.colors, str(row.digest_at)) == (False, ("red",), "08:30:00")

        for expected in (True, True):
            undo_change(session, number=_last(session), person=DISPATCHER, at=NOON)
            assert list_receivers(session)[0].enabled is expected
        assert list_receivers(session)[0].quiet is None
        undo_change(session, number=_last(session), person=DISPATCHER, at=NOON)
        assert list_receivers(session) == []


def _last(session: Session) -> int:
    return next(one.number for one in history(session=session) if one.can_be_undone)


def test_the_log_of_receivers_never_tells_their_address(district: Engine) -> None:
    with write_session(district) as session:
        add(session)
        assert all("SECRET" not in one.what + one.reason for one in history(session=session))
        assert "SECRET" not in list_receivers(session)[0].shown_address


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "fax"}, "类型 fax 不能用"),
        ({"address": "ftp://x"}, "应以 http:// 或 https:// 开头"),
        ({"name": " "}, "请写明接收方的名称"),
        ({"kind": "email"}, "邮箱地址"),
        ({"secret_name": "密钥本身"}, "密钥本身放在环境变量"),
    ],
)
def test_what_cannot_be_a_receiver_is_refused(district: Engine, changes: dict[str, str], said: str) -> None:
    from dataclasses import replace

    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        add(session, replace(HOOK, **changes))


def test_a_receiver_is_managed_by_the_centre_and_secretaries_of_its_areas_alone(district: Engine) -> None:
    with write_session(district) as session:
        with pytest.raises(NotAllowed, match="按角色办理"):
            add(session, person=WORKER)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            add(session, person=SECRETARY)
        one = add(session, person=SECRETARY, areas=(STREET,))
        seen = newest(session, Subject.RECEIVER, str(one))
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            receivers.change(session, Wishes(), receiver_id=one, seen=seen, person=SECRETARY, at=NOON)
        with pytest.raises(StaleSetting):
            receivers.switch(session, receiver_id=one, enabled=False, seen=0, person=SECRETARY, at=NOON)
        same = Wishes(areas=(STREET,))
        with pytest.raises(BadSetting, match="没有变化"):
            receivers.change(session, same, receiver_id=one, seen=seen, person=SECRETARY, at=NOON)


def test_a_test_goes_through_the_queue_at_once_even_in_quiet_hours(district: Engine) -> None:
    with web_server() as web:
        draft = ReceiverDraft(name="值班群", kind="dingtalk", address=web.url)
        with write_session(district) as session:
            one = add(session, draft, quiet_from="00:00", quiet_to="23:59", digest_at="08:30")
            receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
            with pytest.raises(BadSetting, match="还没有发完"):
                receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
        ring(district)
        assert look(delivery(district, Now())) == "“值班群”已发 1 条"

    assert [body["text"]["content"] for body in web.bodies] == [
        "【测试】一图统览的预警通知可以送到这里。2026-11-20 12:00"
    ]
    with read_session(district) as session:
        lines = last_notices(session, limit=1)
        assert len(lines) == 2, "a test stays in the list however many notices came since"
    test = next(one for one in lines if one.is_test)
    assert (test.state, test.attempts, test.receiver_name) == (NoticeState.SENT, 1, "值班群")
    assert [one.state for one in lines if not one.is_test] == [NoticeState.WAITING]


def test_a_test_is_not_held_up_by_hundreds_of_notices_that_wait_for_the_morning(district: Engine) -> None:
    with web_server() as web:
        draft = ReceiverDraft(name="值班群", kind="webhook", address=web.url)
        with write_session(district) as session:
            one = add(session, draft, quiet_from="00:00", quiet_to="23:59")
            for number in range(500):
                alert(session, cause=f"x{number}")
        assert look(delivery(district, Now())) is None
        with write_session(district) as session:
            receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
        assert look(delivery(district, Now())) == "“值班群”已发 1 条"


def test_a_test_that_is_refused_is_tried_once_and_says_why(district: Engine) -> None:
    with web_server() as web:
        web.answers = [(500, b"")]
        with write_session(district) as session:
            one = add(session, ReceiverDraft(name="值班群", kind="webhook", address=web.url))
            receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
        now = Now()
        look(delivery(district, now))
        now.at += timedelta(hours=1)
        assert look(delivery(district, now)) is None

    assert notices(district) == [(NoticeState.FAILED, 1, "对方答复 500")]


def test_a_receiver_that_is_off_is_not_tested_and_one_that_was_used_is_not_forgotten(
    district: Engine,
) -> None:
    with write_session(district) as session:
        one = add(session)
        added = newest(session, Subject.RECEIVER, str(one))
        receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
        with pytest.raises(NothingToUndo, match="已经被用到"):
            undo_change(session, number=added, person=DISPATCHER, at=NOON)
        seen = newest(session, Subject.RECEIVER, str(one))
        receivers.switch(session, receiver_id=one, enabled=False, seen=seen, person=DISPATCHER, at=NOON)
        with pytest.raises(BadSetting, match="已停用，不会发送"):
            receivers.test(session, receiver_id=one, person=DISPATCHER, at=NOON)
        with pytest.raises(BadSetting, match="没有编号为 99"):
            receivers.test(session, receiver_id=99, person=DISPATCHER, at=NOON)


def test_what_a_silent_rule_rings_is_told_to_nobody(district: Engine) -> None:
    with web_server() as web:
        with write_session(district) as session:
            add(session, ReceiverDraft(name="值班群", kind="webhook", address=web.url))
            session.execute(text("UPDATE rule SET notify = false WHERE id = 1"))
        ring(district, rule_id=1)
        told = ring(district, rule_id=2)
        look(delivery(district, Now()))

    assert [alert["id"] for body in web.bodies for alert in body["alerts"]] == [told]


RED = PlanDraft(meaning="群体事件", actions="到现场", within_hours=48, drill_days=60, owner="dispatcher")


def test_a_plan_is_changed_with_a_reason_and_undone(district: Engine) -> None:
    with write_session(district) as session:
        before = response_plans(session=session)[0]
        change_plan(session, RED, color=RiskColor.RED, seen=0, person=DISPATCHER, at=NOON, reason="新办法")
        plan = response_plans(session=session)[0]
        assert (plan.actions, plan.within_hours, plan.drill_days, plan.owner) == (
            "到现场",
            48,
            60,
            "dispatcher",
        )
        undo_change(session, number=_last(session), person=DISPATCHER, at=NOON)
        assert response_plans(session=session)[0] == before


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"actions": " "}, "新办法", "响应措施应为 1 到 512 个字"),
        ({"within_hours": 0}, "新办法", "时限 0 小时不对"),
        ({"drill_days": 0}, "新办法", "演练间隔 0 天不对"),
        ({"owner": "king"}, "新办法", "不能处理预警，不能负责"),
        ({"owner": ""}, "新办法", "处置预案要有人负责：请选择"),
        ({}, "", "要写明理由"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    district: Engine, changes: dict[str, Any], reason: str, said: str
) -> None:
    from dataclasses import replace

    draft = replace(RED, **changes)
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        change_plan(session, draft, color=RiskColor.RED, seen=0, person=DISPATCHER, at=NOON, reason=reason)


def test_plans_are_changed_by_the_district_alone(district: Engine) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match="只管自己的区域"):
        change_plan(session, RED, color=RiskColor.RED, seen=0, person=SECRETARY, at=NOON, reason="x")


def test_a_drill_is_started_in_ones_own_area_and_answered_by_the_plans_owner(district: Engine) -> None:
    with write_session(district) as session:
        change_plan(session, RED, color=RiskColor.RED, seen=0, person=DISPATCHER, at=NOON, reason="新办法")
        asked: dict[str, Any] = {"color": RiskColor.RED, "title": "舆情应对", "at": NOON}
        with pytest.raises(NotAllowed, match="组织演练"):
            begin_drill(session, code=STREET, person=WORKER, **asked)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            begin_drill(session, code="", person=SECRETARY, **asked)
        begin_drill(session, code=STREET, person=SECRETARY, **asked)
        with pytest.raises(MoveRefused, match="正在进行"):
            begin_drill(session, code=STREET, person=SECRETARY, **asked)
        (row,) = alert_page(session=session, as_of=NOON, drills=True).rows
        assert (row.is_drill, row.owner, row.title) == (True, "dispatcher", "舆情应对")
        assert COMMUNITY.startswith(row.code)
        assert not drills(session=session, as_of=NOON)[0].late
