"""Who may judge whom, until when, and how an entry is changed and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.evaluation import (
    entries,
    judge,
    parse_period,
    recent_periods,
    set_weights,
    take_back,
    why_not_judged,
)
from data.lifecycle import BadEvaluation, Person, judgements, read_rules
from data.models import Division
from data.vocabulary import EvaluationSource
from tests.data.loop.world import (
    CHECKER,
    COMMUNITY,
    DISPATCHER,
    GARDENER,
    NEIGHBOURHOOD,
    PARKS,
    RESIDENT,
    ROADMAN,
    ROADS,
    SECRETARY,
    STRANGER,
    STREET_CLERK,
    WORKER,
    furnish,
)

SELF, PEER = EvaluationSource.SELF, EvaluationSource.PEER
PUBLIC, THIRD = EvaluationSource.PUBLIC, EvaluationSource.THIRD_PARTY
NOVEMBER = "2026-11"


def day(text: str) -> datetime:
    """Noon in Chengdu on a day of 2026."""
    return datetime.fromisoformat(f"2026-{text}T04:00:00+00:00").astimezone(UTC)


@pytest.fixture
def town(engine: Engine) -> Engine:
    """The small district, whose communities are in force."""
    furnish(engine)
    with write_session(engine) as session:
        for code in (COMMUNITY, STRANGER.division_code):
            session.add(
                Division(
                    code=code, valid_from=date(2023, 1, 1), level="community", name=code, short_name=code,
                    parent_code=code[:9],
                )
            )  # fmt: skip
    return engine


def say(session: Session, person: Person, source: EvaluationSource, score: float = 80.0, **more: Any) -> int:
    given = {"department_code": ROADS} if "area_code" not in more else {}
    asked = {"period": NOVEMBER, "at": day("11-20"), "reason": "演示理由", **given, **more}
    return judge(session, person=person, source=source, score=score, **asked)


@pytest.mark.parametrize(
    ("person", "source", "unit", "said"),
    [
        (ROADMAN, SELF, {"department_code": ROADS}, ""),
        (ROADMAN, SELF, {"department_code": PARKS}, "自评只评自己的部门或社区"),
        (ROADMAN, SELF, {"area_code": COMMUNITY}, "自评只评自己的部门或社区"),
        (NEIGHBOURHOOD, SELF, {"area_code": COMMUNITY}, ""),
        (NEIGHBOURHOOD, SELF, {"area_code": STRANGER.division_code}, "自评只评自己的部门或社区"),
        (STREET_CLERK, SELF, {"department_code": ROADS}, "自评由社区汇总、职能部门填写"),
        (ROADMAN, PEER, {"department_code": ROADS}, "互评只评别的单位"),
        (GARDENER, PEER, {"department_code": ROADS}, ""),
        (NEIGHBOURHOOD, PEER, {"department_code": ROADS}, ""),
        (STREET_CLERK, PEER, {"area_code": COMMUNITY}, ""),
        (WORKER, PEER, {"department_code": ROADS}, "角色是网格员"),
        (CHECKER, PEER, {"department_code": ROADS}, "角色是核查员"),
        (DISPATCHER, PUBLIC, {"department_code": ROADS}, "群众评来自居民对案件的评价，不能手工填写"),
        (RESIDENT, PUBLIC, {"department_code": ROADS}, "群众评来自居民对案件的评价，不能手工填写"),
        (DISPATCHER, THIRD, {"area_code": COMMUNITY}, ""),
        (SECRETARY, THIRD, {"department_code": ROADS}, ""),
        (SECRETARY, THIRD, {"area_code": "510115002001"}, "不在书记·示例04的责任区内"),
        (ROADMAN, THIRD, {"department_code": PARKS}, "第三方评由派遣员（指挥中心）、街道书记（督办）填写"),
    ],
)
def test_each_source_is_given_by_its_roles_and_a_refusal_names_the_rule(
    town: Engine, person: Person, source: EvaluationSource, unit: dict[str, str], said: str
) -> None:
    asked: dict[str, Any] = {"department_code": "", **unit}
    refused = why_not_judged(person, source=source, **unit)
    assert (said in refused) if said else refused == ""
    if said:
        with pytest.raises(BadEvaluation) as caught, write_session(town) as session:
            say(session, person, source, **asked)
        assert str(caught.value) == refused
    else:
        with write_session(town) as session:
            say(session, person, source, **asked)
            (row,) = judgements(session, period=NOVEMBER)
            assert (row.staff_id, row.role, row.actor) == (person.staff_id, person.role, person.name)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": day("10-31")}, "2026 年 11 月还没有开始"),
        ({"at": day("12-11")}, "2026 年 11 月的考评已于 2026-12-10 截止"),
        ({"period": "2026-13"}, "评价周期“2026-13”不能用"),
        ({"score": 100.5}, "评分 100.5 不能用"),
        ({"score": 59.0, "reason": " "}, "低于合格线 60 分，请写明原因"),
        ({"reason": "长" * 501}, "说明有 501 字"),
        ({"department_code": "D99"}, "没有代码为 D99 的部门"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(town: Engine, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadEvaluation, match=said), write_session(town) as session:
        say(session, GARDENER, PEER, **changes)
    with read_session(town) as session:
        assert judgements(session, period=NOVEMBER) == []


def test_a_third_party_is_named(town: Engine) -> None:
    with pytest.raises(BadEvaluation, match="写明是哪家机构"), write_session(town) as session:
        say(session, DISPATCHER, THIRD, reason="")


@pytest.mark.parametrize("on", ["11-01", "11-30", "12-10"])
def test_a_period_is_judged_from_its_first_day_to_ten_days_after_its_last(town: Engine, on: str) -> None:
    with write_session(town) as session:
        assert say(session, ROADMAN, SELF, at=day(on)) == 1


def test_one_s_own_entry_is_changed_until_the_period_closes_and_both_stay_in_the_log(town: Engine) -> None:
    november = parse_period(NOVEMBER)
    assert november is not None
    with write_session(town) as session:
        say(session, ROADMAN, SELF, 95.0)
        say(session, ROADMAN, SELF, 85.0, at=day("11-21"))
        assert [one.score for one in judgements(session, period=NOVEMBER)] == [85.0]
        log = entries(session=session, period=november, department_code=ROADS)
        assert [(one.score, one.replaced_at is None) for one in log] == [(85.0, True), (95.0, False)]
    with pytest.raises(BadEvaluation, match="截止"), write_session(town) as session:
        say(session, ROADMAN, SELF, 100.0, at=day("12-11"))


def test_what_is_taken_back_brings_the_entry_before_it_back(town: Engine) -> None:
    with write_session(town) as session:
        first = say(session, ROADMAN, SELF, 95.0)
        second = say(session, ROADMAN, SELF, 85.0, at=day("11-21"))
        take_back(session, evaluation_id=second, person=ROADMAN, at=day("11-22"))
        assert [one.id for one in judgements(session, period=NOVEMBER)] == [first]
        take_back(session, evaluation_id=first, person=ROADMAN, at=day("11-22"))
        assert judgements(session, period=NOVEMBER) == []
        third = say(session, ROADMAN, SELF, 75.0, at=day("11-23"))
        take_back(session, evaluation_id=third, person=ROADMAN, at=day("11-23"))
        assert judgements(session, period=NOVEMBER) == []
        assert len(judgements(session, period=NOVEMBER, with_replaced=True)) == 3


def test_only_who_entered_it_takes_it_back_once_and_in_time(town: Engine) -> None:
    with write_session(town) as session:
        number = say(session, ROADMAN, SELF)
        for person, at, said in (
            (GARDENER, day("11-21"), "只能由本人撤销"),
            (RESIDENT, day("11-21"), "只能由本人撤销"),
            (ROADMAN, day("12-11"), "截止"),
        ):
            with pytest.raises(BadEvaluation, match=said):
                take_back(session, evaluation_id=number, person=person, at=at)
        take_back(session, evaluation_id=number, person=ROADMAN, at=day("11-21"))
        with pytest.raises(BadEvaluation, match="已经撤销或被后来的代替"):
            take_back(session, evaluation_id=number, person=ROADMAN, at=day("11-21"))
        with pytest.raises(BadEvaluation, match="没有编号为 99"):
            take_back(session, evaluation_id=99, person=ROADMAN, at=day("11-21"))


def test_two_people_of_one_name_judge_each_for_themselves(town: Engine) -> None:
    namesake = Person(name=GARDENER.name, role=GARDENER.role, staff_id=77, department_code=PARKS)
    with write_session(town) as session:
        say(session, GARDENER, PEER, 70.0)
        say(session, namesake, PEER, 90.0)
        assert [one.score for one in judgements(session, period=NOVEMBER)] == [70.0, 90.0]


def test_weights_are_set_by_who_answers_for_the_district_and_add_up_to_a_hundred(
    town: Engine,
) -> None:
    weights = {SELF: 5.0, PEER: 15.0, PUBLIC: 60.0, THIRD: 20.0}
    with write_session(town) as session:
        rules = read_rules(session)
        assert (rules.evaluation_self_weight, rules.evaluation_public_weight) == (10.0, 50.0)
        set_weights(session, weights=weights, person=DISPATCHER, at=day("11-20"))
        assert read_rules(session).evaluation_public_weight == 60.0
        with pytest.raises(BadEvaluation, match="合计是 110%，应为 100%"):
            set_weights(session, weights={**weights, SELF: 15.0}, person=DISPATCHER, at=day("11-20"))
        with pytest.raises(BadEvaluation, match="按角色办理"):
            set_weights(session, weights=weights, person=ROADMAN, at=day("11-20"))
        with pytest.raises(BadEvaluation, match=r"只管自己的区域.*不能为全区修改全区参数"):
            set_weights(session, weights=weights, person=SECRETARY, at=day("11-20"))


@pytest.mark.parametrize(
    ("key", "first", "last", "label"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), "2026 年 2 月"),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), "2028 年 2 月"),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "2026 年 12 月"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "2026 年第 4 季度"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026 年"),
    ],
)
def test_a_period_is_its_local_days(key: str, first: date, last: date, label: str) -> None:
    found = parse_period(key)
    assert found is not None
    assert (found.start, found.end, found.label) == (first, last, label)


@pytest.mark.parametrize("key", ["", "2026-00", "2026-13", "2026-Q5", "26-11", "1999", "２０２６"])
def test_what_is_no_period_is_none(key: str) -> None:
    assert parse_period(key) is None


def test_the_periods_to_choose_from_are_months_quarters_and_years_that_parse() -> None:
    found = recent_periods(date(2026, 1, 31))

    assert [one.key for one in found[:2]] == ["2026-01", "2025-12"]
    assert [one.key for one in found[12:]] == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "2026", "2025"]
    assert [parse_period(one.key) for one in found] == found
