"""One week against another: which week is meant, the difference, whether it is better."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_log import append
from data.indicators.compare import NOTHING, Value, difference, same_week_last_year
from data.indicators.store import Measure, measures
from data.indicators.table import indicator_table
from tests.data.indicators.test_table import EAST, LAST_WEEK, NOW, WEST, cell_of, life

STREET = "510115001"


@pytest.mark.parametrize(
    ("week", "found"),
    [
        (date(2026, 11, 9), date(2025, 11, 10)),  # week 46 of both years, 52 weeks apart
        (date(2027, 3, 8), date(2026, 3, 2)),  # week 10: 2026 has 53 weeks, so 53 weeks apart
        (date(2026, 12, 28), None),  # week 53, which 2025 does not have
        (date(2025, 12, 29), date(2024, 12, 30)),  # week 1 of 2026 and of 2025
    ],
)
def test_the_same_week_of_last_year_has_the_same_iso_number(week: date, found: date | None) -> None:
    assert same_week_last_year(week) == found
    assert found is None or found.isocalendar().week == week.isocalendar().week


def measure(**changes: object) -> Measure:
    known = Measure(
        key="k", valid_from=date(2000, 1, 3), name="n", formula_text="", formula=None, unit="%",
        direction="up", baseline_kind="number", baseline=None, band_low=None, band_high=None, weeks=1,
        minimum_sample=10, area="", level="", owner="", origin="", shipped=True, trend_weeks=8,
    )  # fmt: skip
    return replace(known, **changes)  # type: ignore[arg-type]


def valued(value: float | None, *, enough: bool = True) -> Value:
    return replace(NOTHING, value=value, enough=enough)


@pytest.mark.parametrize(
    ("changes", "now", "then", "amount", "better"),
    [
        ({"direction": "up"}, valued(75), valued(80), -5, False),
        ({"direction": "down"}, valued(75), valued(80), -5, True),
        ({"direction": "up"}, valued(80), valued(80.01), -0.01, None),
        ({"direction": "up"}, valued(90, enough=False), valued(80), 10, None),
        ({"direction": "up"}, valued(90), valued(80, enough=False), 10, None),
        ({"direction": "band", "band_low": 10, "band_high": 20}, valued(22), valued(30), -8, True),
        ({"direction": "band", "band_low": 10, "band_high": 20}, valued(5), valued(12), -7, False),
        ({"direction": "band", "band_low": 10, "band_high": 20}, valued(11), valued(19), -8, None),
    ],
)
def test_a_difference_is_better_by_the_direction_and_only_with_samples_large_enough(
    changes: dict[str, object], now: Value, then: Value, amount: float, better: bool | None
) -> None:
    found = difference(measure(**changes), now=now, then=then)

    assert found is not None
    assert found.amount == pytest.approx(amount)
    assert found.better is better


def test_nothing_is_compared_with_a_week_without_a_value() -> None:
    assert difference(measure(), now=valued(1), then=NOTHING) is None
    assert difference(measure(), now=NOTHING, then=valued(1)) is None


def test_any_two_weeks_are_compared_by_hand(small_district: Engine) -> None:
    """West: 10 due last week, 9 in time; five weeks before 12 due, 6 in time. East only last week."""
    due_at, earlier = NOW - timedelta(weeks=1), NOW - timedelta(weeks=6)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=due_at, hours=1 if n < 1 else -1, code=WEST) for n in range(10)])
        append(session, [life(20 + n, due_at=due_at, hours=-1, code=EAST) for n in range(3)])
        append(
            session, [life(50 + n, due_at=earlier, hours=1 if n < 6 else -1, code=WEST) for n in range(12)]
        )
    other = LAST_WEEK - timedelta(weeks=5)
    with read_session(small_district) as session:
        table = indicator_table(session=session, parent=STREET, as_of=NOW, against=other)
        turned = indicator_table(session=session, parent=STREET, as_of=NOW, week=other, against=LAST_WEEK)
        running = indicator_table(session=session, parent=STREET, as_of=NOW, against=date(2026, 11, 16))
        to_come = indicator_table(session=session, parent=STREET, as_of=NOW, against=date(2026, 11, 23))
        (rate,) = [one for one in measures(session=session) if one.key == "on_time"]

    west, east = (cell_of(row.cells, "on_time") for row in table.rows)
    assert (west.then.value, west.then.numerator, west.then.sample) == (50, 6, 12)
    assert (west.now.value, west.before, east.then.value) == (90, None, None)
    gap = difference(rate, now=west.now, then=west.then)
    assert gap is not None
    assert (gap.amount, gap.better) == (40, True)
    back = cell_of(turned.rows[0].cells, "on_time")
    assert (back.now.sample, back.then.sample, back.then.value) == (12, 10, 90)
    assert (table.against, table.against_running, running.against_running) == (other, False, True)
    assert to_come.against is None, "a week to come has no cases that could be compared"
    assert cell_of(to_come.rows[0].cells, "on_time").then == NOTHING
