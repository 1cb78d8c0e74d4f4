"""Who has to handle a case, worked out by hand; and that the order of the table never matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlmodel import Session

from data.database import read_session, write_session
from data.dispatch import Decision, decide
from data.models import DispatchRule
from tests.data.databases import migrated_engine
from tests.data.dispatch.town import (
    COMMUNITY,
    DISTRICT,
    NEIGHBOUR,
    STREET,
    TODAY,
    build_town,
    put,
    rule,
)
from tests.sql_recorder import recorded


def decided(engine: Engine, class_code: str, code: str, on: date = TODAY) -> Decision:
    with read_session(engine) as session:
        return decide(session, class_code=class_code, code=code, on=on)


def test_without_a_rule_the_class_decides_who_and_by_when(town: Engine) -> None:
    found = decided(town, "0102", COMMUNITY)

    assert (found.department_code, found.limit_hours, found.clock_type) == ("D01", 4.0, "working_hours")
    assert found.rule_id is None
    assert found.respond_hours is None
    assert found.refused_by is None
    assert found.basis == "没有适用的派遣规则，按类别“暴露垃圾”的默认部门，由示例执法局办理"


def test_a_class_without_department_and_rule_goes_to_nobody_and_says_so(town: Engine) -> None:
    found = decided(town, "0804", COMMUNITY)

    assert found.department_code == ""
    assert "没有默认部门" in found.basis


def test_an_unknown_class_goes_to_nobody_and_says_so(town: Engine) -> None:
    found = decided(town, "9999", COMMUNITY)

    assert found.department_code == ""
    assert "没有代码为 9999 的类别" in found.basis


def test_a_rule_overrules_the_class_and_keeps_its_limit_unless_it_has_its_own(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D02"), rule(2, "0601", "", "D01", limit_hours=1.5,
        clock_type="urgent_hours", respond_hours=0.5))  # fmt: skip

    without, own = decided(town, "0102", COMMUNITY), decided(town, "0601", COMMUNITY)

    assert (without.department_code, without.limit_hours, without.clock_type) == ("D02", 4.0, "working_hours")
    assert without.rule_number == 1
    assert (own.limit_hours, own.clock_type, own.respond_hours) == (1.5, "urgent_hours", 0.5)
    assert own.basis == "派遣规则 2（第 1 版）指定由示例执法局办理，时限按规则"


def test_the_longest_class_prefix_decides_before_the_longest_area(town: Engine) -> None:
    put(town, rule(1, "01", COMMUNITY, "D02"), rule(2, "0102", "", "D01"), rule(3, "", NEIGHBOUR, "S01"))

    assert decided(town, "0102", COMMUNITY).rule_number == 2
    assert decided(town, "0104", COMMUNITY).rule_number == 1
    assert decided(town, "0601", NEIGHBOUR).rule_number == 3
    assert decided(town, "0601", COMMUNITY).rule_number is None


def test_of_equal_classes_the_longest_area_decides(town: Engine) -> None:
    put(town, rule(1, "0102", "", "D02"), rule(2, "0102", STREET, "S01"), rule(3, "0102", COMMUNITY, "C01"))

    assert decided(town, "0102", f"{COMMUNITY}003").rule_number == 3
    assert decided(town, "0102", NEIGHBOUR).rule_number == 2
    assert decided(town, "0102", "510115002").rule_number == 1


def test_an_event_in_no_division_meets_only_rules_for_everywhere(town: Engine) -> None:
    put(town, rule(1, "0102", DISTRICT, "D02"))
    assert decided(town, "0102", "").rule_number is None

    put(town, rule(2, "0102", "", "D02"))
    assert decided(town, "0102", "").rule_number == 2


def test_a_rule_holds_from_its_first_day_until_the_day_before_its_last(town: Engine) -> None:
    put(town, rule(1, "0102", "", "D02", valid_from=date(2026, 6, 1), valid_to=date(2026, 7, 1)))

    assert decided(town, "0102", STREET, date(2026, 5, 31)).rule_number is None
    assert decided(town, "0102", STREET, date(2026, 6, 1)).rule_number == 1
    assert decided(town, "0102", STREET, date(2026, 6, 30)).rule_number == 1
    assert decided(town, "0102", STREET, date(2026, 7, 1)).rule_number is None


def test_two_rules_of_equal_right_that_differ_name_nobody_and_both_numbers(town: Engine) -> None:
    put(town, rule(4, "0102", STREET, "D02"), rule(9, "0102", STREET, "D01"))

    found = decided(town, "0102", COMMUNITY)

    assert found.department_code == ""
    assert found.contradiction == (4, 9)
    assert "派遣规则 4、9" in found.basis


def test_two_rules_of_equal_right_that_agree_decide_alike(town: Engine) -> None:
    put(town, rule(4, "0102", STREET, "D02"), rule(9, "0102", STREET, "D02"))

    assert decided(town, "0102", COMMUNITY).department_code == "D02"


def test_a_rule_for_a_department_that_is_gone_names_nobody(town: Engine) -> None:
    put(town, rule(1, "0102", "", "D99"))

    found = decided(town, "0102", COMMUNITY)

    assert found.department_code == ""
    assert "D99 不存在" in found.basis


def test_a_decision_reads_no_event(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D02"))
    with recorded(town) as statements:
        decided(town, "0102", COMMUNITY)

    assert statements
    assert not [one.sql for one in statements if " event " in one.sql or "event_log" in one.sql]
    assert not [one for one in statements if any("SCAN" in line for line in one.plan)]


@pytest.fixture(scope="module")
def shuffled_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = migrated_engine(tmp_path_factory.mktemp("town") / "onemap.db")
    yield build_town(engine)
    engine.dispose()


PREFIXES = st.tuples(
    st.sampled_from(["", "01", "0102", "06", "0601", "0804"]),
    st.sampled_from(["", DISTRICT, STREET, COMMUNITY, NEIGHBOUR]),
)
TABLES = st.dictionaries(PREFIXES, st.sampled_from(["D01", "D02", "S01"]), max_size=12)


def fill(session: Session, rows: list[tuple[int, tuple[str, str], str]]) -> None:
    session.execute(delete(DispatchRule))
    session.add_all(rule(number, *place, department) for number, place, department in rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=TABLES,
    order=st.randoms(use_true_random=False),
    class_code=st.sampled_from(["0102", "0104", "0601", "0804"]),
    code=st.sampled_from(["", DISTRICT, STREET, COMMUNITY, NEIGHBOUR]),
)
def test_a_decision_is_the_same_whatever_the_order_of_the_rows(
    shuffled_town: Engine, table: dict[tuple[str, str], str], order: object, class_code: str, code: str
) -> None:
    rows = [(number, place, table[place]) for number, place in enumerate(sorted(table), start=1)]
    with write_session(shuffled_town) as session:
        fill(session, rows)
    first = decided(shuffled_town, class_code, code)
    order.shuffle(rows)  # type: ignore[attr-defined]
    with write_session(shuffled_town) as session:
        fill(session, rows)
    second = decided(shuffled_town, class_code, code)

    expected = max(
        (place for place in table if class_code.startswith(place[0]) and code.startswith(place[1])),
        key=lambda place: (len(place[0]), len(place[1])),
        default=None,
    )
    assert (first.department_code, first.rule_number, first.basis, first.limit_hours) == (
        second.department_code, second.rule_number, second.basis, second.limit_hours,
    )  # fmt: skip
    if expected is not None:
        assert first.department_code == table[expected]
