"""What the sensors of the demo measure: called a demo, one beyond its limit at any moment, gone with it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from data.database import read_session, write_session
from data.demo import catch_up_demo, remove_demo
from data.demo.sensors import write_sensors
from data.demo.world import World
from data.models import Reading, ReadingWeek, Sensor
from data.readings.weeks import from_readings, kept_weeks
from data.rules.causes import find
from data.rules.sensor_causes import sensor_limit
from data.rules.store import list_rules
from data.vocabulary import RuleKind
from tests.data.demo.conftest import NOW, Database


def titles(database: Database, at: datetime) -> list[str]:
    with read_session(database.engine) as session:
        (rule,) = [one for one in list_rules(session=session) if one.kind is RuleKind.SENSOR_LIMIT]
        assert sensor_limit(session, rule, at) == find(session, rule, at).causes
        return [f"{cause.title} {cause.detail}" for cause in find(session, rule, at).causes]


def test_one_sensor_of_the_demo_is_beyond_its_limit_and_it_is_called_a_demo(copied: Database) -> None:
    (said,) = titles(copied, NOW)
    assert "水体浊度 1" in said
    assert "（演示浊度计" in said
    later = NOW + timedelta(hours=20)
    assert titles(copied, later) == [], "nobody believes what is older than six hours"
    catch_up_demo(copied.engine, copied.settings, now=later)
    (other,) = titles(copied, later)
    assert other != said
    with read_session(copied.engine) as session:
        assert kept_weeks(session) == from_readings(session)
        assert all(one.label.startswith("演示") for one in session.scalars(select(Sensor)))

    remove_demo(copied.engine, copied.settings)

    with read_session(copied.engine) as session:
        for model in (Reading, ReadingWeek, Sensor):
            assert session.scalars(select(func.count()).select_from(model)).one() == 0


def test_measured_day_by_day_or_in_one_go_the_readings_are_the_same_and_two_months_take_no_time(
    empty: Database, world: World
) -> None:
    zone = empty.settings.timezone
    begin = datetime(2026, 9, 1, 5, 17, tzinfo=UTC)
    days = [begin + timedelta(days=day, minutes=11 * day) for day in range(8)]
    for since, until in pairwise(days):
        with write_session(empty.engine) as session:
            write_sensors(session, world, since=since, until=until, zone=zone)
    with write_session(empty.engine) as session:
        by_day = session.scalars(select(func.count()).select_from(Reading)).one()
        write_sensors(session, world, since=begin, until=days[-1], zone=zone)
        assert session.scalars(select(func.count()).select_from(Reading)).one() == by_day > 7 * 24 * 8
        began = time.process_time()
        write_sensors(session, world, since=days[-1], until=days[-1] + timedelta(days=60), zone=zone)
        assert time.process_time() - began < 5
