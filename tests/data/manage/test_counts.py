"""Named counts as a district defines them: counted anew at once, refused with the way out, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import write_session
from data.event_log import append
from data.indicators.counts import named_counts, rows_of
from data.indicators.store import drafted, used_in
from data.lifecycle import Person
from data.manage.changes import Subject, history, newest, undo_change
from data.manage.counts import add_count, change_count, list_counts
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo, StaleSetting
from data.manage.indicators import save_indicator
from data.queries.events import count_events
from data.recount import differences, from_log
from data.roll_up import recompute_definition
from tests.data.indicators.test_table import EAST, LAST_WEEK, NOW, WEST, counted, life
from tests.data.loop.world import DISPATCHER, STREET_CLERK, WORKER
from tests.data.manage.test_indicators import judged


def add(session: Session, *, person: Person | None = DISPATCHER, **fields: Any) -> str:
    wanted = {"label": "热线上报", "base": "reported", "sources": ("12345",), **fields}
    return add_count(session, person=person, at=NOW, **wanted)


def change(
    session: Session, name: str, *classes: str, person: Person | None = DISPATCHER, seen: int | None = None
) -> None:
    known = newest(session, Subject.COUNT, name) if seen is None else seen
    change_count(session, name=name, classes=classes, seen=known, person=person, at=NOW)


@pytest.fixture
def cases(district: Engine) -> Engine:
    """Last week: ten of class 9901 and two of 0102, by turns from patrols and the hotline; three are late."""
    due_at = NOW - timedelta(weeks=1)
    with write_session(district) as session:
        append(
            session,
            [
                life(
                    number, due_at=due_at, hours=1 if number < 3 else -1, code=WEST if number % 3 else EAST,
                    class_code="9901" if number < 10 else "0102", source=("patrol", "12345")[number % 2],
                )
                for number in range(12)
            ],
        )  # fmt: skip
    return district


def test_what_counts_as_garbage_is_set_by_the_district_and_its_indicator_follows_at_once(
    cases: Engine,
) -> None:
    """A city whose class of garbage is 9901: three of ten late, worse than 10 %; before too few to judge."""
    with write_session(cases) as session:
        assert judged(session, "garbage_late", LAST_WEEK).sample == 2
        for name in ("garbage_due", "garbage_late"):
            change(session, name, "9901")
        found = judged(session, "garbage_late", LAST_WEEK)
        assert (found.numerator, found.sample, found.worse) == (3, 10, True)
        assert differences(session, from_log(session)) == []

        append(session, [life(90, due_at=NOW - timedelta(weeks=1), hours=-1, class_code="9901")])
        assert judged(session, "garbage_late", LAST_WEEK).sample == 11
        for line in history(session=session)[:2]:
            undo_change(session, number=line.number, person=DISPATCHER, at=NOW)
        assert judged(session, "garbage_late", LAST_WEEK).sample == 2
        assert differences(session, from_log(session)) == []


def test_a_new_count_is_counted_at_once_leads_to_its_rows_and_stays_while_a_formula_uses_it(
    cases: Engine,
) -> None:
    with write_session(cases) as session:
        name = add(session, classes=("99",))
        added = history(session=session)[0].number
        own = drafted(session=session, name="热线占比", formula="热线上报 / 上报")
        save_indicator(session, own, person=DISPATCHER, at=NOW)
        assert used_in(session=session)[name] == ("热线占比",)
        found = judged(session, own.key, LAST_WEEK)
        count = named_counts(session=session)[name]
        where = rows_of(count, code="", start=LAST_WEEK, end=LAST_WEEK + timedelta(days=6))
        assert where is not None
        assert found.numerator == count_events(session=session, where=where, as_of=NOW).total == 5
        assert counted(session, count, EAST, LAST_WEEK) + counted(session, count, WEST, LAST_WEEK) == 5

        with pytest.raises(NothingToUndo, match="指标“热线占比”的公式用到了“热线上报”"):
            undo_change(session, number=added, person=DISPATCHER, at=NOW)
        undo_change(session, number=history(session=session)[0].number, person=DISPATCHER, at=NOW)
        undo_change(session, number=added, person=DISPATCHER, at=NOW)
        assert name not in named_counts(session=session)
        kept = session.execute(
            text("SELECT count(*) FROM area_week_count WHERE name = :name"), {"name": name}
        )
        assert kept.scalar() == 0


def test_counting_one_definition_anew_leaves_the_others_alone(cases: Engine) -> None:
    with write_session(cases) as session:
        session.execute(text("UPDATE area_week_count SET value = 7 WHERE name = 'garbage_due'"))
        recompute_definition(session, "garbage_late")
        wrong = {one.name for one in differences(session, from_log(session))}
        recompute_definition(session, "garbage_due")
        assert (wrong, differences(session, from_log(session))) == ({"garbage_due"}, [])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": "热 线"}, "不能用在公式里"),
        ({"label": ""}, "名称没有填写：应为 1 到"),
        ({"label": "1号"}, "不能用在公式里"),
        ({"label": "if"}, "不能用在公式里"),
        ({"label": "热" * 33}, "不能用在公式里"),
        ({"label": "上报"}, "已有名为“上报”"),
        ({"label": "垃圾应清运"}, "已有名为“垃圾应清运”"),
        ({"base": ""}, "没有“”这个数"),
        ({"sources": ()}, "至少选一个类别或来源"),
        ({"classes": ("1",)}, "类别代码“1”不对"),
        ({"base": "proactive"}, "主动发现只数来源为"),
        ({"classes": tuple(f"{number:04}" for number in range(201))}, "类别太多"),
    ],
)
def test_a_count_that_makes_no_sense_is_refused(district: Engine, fields: dict[str, Any], said: str) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        add(session, **fields)


def test_counts_are_the_districts_and_one_of_two_who_change_is_told(district: Engine) -> None:
    with write_session(district) as session:
        for person, said in (
            (None, "还没有选择办理人"),
            (WORKER, "按角色办理"),
            (STREET_CLERK, "只管自己的"),
        ):
            with pytest.raises(NotAllowed, match=said):
                add(session, person=person)
            with pytest.raises(NotAllowed, match=said):
                change(session, "garbage_due", "02", person=person)
        change(session, "garbage_due", "02")
        with pytest.raises(StaleSetting, match="“垃圾应清运”刚被别人改过"):
            change(session, "garbage_due", "03", seen=0)
        with pytest.raises(BadSetting, match="没有改动"):
            change(session, "garbage_due", "02")
        for name in ("due", "visits_due", "own_x"):
            with pytest.raises(BadSetting, match=f"没有编号为“{name}”的指标项"):
                change(session, name, "02")
        assert next(one for one in list_counts(session=session) if one.name == "garbage_due").classes == (
            "02",
        )


def test_a_whole_class_that_takes_in_the_orders_of_its_own_indicator_is_no_garbage(cases: Engine) -> None:
    """Two cases of 0102 fell due, and one order 0199 that the indicator brought about: two, never three."""
    with write_session(cases) as session:
        order = life(
            99, due_at=NOW - timedelta(weeks=1), hours=1, code=EAST, class_code="0199", source="superior"
        )
        append(session, [order])
        with pytest.raises(BadSetting, match="包含整改指令的类别 0199"):
            change(session, "garbage_due", "01")
        with pytest.raises(BadSetting, match="请改选小类，不含 0199"):
            change(session, "garbage_late", "0102", "0199")
        change(session, "garbage_due", "0102")
        wanted = text("SELECT sum(value) FROM area_week_count WHERE name = 'garbage_due'")
        assert session.execute(wanted).scalar_one() == 2
        change(session, "hazard_due", "01")  # no order comes of that indicator
