"""Who may edit the dispatch table, and for which areas; every way in asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.dispatch import RuleDraft, edit, versions_of
from data.lifecycle import Person
from data.manage.dispatch import add_rule, change_rule, restore_version, undo_rule, withdraw_rule
from data.manage.errors import NotAllowed
from data.models import DispatchRule
from tests.data.dispatch.town import TODAY
from tests.data.loop.world import (
    CHECKER,
    COMMUNITY,
    DISPATCHER,
    PARKS,
    ROADMAN,
    ROADS,
    SECRETARY,
    STREET,
    STREET_CLERK,
)  # fmt: skip

Way = Callable[[Session, str, Person | None], DispatchRule]


def draft(area: str) -> RuleDraft:
    return RuleDraft(class_prefix="0201", area_prefix=area, department_code=ROADS)


def added(session: Session, area: str, person: Person | None) -> DispatchRule:
    return add_rule(session, draft(area), valid_from=TODAY, today=TODAY, person=person)


def there(session: Session, area: str) -> RuleDraft:
    """Rule 1 in two versions that somebody wrote before; what it says."""
    old, new = draft(area), replace(draft(area), department_code=PARKS)
    edit.add_rule(session, old, valid_from=TODAY, today=TODAY, actor="演示甲")
    edit.change_rule(session, new, number=1, seen_version=1, valid_from=TODAY, today=TODAY, actor="演示甲")
    return new


def changed(session: Session, area: str, person: Person | None) -> DispatchRule:
    new = replace(there(session, area), note="示例")
    return change_rule(session, new, number=1, seen_version=2, valid_from=TODAY, today=TODAY, person=person)


def withdrawn(session: Session, area: str, person: Person | None) -> DispatchRule:
    there(session, area)
    return withdraw_rule(
        session, number=1, seen_version=2, valid_from=TODAY, today=TODAY, person=person, note="停用"
    )


def restored(session: Session, area: str, person: Person | None) -> DispatchRule:
    there(session, area)
    return restore_version(session, number=1, version=1, seen_version=2, today=TODAY, person=person)


def undone(session: Session, area: str, person: Person | None) -> DispatchRule:
    there(session, area)
    return undo_rule(session, number=1, seen_version=2, today=TODAY, person=person)


WAYS = [added, changed, withdrawn, restored, undone]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("person", "area", "said"),
    [
        (None, STREET, "还没有选择办理人，不能修改派遣规则"),
        (STREET_CLERK, STREET, "规则“按角色办理”"),
        (CHECKER, "", "规则“按角色办理”"),
        (ROADMAN, "", "规则“按角色办理”"),
        (SECRETARY, "", "规则“只管自己的区域”：书记·示例04负责公平街道，不能为全区修改派遣规则"),
    ],
)
def test_who_may_not_edit_the_rules_is_told_why_by_every_way_in(
    district: Engine, way: Way, person: Person | None, area: str, said: str
) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match=said):
        way(session, area, person)


@pytest.mark.parametrize(
    ("person", "area"),
    [(DISPATCHER, ""), (DISPATCHER, STREET), (SECRETARY, STREET), (SECRETARY, COMMUNITY)],
)
@pytest.mark.parametrize("way", WAYS)
def test_the_centre_edits_every_rule_and_a_leader_those_of_the_own_street_and_each_version_names_them(
    district: Engine, way: Way, person: Person, area: str
) -> None:
    with write_session(district) as session:
        way(session, area, person)
    with read_session(district) as session:
        assert versions_of(session, 1)[0].actor == person.name


@pytest.mark.parametrize(("before", "after"), [("", STREET), (STREET, "")])
def test_a_rule_is_moved_to_another_area_only_by_who_answers_for_both(
    district: Engine, before: str, after: str
) -> None:
    def move(session: Session, person: Person) -> None:
        change_rule(
            session, draft(after), number=1, seen_version=1, valid_from=TODAY, today=TODAY, person=person
        )

    with write_session(district) as session:
        added(session, before, DISPATCHER)
    with write_session(district) as session, pytest.raises(NotAllowed):
        move(session, SECRETARY)
    with write_session(district) as session:
        move(session, DISPATCHER)
    with write_session(district) as session, pytest.raises(NotAllowed):
        undo_rule(session, number=1, seen_version=2, today=TODAY, person=SECRETARY)
    with write_session(district) as session, pytest.raises(NotAllowed):
        restore_version(session, number=1, version=1, seen_version=2, today=TODAY, person=SECRETARY)
