"""Numbers of the loop: role, bounds, reason, history, undo."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Person, read_rules
from data.lifecycle.person import SYSTEM
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo, StaleSetting
from data.manage.numbers import NumberLine, change_number, list_numbers
from tests.data.loop.world import CHECKER, DISPATCHER, SECRETARY, WORKER

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def change(
    session: Session,
    key: str = "extensions",
    value: float = 1,
    *,
    person: Person | None = DISPATCHER,
    seen: int = 0,
    reason: str = "试行",
) -> int:
    return change_number(session, key=key, value=value, seen=seen, person=person, at=NOW, reason=reason)


def line(session: Session, key: str) -> NumberLine:
    return next(one for one in list_numbers(session=session) if one.key == key)


def test_every_number_is_listed_with_unit_default_bounds_and_origin(district: Engine) -> None:
    with read_session(district) as session:
        found = list_numbers(session=session)

    assert {one.group for one in found} == {"闭环", "统计与预警"}
    assert all(one.value == one.default and not one.is_own and one.seen == 0 for one in found)
    assert all(one.spec.unit and one.spec.origin and one.spec.label for one in found)
    assert all(one.spec.lowest <= one.default <= one.spec.highest for one in found)


def test_a_changed_number_holds_at_once_and_says_who_changed_it_and_why(district: Engine) -> None:
    with write_session(district) as session:
        number = change(session)
        found = line(session, "extensions")
        (entry,) = history(session=session, subjects=(Subject.NUMBER,))

        assert read_rules(session).extensions == 1
        assert (found.value, found.default, found.is_own, found.changed_by) == (1, 2, True, DISPATCHER.name)
        assert (entry.number, entry.actor, entry.reason) == (number, DISPATCHER.name, "试行")
        assert entry.what == "一件延期的次数上限：2 改为 1 次"


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (None, "还没有选择办理人"),
        (WORKER, "规则“按角色办理”.*网格员·示例01是网格员"),
        (CHECKER, "规则“按角色办理”"),
        (SECRETARY, "规则“只管自己的区域”：书记·示例04负责公平街道，不能为全区修改全区参数"),
    ],
)
def test_who_may_not_change_them_is_told_the_rule(district: Engine, person: Person | None, said: str) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match=said):
        change(session, person=person)


def test_the_system_itself_is_never_refused(district: Engine) -> None:
    with write_session(district) as session:
        assert change(session, person=SYSTEM) > 0


@pytest.mark.parametrize(
    ("key", "value", "reason", "said"),
    [
        ("extensions", 3, "试行", "一件延期的次数上限不能是 3 次：应在 0 到 2 之间"),
        ("extensions", 0.5, "试行", "应为整数"),
        ("whistle_days", 1.5, "试行", "应为整数"),
        ("whistle_days", float("nan"), "试行", "不能是 nan"),
        ("extensions", 1, "  ", "要写明理由"),
        ("extensions", 2, "试行", "本来就是 2 次"),
        ("speed", 1, "试行", "没有“speed”这个参数"),
        ("evaluation_self_weight", 20, "试行", "合计会是 110%，应为 100%：请在“考评”页一起改"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_bounds(
    district: Engine, key: str, value: float, reason: str, said: str
) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        change(session, key, value, reason=reason)
    with read_session(district) as session:
        assert history(session=session) == []


def test_a_stale_form_is_refused(district: Engine) -> None:
    with write_session(district) as session:
        change(session)
        with pytest.raises(StaleSetting, match="刚被别人改过"):
            change(session, value=0)


def test_changes_are_undone_newest_first_by_another_change(district: Engine) -> None:
    with write_session(district) as session:
        first = change(session)
        second = change(session, value=0, seen=first)
        with pytest.raises(NothingToUndo, match="之后又改过"):
            undo_change(session, number=first, person=DISPATCHER, at=NOW)
        undo_change(session, number=second, person=DISPATCHER, at=NOW)
        assert read_rules(session).extensions == 1
        undo_change(session, number=first, person=DISPATCHER, at=NOW)
        assert read_rules(session).extensions == 2
        assert not line(session, "extensions").is_own

        lines = history(session=session)
        assert [one.can_be_undone for one in lines] == [False] * 4
        assert lines[0].what.startswith(f"撤销改动 {first}：")
        for number in (first, newest(session, Subject.NUMBER, "extensions"), 999):
            with pytest.raises(NothingToUndo):
                undo_change(session, number=number, person=DISPATCHER, at=NOW)


def test_who_may_not_change_may_not_undo(district: Engine) -> None:
    with write_session(district) as session:
        number = change(session)
        with pytest.raises(NotAllowed):
            undo_change(session, number=number, person=SECRETARY, at=NOW)
