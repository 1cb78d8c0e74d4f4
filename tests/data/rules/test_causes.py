"""What each kind of rule finds, computed by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.event_log import Advance, Entry, append
from data.indicators.store import enter_readings
from data.models import Whistle, WhistleDepartment
from data.queries.surges import is_surge
from data.rules.causes import find
from data.rules.errors import RuleError
from data.rules.found import Cause
from data.rules.parameter_titles import ORDER_TITLES, RUNG_TITLES, TITLES
from data.rules.parameters import OverdueLadder, Rung, SurgeRule, read_parameters, rung_of
from data.rules.store import list_rules, response_plans, save_plan, save_rule
from data.vocabulary import Move, RiskColor, RuleKind, Status
from tests.data.core.events import first

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai."""
WEEK = timedelta(weeks=1)
COMMUNITY = "510115001001"


def found(engine: Engine, kind: RuleKind, at: datetime = NOW) -> list[Cause]:
    with read_session(engine) as session:
        (rule,) = [rule for rule in list_rules(session=session) if rule.kind is kind]
        return find(session, rule, at).causes


def done(number: int, *, due_at: datetime, in_time: bool) -> Advance:
    at = due_at + timedelta(hours=-1 if in_time else 1)
    entry = Entry(action=Move.CLOSE, at=at, actor="演示甲", changes={"status": Status.CLOSED.value})
    opening = first(number, due_at=due_at, reported_at=due_at - timedelta(hours=4), code=COMMUNITY).entries
    return Advance(entries=[*opening, entry])


def test_two_weeks_below_the_baseline_ring_and_one_does_not(small_district: Engine) -> None:
    """Twelve cases a week due: 8 in time two weeks ago (66.7 %), then 10 (83.3 %); baseline 90."""
    with write_session(small_district) as session:
        for week, good in ((2, 8), (1, 10)):
            cases = [
                done(week * 100 + number, due_at=NOW - week * WEEK, in_time=number < good)
                for number in range(12)
            ]
            append(session, cases)

    causes = [each for each in found(small_district, RuleKind.TWO_WEEKS_WORSE) if "on_time" in each.key]

    assert [each.code for each in causes] == ["510115001", COMMUNITY]
    assert causes[0].title == "公平街道 按期结案率连续 2 周差于基准"
    assert causes[0].detail == "66.7%（8/12），83.3%（10/12）；基准 90.0%"
    assert causes[0].evidence["weeks"] == ["2026-11-02", "2026-11-09"]
    assert causes[0].evidence["query"].startswith("basis=due&from=2026-11-09&to=2026-11-15&area=510115001")
    on_the_next_monday = NOW + timedelta(days=3)
    assert [each.key for each in found(small_district, RuleKind.TWO_WEEKS_WORSE, on_the_next_monday)] == [
        each.key for each in found(small_district, RuleKind.TWO_WEEKS_WORSE)
    ]


def test_one_bad_week_or_too_few_cases_ring_nothing(small_district: Engine) -> None:
    with write_session(small_district) as session:
        append(session, [done(n, due_at=NOW - 2 * WEEK, in_time=True) for n in range(12)])
        append(session, [done(100 + n, due_at=NOW - WEEK, in_time=False) for n in range(12)])
    assert not [each for each in found(small_district, RuleKind.TWO_WEEKS_WORSE) if "on_time" in each.key]

    with write_session(small_district) as session:
        for table in ("event_log", "event", "area_week", "area_week_count"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        append(session, [done(n, due_at=NOW - (1 + n % 2) * WEEK, in_time=False) for n in range(18)])
    assert found(small_district, RuleKind.TWO_WEEKS_WORSE) == []


def test_a_surge_is_measured_against_the_median_of_the_same_weekday(small_district: Engine) -> None:
    """One odd Friday with 30 does not hide today's 6 against the usual 1; yesterday's 30 count nothing."""
    with write_session(small_district) as session:
        number = 0
        for week, events in ((0, 6), *((week, 1) for week in range(1, 8)), (8, 30)):
            for _ in range(events):
                number += 1
                append(
                    session,
                    [first(number, source="12345", reported_at=NOW - week * WEEK - timedelta(hours=1))],
                )
        for _ in range(30):
            number += 1
            append(session, [first(number, source="12345", reported_at=NOW - timedelta(days=1))])

    (cause,) = found(small_district, RuleKind.SURGE)

    assert cause.detail == "近 8 周同一星期几到此时的中位数是 1 件"
    assert "今日 6 件" in cause.title
    assert cause.evidence["values"] == [30, 1, 1, 1, 1, 1, 1, 1, 6]
    assert found(small_district, RuleKind.SURGE, NOW - timedelta(hours=2)) == []


@given(usual=st.floats(0, 200), today=st.integers(0, 1000))
def test_no_surge_is_smaller_than_three_times_the_usual_or_five(usual: float, today: int) -> None:
    if is_surge(today, usual, SurgeRule()):
        assert today >= 5
        assert today >= 3 * usual
        assert not is_surge(max(4, int(usual)), usual, SurgeRule()) or usual < 1


def test_a_ladder_gives_the_highest_rung_reached() -> None:
    ladder = OverdueLadder(
        rungs=(Rung(hours=0, color="yellow", owner=""), Rung(hours=72, color="red", owner=""))
    )

    assert [rung_of(ladder, hours).color for hours in (0, 71.9, 72, 900)] == [
        "yellow",
        "yellow",
        "red",
        "red",
    ]


def test_a_suspended_case_climbs_no_ladder(small_district: Engine) -> None:
    due_at = NOW - timedelta(hours=80)
    with write_session(small_district) as session:
        append(session, [first(1, due_at=due_at, status="suspended"), first(2, due_at=due_at)])

    (cause,) = found(small_district, RuleKind.OVERDUE_LADDER)

    assert (cause.color, cause.owner) == (RiskColor.RED, "leader")


def test_the_newest_reading_beyond_its_limit_rings_and_an_old_one_does_not(small_district: Engine) -> None:
    def enter(day: date, value: float) -> None:
        with write_session(small_district) as session:
            enter_readings(
                session, readings=[("water_turbidity", COMMUNITY, day, value)], source="示例水质站",
                actor="演示甲", at=NOW,
            )  # fmt: skip

    enter(date(2026, 11, 10), 30)
    assert [each.code for each in found(small_district, RuleKind.SENSOR_LIMIT)] == [COMMUNITY]
    enter(date(2026, 11, 17), 10)
    assert found(small_district, RuleKind.SENSOR_LIMIT) == []
    enter(date(2026, 11, 17), 10.5)
    assert found(small_district, RuleKind.SENSOR_LIMIT)[0].title.endswith("水体浊度 10.5 NTU，高于 10")
    assert found(small_district, RuleKind.SENSOR_LIMIT, NOW + 4 * WEEK) == []


@pytest.mark.parametrize(
    ("minutes", "returned", "arrived", "expected"),
    [
        (10, 0, False, None),
        (20, 0, False, (RiskColor.YELLOW, "street")),
        (40, 0, False, (RiskColor.RED, "leader")),
        (70, 0, False, (RiskColor.RED, "dispatcher")),
        (70, 0, True, None),
        (10, 3, True, (RiskColor.RED, "leader")),
    ],
)
def test_the_ladder_of_a_whistle(
    small_district: Engine,
    minutes: int,
    returned: int,
    arrived: bool,
    expected: tuple[RiskColor, str] | None,
) -> None:
    blown = NOW - timedelta(minutes=minutes)
    with write_session(small_district) as session:
        session.add(
            Whistle(
                id=1, kind="emergency", code=COMMUNITY, subject="燃气异味", blown_at=blown,
                half_at=blown + timedelta(minutes=15), respond_by=blown + timedelta(minutes=30),
                second_by=blown + timedelta(minutes=60), returned_count=returned, actor="演示甲",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            WhistleDepartment(
                whistle_id=1,
                department_code="D12",
                leads=True,
                returned_count=returned,
                arrived_at=blown if arrived else None,
            )
        )

    causes = found(small_district, RuleKind.WHISTLE_LADDER)

    assert [(each.color, each.owner) for each in causes] == ([expected] if expected else [])
    for each in causes:
        assert "退回满 3 次列入联席会议题" in str(each.evidence["formula"]), "every rung is in the evidence"


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        ("surge", "{", "不是 JSON"),
        ("surge", '{"times": 0.5}', "“达到平时的几倍”应在 1.1 到 100 之间，填的是 0.5"),
        ("surge", '{"minimum": true}', "“至少几件”应为数字"),
        ("surge", '{"weeks": NaN}', "“与前几周比”应为数字"),
        ("surge", '{"colour": "red"}', "没有参数 colour"),
        ("overdue_ladder", "{}", "至少要填一级"),
        ("overdue_ladder", '{"rungs": [{"hours": 5}, {"hours": 1}]}', "从小到大"),
        ("overdue_ladder", '{"rungs": [{"hours": 5, "color": "pink"}]}', "“第 1 级：变为”不能是“pink”"),
        ("threshold_now", '{"limit": 10}', "“看哪个指标”没有选"),
        ("threshold_now", '{"indicator": "x", "order": {"limit_hours": 2}}', "“指令的类别”没有选"),
        ("sensor_limit", '{"count": "ph"}', "至少填一个"),
        ("two_weeks_worse", '{"levels": ["city"]}', "没有“city”"),
        ("horoscope", "{}", "没有“horoscope”这种规则"),
    ],
)
def test_parameters_that_make_no_sense_are_named(kind: str, parameters: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        read_parameters(kind, parameters)


@given(
    kind=st.sampled_from(list(RuleKind)),
    given_fields=st.dictionaries(
        st.sampled_from(
            ["times", "minimum", "weeks", "level", "levels", "rungs", "limit", "order", "count", "above"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["hours", "color", "class_code"]), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        max_size=4,
    ),
)
def test_any_json_is_parameters_or_a_named_error(kind: RuleKind, given_fields: dict[str, object]) -> None:
    try:
        parameters = read_parameters(kind, json.dumps(given_fields))
    except RuleError as error:
        problems = error.problems
    else:
        problems = ()
        assert parameters is not None
    titles = {title for named in (*TITLES.values(), ORDER_TITLES, RUNG_TITLES) for title in named.values()}
    told = [problem for problem in problems if not problem.startswith(("没有参数", "请至少", "至少", "各级"))]
    assert all(any(title in problem for title in titles) for problem in told), told
    assert not any(name in problem for problem in told for name in ("_", "None", "rungs", "weeks"))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, titles in TITLES.items() for name in titles if name != "rungs"]
)
def test_every_parameter_that_cannot_be_is_named_as_on_the_form(kind: RuleKind, name: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_parameters(kind, json.dumps({name: [7]}))

    assert any(TITLES[kind][name] in problem for problem in refused.value.problems)
    assert not any(name in problem for problem in refused.value.problems)


def test_shipped_rules_and_plans_can_be_read(engine: Engine) -> None:
    with read_session(engine) as session:
        rules = list_rules(session=session)
        plans = response_plans(session=session)

    assert {rule.kind for rule in rules} == set(RuleKind)
    assert [rule.problem for rule in rules] == [""] * len(rules)
    assert [plan.color for plan in plans] == [RiskColor.RED, RiskColor.YELLOW, RiskColor.BLUE]
    assert plans[0].within_hours == 72


def test_a_rule_and_a_plan_that_make_no_sense_are_refused_with_every_problem(engine: Engine) -> None:
    with write_session(engine) as session:
        with pytest.raises(RuleError) as refused:
            save_rule(
                session, kind="surge", name=" ", parameters="[]", color="pink", owner="king", area="51",
                actor="演示甲", at=NOW,
            )  # fmt: skip
        assert len(refused.value.problems) == 5
        with pytest.raises(RuleError, match="响应措施"):
            save_plan(session, color="red", meaning="", actions=" ", within_hours=72)
        save_plan(session, color="red", meaning="群体事件", actions="到现场", within_hours=48)
        assert response_plans(session=session)[0].within_hours == 48
