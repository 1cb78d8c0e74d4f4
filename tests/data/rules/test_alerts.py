"""Alerts ring once, follow their cause and end by themselves; people acknowledge, order, resolve, undo."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from data.database import read_session, write_session
from data.event_log import Advance, Entry, append, verify
from data.filter import Filter
from data.models import Department, Event, LoopRule, Rule
from data.queries.alerts import alert_list
from data.queries.events import list_events
from data.rules import evaluate as evaluation
from data.rules.act import acknowledge, order, resolve, take_back
from data.rules.by_hand import start_drill
from data.rules.causes import Found
from data.rules.drills import drills
from data.rules.errors import AlertMoved, MoveRefused, UnknownAlert
from data.rules.evaluate import evaluate, look
from data.rules.findings import Changes
from data.rules.found import Cause
from data.rules.in_force import rung_at
from data.rules.listing import alert_card, alert_page, open_alerts
from data.rules.parameters import Order
from data.rules.store import list_rules, save_rule
from data.vocabulary import AlertState, Move, RiskColor, Status
from tests.data.core.events import first
from tests.data.dispatch.town import NEIGHBOUR, negative, rule

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai."""
COMMUNITY = "510115001001"
WHAT = Order(class_code="0199", limit_hours=24)


def only(engine: Engine, kind: str) -> None:
    """Switches every other rule off."""
    with write_session(engine) as session:
        session.execute(text("UPDATE rule SET enabled = (kind = :kind)"), {"kind": kind})


def late(number: int, *, hours: float, **changes: Any) -> Advance:
    """An open event that has been overdue for so many hours at ``NOW``."""
    due_at = NOW - timedelta(hours=hours)
    return first(number, reported_at=due_at - timedelta(hours=4), due_at=due_at, code=COMMUNITY, **changes)


def run(engine: Engine, at: datetime = NOW) -> Changes:
    with write_session(engine) as session:
        return evaluate(session, as_of=at)


def closing(event_id: int) -> Advance:
    entry = Entry(action=Move.CLOSE, at=NOW, actor="演示甲", changes={"status": Status.CLOSED.value})
    return Advance(entries=[entry], event_id=event_id, seen_seq=1)


def test_a_cause_rings_once_climbs_and_ends_by_itself(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        (event_id,) = append(session, [late(1, hours=25)])

    first_run, second_run = run(small_district), run(small_district)
    climbed = run(small_district, NOW + timedelta(hours=50))
    with write_session(small_district) as session:
        append(session, [closing(event_id)])
    ended, nothing = run(small_district), run(small_district)

    (alert_id,) = first_run.raised
    assert not second_run.any
    assert (climbed.raised, climbed.changed) == ([], [alert_id])
    assert ended.resolved == [alert_id]
    assert not nothing.any
    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert (card.row.color, card.row.state, card.row.lasting) == (RiskColor.RED, AlertState.RESOLVED, False)
    assert card.row.resolution == "自动解除：事件已办结、挂账或不再超期"
    assert [step.action for step in card.steps] == ["raise", "color", "end"]
    assert card.evidence["event_id"] == event_id


@pytest.mark.parametrize(
    ("clock_type", "hours", "told"),
    [
        ("", 25, "已超过 24 小时"),
        ("urgent_hours", 25, "已超过 24 小时"),
        ("calendar_days", 75, "已超过 3 天"),
        ("working_hours", 25, ""),
        ("working_hours", 24 * 7, "已超过 24 小时（工作时）"),
        ("working_days", 20, ""),
        ("working_days", 25, "已超过 1 个工作日"),
        ("working_days", 24 * 7, "已超过 3 个工作日"),
    ],
)
def test_the_rungs_of_a_ladder_count_on_the_case_s_own_clock(
    small_district: Engine, clock_type: str, hours: float, told: str
) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=hours, clock_type=clock_type)])
        run_now = look(session, as_of=NOW)
        causes = [cause.detail for one in run_now.of_rules for cause in one.new]
        (row,) = list_events(session=session, where=Filter(), as_of=NOW, limit=5, offset=0).rows
        rung = rung_at(
            list_rules(session=session), code=COMMUNITY, due_at=NOW - timedelta(hours=hours), as_of=NOW,
            left=row.left,
        )  # fmt: skip
    assert [detail.partition(" ")[2] for detail in causes] == ([told] if told else [])
    assert (rung is not None) is bool(told), "the overview's mark says the same"


@pytest.mark.parametrize("status", ["feedback", "checking"])
def test_what_was_handed_back_in_time_climbs_no_ladder_while_it_is_checked(
    small_district: Engine, status: str
) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=100, status=status, in_time=True)])
    assert not run(small_district).any


@pytest.mark.parametrize(
    ("clock_type", "hours", "told"),
    [("", 25, "已超过 24 小时"), ("working_hours", 25, ""), ("working_days", 24 * 7, "已超过 3 个工作日")],
)
def test_what_was_handed_back_late_climbs_on_by_its_own_clock_while_it_is_checked(
    small_district: Engine, clock_type: str, hours: float, told: str
) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=hours, clock_type=clock_type, status="checking", in_time=False)])
        looked = look(session, as_of=NOW)
        listed = alert_list(session=session, where=Filter(), as_of=NOW).alerts

    causes = [cause.detail for one in looked.of_rules for cause in one.new]
    assert [detail.partition(" ")[2] for detail in causes] == ([told] if told else [])
    assert [one.risk is not None for one in listed] == [bool(told)], "the overview's mark says the same"


def test_what_was_resolved_by_hand_stays_quiet_until_its_cause_has_ended(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=25)])
    (alert_id,) = run(small_district).raised
    with write_session(small_district) as session:
        resolve(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="已电话督办")

    assert not run(small_district).any
    with write_session(small_district) as session:
        session.execute(text("UPDATE event SET status = 'suspended'"))
    assert run(small_district).resolved == []
    with write_session(small_district) as session:
        session.execute(text("UPDATE event SET status = 'handling'"))
    assert len(run(small_district).raised) == 1


def test_a_rule_that_would_ring_ten_thousand_times_rings_once_a_street_and_says_so(
    small_district: Engine,
) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        session.add(LoopRule(key="alert_cap", value=20, changed_at=NOW, actor="演示甲"))
        append(session, [late(number, hours=25 if number % 2 else 80) for number in range(1, 61)])

    found = run(small_district)

    assert len(found.raised) == 1
    assert found.summarised == ["规则“超期升级”有 60 起，已按街道合并为 1 条"]
    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=found.raised[0])
    assert card is not None
    assert card.row.title == "公平街道 超期升级 60 起"
    assert card.row.detail.endswith("按街道合并提醒：红色 30 起、黄色 30 起")
    assert card.row.color is RiskColor.RED
    assert card.evidence["query"] == "area=510115001&color=overdue"
    assert not run(small_district).any


def test_a_number_of_causes_that_swings_around_the_cap_rings_nothing_again(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        session.add(LoopRule(key="alert_cap", value=20, changed_at=NOW, actor="演示甲"))
        append(session, [late(number, hours=25) for number in range(1, 22)])
    assert len(run(small_district).raised) == 1

    def close(fewer: int) -> None:
        with write_session(small_district) as session:
            session.execute(
                text("UPDATE event SET ended_at = :at WHERE id <= :last"), {"at": NOW, "last": fewer}
            )

    close(4)  # 17 of 20
    assert run(small_district).raised == []
    close(5)  # 16: clearly fewer
    assert len(run(small_district).raised) == 16


@pytest.mark.slow
def test_ten_thousand_causes_by_the_numbers_that_ship_are_one_alert_a_street(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(number, hours=80) for number in range(1, 10_001)])

    found = run(small_district)

    assert found.summarised == ["规则“超期升级”有 10000 起，已按街道合并为 1 条"]
    assert len(found.raised) == 1
    assert not run(small_district).any


def test_a_text_too_long_for_its_alert_is_written_once(
    small_district: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(small_district, "overdue_ladder")
    cause = Cause(
        key="x", color=RiskColor.RED, title="长" * 200, detail="细" * 300, code=COMMUNITY, owner="leader",
        evidence={},
    )  # fmt: skip
    found = Found(causes=[cause], total=1, summarised=False)
    monkeypatch.setattr(evaluation, "find", lambda *_, **__: found)

    assert len(run(small_district).raised) == 1
    assert not run(small_district).any


def test_a_rule_switched_off_ends_its_alerts(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=25)])
    run(small_district)
    only(small_district, "surge")

    (alert_id,) = run(small_district).resolved

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert card.row.resolution == "自动解除：规则已停用或已删除"


def test_a_rule_with_broken_parameters_is_named_and_the_others_go_on(small_district: Engine) -> None:
    with write_session(small_district) as session:
        session.execute(text("UPDATE rule SET parameters = '{\"times\": \"x\"}' WHERE kind = 'surge'"))
        append(session, [late(1, hours=25)])

    found = run(small_district)

    assert len(found.raised) == 1
    (problem,) = found.problems
    assert "诉求激增" in problem
    assert "“达到平时的几倍”应为数字" in problem


def red_line_of_communities(engine: Engine) -> None:
    """The red line of garbage alone, without that of the streets."""
    only(engine, "threshold_now")
    with write_session(engine) as session:
        rule = session.exec(select(Rule).where(col(Rule.kind) == "threshold_now")).one()
        rule.parameters = json.dumps(json.loads(rule.parameters) | {"levels": ["community"]})
        session.add(rule)


def garbage(number: int, *, is_late: bool, code: str = COMMUNITY) -> Advance:
    """A garbage case of this week, due and done on Wednesday, in time or late."""
    due_at = NOW - timedelta(days=2)
    entry = Entry(
        action=Move.CLOSE, at=due_at + timedelta(hours=1 if is_late else -1), actor="演示甲",
        changes={"status": Status.CLOSED.value},
    )  # fmt: skip
    opening = first(number, class_code="0102", code=code, due_at=due_at,
                    reported_at=due_at - timedelta(hours=4)).entries  # fmt: skip
    return Advance(entries=[*opening, entry])


def test_garbage_collected_late_orders_rectification_at_once_as_an_event(small_district: Engine) -> None:
    red_line_of_communities(small_district)
    with write_session(small_district) as session:
        append(session, [garbage(number, is_late=number <= 2) for number in range(1, 13)])

    found = run(small_district)

    assert found.raised == found.ordered
    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=found.raised[0])
        event = session.execute(text("SELECT * FROM event WHERE external_no LIKE 'ZG%'")).mappings().one()
        assert verify(session) == []
    assert card is not None
    assert card.row.title == "公平街道·惠民社区 垃圾清运不及时率超过 10%"
    assert card.row.detail == "本周至今 16.7%（2/12）"
    assert (card.row.state, card.row.event_id) == (AlertState.ORDERED, event["id"])
    assert (event["source"], event["class_code"], event["code"]) == ("superior", "0199", COMMUNITY)
    assert str(event["due_at"]).startswith("2026-11-21 04:00")
    assert json.loads(json.dumps(card.evidence))["parts"][0][0] == "垃圾逾期清运"
    assert not run(small_district).any


def test_an_automatic_order_goes_where_the_dispatch_table_sends_its_class_and_keeps_its_limit(
    small_district: Engine,
) -> None:
    red_line_of_communities(small_district)
    with write_session(small_district) as session:
        session.add(Department(code="D01", name="演示环卫"))
        session.add(rule(1, "01", "", "D01", limit_hours=4.0, clock_type="urgent_hours"))
        append(session, [garbage(number, is_late=number <= 2) for number in range(1, 13)])

    (alert_id,) = run(small_district).ordered

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
        event = session.exec(select(Event).where(col(Event.external_no).startswith("ZG"))).one()
    assert (event.department_code, event.status) == ("D01", Status.DISPATCHED)
    assert (event.limit_hours, event.clock_type, event.due_at) == (24, "", NOW + timedelta(hours=24))
    assert card is not None
    assert card.steps[-1].reason == "超过红线，自动下达整改指令"


def test_an_automatic_order_for_which_nobody_is_named_says_why_it_waits(small_district: Engine) -> None:
    red_line_of_communities(small_district)
    with write_session(small_district) as session:
        append(session, [garbage(number, is_late=number <= 2) for number in range(1, 13)])

    (alert_id,) = run(small_district).ordered

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert card.steps[-1].reason.startswith("超过红线，自动下达整改指令，承办部门待派：没有适用的派遣规则")


def test_an_automatic_order_that_the_negative_list_refuses_waits_for_a_department(
    small_district: Engine,
) -> None:
    red_line_of_communities(small_district)
    with write_session(small_district) as session:
        rule = session.exec(select(Rule).where(col(Rule.kind) == "threshold_now")).one()
        wanted = json.loads(rule.parameters)
        wanted["order"]["department_code"] = "S01"
        rule.parameters = json.dumps(wanted)
        session.add_all([rule, Department(code="S01", name="演示街道办", kind="街道")])
        session.add(negative("FM-1", wanted["order"]["class_code"]))
        append(session, [garbage(number, is_late=number <= 2) for number in range(1, 13)])

    (alert_id,) = run(small_district).ordered

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
        event = session.execute(text("SELECT * FROM event WHERE external_no LIKE 'ZG%'")).mappings().one()
    assert (event["department_code"], event["status"]) == ("", Status.REPORTED)
    assert card is not None
    assert card.steps[-1].reason.startswith("超过红线，自动下达整改指令，承办部门待派：负面清单第 FM-1 条")
    assert card.steps[-1].reason.endswith("不得下派给演示街道办")


def test_the_red_line_rings_for_a_street_whose_communities_have_too_few_cases_each(
    small_district: Engine,
) -> None:
    only(small_district, "threshold_now")
    with write_session(small_district) as session:
        first_half = [garbage(number, is_late=number == 1) for number in range(1, 7)]
        rest = [garbage(number, is_late=number == 7, code=NEIGHBOUR) for number in range(7, 13)]
        append(session, first_half + rest)

    (alert_id,) = run(small_district).ordered

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert card.row.title == "公平街道 垃圾清运不及时率超过 10%"
    assert (card.row.code, card.row.detail) == (COMMUNITY[:9], "本周至今 16.7%（2/12）")


def test_ten_per_cent_is_not_more_than_ten_per_cent_and_nine_cases_are_too_few(
    small_district: Engine,
) -> None:
    red_line_of_communities(small_district)
    with write_session(small_district) as session:
        append(session, [garbage(number, is_late=number == 1) for number in range(1, 11)])
    assert not run(small_district).any

    with write_session(small_district) as session:
        session.execute(text("DELETE FROM event_log"))
        session.execute(text("DELETE FROM event"))
        append(session, [garbage(number, is_late=True) for number in range(1, 10)])
    assert not run(small_district).any


@pytest.fixture
def ringing(small_district: Engine) -> tuple[Engine, int]:
    """A district with one new alert."""
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=25)])
    return small_district, run(small_district).raised[0]


def test_acknowledging_ordering_and_resolving_are_logged_with_their_reasons(
    ringing: tuple[Engine, int],
) -> None:
    engine, alert_id = ringing
    with write_session(engine) as session:
        acknowledge(session, alert_id=alert_id, seen_state="new", actor="书记·示例01", at=NOW)
        event_id = order(
            session, alert_id=alert_id, seen_state="acknowledged", actor="书记·示例01", at=NOW,
            reason="限期整改", what=WHAT,
        )  # fmt: skip
        resolve(
            session, alert_id=alert_id, seen_state="ordered", actor="书记·示例01", at=NOW, reason="已整改"
        )

    with read_session(engine) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert card.row.event_id == event_id
    with read_session(engine) as session:
        assert session.get_one(Event, event_id).status == Status.REPORTED
    assert [(step.from_state, step.to_state, step.reason) for step in card.steps[1:]] == [
        ("new", "acknowledged", ""), ("acknowledged", "ordered", "限期整改"),
        ("ordered", "resolved", "已整改"),
    ]  # fmt: skip


def test_a_resolution_can_be_taken_back_for_a_day(ringing: tuple[Engine, int]) -> None:
    engine, alert_id = ringing
    with write_session(engine) as session:
        acknowledge(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW)
        resolve(session, alert_id=alert_id, seen_state="acknowledged", actor="演示甲", at=NOW, reason="误报")
        with pytest.raises(MoveRefused, match="24 小时"):
            take_back(session, alert_id=alert_id, actor="演示甲", at=NOW + timedelta(hours=25))
        take_back(session, alert_id=alert_id, actor="演示甲", at=NOW + timedelta(hours=1))
        card = alert_card(session=session, alert_id=alert_id)
        assert card is not None
        assert (card.row.state, card.row.resolution) == (AlertState.ACKNOWLEDGED, "")
        with pytest.raises(MoveRefused, match="刚由人解除"):
            take_back(session, alert_id=alert_id, actor="演示甲", at=NOW)


def test_what_ended_after_somebody_resolved_it_is_not_taken_back(ringing: tuple[Engine, int]) -> None:
    engine, alert_id = ringing
    with write_session(engine) as session:
        resolve(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="误报")
        append(session, [closing(1)])
        evaluate(session, as_of=NOW)
        with pytest.raises(MoveRefused, match="原因已经消失，不能恢复"):
            take_back(session, alert_id=alert_id, actor="演示甲", at=NOW)


def test_a_drill_is_not_taken_back_beside_another_of_its_level_and_area(small_district: Engine) -> None:
    with write_session(small_district) as session:
        asked: dict[str, Any] = {"color": RiskColor.RED, "code": COMMUNITY, "actor": "演示甲", "at": NOW}
        one = start_drill(session, title="第一次", **asked)
        resolve(session, alert_id=one, seen_state="new", actor="演示甲", at=NOW, reason="演练结束")
        other = start_drill(session, title="第二次", **asked)
        with pytest.raises(MoveRefused, match="这一级演练正在进行，请先结束它"):
            take_back(session, alert_id=one, actor="演示甲", at=NOW)
        resolve(session, alert_id=other, seen_state="new", actor="演示甲", at=NOW, reason="演练结束")
        take_back(session, alert_id=one, actor="演示甲", at=NOW)


def test_what_somebody_else_did_meanwhile_is_said(ringing: tuple[Engine, int]) -> None:
    engine, alert_id = ringing
    with write_session(engine) as session:
        acknowledge(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW)
    said = r"已变为“已确认”（演示甲 于 \d\d-\d\d \d\d:\d\d 确认），您刚才的操作没有执行"
    with write_session(engine) as session, pytest.raises(AlertMoved, match=said):
        acknowledge(session, alert_id=alert_id, seen_state="new", actor="演示乙", at=NOW)
    with write_session(engine) as session, pytest.raises(UnknownAlert, match="没有编号为 99"):
        acknowledge(session, alert_id=99, seen_state="new", actor="演示乙", at=NOW)
    with write_session(engine) as session, pytest.raises(MoveRefused, match="写明理由"):
        resolve(session, alert_id=alert_id, seen_state="acknowledged", actor="演示乙", at=NOW, reason="  ")


def test_a_drill_is_marked_counts_nowhere_and_is_due_again_after_a_quarter(small_district: Engine) -> None:
    with write_session(small_district) as session:
        alert_id = start_drill(
            session, color=RiskColor.RED, code="510115001", actor="演示甲", at=NOW, title="舆情应对"
        )
        with pytest.raises(MoveRefused, match="正在进行"):
            start_drill(
                session, color=RiskColor.RED, code="510115001", actor="演示甲", at=NOW, title="再来一次"
            )
        with pytest.raises(MoveRefused, match="演练预警不下达"):
            order(
                session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="试", what=WHAT
            )
    assert not [alert for alert in run(small_district).resolved if alert == alert_id]

    with write_session(small_district) as session:
        assert alert_page(session=session, as_of=NOW).rows == ()
        (row,) = alert_page(session=session, as_of=NOW, drills=True).rows
        assert (row.is_drill, row.title) == (True, "舆情应对")
        assert open_alerts(session=session) == {}
        resolve(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="演练结束")
        soon = {each.color: each for each in drills(session=session, as_of=NOW + timedelta(days=89))}
        later = {each.color: each for each in drills(session=session, as_of=NOW + timedelta(days=91))}
    assert (soon[RiskColor.RED].late, later[RiskColor.RED].late) == (False, True)
    assert soon[RiskColor.BLUE].last_at is None
    assert soon[RiskColor.BLUE].late


def test_a_page_counts_states_and_colours_and_is_cut(small_district: Engine) -> None:
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(number, hours=25 if number <= 3 else 80) for number in range(1, 6)])
    run(small_district)

    with read_session(small_district) as session:
        page = alert_page(session=session, as_of=NOW, areas=(COMMUNITY,), colors=("yellow",), limit=2)
        nothing = alert_page(session=session, as_of=NOW, areas=("510115001002",))
        counts = open_alerts(session=session, areas=("510115",))

    assert (len(page.rows), page.total) == (2, 3)
    assert page.totals == {("new", "red"): 2, ("new", "yellow"): 3}
    assert (nothing.rows, nothing.total) == ((), 0)
    assert counts == {RiskColor.RED: 2, RiskColor.YELLOW: 3}


def test_a_changed_rule_grows_its_version_and_evidence_names_the_one_that_rang(
    small_district: Engine,
) -> None:
    only(small_district, "overdue_ladder")
    ladder = json.dumps({"rungs": [{"hours": 1, "color": "blue", "owner": "community"}]})
    with write_session(small_district) as session:
        rule_id = session.execute(text("SELECT id FROM rule WHERE kind = 'overdue_ladder'")).scalar_one()
        save_rule(
            session, kind="overdue_ladder", name="超期提醒", parameters=ladder, color="blue",
            owner="community", actor="演示甲", at=NOW, rule_id=rule_id,
        )  # fmt: skip
        append(session, [late(1, hours=2)])

    (alert_id,) = run(small_district).raised

    with read_session(small_district) as session:
        card = alert_card(session=session, alert_id=alert_id)
    assert card is not None
    assert (card.row.color, card.row.owner) == (RiskColor.BLUE, "community")
    assert card.evidence["rule_version"] == 2
