"""Who may edit the five lists, their review, their names and the process tables; every way in asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Person
from data.lists import (
    LIST_ITEM,
    SERVICE_ITEM,
    STAGES,
    BadItem,
    ItemDraft,
    ServiceDraft,
    UnknownItem,
    edit,
    services,
    titles,
)
from data.lists import history as list_history
from data.manage.changes import Subject, history
from data.manage.errors import NotAllowed
from data.manage.lists import (
    add_item,
    add_service,
    edit_item,
    edit_service,
    move_item,
    remove_item,
    remove_service,
    rename_list,
    undo_last,
)
from tests.data.loop.world import (
    CHECKER,
    COMMUNITY,
    DISPATCHER,
    NEIGHBOURHOOD,
    ROADMAN,
    SECRETARY,
    STREET,
    STREET_CLERK,
    at,
)

Way = Callable[[Session, str, Person | None], object]
SERVICE = ServiceDraft(external_no="BL-1", name="示例证明")


def draft(area: str) -> ItemDraft:
    return ItemDraft(external_no="XZ-1", list_type="assist", text="示例协助", area_prefix=area)


def there(session: Session, area: str, *, moves: int = 0) -> None:
    """Line 1, which somebody wrote before and took so many stages on."""
    edit.add_item(session, draft(area), actor="演示甲")
    for seq, stage in enumerate(STAGES[1 : moves + 1], start=1):
        edit.move_item(session, item_id=1, stage=stage, seen_seq=seq, actor="演示甲")


def added(session: Session, area: str, person: Person | None) -> None:
    add_item(session, draft(area), person=person)


def edited(session: Session, area: str, person: Person | None) -> None:
    there(session, area)
    new = replace(draft(area), text="改过")
    edit_item(session, new, item_id=1, seen_seq=1, person=person, reason="更正")


def removed(session: Session, area: str, person: Person | None) -> None:
    there(session, area)
    remove_item(session, item_id=1, seen_seq=1, person=person, reason="职责划转")


def reported_again(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=2)
    move_item(session, item_id=1, stage="report_2", seen_seq=3, person=person)


def addition_undone(session: Session, area: str, person: Person | None) -> None:
    there(session, area)
    undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=1, person=person)


def reviewed(session: Session, area: str, person: Person | None) -> None:
    there(session, area)
    move_item(session, item_id=1, stage="review_1", seen_seq=1, person=person)


def published(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=8)
    move_item(session, item_id=1, stage="published", seen_seq=9, person=person)


def sent_back(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=1)
    move_item(session, item_id=1, stage="report_1", seen_seq=2, person=person, reason="补充依据")


def review_undone(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=1)
    undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=2, person=person)


def proposed(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    edit_item(
        session, replace(draft(area), text="改过"), item_id=1, seen_seq=10, person=person, reason="更正"
    )


def proposal_undone(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    new = replace(draft(area), text="改过")
    edit.edit_item(session, new, item_id=1, seen_seq=10, actor="演示甲", reason="更正")
    undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=11, person=person)


def fixed_at_once(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    new = replace(draft(area), text="改过")
    edit_item(session, new, item_id=1, seen_seq=10, person=person, reason="错字", at_once=True)


def fix_undone(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    new = replace(draft(area), text="改过")
    edit.edit_item(session, new, item_id=1, seen_seq=10, actor="演示甲", reason="错字", at_once=True)
    undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=11, person=person)


def cancelled_in_force(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    remove_item(session, item_id=1, seen_seq=10, person=person, reason="职责划转")


def cancellation_undone(session: Session, area: str, person: Person | None) -> None:
    there(session, area, moves=9)
    edit.remove_item(session, item_id=1, seen_seq=10, actor="演示甲", reason="职责划转")
    undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=11, person=person)


REPORTS: list[Way] = [added, edited, removed, reported_again, addition_undone, proposed, proposal_undone]
REVIEWS: list[Way] = [
    reviewed, published, sent_back, review_undone, fixed_at_once, fix_undone, cancelled_in_force,
    cancellation_undone,
]  # fmt: skip


@pytest.mark.parametrize("way", [*REPORTS, *REVIEWS])
@pytest.mark.parametrize(
    ("person", "area", "said"),
    [
        (None, STREET, "还没有选择办理人，不能(填报|审议)清单"),
        (NEIGHBOURHOOD, COMMUNITY, "规则“按角色办理”"),
        (CHECKER, "", "规则“按角色办理”"),
        (ROADMAN, "", "规则“按角色办理”"),
        (SECRETARY, "", "规则“只管自己的区域”：书记·示例04负责公平街道，不能为全区(填报|审议)清单"),
    ],
)
def test_who_may_not_edit_the_lists_is_told_why_by_every_way_in(
    district: Engine, way: Way, person: Person | None, area: str, said: str
) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match=said):
        way(session, area, person)


@pytest.mark.parametrize(
    ("way", "person", "area"),
    [
        (way, person, area)
        for ways, person, area in (
            (REPORTS, STREET_CLERK, STREET),
            (REPORTS, STREET_CLERK, COMMUNITY),
            ([*REPORTS, *REVIEWS], SECRETARY, STREET),
            ([*REPORTS, *REVIEWS], DISPATCHER, ""),
        )
        for way in ways
    ],
)
def test_a_street_reports_for_its_area_the_centre_and_leaders_review_and_the_log_names_them(
    district: Engine, way: Way, person: Person, area: str
) -> None:
    with write_session(district) as session:
        way(session, area, person)
        log = list_history(session=session, subject=LIST_ITEM, subject_id=1)
        assert log[0].actor == person.name


@pytest.mark.parametrize("way", REVIEWS)
def test_a_street_clerk_reports_and_does_not_review(district: Engine, way: Way) -> None:
    with (
        write_session(district) as session,
        pytest.raises(NotAllowed, match=r"审议清单由.*街道报单，不能办理"),
    ):
        way(session, STREET, STREET_CLERK)


def test_a_line_is_moved_to_another_area_only_by_who_answers_for_both(district: Engine) -> None:
    with write_session(district) as session:
        there(session, "")
    narrower = draft(STREET)
    with write_session(district) as session, pytest.raises(NotAllowed):
        edit_item(session, narrower, item_id=1, seen_seq=1, person=STREET_CLERK, reason="示例")
    with write_session(district) as session:
        edit_item(session, narrower, item_id=1, seen_seq=1, person=DISPATCHER, reason="示例")
    with write_session(district) as session, pytest.raises(NotAllowed, match="不能为全区填报清单"):
        undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=2, person=STREET_CLERK)


def test_a_line_that_is_gone_is_said_to_be_gone_and_not_forbidden(district: Engine) -> None:
    with write_session(district) as session, pytest.raises(UnknownItem):
        move_item(session, item_id=9, stage="review_1", seen_seq=0, person=SECRETARY)
    with write_session(district) as session, pytest.raises(UnknownItem):
        undo_last(session, subject=LIST_ITEM, subject_id=9, seen_seq=0, person=SECRETARY)


def service_added(session: Session, person: Person | None) -> None:
    add_service(session, SERVICE, person=person)


def service_edited(session: Session, person: Person | None) -> None:
    services.add_service(session, SERVICE, actor="演示甲")
    new = replace(SERVICE, content="改过")
    edit_service(session, new, item_id=1, seen_seq=1, person=person, reason="更正")


def service_removed(session: Session, person: Person | None) -> None:
    services.add_service(session, SERVICE, actor="演示甲")
    remove_service(session, item_id=1, seen_seq=1, person=person, reason="已取消")


def service_undone(session: Session, person: Person | None) -> None:
    services.add_service(session, SERVICE, actor="演示甲")
    undo_last(session, subject=SERVICE_ITEM, subject_id=1, seen_seq=1, person=person)


def named(session: Session, person: Person | None) -> None:
    rename_list(session, list_type="assist", title="依法协助清单", person=person, at=at(0))


EVERYWHERE = [service_added, service_edited, service_removed, service_undone, named]


@pytest.mark.parametrize("way", EVERYWHERE)
@pytest.mark.parametrize(
    ("person", "said"),
    [
        (None, "还没有选择办理人，不能修改(办理流程|清单名称)"),
        (NEIGHBOURHOOD, "规则“按角色办理”"),
        (ROADMAN, "规则“按角色办理”"),
        (SECRETARY, "规则“只管自己的区域”：书记·示例04负责公平街道，不能为全区修改(办理流程|清单名称)"),
    ],
)
def test_what_holds_everywhere_is_not_changed_by_one_street(
    district: Engine, way: Callable[[Session, Person | None], None], person: Person | None, said: str
) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match=said):
        way(session, person)


@pytest.mark.parametrize("way", EVERYWHERE[:-1])
def test_the_centre_changes_the_process_tables_and_the_log_names_them(
    district: Engine, way: Callable[[Session, Person | None], None]
) -> None:
    with write_session(district) as session:
        way(session, DISPATCHER)
    with read_session(district) as session:
        log = list_history(session=session, subject=SERVICE_ITEM, subject_id=1)
        assert log[0].actor == DISPATCHER.name


def test_the_name_of_a_list_is_changed_with_who_and_from_what_to_what(district: Engine) -> None:
    with write_session(district) as session:
        named(session, DISPATCHER)
    with write_session(district) as session, pytest.raises(BadItem, match="已经是“依法协助清单”"):
        named(session, DISPATCHER)
    with write_session(district) as session:
        rename_list(session, list_type="assist", title="", person=DISPATCHER, at=at(1))

    with read_session(district) as session:
        assert titles(session=session)["assist"] == "协助事项清单"
        found = history(session=session, subjects=(Subject.LIST_TITLE,), key="assist")
    assert [(one.what, one.actor, one.can_be_undone) for one in found] == [
        ("清单名称由“依法协助清单”改为“协助事项清单”", DISPATCHER.name, False),
        ("清单名称由“协助事项清单”改为“依法协助清单”", DISPATCHER.name, False),
    ]
