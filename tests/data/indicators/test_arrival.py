"""应急到场: the median over the emergencies of a week, counted by hand, equal to the rows and to the logs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import read_session, write_session
from data.event_base import zone_of
from data.event_fold import fold
from data.event_log import Advance, Entry, append, records_of, verify
from data.indicators.counts import named_counts
from data.indicators.reader import Cell
from data.indicators.store import enter_readings, measures
from data.indicators.table import cell_rows, indicator_table, preview
from data.indicators.times import median_minutes
from data.indicators.values import Sums, read_counts
from data.queries.events import count_events
from data.vocabulary import Move
from tests.data.core.events import first
from tests.data.indicators.test_table import EAST, LAST_WEEK, NOW, WEST, cell_of
from tests.sql_recorder import recorded

STREET = "510115001"
IN_LAST_WEEK = NOW - timedelta(days=7)


def emergency(
    number: int, minutes: float | None, *, reported_at: datetime = IN_LAST_WEEK, **changes: Any
) -> Advance:
    """A case whose handling begins two hours after the report, somebody having come after so many minutes."""
    opening = first(number, **{"reported_at": reported_at, "due_at": None, "code": WEST, **changes})
    came = {} if minutes is None else {"arrived_at": reported_at + timedelta(minutes=minutes)}
    handled = Entry(
        action=Move.HANDLE, at=reported_at + timedelta(hours=2), actor="演示乙",
        changes={"status": "handling", **came},
    )  # fmt: skip
    return Advance(entries=[*opening.entries, handled])


def arrival(session: Session, code: str, week: date | None = None) -> Cell:
    table = indicator_table(session=session, parent=code, as_of=NOW, week=week)
    return cell_of(table.total.cells, "arrival")


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        ([90], Fraction(3, 2)),
        ([600, 60, 120], 2),  # odd: the one in the middle
        ([60, 180], 2),  # even: the mean of the two in the middle
        ([60, 61], Fraction(121, 120)),
        ([120, 120, 600, 120], 2),  # ties
        ([0, 0, 0], 0),
    ],
)
def test_a_median_is_the_middle_one_or_the_mean_of_the_two_in_the_middle(
    seconds: list[int], minutes: Fraction
) -> None:
    assert median_minutes(seconds) == minutes


def test_the_median_of_a_street_is_that_of_its_cases_and_not_of_its_communities(
    small_district: Engine,
) -> None:
    """West 4, 8, 8, 21, 60 → 8 (n 5); East 10, 30 → 20 (n 2, too few); all seven → 10."""
    advances = [emergency(n, minutes) for n, minutes in enumerate((4, 60, 8, 21, 8))]
    advances += [emergency(10 + n, minutes, code=EAST) for n, minutes in enumerate((30, 10))]
    advances += [
        emergency(20, None),
        emergency(21, 1, urgency="normal"),
        emergency(22, 300, reported_at=IN_LAST_WEEK - timedelta(weeks=1)),
    ]
    with write_session(small_district) as session:
        append(session, advances)
        voided = Entry(
            action=Move.VOID,
            at=IN_LAST_WEEK + timedelta(hours=3),
            actor="演示乙",
            changes={"status": "voided"},
        )
        append(session, [Advance(entries=[*emergency(30, 2).entries, voided])])
    with read_session(small_district) as session:
        table = indicator_table(
            session=session, parent=STREET, as_of=NOW, against=LAST_WEEK - timedelta(weeks=1)
        )
        west, east = (cell_of(row.cells, "arrival") for row in table.rows)
        total = cell_of(table.total.cells, "arrival")
        (measure,) = [one for one in measures(session=session) if one.key == "arrival"]
        ways = {
            code: cell_rows(session=session, measure=measure, code=code, week=LAST_WEEK, as_of=NOW)
            for code in (STREET, WEST, EAST)
        }
        cases = {
            code: count_events(session=session, where=where, as_of=NOW).total
            for code, [(_, where)] in ways.items()
            if where
        }
        history = preview(session=session, measure=measure, areas=(STREET,), as_of=NOW, weeks=2)[STREET]

    assert (west.now.value, west.now.sample, west.now.enough, west.now.worse) == (8, 5, True, False)
    assert (east.now.value, east.now.sample, east.now.enough, east.now.worse) == (20, 2, False, None)
    assert (total.now.value, total.now.sample, total.now.numerator) == (10, 7, None)
    assert (total.then.value, total.then.sample, total.before) == (300, 1, 300)
    assert (west.rank, east.rank) == (1, None)
    assert cases == {STREET: 7, WEST: 5, EAST: 2}
    assert [value.value for value in history] == [300, 10]
    assert not total.now.entered


def test_several_weeks_give_one_median_of_all_their_cases(small_district: Engine) -> None:
    """1, 2, 3 in the week before and 50, 60 last week: 3 of all five, not the mean of 2 and 55."""
    before = IN_LAST_WEEK - timedelta(weeks=1)
    with write_session(small_district) as session:
        append(session, [emergency(n, n + 1, reported_at=before) for n in range(3)])
        append(session, [emergency(10 + n, 50 + 10 * n) for n in range(2)])
        session.execute(text("UPDATE indicator SET weeks = 2 WHERE key = 'arrival'"))
    with read_session(small_district) as session:
        assert (arrival(session, WEST).now.value, arrival(session, WEST).now.sample) == (3, 5)


def test_what_was_entered_counts_only_where_no_case_has_an_arrival_and_says_so(
    small_district: Engine,
) -> None:
    with write_session(small_district) as session:
        append(session, [emergency(1, 12), emergency(2, None, code=EAST)])
        readings = [("arrival_minutes", code, LAST_WEEK, 33.0) for code in (WEST, EAST)]
        enter_readings(session, readings=readings, source="", actor="演示甲", at=NOW)
    with read_session(small_district) as session:
        west, east = arrival(session, WEST).now, arrival(session, EAST).now
        (measure,) = [one for one in measures(session=session) if one.key == "arrival"]
        typed = cell_rows(session=session, measure=measure, code=EAST, week=LAST_WEEK, as_of=NOW)

    assert (west.value, west.sample, west.entered) == (12, 1, False)
    assert (east.value, east.sample, east.entered, east.sized) == (33, None, True, False)
    assert typed == [("到场中位分钟", None)]


def test_arrivals_are_read_through_their_own_index_and_only_of_the_weeks(small_district: Engine) -> None:
    with write_session(small_district) as session:
        append(session, [emergency(n, 5) for n in range(3)])
    with read_session(small_district) as session, recorded(small_district) as statements:
        arrival(session, STREET)
    plans = [one.plan for one in statements if "arrived_at" in one.sql]

    assert plans
    for plan in plans:
        assert any("USING COVERING INDEX ix_event_arrived (reported_day>? AND" in line for line in plan), plan


def from_logs(session: Session, event_ids: list[int]) -> dict[tuple[str, date], list[int]]:
    """The single times by community and week, from nothing but the logs."""
    found: dict[tuple[str, date], list[int]] = {}
    for records in records_of(session, event_ids).values():
        row = fold(records, timezone=zone_of(session))
        if row["arrived_at"] and row["urgency"] == "urgent" and row["status"] != "voided":
            monday = row["reported_day"] - timedelta(days=row["reported_day"].weekday())
            seconds = int((row["arrived_at"] - row["reported_at"]).total_seconds())
            found.setdefault((row["code"], monday), []).append(seconds)
    return {key: sorted(times) for key, times in found.items()}


CASES = st.tuples(
    st.none() | st.integers(0, 110),
    st.sampled_from([WEST, EAST]),
    st.sampled_from(["urgent", "normal"]),
    st.integers(0, 2),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.lists(CASES, max_size=12))
def test_what_is_kept_is_what_the_logs_say(
    small_district: Engine, cases: list[tuple[int | None, str, str, int, bool]]
) -> None:
    """Medians of the rows as they were brought forward, against the same from every log read anew."""
    with write_session(small_district) as session:
        for table in ("event_log", "event", "area_week", "area_week_count", "source_state"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        session.execute(text("UPDATE data_state SET last_event_id = 0"))
        advances = []
        for number, (minutes, code, urgency, weeks_ago, void) in enumerate(cases):
            reported_at = IN_LAST_WEEK - timedelta(weeks=weeks_ago)
            entries = [
                *emergency(number, minutes, reported_at=reported_at, code=code, urgency=urgency).entries
            ]
            if void:
                at = reported_at + timedelta(hours=4)
                entries.append(Entry(action=Move.VOID, at=at, actor="演示乙", changes={"status": "voided"}))
            advances.append(Advance(entries=entries))
        ids = list(append(session, advances)) if advances else []
    weeks = [LAST_WEEK - timedelta(weeks=back) for back in range(3)]
    with read_session(small_district) as session:
        assert verify(session) == []
        count = named_counts(session=session)["arrival_minutes"]
        found: Sums = read_counts(
            session=session, counts=[count], under=STREET, length=12, weeks=weeks, as_of=NOW
        )
        kept = {(code, week): sorted(times) for (_, code, week), times in found.seconds.items()}
        assert kept == from_logs(session, ids)
