"""A street sets a wider rule otherwise, or off, for itself: its own stands there in its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import write_session
from data.lifecycle import Person
from data.manage import rules
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo
from data.manage.rules import RuleDraft
from data.models import Rule
from data.rules.evaluate import evaluate
from data.rules.listing import AlertRow, alert_page
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import AlertState, RiskColor, RuleKind
from tests.data.loop.world import COMMUNITY, DISPATCHER, STREET, STREET_CLERK, report
from tests.data.notices.outside import NOON

OTHER = "510115001002"


def ladder(session: Session) -> RuleSpec:
    """The shipped one: yellow after a day, red after three."""
    return next(
        one for one in list_rules(session=session)
        if one.kind is RuleKind.OVERDUE_LADDER and one.replaces is None
    )  # fmt: skip


def apart(session: Session, area: str = STREET, color: str = "blue", **changes: Any) -> RuleDraft:
    wider = ladder(session)
    draft = RuleDraft(
        kind=wider.kind, name="本街道的超期", color=color, owner="street", area=area, replaces=wider.id,
        parameters={"rungs": [{"hours": 1, "color": color, "owner": "street"}]},
    )  # fmt: skip
    return replace(draft, **changes)


def save(session: Session, draft: RuleDraft, *, person: Person = STREET_CLERK, **rest: Any) -> int:
    return rules.save(session, draft, person=person, at=NOON, **{"reason": "本街道从严", **rest})


def late(session: Session, *codes: str) -> None:
    for number, code in enumerate(codes, start=1):
        report(
            session, number, code=code, due_at=NOON - timedelta(hours=30),
            reported_at=NOON - timedelta(hours=40),
        )  # fmt: skip
    for rule in list_rules(session=session):
        if rule.kind is not RuleKind.OVERDUE_LADDER:
            session.get_one(Rule, rule.id).enabled = False
    session.flush()


def ringing(session: Session) -> dict[str, RiskColor]:
    """Code of the alert → colour, of those that nobody has resolved."""
    evaluate(session, as_of=NOON)
    rows = alert_page(session=session, as_of=NOON, states=(AlertState.NEW,)).rows
    assert len({row.code for row in rows}) == len(rows)
    return {row.code: row.color for row in rows}


def resolved(session: Session) -> list[AlertRow]:
    return list(alert_page(session=session, as_of=NOON, states=(AlertState.RESOLVED,)).rows)


def test_a_rule_set_apart_rings_in_its_area_instead_and_says_so(district: Engine) -> None:
    with write_session(district) as session:
        late(session, COMMUNITY, "")
        assert ringing(session) == {COMMUNITY: RiskColor.YELLOW, "": RiskColor.YELLOW}
        number = save(session, apart(session))
        assert ringing(session) == {COMMUNITY: RiskColor.BLUE, "": RiskColor.YELLOW}
        (gone,) = resolved(session)
        assert gone.resolution == "自动解除：本区域已另行设定这条规则"

        what = history(session=session, subjects=(Subject.RULE,))[0]
        assert what.what == "在公平街道另行设定规则“本街道的超期”"
        undo_change(session, number=what.number, person=STREET_CLERK, at=NOON)
        assert ringing(session) == {COMMUNITY: RiskColor.YELLOW, "": RiskColor.YELLOW}
        assert number not in [one.id for one in list_rules(session=session)]


def test_a_rule_switched_off_in_an_area_is_silent_there_and_the_undo_brings_it_back(district: Engine) -> None:
    with write_session(district) as session:
        late(session, COMMUNITY, "")
        ringing(session)
        known: dict[str, Any] = {"rule_id": ladder(session).id, "area": STREET, "at": NOON}
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            rules.switch_off(session, person=STREET_CLERK, reason="x", **(known | {"area": OTHER[:6]}))
        with pytest.raises(BadSetting, match="停用规则要写明理由"):
            rules.switch_off(session, person=STREET_CLERK, reason=" ", **known)
        rules.switch_off(session, person=STREET_CLERK, reason="试行", **known)
        assert ringing(session) == {"": RiskColor.YELLOW}
        assert resolved(session)[0].resolution == "自动解除：本区域已停用这条规则"
        with pytest.raises(BadSetting, match="已另行设定过"):
            rules.switch_off(session, person=STREET_CLERK, reason="再来", **known)

        what = history(session=session, subjects=(Subject.RULE,))[0]
        assert what.what == "在公平街道停用规则“超期升级”"
        undo_change(session, number=what.number, person=STREET_CLERK, at=NOON)
        assert ringing(session) == {COMMUNITY: RiskColor.YELLOW, "": RiskColor.YELLOW}


def test_in_a_part_of_a_part_the_rule_of_the_smallest_area_holds(district: Engine) -> None:
    with write_session(district) as session:
        late(session, COMMUNITY, OTHER, "")
        street = save(session, apart(session))
        inner = save(session, apart(session, COMMUNITY, "red", replaces=street))
        assert ringing(session) == {
            COMMUNITY: RiskColor.RED, OTHER: RiskColor.BLUE, "": RiskColor.YELLOW
        }  # fmt: skip
        assert {one.replaces for one in list_rules(session=session)} == {None, ladder(session).id}

        def remove(number: int, person: Person) -> None:
            seen = newest(session, Subject.RULE, str(number))
            rules.remove(session, rule_id=number, seen=seen, person=person, at=NOON, reason="不再需要")

        remove(street, STREET_CLERK)
        assert ringing(session) == {
            COMMUNITY: RiskColor.RED, OTHER: RiskColor.YELLOW, "": RiskColor.YELLOW
        }  # fmt: skip
        remove(ladder(session).id, DISPATCHER)
        assert ringing(session) == {COMMUNITY: RiskColor.RED}
        assert next(one for one in list_rules(session=session) if one.id == inner).replaces is None
        undo_change(session, number=history(session=session)[0].number, person=DISPATCHER, at=NOON)
        assert ringing(session) == {
            COMMUNITY: RiskColor.RED, OTHER: RiskColor.YELLOW, "": RiskColor.YELLOW
        }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "person", "said"),
    [
        ({"area": ""}, DISPATCHER, "只管其中一部分：请选择比它小的区域"),
        ({"kind": "repeat", "parameters": {}}, STREET_CLERK, "只能用同一种类的规则替代"),
        ({"kind": "system_failure", "parameters": {}}, STREET_CLERK, "不分区域，不能为一个区域另行设定"),
        ({"replaces": 999}, STREET_CLERK, "没有编号为 999 的规则"),
    ],
)
def test_what_cannot_stand_in_the_place_of_a_rule_is_refused(
    district: Engine, changes: dict[str, Any], person: Person, said: str
) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        save(session, apart(session, **changes), person=person)


def test_one_rule_stands_in_one_area_whatever_is_undone(district: Engine) -> None:
    with write_session(district) as session:
        with pytest.raises(BadSetting, match="要写明理由"):
            save(session, apart(session), reason="")
        first = save(session, apart(session))
        with pytest.raises(BadSetting, match="这个区域已另行设定过“超期升级”"):
            save(session, apart(session))
        seen = newest(session, Subject.RULE, str(first))
        rules.remove(session, rule_id=first, seen=seen, person=STREET_CLERK, at=NOON, reason="不再需要")
        removal = history(session=session)[0].number
        save(session, apart(session))
        with pytest.raises(NothingToUndo, match="后来又另行设定了同一条规则"):
            undo_change(session, number=removal, person=STREET_CLERK, at=NOON)
        wider, around = ladder(session), apart(session, replaces=None)
        with pytest.raises(BadSetting, match="公平街道已另行设定这条规则"):
            save(session, around, rule_id=wider.id, seen=0, person=DISPATCHER)


def test_a_preview_leaves_out_where_another_rule_stands_in_its_place(district: Engine) -> None:
    with write_session(district) as session:
        late(session, COMMUNITY, OTHER, "")
        wider = ladder(session)
        whole = RuleDraft(
            kind=wider.kind, name=wider.name, color="yellow", owner="street",
            parameters={"rungs": [{"hours": 1, "color": "red", "owner": "street"}]},
        )  # fmt: skip
        assert rules.preview(session, whole, as_of=NOON, rule_id=wider.id).total == 3
        save(session, apart(session, COMMUNITY))
        assert rules.preview(session, whole, as_of=NOON, rule_id=wider.id).total == 2
        assert rules.preview(session, apart(session), as_of=NOON).total == 1
