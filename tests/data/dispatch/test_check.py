"""What the check of the table finds, on tables small enough to see it by eye."""

from __future__ import annotations

from sqlalchemy import Engine, update

from data.database import read_session, write_session
from data.dispatch import CheckResult, ProblemKind, check
from data.models import EventClass, Staff
from data.models.base import column
from tests.data.conftest import division
from tests.data.dispatch.town import COMMUNITY, DISTRICT, NEIGHBOUR, STREET, TODAY, negative, put, rule
from tests.sql_recorder import recorded


def checked(engine: Engine) -> CheckResult:
    with read_session(engine) as session:
        return check(session, TODAY)


def person(department: str, number: int) -> Staff:
    return Staff(
        source="test", external_no=str(number), name=f"演示员{number}", post="部门经办人",
        department_code=department,
    )  # fmt: skip


def texts(engine: Engine, kind: ProblemKind) -> list[str]:
    return [problem.text for problem in checked(engine).problems if problem.kind is kind]


def test_a_class_without_department_is_a_gap_everywhere(town: Engine) -> None:
    found = checked(town)

    assert (found.rules, found.classes) == (0, 4)
    assert [problem.text for problem in found.problems] == ["0804 矛盾纠纷/家庭纠纷：全部区域没有责任部门"]


def test_a_gap_names_the_largest_areas_that_no_rule_covers(town: Engine) -> None:
    put(town, division("510115002", "涌泉街道", 103.84, 103.86), rule(1, "0804", COMMUNITY, "D01"))

    (gap,) = checked(town).problems

    assert gap.areas == (NEIGHBOUR, "510115002")
    assert gap.text == "0804 矛盾纠纷/家庭纠纷：公平街道·文武社区、涌泉街道没有责任部门"


def test_rules_that_together_cover_everything_leave_no_gap(town: Engine) -> None:
    put(town, rule(1, "0804", COMMUNITY, "D01"), rule(2, "08", NEIGHBOUR, "D01"))
    assert checked(town).problems == ()

    put(town, rule(3, "", DISTRICT, "D01"))
    assert checked(town).problems == ()


def test_a_rule_for_a_missing_department_covers_nothing_and_is_named(town: Engine) -> None:
    put(town, rule(1, "0804", "", "D99"))

    assert texts(town, ProblemKind.NO_DEPARTMENT) == ["0804 矛盾纠纷/家庭纠纷：全部区域没有责任部门"]
    assert texts(town, ProblemKind.UNKNOWN_DEPARTMENT) == ["规则 1 指定的部门“D99”不存在"]


def test_a_class_whose_department_is_gone_is_a_gap_and_is_named(town: Engine) -> None:
    with write_session(town) as session:
        session.execute(
            update(EventClass).where(column(EventClass.code) == "0102").values(department_code="D77")
        )

    assert "0102 市容环境/暴露垃圾：全部区域没有责任部门" in texts(town, ProblemKind.NO_DEPARTMENT)
    assert texts(town, ProblemKind.UNKNOWN_DEPARTMENT) == ["0102 市容环境/暴露垃圾 的默认部门“D77”不存在"]


def test_a_department_that_cases_go_to_and_that_has_nobody_is_named(
    town: Engine,
) -> None:
    put(town, rule(1, "0804", "", "S01"), rule(2, "0104", STREET, "S01"))
    assert texts(town, ProblemKind.NO_STAFF) == []

    put(town, person("D02", 1))
    assert texts(town, ProblemKind.NO_STAFF) == [
        "示例执法局没有人员，派给它的件无人受理（类别 0102 等 2 个的默认部门）。"
        "请接入该部门的人员，或改派别的部门",
        "示例街道城管办没有人员，派给它的件无人受理（规则 1、2）。请接入该部门的人员，或改派别的部门",
    ]
    put(town, person("D01", 2), person("S01", 3))
    assert texts(town, ProblemKind.NO_STAFF) == []


def test_a_department_without_people_that_one_class_goes_to_is_named_with_that_class(town: Engine) -> None:
    put(town, person("D01", 1))

    assert texts(town, ProblemKind.NO_STAFF) == [
        "示例住建局没有人员，派给它的件无人受理（类别 0601 的默认部门）。请接入该部门的人员，或改派别的部门"
    ]


def test_a_rule_whose_cases_the_negative_list_keeps_from_its_department_is_found(town: Engine) -> None:
    put(town, rule(1, "01", STREET, "S01"), rule(2, "0104", STREET, "D01"), rule(3, "0601", "", "S01"))
    put(town, rule(4, "0102", NEIGHBOUR, "D01"), negative("FM-1", "0104"), negative("FM-9", "0804"))
    assert texts(town, ProblemKind.REFUSED) == [], "a more particular rule sends these to a department"

    put(town, negative("FM-2", "01", COMMUNITY), negative("FM-3", "0601", level="community"))
    put(town, negative("FM-4", "0102", NEIGHBOUR), negative("FM-5", "0102", status="reviewing"))
    assert texts(town, ProblemKind.REFUSED) == [
        "规则 1 派出的件会被拒绝：负面清单第 FM-2 条“示例禁止事项FM-2”：不得下派给示例街道城管办"
    ]


def test_a_class_whose_own_department_may_not_have_it_is_found_until_a_rule_sends_it_elsewhere(
    town: Engine,
) -> None:
    with write_session(town) as session:
        session.execute(
            update(EventClass).where(column(EventClass.code) == "0102").values(department_code="C01")
        )
    put(town, negative("FM-1", "0102", level="community"))
    assert texts(town, ProblemKind.REFUSED) == [
        "0102 市容环境/暴露垃圾 默认派出的件会被拒绝：负面清单第 FM-1 条“示例禁止事项FM-1”："
        "不得下派给示例社区工作站"
    ]
    put(town, rule(1, "0102", "", "D01"))
    assert texts(town, ProblemKind.REFUSED) == []


def test_two_rules_for_the_same_class_and_area_are_found(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D01"), rule(2, "0102", STREET, "D02"))
    put(town, rule(3, "0104", STREET, "D01"), rule(4, "0104", STREET, "D01"))

    assert texts(town, ProblemKind.TIE) == [
        "规则 1、2 的类别和区域相同，写的却不同，不能决定由谁办",
        "规则 3、4 的类别和区域相同，内容也相同，留一条即可",
    ]


def test_a_limit_longer_than_the_class_s_or_on_another_clock_is_a_contradiction(town: Engine) -> None:
    put(
        town,
        rule(1, "01", "", "D01", limit_hours=3.0, clock_type="working_hours"),
        rule(2, "0601", "", "D02", limit_hours=24.0, clock_type="working_days"),
        rule(3, "0804", "", "D02", limit_hours=24.0, clock_type="working_days"),
    )

    assert texts(town, ProblemKind.LIMIT) == [
        "规则 1 对 0104 道路不洁：时限 3 小时，长于类别规定的 2 小时",
        "规则 2 对 0601 井盖缺失：按工作日计时，类别规定按紧急工作时",
    ]


def test_a_rule_for_a_class_or_area_that_is_gone_is_found(town: Engine) -> None:
    put(town, rule(1, "0799", "510115008", "D01"))

    assert texts(town, ProblemKind.UNKNOWN_PLACE) == [
        "规则 1 所写的区划 510115008、类别 0799不存在，不会用到"
    ]


def test_withdrawn_and_past_versions_are_not_checked(town: Engine) -> None:
    put(town, rule(1, "0804", "", "D99", withdrawn=True), rule(2, "0102", "", "D99", valid_to=TODAY))

    assert checked(town).rules == 0
    assert checked(town).count(ProblemKind.UNKNOWN_DEPARTMENT) == 0


def test_an_empty_database_has_nothing_to_find(engine: Engine) -> None:
    assert checked(engine) == CheckResult(problems=(), rules=0, classes=0)


def test_a_check_reads_no_event(town: Engine) -> None:
    put(town, rule(1, "0804", COMMUNITY, "D01"))
    with recorded(town) as statements:
        checked(town)

    assert statements
    assert not [one.sql for one in statements if " event " in one.sql or "event_log" in one.sql]
