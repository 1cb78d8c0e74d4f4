"""Who may edit the working calendar, and where; every way in asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.calendar.day_file import day_template
from data.calendar.edit import DayEntry, changes
from data.database import read_session, write_session
from data.lifecycle import Person
from data.manage.calendar import clear_day, import_days, set_day, set_hours, undo_change
from data.manage.errors import NotAllowed
from data.models import CalendarChange
from tests.data.loop.world import CHECKER, COMMUNITY, DISPATCHER, ROADMAN, SECRETARY, STREET, STREET_CLERK

MONDAY = date(2026, 11, 23)
Way = Callable[[Session, str, Person | None], CalendarChange]


def day_off(session: Session, area: str, person: Person | None) -> CalendarChange:
    entry = DayEntry(day=MONDAY, is_working=False)
    return set_day(session, entry, area_prefix=area, seen_id=None, person=person)


def cleared(session: Session, area: str, person: Person | None) -> CalendarChange:
    return clear_day(session, day=MONDAY, area_prefix=area, seen_id=None, person=person)


def hours(session: Session, area: str, person: Person | None) -> CalendarChange:
    return set_hours(
        session, spans="09:00-17:00", warn_share=0.25, valid_from=MONDAY, area_prefix=area, person=person
    )


def imported(session: Session, area: str, person: Person | None) -> CalendarChange:
    data = day_template(2027)
    return import_days(session, data, name="2027.csv", area_prefix=area, is_official=True, person=person)


def undone(session: Session, area: str, person: Person | None) -> CalendarChange:
    made = day_off(session, area, DISPATCHER)
    return undo_change(session, change_id=made.id or 0, person=person)


@pytest.mark.parametrize("way", [day_off, cleared, hours, imported, undone])
@pytest.mark.parametrize(
    ("person", "area", "said"),
    [
        (None, STREET, "还没有选择办理人，不能修改工作日历"),
        (STREET_CLERK, STREET, "规则“按角色办理”"),
        (CHECKER, "", "规则“按角色办理”"),
        (ROADMAN, "", "规则“按角色办理”"),
        (SECRETARY, "", "规则“只管自己的区域”：书记·示例04负责公平街道，不能为全区修改工作日历"),
    ],
)
def test_who_may_not_edit_the_calendar_is_told_the_rule_by_every_way_in(
    district: Engine, way: Way, person: Person | None, area: str, said: str
) -> None:
    with write_session(district) as session, pytest.raises(NotAllowed, match=said):
        way(session, area, person)


@pytest.mark.parametrize(
    ("person", "area"),
    [(DISPATCHER, ""), (DISPATCHER, STREET), (SECRETARY, STREET), (SECRETARY, COMMUNITY)],
)
@pytest.mark.parametrize("way", [day_off, hours, imported, undone])
def test_the_centre_edits_everywhere_and_a_leader_their_own_street(
    district: Engine, way: Way, person: Person, area: str
) -> None:
    with write_session(district) as session:
        way(session, area, person)
    with read_session(district) as session:
        assert changes(session=session, limit=1)[0].actor == person.name
