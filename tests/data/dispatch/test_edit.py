"""Versions: a change closes the row in force and opens another; nothing is overwritten, everything undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.demo_state import new_batch
from data.dispatch import (
    BadRule,
    RuleDraft,
    RuleExists,
    StaleRule,
    UnknownRule,
    add_rule,
    change_rule,
    decide,
    restore_version,
    undo_rule,
    versions_of,
    withdraw_rule,
)
from data.dispatch.listing import rule_versions
from data.models import DispatchRule
from tests.data.dispatch.town import COMMUNITY, NOW, STREET, TODAY, put, rule
from tests.sql_recorder import recorded, scans

NEXT_YEAR = date(2027, 1, 1)
DRAFT = RuleDraft(class_prefix="0102", area_prefix=STREET, department_code="D02", note="示例")
OTHER = RuleDraft(class_prefix="0102", area_prefix=STREET, department_code="S01", note="改由街道")


def add(engine: Engine, draft: RuleDraft = DRAFT, valid_from: date = TODAY) -> DispatchRule:
    with write_session(engine) as session:
        return add_rule(session, draft, valid_from=valid_from, today=TODAY, actor="演示甲")


def change(engine: Engine, draft: RuleDraft, seen: int, valid_from: date = TODAY) -> DispatchRule:
    with write_session(engine) as session:
        return change_rule(
            session, draft, number=1, seen_version=seen, valid_from=valid_from, today=TODAY, actor="演示乙"
        )


def act(engine: Engine, how: Any, **arguments: Any) -> DispatchRule:
    with write_session(engine) as session:
        found: DispatchRule = how(session, number=1, today=TODAY, actor="演示丙", **arguments)
        return found


def history(engine: Engine) -> list[tuple[int, str, date, date | None, bool]]:
    with read_session(engine) as session:
        return [
            (one.version, one.department_code, one.valid_from, one.valid_to, one.withdrawn)
            for one in versions_of(session, 1)
        ]


def department(engine: Engine, on: date) -> str:
    with read_session(engine) as session:
        return decide(session, class_code="0102", code=COMMUNITY, on=on).department_code


def test_a_new_rule_is_its_first_version_and_holds_from_its_day(town: Engine) -> None:
    added = add(town)

    assert (added.number, added.version, added.actor) == (1, 1, "演示甲")
    assert history(town) == [(1, "D02", TODAY, None, False)]
    assert department(town, TODAY) == "D02"


def test_a_change_closes_the_old_version_and_keeps_every_word_of_it(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D02", note="旧说明"))
    before = versions(town)[0]
    change(town, OTHER, seen=1)

    newest, old = versions(town)
    assert (newest.version, newest.department_code, newest.valid_from, newest.valid_to) == (
        2, "S01", TODAY, None,
    )  # fmt: skip
    assert old.valid_to == TODAY
    assert old.model_dump(exclude={"valid_to"}) == before.model_dump(exclude={"valid_to"})
    assert department(town, date(2026, 11, 21)) == "D02"
    assert department(town, TODAY) == "S01"


def versions(engine: Engine) -> list[DispatchRule]:
    with read_session(engine) as session:
        return versions_of(session, 1)


def test_a_second_change_on_the_same_day_leaves_the_first_in_the_history(town: Engine) -> None:
    add(town)
    change(town, OTHER, seen=1)

    assert history(town) == [(2, "S01", TODAY, None, False), (1, "D02", TODAY, TODAY, False)]
    assert department(town, TODAY) == "S01"


def test_a_change_may_begin_later_and_the_old_version_holds_until_then(town: Engine) -> None:
    add(town)
    change(town, OTHER, seen=1, valid_from=NEXT_YEAR)

    assert department(town, date(2026, 12, 31)) == "D02"
    assert department(town, NEXT_YEAR) == "S01"


def test_a_change_that_would_begin_before_a_later_version_is_refused(town: Engine) -> None:
    add(town)
    change(town, OTHER, seen=1, valid_from=NEXT_YEAR)

    with pytest.raises(BadRule, match="已有从 2027-01-01 起的第 2 版"):
        change(town, RuleDraft(class_prefix="0102", area_prefix=STREET, department_code="D01"), seen=2)


def test_undoing_a_change_brings_the_version_before_it_back_as_a_new_one(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D02"))
    change(town, OTHER, seen=1)
    act(town, undo_rule, seen_version=2)

    assert [line[:2] for line in history(town)] == [(3, "D02"), (2, "S01"), (1, "D02")]
    with read_session(town) as session:
        told = rule_versions(session=session, number=1, on=TODAY)
    assert [(line.version, line.same_as) for line in told] == [(3, 1), (2, None), (1, None)]
    assert department(town, TODAY) == "D02"


def test_undoing_a_change_that_has_not_begun_leaves_no_day_with_it(town: Engine) -> None:
    add(town)
    change(town, OTHER, seen=1, valid_from=NEXT_YEAR)
    act(town, undo_rule, seen_version=2)

    assert department(town, TODAY) == "D02"
    assert department(town, NEXT_YEAR) == "D02"


def test_undoing_a_new_rule_withdraws_it_and_undoing_that_brings_it_back(town: Engine) -> None:
    add(town)
    act(town, undo_rule, seen_version=1)
    assert department(town, TODAY) == "D01"

    act(town, undo_rule, seen_version=2)
    assert department(town, TODAY) == "D02"
    assert len(history(town)) == 3


def test_a_withdrawn_rule_decides_nothing_from_its_day_and_any_version_can_come_back(town: Engine) -> None:
    put(town, rule(1, "0102", STREET, "D02"))
    change(town, OTHER, seen=1)
    act(town, withdraw_rule, seen_version=2, valid_from=NEXT_YEAR, note="撤并")

    assert department(town, TODAY) == "S01"
    assert department(town, NEXT_YEAR) == "D01"

    act(town, restore_version, version=1, seen_version=3)
    assert department(town, NEXT_YEAR) == "D02"
    with pytest.raises(UnknownRule, match="没有第 8 版"):
        act(town, restore_version, version=8, seen_version=4)


def test_a_stale_edit_is_refused_and_names_who_was_faster(town: Engine) -> None:
    add(town)
    change(town, OTHER, seen=1)

    with pytest.raises(StaleRule, match="已由演示乙改为第 2 版，您看到的是第 1 版"):
        change(town, DRAFT, seen=1)
    assert len(history(town)) == 2


def test_a_second_rule_for_the_same_class_and_area_is_refused(town: Engine) -> None:
    add(town)

    with pytest.raises(RuleExists, match="规则 1 的类别和区域与此相同"):
        add(town, OTHER)


def test_a_withdrawn_rule_leaves_its_place_to_another_and_cannot_come_back_beside_it(town: Engine) -> None:
    add(town)
    act(town, withdraw_rule, seen_version=1, valid_from=TODAY)
    with write_session(town) as session:
        second = add_rule(session, OTHER, valid_from=TODAY, today=TODAY, actor="演示甲")

    assert second.number == 2
    with pytest.raises(RuleExists, match="规则 2"):
        act(town, undo_rule, seen_version=2)


def test_an_edit_without_any_change_is_refused(town: Engine) -> None:
    add(town)

    with pytest.raises(BadRule, match="没有变化"):
        change(town, DRAFT, seen=1)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"class_prefix": "0999"}, "没有代码为 0999 的类别"),
        ({"class_prefix": "010"}, "没有代码为 010 的类别"),
        ({"class_prefix": "0_"}, "没有代码为 0_ 的类别"),
        ({"area_prefix": "510115009"}, "没有代码为 510115009 的区划"),
        ({"department_code": "D99"}, "部门“D99”不存在"),
        ({"department_code": ""}, "还没有选责任部门：请选择已接入的部门"),
        ({"limit_hours": 0.0, "clock_type": "working_hours"}, "处置时限 0 小时不对"),
        ({"limit_hours": 99999.0, "clock_type": "working_hours"}, "处置时限 99999 小时不对"),
        ({"limit_hours": 4.0}, "还要选计时方式"),
        ({"limit_hours": 4.0, "clock_type": "moon"}, "还要选计时方式"),
        ({"limit_hours": 4.0, "clock_type": "working_hours", "respond_hours": 5.0}, "长于处置时限"),
        ({"respond_hours": -1.0}, "响应时限 -1 小时不对"),
        ({"note": "长" * 513}, "最多 512 字"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_value_and_leaves_nothing(
    town: Engine, bad: dict[str, Any], said: str
) -> None:
    words = {"class_prefix": "0102", "area_prefix": STREET, "department_code": "D02", **bad}
    with pytest.raises(BadRule, match=said):
        add(town, RuleDraft(**words))
    assert history(town) == []


def test_the_past_is_not_changed(town: Engine) -> None:
    with pytest.raises(BadRule, match="早于今天"):
        add(town, valid_from=date(2026, 11, 21))
    add(town)
    with pytest.raises(BadRule, match="早于今天"):
        act(town, withdraw_rule, seen_version=1, valid_from=date(2026, 11, 21))


def test_a_rule_nobody_knows_and_one_already_withdrawn_are_refused(town: Engine) -> None:
    with pytest.raises(UnknownRule, match="没有编号为 1 的派遣规则"):
        act(town, undo_rule, seen_version=1)
    add(town)
    act(town, withdraw_rule, seen_version=1, valid_from=TODAY)
    with pytest.raises(BadRule, match="已经停用"):
        act(town, withdraw_rule, seen_version=2, valid_from=TODAY)


def test_what_is_added_while_the_demo_is_in_belongs_to_the_demo(town: Engine) -> None:
    with write_session(town) as session:
        session.add(new_batch(seed=1, first_day=TODAY, now=NOW))

    assert add(town).batch_id == 1


def test_an_edit_reads_no_event(town: Engine) -> None:
    with recorded(town) as statements:
        add(town)
        change(town, OTHER, seen=1)
        act(town, undo_rule, seen_version=2)

    assert scans(statements) == []
    assert not [one.sql for one in statements if " event " in one.sql or "event_log" in one.sql]
