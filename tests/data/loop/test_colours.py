"""While a case is checked, its colour is what was judged when it came back: in SQL, Python and KPIs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from data.clock import sla_color, sla_color_sql
from data.database import read_session, write_session
from data.filter import Filter
from data.models import Event
from data.models.base import column
from data.queries.kpis import kpi_row
from data.queries.next_change import next_change
from data.vocabulary import Move, SlaColor, Status
from tests.data.loop.world import ROADMAN, at, bring_to, do, report


def three_cases(engine: Engine) -> None:
    """Due at four hours: the first comes back at two, the second at five, the third is still in hand."""
    with write_session(engine) as session:
        ids = [report(session, number) for number in (1, 2, 3)]
        for event_id in ids:
            bring_to(session, event_id, Status.HANDLING)
        do(session, ids[0], Move.FEEDBACK, ROADMAN, hours=2, reason="已修")
        do(session, ids[1], Move.FEEDBACK, ROADMAN, hours=5, reason="已修")


def colours(engine: Engine, as_of: datetime) -> list[str]:
    """By SQL, which agrees with Python."""
    with read_session(engine) as session:
        events = [session.get_one(Event, number) for number in (1, 2, 3)]
        query = select(sla_color_sql(as_of)).order_by(column(Event.id))
        found = [str(color) for color in session.execute(query).scalars()]
    assert found == [
        sla_color(
            status=event.status, due_at=event.due_at, warn_at=event.warn_at, ended_at=event.ended_at,
            in_time=event.in_time, as_of=as_of,
        )
        for event in events
    ]  # fmt: skip
    return found


def test_what_came_back_in_time_is_not_overdue_however_long_it_is_checked(district: Engine) -> None:
    three_cases(district)
    assert colours(district, at(3.5)) == [SlaColor.IN_TIME, SlaColor.OVERDUE, SlaColor.SOON]
    assert colours(district, at(50)) == [SlaColor.IN_TIME, SlaColor.OVERDUE, SlaColor.OVERDUE]


def test_the_kpi_counts_the_same(district: Engine) -> None:
    three_cases(district)
    with read_session(district) as session:
        found = {kpi.key: kpi for kpi in kpi_row(session=session, where=Filter(), as_of=at(50))}
    assert (found["open"].value, found["overdue"].value, found["soon"].value) == (3, 2, 0)


def test_only_a_case_in_hand_changes_its_colour_by_itself(district: Engine) -> None:
    three_cases(district)
    with read_session(district) as session:
        assert next_change(session, as_of=at(2)) == at(3)
