"""What the demo enters week by week and judges month by month, while it runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from data.database import read_session, write_session
from data.demo.readings import write_readings
from data.demo.world import World
from data.models import Evaluation
from data.models.base import column
from tests.data.demo.conftest import Database


def test_a_demo_that_is_caught_up_day_by_day_has_each_month_s_judgements_once(
    empty: Database, world: World
) -> None:
    """Filled on 20 October, run until 10 November: October is judged on 5 November, as in one go."""
    zone = empty.settings.timezone
    filled = datetime(2026, 10, 20, 12, tzinfo=zone)
    days = [filled - timedelta(days=60), *(filled + timedelta(days=day) for day in range(22))]
    for since, until in pairwise(days):
        with write_session(empty.engine) as session:
            write_readings(session, world, since=since, until=until, zone=zone)

    period = column(Evaluation.period)
    with read_session(empty.engine) as session:
        counted = session.execute(select(period, func.count()).group_by(period))
        judged = {row[0]: row[1] for row in counted}

    assert sorted(judged) == ["2026-08", "2026-09", "2026-10"]
    assert len(set(judged.values())) == 1
