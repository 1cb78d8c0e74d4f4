"""Which community has been worse for weeks and by how much, read from what rings; computed by hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.event_log import append
from data.indicators.store import drafted
from data.rules.evaluate import evaluate
from data.rules.lagging import Lags, gap, lags
from data.vocabulary import Level
from tests.data.rules.test_causes import COMMUNITY, NOW, WEEK, done


def found(engine: Engine, *areas: str) -> Lags:
    with read_session(engine) as session:
        return lags(session=session, areas=areas)


@pytest.fixture
def behind(small_district: Engine) -> Engine:
    """Twelve cases a week due in one community: 8 in time two weeks ago, then 10; the baseline is 90 %."""
    with write_session(small_district) as session:
        for week, good in ((2, 8), (1, 10)):
            numbers = range(week * 100, week * 100 + 12)
            append(session, [done(n, due_at=NOW - week * WEEK, in_time=n % 100 < good) for n in numbers])
        session.execute(text("UPDATE rule SET enabled = (kind = 'two_weeks_worse')"))
        evaluate(session, as_of=NOW)
    return small_district


def test_the_community_comes_before_its_street_with_weeks_shares_and_gap(behind: Engine) -> None:
    rows = [row for row in found(behind).rows if row.measure.key == "on_time"]
    assert [(row.code, row.level) for row in rows] == [
        (COMMUNITY, Level.COMMUNITY),
        (COMMUNITY[:9], Level.STREET),
    ]
    first = rows[0]
    assert first.weeks == (date(2026, 11, 2), date(2026, 11, 9))
    assert first.values == pytest.approx((100 * 8 / 12, 100 * 10 / 12))
    assert (first.numerators, first.samples, first.baseline) == ((8.0, 10.0), (12.0, 12.0), 90.0)
    assert first.gap == pytest.approx(90 - 100 * 10 / 12)
    assert found(behind).communities == 1


def test_other_areas_have_nothing_and_what_ended_is_left_out(behind: Engine) -> None:
    assert found(behind, "510115002").rows == ()
    assert found(behind, COMMUNITY, "510115002").communities == 1
    with write_session(behind) as session:
        session.execute(text("UPDATE rule SET enabled = false"))
        evaluate(session, as_of=NOW)
    assert found(behind).rows == ()


def test_an_alert_that_stands_for_many_areas_is_counted_and_not_taken_apart(behind: Engine) -> None:
    with write_session(behind) as session:
        session.execute(text("UPDATE alert SET evidence = '{\"summary\": 210}'"))
    assert found(behind).rows == ()
    assert found(behind).merged >= 2


def test_a_gap_is_to_the_nearer_edge_of_a_band(small_district: Engine) -> None:
    with read_session(small_district) as session:
        band = drafted(
            session=session, name="示例", formula="结案 / 上报", direction="band", band_low=10, band_high=20
        )
    assert [gap(band, value, None) for value in (7.0, 15.0, 26.0)] == [3.0, 0.0, 6.0]


def test_an_empty_database_has_nobody_behind(small_district: Engine) -> None:
    assert (found(small_district).rows, found(small_district).merged) == ((), 0)
