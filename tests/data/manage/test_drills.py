"""Drills street by street: what counts for whom, and the reminder of those that are due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.manage.alerts import resolve
from data.manage.plans import begin_drill
from data.rules.by_hand import title_of
from data.rules.drills import DrillState, drills
from data.rules.evaluate import evaluate
from data.rules.findings import Changes
from data.rules.listing import alert_page
from data.vocabulary import RiskColor
from tests.data.conftest import division
from tests.data.loop.world import COMMUNITY, DISPATCHER, STREET
from tests.data.notices.outside import NOON, alert


def run(engine: Engine, at: datetime) -> Changes:
    with write_session(engine) as session:
        return evaluate(session, as_of=at)


def states(engine: Engine, at: datetime, *areas: str) -> dict[tuple[str, str], DrillState]:
    with read_session(engine) as session:
        found = drills(session=session, as_of=at, areas=areas)
    return {(state.code, state.color.value): state for state in found}


def hold(engine: Engine, code: str, at: datetime, *colors: RiskColor) -> None:
    with write_session(engine) as session:
        for color in colors or tuple(RiskColor):
            one = begin_drill(session, color=color, code=code, title="示例", person=DISPATCHER, at=at)
            resolve(session, alert_id=one, seen_state="new", person=DISPATCHER, at=at, reason="演练结束")


OTHER = "510115002"


@pytest.fixture
def streets(district: Engine) -> Engine:
    """A second street beside the one of the district."""
    with write_session(district) as session:
        session.add(division(OTHER, "示例二街道", 103.84, 103.86))
    return district


def test_a_drill_of_a_street_counts_for_that_street_and_one_of_the_district_for_all(streets: Engine) -> None:
    hold(streets, STREET, NOON, RiskColor.RED)
    hold(streets, COMMUNITY, NOON, RiskColor.BLUE)
    hold(streets, "", NOON, RiskColor.YELLOW)
    found = states(streets, NOON)
    late = {key for key, state in found.items() if state.late}
    assert late == {(OTHER, "red"), (OTHER, "blue"), (STREET, "blue")}
    assert set(states(streets, NOON, OTHER)) == {(OTHER, color.value) for color in RiskColor}
    assert set(states(streets, NOON, COMMUNITY)) == {(STREET, color.value) for color in RiskColor}
    assert states(streets, NOON + timedelta(days=91))[(STREET, "yellow")].late


def test_a_drill_that_is_due_rings_one_blue_reminder_a_street_and_quarter_until_it_is_held(
    streets: Engine,
) -> None:
    hold(streets, "", NOON)
    due = NOON + timedelta(days=91)
    assert not run(streets, NOON + timedelta(days=90)).any
    assert len(run(streets, due).raised) == 2
    assert not run(streets, due).any, "idempotent"
    with read_session(streets) as session:
        rows = alert_page(session=session, as_of=due, states=("new",)).rows
    assert [(row.color, row.is_drill, row.plan_due_at) for row in rows] == [(RiskColor.BLUE, False, None)] * 2
    assert {row.title for row in rows} == {
        "公平街道 演练到期：红色、黄色、蓝色", "示例二街道 演练到期：红色、黄色、蓝色",
    }  # fmt: skip

    hold(streets, STREET, due, RiskColor.RED)
    assert len(run(streets, due).changed) == 1
    hold(streets, STREET, due)
    assert len(run(streets, due).resolved) == 1
    by_hand = next(row.id for row in rows if row.code == OTHER)
    with write_session(streets) as session:
        resolve(session, alert_id=by_hand, seen_state="new", person=DISPATCHER, at=due, reason="下周演练")
    assert not run(streets, due + timedelta(days=1)).any, "once a quarter"
    assert len(run(streets, due + timedelta(days=60)).raised) == 1, "the next quarter asks again"


def test_where_nobody_has_ever_drilled_the_first_reminder_waits_a_quarter(district: Engine) -> None:
    assert not run(district, NOON).any
    with write_session(district) as session:
        alert(session)
    assert not run(district, NOON + timedelta(days=90)).any
    assert len(run(district, NOON + timedelta(days=91)).raised) == 1


def test_drills_of_communities_alone_put_off_no_reminder_of_their_street(district: Engine) -> None:
    """As many drills as streets times levels, and none of them the street's."""
    hold(district, COMMUNITY, NOON)
    due_at = states(district, NOON)[(STREET, "red")].next_due_at
    assert due_at == NOON + timedelta(days=90)
    assert len(run(district, NOON + timedelta(days=91)).raised) == 1


def test_a_drill_is_called_one_once() -> None:
    assert [title_of(title, is_drill=True) for title in ("【演练】舆情", "演练：舆情", "舆情演练")] == [
        "舆情", "舆情", "舆情演练",
    ]  # fmt: skip
    assert title_of("【演练】舆情", is_drill=False) == "【演练】舆情"
