"""A resident's contact is seen whole by a role, for a reason, so often, and each time there is a row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Move, Person, change_rule
from data.models import Event, ResidentContact
from data.reporting import (
    RevealRefused,
    TooManyReveals,
    reveal_contact,
    reveals,
    verify_reveals,
    why_not_revealed,
)
from data.reporting.contacts import reveals_head
from data.vocabulary import Role, Status
from tests.data.loop.world import (
    CHECKER,
    DISPATCHER,
    EVERYBODY,
    GARDENER,
    NEIGHBOURHOOD,
    RESIDENT,
    ROADMAN,
    SECRETARY,
    STRANGER,
    STREET_CLERK,
    WAY,
    WORKER,
    at,
    bring_to,
    do,
    furnish,
    report,
)

PHONE = "13812341234"
WHY = "回访是否解决"


@pytest.fixture
def told(engine: Engine) -> Engine:
    """Two cases of residents who left their number; the second is handled by the roads department."""
    furnish(engine)
    with write_session(engine) as session:
        for number in (1, 2):
            event_id = report(session, number, source="resident")
            session.add(ResidentContact(event_id=event_id, contact=PHONE, created_at=at(0)))
        bring_to(session, 2, Status.HANDLING)
    return engine


def see(session: Session, person: Person, event_id: int = 1, *, reason: str = WHY, hours: float = 1.0) -> str:
    return reveal_contact(session, event_id=event_id, person=person, reason=reason, at=at(hours))


@pytest.mark.parametrize("person", [DISPATCHER, CHECKER, STREET_CLERK, NEIGHBOURHOOD])
def test_who_calls_back_or_verifies_sees_the_number_and_is_written_down(told: Engine, person: Person) -> None:
    with write_session(told) as session:
        assert see(session, person) == PHONE
        (row,) = reveals(session, person=SECRETARY)
    assert (row.actor, row.role, row.reason, row.external_no) == (person.name, person.role, WHY, "YS-0001")


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (WORKER, "角色是网格员"),
        (SECRETARY, "角色是街道书记"),
        (RESIDENT, "角色是居民"),
        (STRANGER, "不在邻居·示例10的责任区内"),
        (ROADMAN, "这件不由本部门承办"),
    ],
)
def test_others_are_refused_by_the_rule_and_nothing_is_written(
    told: Engine, person: Person, said: str
) -> None:
    with pytest.raises(RevealRefused, match=said), write_session(told) as session:
        see(session, person)
    with read_session(told) as session:
        assert reveals(session, person=SECRETARY) == []


def test_a_department_sees_the_number_of_its_own_cases_while_they_are_in_its_hands(told: Engine) -> None:
    with write_session(told) as session:
        assert see(session, ROADMAN, 2) == PHONE
        with pytest.raises(RevealRefused, match="不由本部门承办"):
            see(session, GARDENER, 2)
        for move, person, fields in [
            step[1:] for step in WAY if step[1] in {Move.FEEDBACK, Move.CHECK, Move.CLOSE}
        ]:
            do(session, 2, move, person, hours=2, **fields)
        with pytest.raises(RevealRefused, match="已经办结"):
            see(session, ROADMAN, 2, hours=3)
        assert see(session, CHECKER, 2, hours=3) == PHONE


@pytest.mark.parametrize("reason", ["", "  ", "看看", "长" * 201])
def test_without_a_reason_of_some_words_nothing_is_shown(told: Engine, reason: str) -> None:
    with pytest.raises(RevealRefused, match="请写明查看的原因"), write_session(told) as session:
        see(session, DISPATCHER, reason=reason)


def test_a_case_without_a_contact_and_one_that_is_not_there_say_so(told: Engine) -> None:
    with write_session(told) as session:
        bare = report(session, 3, source="resident")
        with pytest.raises(RevealRefused, match="没有留联系电话"):
            see(session, DISPATCHER, bare)
        with pytest.raises(RevealRefused, match="没有编号为 99 的事件"):
            see(session, DISPATCHER, 99)


def test_nobody_sees_more_in_an_hour_than_the_rules_let_them(told: Engine) -> None:
    with write_session(told) as session:
        change_rule(session, key="contact_reveals_an_hour", value=2, at=at(0), actor="演示甲")
        see(session, DISPATCHER, hours=1.0)
        see(session, DISPATCHER, hours=1.5)
        with pytest.raises(
            TooManyReveals, match="已查看 2 个联系电话，上限 2 个，请 15 分钟后再查"
        ) as caught:
            see(session, DISPATCHER, hours=1.75)
        assert caught.value.retry_seconds == timedelta(minutes=15).total_seconds() + 1
        assert see(session, CHECKER, hours=1.75) == see(session, DISPATCHER, hours=2.0) == PHONE


def test_numbers_of_people_that_are_typed_as_a_reason_are_hidden(told: Engine) -> None:
    with write_session(told) as session:
        see(session, DISPATCHER, reason="核对 510115199001011234 与 13900005678")
        (row,) = reveals(session, person=SECRETARY)
    assert row.reason == "核对 （身份证号已隐去） 与 139****5678"


def test_the_audit_is_for_leaders_of_the_area_and_for_nobody_else(told: Engine) -> None:
    elsewhere = Person(name="书记·示例12", role=Role.LEADER, staff_id=12, division_code="510115002")
    with write_session(told) as session:
        see(session, DISPATCHER)
        see(session, CHECKER, 2, hours=2)
        assert [one.seq for one in reveals(session, person=SECRETARY)] == [2, 1]
        assert [one.seq for one in reveals(session, person=SECRETARY, event_id=1)] == [1]
        assert reveals(session, person=elsewhere) == []
        others = [one for one in EVERYBODY if one.role is not Role.LEADER]
        assert [reveals(session, person=one) for one in others] == [[]] * len(others)


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE contact_reveal SET reason = '另一个原因' WHERE seq = 2", "第 2 条的内容与校验值不符"),
        ("DELETE FROM contact_reveal WHERE seq = 2", "第 3 条之前缺了 1 条"),
        ("UPDATE contact_reveal SET staff_id = 9 WHERE seq = 1", "第 1 条的内容与校验值不符"),
    ],
)
def test_a_changed_or_removed_row_of_the_audit_shows(told: Engine, tampering: str, said: str) -> None:
    with write_session(told) as session:
        for hours in (1.0, 2.0, 3.0):
            see(session, DISPATCHER, hours=hours)
        assert verify_reveals(session) == []
        count, head = reveals_head(session)
        assert (count, len(head)) == (3, 64)
    with told.begin() as connection:
        connection.execute(text(tampering))
    with read_session(told) as session:
        assert any(said in fault for fault in verify_reveals(session))


def test_the_rule_is_the_same_for_the_page_and_for_the_act(told: Engine) -> None:
    with write_session(told) as session:
        row = session.get_one(Event, 2).model_dump()
        for person in EVERYBODY:
            said = why_not_revealed(row, person)
            if said:
                with pytest.raises(RevealRefused) as caught:
                    see(session, person, 2)
                assert str(caught.value) == said
            else:
                assert see(session, person, 2) == PHONE
