"""Counts that sensors feed: mean, highest, last or sum of a week, in every area, beside what is entered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import read_session, write_session
from data.indicators.counts import named_counts
from data.indicators.store import drafted, enter_readings, save
from data.indicators.values import read_counts, sum_weeks
from data.manage.readings_behind import readings_behind
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from data.vocabulary import Weekly
from tests.data.indicators.test_table import EAST, LAST_WEEK, NOW, WEST

GRID = f"{WEST}001"
MONDAY = datetime(2026, 11, 9, 1, tzinfo=NOW.tzinfo)


def measure(engine: Engine, *readings: tuple[str, int, float], count: str = "水体浊度") -> None:
    """Area, hours after Monday morning of last week, value; each area has a sensor of its own."""
    rows = [
        Cells(line=line, cells={"sensor": code, "count": count, "value": str(value), "code": code,
                                "at": (MONDAY + timedelta(hours=hours)).isoformat()})
        for line, (code, hours, value) in enumerate(readings, start=1)
    ]  # fmt: skip
    assert take_rows(engine, Rows(good=rows, refused=[]), source="sensor", now=NOW).refused == []


def week_of(
    session: Session, code: str, name: str = "water_turbidity", week: date = LAST_WEEK
) -> Fraction | None:
    counts = named_counts(session=session)
    found = read_counts(
        session=session, counts=[counts[name]], under=code, length=len(code), weeks=[week], as_of=NOW
    )
    return sum_weeks(found, code=code, weeks=[week], counts=counts, names=[name])[name]


def made_as(engine: Engine, weekly: str) -> dict[str, Fraction | None]:
    with write_session(engine) as session:
        aggregate = "sum" if weekly == Weekly.SUM else "exact"
        session.execute(
            text("UPDATE count_definition SET weekly=:weekly, aggregate=:aggregate WHERE unit = 'NTU'"),
            {"weekly": weekly, "aggregate": aggregate},
        )
        return {code: week_of(session, code) for code in (WEST, EAST, "510115001", "510115", "")}


def test_a_week_is_made_as_its_count_says_in_a_community_and_in_everything_around_it(
    small_district: Engine,
) -> None:
    """West 2, 4 and 9, east 1 (later than all): by hand."""
    measure(small_district, (WEST, 0, 2), (WEST, 1, 9), (WEST, 2, 4), (EAST, 3, 1), (WEST, 24 * 8, 100))
    expected = {
        Weekly.MEAN: (5, 1, 4), Weekly.MAX: (9, 1, 9), Weekly.LAST: (4, 1, 1), Weekly.SUM: (15, 1, 16)
    }  # fmt: skip
    for weekly, (west, east, street) in expected.items():
        assert list(made_as(small_district, weekly).values()) == [west, east, street, street, street], weekly


def test_what_people_enter_for_a_week_counts_before_what_sensors_measured(small_district: Engine) -> None:
    measure(small_district, (WEST, 0, 2), (EAST, 0, 6))
    with write_session(small_district) as session:
        enter_readings(
            session,
            readings=[("water_turbidity", WEST, LAST_WEEK, 3.5)],
            source="校准",
            actor="演示甲",
            at=NOW,
        )
        assert [week_of(session, code) for code in (WEST, EAST)] == [Fraction("3.5"), 6]
        assert week_of(session, WEST, week=LAST_WEEK - timedelta(weeks=1)) is None
    measure(small_district, (WEST, 0, 10), (EAST, 0, 20), count="应探访")
    with write_session(small_district) as session:
        enter_readings(
            session,
            readings=[("visits_due", "510115001001", LAST_WEEK, 7)],
            source="",
            actor="演示甲",
            at=NOW,
        )
        assert week_of(session, "510115001", "visits_due") == 27, (
            "7 that were entered and 20 that were measured"
        )


def test_an_indicator_over_a_measured_count_names_the_readings_behind_it(small_district: Engine) -> None:
    measure(small_district, (WEST, 0, 2), (WEST, 5, 4))
    with write_session(small_district) as session:
        own = save(
            session,
            drafted(session=session, name="河水浊度", formula="水体浊度", unit="NTU", minimum_sample=0),
        )
    with read_session(small_district) as session:
        (behind,) = readings_behind(session=session, measure=own, code=WEST, week=LAST_WEEK)
    assert (behind.value, behind.source, behind.actor) == (3.0, "2 条读数，取平均", "传感器")
    assert behind.entered_at == MONDAY + timedelta(hours=5)
