"""Rules over what sensors send: they ring within one evaluation and end by themselves, saying why."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from data.database import read_session, write_session
from data.indicators.counts import named_counts
from data.indicators.store import enter_readings
from data.models import Alert, Reading, Sensor
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from data.rules.parameters import SensorLimit
from data.rules.run import evaluate_rules
from data.rules.sensor_causes import _since
from data.rules.store import save_rule
from data.vocabulary import RuleKind
from data.worker.jobs import RulesJob
from tests.data.rules.test_alerts import only
from tests.sql_recorder import recorded

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai."""
COMMUNITY = "510115001001"
MINUTE = timedelta(minutes=1)


def measure(engine: Engine, minutes: float, value: float, *, sensor: str = "SW-01", **more: str) -> None:
    """A reading so many minutes from noon."""
    cells = {
        "sensor": sensor, "count": "水体浊度", "value": str(value), "code": COMMUNITY,
        "at": (NOW + minutes * MINUTE).isoformat(), **more,
    }  # fmt: skip
    at = max(NOW, NOW + minutes * MINUTE)
    found = take_rows(engine, Rows(good=[Cells(line=1, cells=cells)], refused=[]), source="sensor", now=at)
    assert len(found.new) == 1, found.refused


def rule(engine: Engine, **parameters: Any) -> None:
    only(engine, RuleKind.SENSOR_LIMIT)
    with write_session(engine) as session:
        given = {"count": "water_turbidity", "above": 10, **parameters}
        session.execute(
            text("UPDATE rule SET parameters = :given WHERE kind = 'sensor_limit'"),
            {"given": json.dumps(given)},
        )


def alerts(engine: Engine, minutes: float = 0) -> list[Alert]:
    """The alerts that last after one evaluation so many minutes after noon."""
    evaluate_rules(engine, as_of=NOW + minutes * MINUTE)
    with read_session(engine) as session:
        return list(session.exec(select(Alert).where(col(Alert.active_key).is_not(None))))


def resolution(engine: Engine) -> str:
    with read_session(engine) as session:
        return session.exec(select(Alert).order_by(col(Alert.id).desc())).first().resolution  # type: ignore[union-attr]


def test_a_reading_beyond_the_limit_rings_within_one_evaluation_and_says_which_sensor(
    small_district: Engine,
) -> None:
    rule(small_district)
    measure(small_district, -5, 12.34, name="示例浊度计", lon="103.81", lat="30.71")

    (alert,) = alerts(small_district)

    assert alert.title == "公平街道·惠民社区 水体浊度 12.34 NTU，高于 10"
    assert alert.detail == (
        "传感器 SW-01（示例浊度计） 11-20 11:55 测得 12.34 NTU；公平街道·惠民社区；位置 103.81000，30.71000"
    )
    assert alert.code == COMMUNITY
    measure(small_district, 1, 13)
    (still,) = alerts(small_district, 2)
    assert (still.id, still.title) == (alert.id, "公平街道·惠民社区 水体浊度 13 NTU，高于 10")


def test_the_worker_evaluates_as_soon_as_a_reading_came_in(small_district: Engine) -> None:
    """A reading changes no revision, and still the rules do not wait for their minute."""
    rule(small_district)
    clock = [0.0]
    job = RulesJob(small_district, clock=lambda: clock[0], wall_clock=lambda: NOW)
    job()
    clock[0] += 5
    assert job() is None
    measure(small_district, -1, 12)
    clock[0] += 5
    assert job() == "新预警 1，变化 0，解除 0"


def test_an_alert_ends_when_the_newest_reading_is_back_within_the_limits_and_says_so(
    small_district: Engine,
) -> None:
    rule(small_district)
    measure(small_district, -5, 12)
    assert len(alerts(small_district)) == 1
    measure(small_district, -10, 3)
    assert len(alerts(small_district)) == 1, "a late reading is not the newest"
    measure(small_district, 1, 9.5)
    assert alerts(small_district, 2) == []
    assert resolution(small_district) == "自动解除：11-20 12:01 的读数 9.5 NTU 已回到限值以内"


def test_an_alert_ends_when_its_sensor_says_nothing_any_more_and_says_so(small_district: Engine) -> None:
    rule(small_district, fresh_hours=2)
    measure(small_district, 0, 12)
    assert len(alerts(small_district, 119)) == 1
    assert alerts(small_district, 121) == []
    assert resolution(small_district) == "自动解除：传感器已超过 2 小时没有新读数，最后一次是 11-20 12:00"
    measure(small_district, 130, 12)
    assert len(alerts(small_district, 131)) == 1, "it rings anew when it speaks again"
    rule(small_district, above=20)
    assert alerts(small_district, 132) == []
    assert resolution(small_district) == "自动解除：11-20 14:10 的读数 12 NTU 已回到限值以内"


def test_a_value_that_swings_around_the_limit_does_not_ring_before_it_has_lasted(
    small_district: Engine,
) -> None:
    """Beyond for at least 20 minutes by the readings themselves; another sensor's do not count for it."""
    rule(small_district, for_minutes=20)
    for minutes, value in ((0, 11), (10, 9), (20, 12), (30, 11), (39, 12)):
        measure(small_district, minutes, value)
        measure(small_district, minutes, 5, sensor="SW-02")
        assert alerts(small_district, minutes) == []
    measure(small_district, 40, 12)
    (alert,) = alerts(small_district, 41)
    assert "测得 12 NTU，11-20 12:20 起一直高于 10；" in alert.detail
    measure(small_district, 45, 3)
    measure(small_district, 46, 30)
    assert alerts(small_district, 47) == []
    assert resolution(small_district) == "自动解除：其间的读数曾回到限值以内，又越线还不满 20 分钟"


def test_a_hundred_sensors_are_judged_and_told_in_one_statement_each(small_district: Engine) -> None:
    """How long each has been beyond its limit, and what each said last."""
    rule(small_district, for_minutes=20)

    def deliver(minutes: float, sensors: int) -> int:
        """How many statements told the sensors what they said last."""
        cells = [
            {"sensor": f"SW-{number}", "count": "水体浊度", "value": "12", "code": COMMUNITY,
             "at": (NOW + minutes * MINUTE).isoformat()}
            for number in range(sensors)
        ]  # fmt: skip
        rows = Rows(good=[Cells(line=line, cells=one) for line, one in enumerate(cells, 1)], refused=[])
        with recorded(small_district) as statements:
            found = take_rows(small_district, rows, source="sensor", now=NOW)
        assert len(found.new) == sensors
        return sum("UPDATE sensor" in one.sql for one in statements)

    deliver(-20, 100)
    assert [deliver(-10, 2), deliver(0, 100)] == [1, 1]
    with recorded(small_district) as statements:
        assert len(alerts(small_district)) == 100
    assert sum("asked" in one.sql for one in statements) == 1


@pytest.mark.parametrize("seed", range(12))
def test_since_when_a_sensor_is_beyond_is_what_a_walk_back_through_its_readings_finds(
    small_district: Engine, seed: int
) -> None:
    """At random gaps and values: a value within the limits ends the walk, and so does a pause of an hour."""
    chance = random.Random(seed)
    for number in range(8):
        minutes = 0.0
        for _ in range(chance.randint(1, 12)):
            measure(small_district, minutes, chance.choice([12, 12, 12, 5]), sensor=f"S{number}")
            minutes -= chance.choice([5, 10, 20, 30, 61])
    wanted = SensorLimit(
        count="water_turbidity", above=10, fresh_hours=1, for_minutes=chance.choice([5, 30, 90])
    )

    def walked(session: Session, number: str) -> datetime | None:
        at_values = session.execute(
            select(Reading.at, Reading.value)
            .where(col(Reading.number) == number)
            .order_by(col(Reading.at).desc())
        ).all()
        since: datetime = NOW
        for at, value in at_values:
            if value <= 10 or since - at > timedelta(hours=1):
                return None
            since = at
            if since <= NOW - wanted.for_minutes * MINUTE:
                return since
        return None

    with read_session(small_district) as session:
        sensors = session.exec(select(Sensor)).all()
        found = _since(session, sensors, wanted)
        assert found == {
            (one.source, one.number): since for one in sensors if (since := walked(session, one.number))
        }


def test_what_is_entered_by_week_rings_beside_the_stream_for_as_long_as_the_rule_says(
    small_district: Engine,
) -> None:
    rule(small_district, fresh_weeks=1)
    with write_session(small_district) as session:
        monday = (NOW - timedelta(days=4)).date()
        enter_readings(
            session, readings=[("water_turbidity", "510115001002", monday, 30.0)], source="示例水质站",
            actor="演示甲", at=NOW,
        )  # fmt: skip
    measure(small_district, -5, 12)
    assert {one.code for one in alerts(small_district)} == {COMMUNITY, "510115001002"}
    assert {one.code for one in alerts(small_district, 7 * 24 * 60)} == {"510115001002"}
    assert alerts(small_district, 14 * 24 * 60) == []
    assert resolution(small_district) == "自动解除：1 周没有新填报的数"


def test_every_count_that_is_entered_or_measured_can_be_watched(small_district: Engine) -> None:
    only(small_district, "none")
    with read_session(small_district) as session:
        counts = [one for one in named_counts(session=session).values() if one.is_reading]
    assert len(counts) >= 9
    for number, count in enumerate(counts):
        with write_session(small_district) as session:
            save_rule(
                session, kind=RuleKind.SENSOR_LIMIT, name=f"{count.label}过高", color="yellow",
                owner="community", parameters=json.dumps({"count": count.name, "above": 10}), actor="演示甲",
                at=NOW,
            )  # fmt: skip
        measure(small_district, -5, 12, sensor=f"S{number}", count=count.label)
    assert len(alerts(small_district)) == len(counts)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fresh_hours": 0}, "“传感器几小时内的读数算数”应在 0.1 到 720 之间"),
        ({"fresh_weeks": 99}, "“按周填报几周内的算数”应在 0 到 52 之间"),
        ({"for_minutes": -1}, "“持续几分钟才报”应在 0 到 1,440 之间"),
    ],
)
def test_windows_that_make_no_sense_are_refused(
    small_district: Engine, wrong: dict[str, float], said: str
) -> None:
    from data.rules.errors import RuleError
    from data.rules.parameters import read_parameters

    assert small_district
    with pytest.raises(RuleError, match=said):
        read_parameters("sensor_limit", json.dumps({"count": "water_turbidity", "above": 1, **wrong}))
