"""The demo's whistles: of all kinds and ends, the same however the moment was reached, gone with the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from data.database import read_session, write_session
from data.demo import catch_up_demo, remove_demo
from data.demo.seed import staff_numbers
from data.demo.whistles import LIVES, LONGEST_DAYS
from data.filter import Filter
from data.lifecycle import Person
from data.models import Whistle, WhistleDepartment, WhistleEvent, WhistleLog
from data.models.base import column
from data.vocabulary import Role
from data.whistle import Deed, department_scores, take, verify_whistles, whistle_page
from data.whistle.log import notes_of
from data.whistle_vocabulary import WhistleAct, WhistleKind, WhistleStanding
from tests.data.demo.conftest import NOW, Database


def counts(engine: Engine, at: datetime) -> dict[str, int]:
    with read_session(engine) as session:
        found = whistle_page(session=session, where=Filter(), as_of=at).counts
    return {"agenda": found.agenda, **{key.value: count for key, count in found.standing.items()}}


def log(engine: Engine) -> list[tuple[Any, ...]]:
    """Every entry without what depends on the order of writing."""
    names = ("at", "actor", "action", "department_code", "from_state", "to_state", "reason", "changes")
    columns = [column(getattr(WhistleLog, name)) for name in names]
    with read_session(engine) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:3]))]


def test_lives_cover_every_kind_and_none_outlasts_the_catching_up() -> None:
    assert {life.kind for life in LIVES} == set(WhistleKind)
    assert max(turn.hours for life in LIVES for turn in life.turns) < 24 * LONGEST_DAYS


def test_a_month_has_some_twelve_whistles_of_all_kinds_and_they_stand_everywhere(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        month = select(Whistle).where(column(Whistle.blown_at) > NOW - timedelta(days=30))
        recent = session.execute(month).scalars().all()
        linked = session.execute(select(func.count()).select_from(WhistleEvent)).scalar_one()
        assert verify_whistles(session) == []
        scores = department_scores(session=session, where=Filter(), as_of=NOW)

    assert 11 <= len(recent) <= 13
    assert {one.kind for one in recent} == set(WhistleKind)
    assert all(one.subject.startswith("示例") for one in recent)
    found = counts(seeded.engine, NOW)
    assert all(found.get(key, 0) for key in ("agenda", *WhistleStanding))
    assert linked
    assert any(one.rank for one in scores)
    assert any(one.rank is None for one in scores)


def test_every_act_has_the_number_of_who_did_it(seeded: Database) -> None:
    with read_session(seeded.engine) as session:
        staff = staff_numbers(session)
        entries = session.execute(select(WhistleLog)).scalars().all()

    assert entries
    assert all(notes_of(entry)["person_id"] == staff[entry.actor] for entry in entries)


def test_catching_up_brings_the_whistles_to_where_they_would_have_been(copied: Database) -> None:
    before = log(copied.engine)
    later = NOW + timedelta(days=3, hours=5)
    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=1))
    catch_up_demo(copied.engine, copied.settings, now=later)
    after = log(copied.engine)

    assert set(before) < set(after)
    assert max(row[0] for row in after) <= later
    with read_session(copied.engine) as session:
        assert verify_whistles(session) == []
    found = counts(copied.engine, later)
    assert all(found.get(key, 0) for key in (WhistleStanding.ABSENT, WhistleStanding.WORKING))


def test_a_whistle_that_somebody_had_a_hand_in_is_left_alone(copied: Database) -> None:
    with read_session(copied.engine) as session:
        called = session.execute(
            select(WhistleDepartment)
            .join(Whistle, column(Whistle.id) == column(WhistleDepartment.whistle_id))
            .where(column(Whistle.done_at).is_(None), column(WhistleDepartment.arrived_at).is_(None))
        ).scalars().first()  # fmt: skip
        assert called is not None
    person = Person(name="演示甲", role=Role.DEPARTMENT, department_code=called.department_code)
    deed = Deed(act=WhistleAct.ARRIVE, whistle_id=called.whistle_id, department=called.department_code)
    with write_session(copied.engine) as session:
        take(session, deed, person=person, at=NOW + timedelta(minutes=1))
        seq = session.get_one(Whistle, called.whistle_id).seq
    catch_up_demo(copied.engine, copied.settings, now=NOW + timedelta(days=20))

    with read_session(copied.engine) as session:
        assert session.get_one(Whistle, called.whistle_id).seq == seq


def test_whistles_leave_with_the_demo(copied: Database) -> None:
    remove_demo(copied.engine, copied.settings)

    with read_session(copied.engine) as session:
        for model in (Whistle, WhistleDepartment, WhistleEvent, WhistleLog):
            assert session.execute(select(func.count()).select_from(model)).scalar_one() == 0


@pytest.mark.parametrize("days", [0, 9, 17, 26])
def test_at_any_time_somebody_is_missing_and_somebody_is_not_done(copied: Database, days: int) -> None:
    later = NOW + timedelta(days=days)
    catch_up_demo(copied.engine, copied.settings, now=later)
    found = counts(copied.engine, later)

    assert found[WhistleStanding.ABSENT]
    assert found[WhistleStanding.WORKING]
