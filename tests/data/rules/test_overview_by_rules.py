"""The overview lists surges, repeats and rungs by the same rules that ring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert
from sqlmodel import Session

from data.database import read_session, write_session
from data.filter import Filter
from data.models import Rule
from data.queries.alerts import AlertKind, AlertList, alert_list
from data.queries.repeats import nth_time, repeats
from data.queries.surges import surges
from data.queries.tables import EVENT
from data.rules.causes import find
from data.rules.in_force import meeting
from data.rules.store import list_rules, save_rule
from data.vocabulary import RiskColor, RuleKind
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C1, C2, C3, G1, G2, HOME, S1, S2, D, build, event
from tests.sql_recorder import recorded

WEEK = 24 * 7
AREAS = ("", D, S1, S2, C1, C2, C3)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The tiny district without events."""
    return build(tmp_path_factory.mktemp("rules") / "onemap.db", [])


def made(session: Session, kind: str, area: str = "", color: str = "yellow", **parameters: Any) -> int:
    return save_rule(
        session, kind=kind, name=f"{kind} {area}", parameters=json.dumps(parameters), color=color,
        owner="street", area=area, actor="演示甲", at=NOW,
    )  # fmt: skip


def off(session: Session, *kinds: RuleKind) -> None:
    """Switches the shipped rules of these kinds off."""
    for rule in list_rules(session=session):
        if rule.kind in kinds:
            save_rule(
                session, kind=rule.kind, name=rule.name, parameters=rule.parameters_text, color=rule.color,
                owner=rule.owner, area=rule.area, enabled=False, actor="演示甲", at=NOW, rule_id=rule.id,
            )  # fmt: skip


def listed(session: Session, *areas: str) -> AlertList:
    return alert_list(session=session, where=Filter(areas=areas), as_of=NOW)


@settings(max_examples=30, deadline=None)
@given(
    cases=st.lists(
        st.tuples(
            st.sampled_from((G1, G2, C2, C3, S1, "")),
            st.sampled_from(("0101", "0203")),
            st.sampled_from(("patrol", "12345")),
            st.sampled_from((0, 0, 0, 1, 2, 3, 4)),
            st.integers(1, 3),
        ),
        max_size=14,
    ),
    rules=st.lists(
        st.tuples(
            st.sampled_from(AREAS),
            st.sampled_from(("district", "street", "community")),
            st.sampled_from(((), ("patrol",))),
            st.integers(2, 6),
            st.sampled_from(list(RiskColor)),
            st.integers(3, 4),
            st.booleans(),
            st.booleans(),
        ),
        max_size=4,
    ),
    area=st.sampled_from(AREAS),
)
def test_the_overview_of_an_area_lists_exactly_the_surges_that_its_rules_ring(
    tiny: Engine,
    cases: list[tuple[str, str, str, int, int]],
    rules: list[tuple[str, str, tuple[str, ...], int, RiskColor, int, bool, bool]],
    area: str,
) -> None:
    rows = [
        event(100 * number + copy, reported=-WEEK * back - 1, code=code, class_code=kind, source=source)
        for number, (code, kind, source, back, copies) in enumerate(cases, start=1)
        for copy in range(copies)
    ]
    with write_session(tiny) as session:
        nothing_stays = session.begin_nested()
        if rows:
            session.execute(insert(EVENT), rows)
        (shipped,) = meeting(list_rules(session=session), RuleKind.SURGE)
        taken = {""}
        for where, level, sources, minimum, color, weeks, apart, enabled in rules:
            number = made(
                session, "surge", where, color, level=level, sources=list(sources), minimum=minimum,
                times=1.5, weeks=weeks, deviations=1,
            )  # fmt: skip
            row = session.get_one(Rule, number)
            row.enabled, row.replaces = enabled, shipped.id if apart and where not in taken else None
            taken |= {where} if row.replaces else set()
            session.flush()
        known = list_rules(session=session)
        shown = surges(
            session=session, where=Filter(areas=(area,) if area else ()), as_of=NOW,
            rules=meeting(known, RuleKind.SURGE, (area,) if area else ()),
        )  # fmt: skip
        rung: dict[str, list[RiskColor]] = {}
        for rule in meeting(known, RuleKind.SURGE):
            for cause in find(session, rule, NOW).causes:
                if cause.code.startswith(area):
                    rung.setdefault(cause.key, []).append(cause.color)
        nothing_stays.rollback()

    worst = {key: min(colors, key=list(RiskColor).index) for key, colors in rung.items()}
    assert {f"{one.code}:{one.class_code}": one.rule.color for one in shown} == worst


def many(number: int, first: int, **more: Any) -> list[dict[str, Any]]:
    return [event(first + each, reported=-1 - each / 10, source="12345", **more) for each in range(number)]


def test_without_a_rule_nothing_surges_and_nothing_repeats(tmp_path: Path) -> None:
    with write_session(build(tmp_path / "off.db", many(9, 1))) as session:
        before = listed(session)
        assert (before.totals[AlertKind.SURGE], before.totals[AlertKind.REPEAT]) == (1, 1)
        off(session, RuleKind.SURGE, RuleKind.REPEAT)
        found = listed(session)

        assert (found.totals[AlertKind.SURGE], found.totals[AlertKind.REPEAT]) == (0, 0)
        assert found.rules[AlertKind.REPEAT] == "这里没有启用的规则"
        assert nth_time(session=session, event_id=1, as_of=NOW) is None


def test_two_rules_that_say_the_same_of_one_place_are_one_row_of_the_worse_colour(tmp_path: Path) -> None:
    with write_session(build(tmp_path / "two.db", many(9, 1))) as session:
        made(session, "surge", S1, "red", minimum=2)
        made(session, "repeat", S1, "red", minimum=2, days=7)
        kinds = (AlertKind.SURGE, AlertKind.REPEAT)
        found = {one.kind: (one.risk, one.rule) for one in listed(session).alerts if one.kind in kinds}
        totals = listed(session).totals

    assert found == {
        AlertKind.SURGE: (RiskColor.RED, f"surge {S1}"), AlertKind.REPEAT: (RiskColor.RED, f"repeat {S1}"),
    }  # fmt: skip
    assert (totals[AlertKind.SURGE], totals[AlertKind.REPEAT]) == (1, 1)


def test_the_rules_in_force_are_named_with_place_and_numbers(tmp_path: Path) -> None:
    with write_session(build(tmp_path / "words.db", [])) as session:
        made(session, "repeat", S1, minimum=5, days=7)
        here, there = listed(session, C1).rules, listed(session, S2).rules

    shipped = "“同一处反复”（全区）同一地点（约 40 米）同一类别 30 天内至少 3 件"
    own = f"“repeat {S1}”（公平街道）同一地点（约 40 米）同一类别 7 天内至少 5 件"
    assert here[AlertKind.REPEAT] == f"{shipped}；{own}"
    assert there[AlertKind.REPEAT] == shipped
    assert there[AlertKind.SURGE] == (
        "“诉求激增”（全区）一个社区的一个类别（只数12345、12349、民情意见箱、居民扫码）今日至少 5 件，"
        "达到近 8 周同一星期几到此时中位数的 3 倍，且高出 3 个标准差"
    )


def test_repeats_ring_once_a_place_and_class_with_exactly_their_rows(tmp_path: Path) -> None:
    rows = [*many(4, 1), *many(3, 50, at=(103.9, 30.7), code=C2), *many(2, 90, class_code="0203")]
    with write_session(build(tmp_path / "rings.db", rows)) as session:
        rule = next(one for one in list_rules(session=session) if one.kind is RuleKind.REPEAT)
        causes = find(session, rule, NOW).causes
        shown = [one for one in listed(session).alerts if one.kind is AlertKind.REPEAT]

    assert [cause.title for cause in causes] == [
        "公平街道·惠民社区·01网格 暴露垃圾同一处 4 件", "公平街道·太极社区 暴露垃圾同一处 3 件",
    ]  # fmt: skip
    assert [cause.evidence["query"] for cause in causes] == [one.where.to_query() for one in shown]
    assert len({cause.key for cause in causes}) == 2


def test_a_place_on_a_border_is_that_area_s_which_has_most_of_its_cases(tmp_path: Path) -> None:
    rows = [
        *many(3, 1, code=C1), *many(2, 20, code=C2),
        *many(2, 40, class_code="0203", code=C1), *many(2, 50, class_code="0203", code=C2),
    ]  # fmt: skip
    engine = build(tmp_path / "border.db", rows)
    with read_session(engine) as session, recorded(engine) as statements:
        found = repeats(session=session, where=Filter(), as_of=NOW)

    assert [(one.class_code, one.count, one.code) for one in found] == [
        ("0101", 5, C1), ("0203", 4, C2),
    ]  # fmt: skip
    assert found[0].lon == pytest.approx(HOME[0])
    assert C1 < C2
    plans = [line for one in statements for line in one.plan if "near" in line]
    assert ["ix_event_cell (cell>" in line for line in plans] == [True], "its cases are found by their place"


def test_which_time_it_is_goes_by_the_rule_of_the_smallest_area(tmp_path: Path) -> None:
    rows = [event(1, reported=-24 * 9), event(2, reported=-1)]
    with write_session(build(tmp_path / "nth.db", rows)) as session:
        before = nth_time(session=session, event_id=2, as_of=NOW)
        made(session, "repeat", S1, days=7)
        after = nth_time(session=session, event_id=2, as_of=NOW)

    assert before is not None
    assert after is not None
    assert [(one.number, one.days) for one in (before, after)] == [(2, 30), (1, 7)]


def test_an_overdue_row_shows_the_rung_in_force_at_its_place(tmp_path: Path) -> None:
    rows = [
        event(1, reported=-200, due=-80), event(2, reported=-200, due=-30), event(3, reported=-200, due=-3),
        event(4, reported=-200, due=-80, code=C3),
    ]  # fmt: skip
    rungs = [{"hours": 1, "color": "blue", "owner": "community"}]
    with write_session(build(tmp_path / "rungs.db", rows)) as session:
        before = {one.event_id: (one.risk, one.owner) for one in listed(session).alerts if one.event_id}
        off(session, RuleKind.OVERDUE_LADDER)
        made(session, "overdue_ladder", S2, rungs=rungs)
        after = {one.event_id: one.risk for one in listed(session).alerts if one.event_id}

    assert before == {
        1: (RiskColor.RED, "leader"), 2: (RiskColor.YELLOW, "street"), 3: (None, None),
        4: (RiskColor.RED, "leader"),
    }  # fmt: skip
    assert after == {1: None, 2: None, 3: None, 4: RiskColor.BLUE}
