"""The demo's rules, lists and process tables: recognisable, consistent, and gone with the demo."""

from __future__ import annotations

from sqlmodel import col, select

from data.database import read_session, write_session
from data.demo import remove_demo
from data.dispatch import ProblemKind, RuleDraft, add_rule, check, decide
from data.lists import ItemDraft, add_item, list_counts
from data.models import (
    Department,
    DispatchRule,
    Event,
    ListItem,
    ListItemLog,
    ServiceItem,
    Whistle,
    WhistleDepartment,
    WhistleEvent,
    WhistleLog,
)
from data.vocabulary import ListType
from tests.data.demo.conftest import NOW, Database

TODAY = NOW.date()


def test_every_example_says_that_it_is_one(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        notes = session.scalars(select(DispatchRule.note)).all()
        texts = session.scalars(select(ListItem.text)).all()
        names = session.scalars(select(ServiceItem.name)).all()
        units = session.scalars(select(Department.name).where(col(Department.code).startswith("DS"))).all()

    assert notes
    assert all(text.startswith("示例") for text in [*notes, *texts, *names, *units])


def test_each_of_the_five_lists_has_examples(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        counts = list_counts(session=session)

    assert all(counts[kind].in_force for kind in ListType)


def test_the_examples_show_one_rule_that_is_refused_one_limit_that_contradicts_its_class_and_nothing_else(
    seeded: Database,
) -> None:
    with read_session(seeded.engine) as session:
        found = check(session, TODAY)

    assert [problem.kind for problem in found.problems] == [ProblemKind.REFUSED, ProblemKind.LIMIT]


def test_the_negative_list_refuses_the_example_that_conflicts_with_it(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        found = decide(session, class_code="0101", code="510115002001", on=TODAY)

    assert found.department_code == "DS1"
    assert found.refused_by is not None
    assert found.refused_by.number == "负01"


def test_what_was_edited_or_blown_while_the_demo_was_in_leaves_with_it(copied: Database) -> None:
    with write_session(copied.engine) as session:
        draft = RuleDraft(class_prefix="0102", department_code="D01")
        add_rule(session, draft, valid_from=TODAY, today=TODAY, actor="演示甲")
        add_item(session, ItemDraft(external_no="X", list_type="assist", text="自填"), actor="演示甲")
        batch_id = session.scalars(select(ListItem.batch_id)).first()
        event_id = session.scalars(select(Event.id).limit(1)).one()
        whistle = Whistle(
            kind="joint", code="510115001", subject="示例", blown_at=NOW, half_at=NOW, respond_by=NOW,
            second_by=NOW, actor="演示甲", batch_id=batch_id,
        )  # fmt: skip
        session.add(whistle)
        session.flush()
        assert whistle.id is not None
        session.add(WhistleDepartment(whistle_id=whistle.id, department_code="D01", leads=True))
        session.add(WhistleEvent(whistle_id=whistle.id, event_id=event_id))
        session.add(WhistleLog(whistle_id=whistle.id, at=NOW, actor="演示甲", action="blow"))

    remove_demo(copied.engine, copied.settings)

    with read_session(copied.engine) as session:
        for model in (
            DispatchRule, ListItem, ListItemLog, ServiceItem,
            Whistle, WhistleDepartment, WhistleEvent, WhistleLog,
        ):  # fmt: skip
            assert session.scalars(select(model)).all() == [], model.__name__
