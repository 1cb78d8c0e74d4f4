"""A month's three rates against the month before and the class that pulls each down, computed by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from data.database import read_session
from data.filter import Filter
from data.queries.events import count_events
from data.queries.month_rates import MonthRate, MonthTable, month_rates
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C3, G1, build, event

DAY = 24.0
THIS, LAST = -5 * DAY, -30 * DAY
"""Friday 13 November and Monday 19 October; now is 18 November."""


def rated(number: int, reported: float, *, class_code: str = "0101", **more: Any) -> dict[str, Any]:
    """A 12345 case that was closed two hours after it was reported."""
    return event(
        number, reported=reported, due=reported + 24, ended=reported + 2, source="12345",
        class_code=class_code, **more,
    )  # fmt: skip


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def answered(reported: float, *, late: bool = False) -> dict[str, Any]:
    return {"respond_by": at(reported + 1), "accepted_at": at(reported + (1.5 if late else 0.5))}


EVENTS = [
    # This month: 01 answered 2 of 3 in time, 02 answered 1 of 1.
    rated(1, THIS, **answered(THIS), solved=True, satisfied=True),
    rated(2, THIS, **answered(THIS), solved=True, satisfied=False),
    rated(3, THIS, **answered(THIS, late=True), solved=False),
    rated(4, THIS, class_code="0203", **answered(THIS), solved=True, satisfied=True, code=C3),
    # Last month: 1 of 2 answered in time, both solved.
    rated(5, LAST, **answered(LAST), solved=True, satisfied=True),
    rated(6, LAST, **answered(LAST, late=True), solved=True),
    # None of it: another source, without a limit to respond, the month before the last.
    event(7, reported=THIS, ended=THIS + 2) | {"solved": False, "satisfied": False},
    rated(8, THIS),
    rated(9, -60 * DAY, **answered(-60 * DAY), solved=False, satisfied=False),
    # Not answered at all, not closed.
    event(10, reported=THIS, due=THIS + 24, source="12345", code=G1, respond_by=at(THIS + 1)),
]


@pytest.fixture
def filled(tmp_path: Path) -> Any:
    fields = ("respond_by", "accepted_at", "solved", "satisfied")
    rows = [dict.fromkeys(fields) | row for row in EVENTS]
    with read_session(build(tmp_path / "rates.db", rows)) as session:
        yield session


def shares(table: MonthTable, code: str, rate: MonthRate) -> tuple[int, int, int, int]:
    row = next(row for row in (*table.rows, table.total) if row.code == code).rates[rate]
    return row.now.part, row.now.whole, row.before.part, row.before.whole


def test_the_rates_of_a_month_stand_against_the_month_before(filled: Session) -> None:
    table = month_rates(session=filled, where=Filter(), as_of=NOW, month=date(2026, 11, 9))
    assert (table.start, table.end) == (date(2026, 11, 1), date(2026, 11, 18))
    assert (table.before_start, table.before_end) == (date(2026, 10, 1), date(2026, 10, 31))
    assert shares(table, "", MonthRate.RESPONSE) == (3, 5, 1, 2)
    assert shares(table, "", MonthRate.SOLVED) == (3, 4, 2, 2)
    assert shares(table, "", MonthRate.SATISFIED) == (2, 3, 1, 1)
    assert shares(table, "01", MonthRate.RESPONSE) == (2, 4, 1, 2)
    assert shares(table, "02", MonthRate.RESPONSE) == (1, 1, 0, 0)
    response = table.total.rates[MonthRate.RESPONSE]
    assert response.now.per_cent == 60.0
    assert response.change == pytest.approx(10.0)


def test_the_class_whose_absence_would_lift_a_rate_most_is_what_pulls_it_down(filled: Session) -> None:
    table = month_rates(session=filled, where=Filter(), as_of=NOW, month=NOW.date())
    lagging = table.drags(MonthRate.SOLVED)
    assert lagging is not None
    assert (lagging.code, lagging.name) == ("01", "市容环境")
    drags = {row.code: row.rates[MonthRate.SOLVED].drag for row in table.rows}
    assert drags == {"01": pytest.approx(100.0 - 75.0), "02": pytest.approx(100 * 2 / 3 - 75.0)}


def test_every_numerator_and_denominator_opens_exactly_its_rows(filled: Session) -> None:
    for where in (Filter(), Filter(areas=(G1,)), Filter(classes=("0101",))):
        table = month_rates(session=filled, where=where, as_of=NOW, month=NOW.date())
        for row in (*table.rows, table.total):
            for compared in row.rates.values():
                for share in (compared.now, compared.before):
                    for count, rows in ((share.part, share.part_where), (share.whole, share.whole_where)):
                        assert count_events(session=filled, where=rows, as_of=NOW).total == count


def test_without_cases_there_is_no_rate_and_nobody_to_blame(empty_session: Session) -> None:
    table = month_rates(session=empty_session, where=Filter(), as_of=NOW, month=date(2026, 12, 24))
    assert table.rows == ()
    assert table.total.rates[MonthRate.SOLVED].change is None
    assert table.drags(MonthRate.SOLVED) is None
