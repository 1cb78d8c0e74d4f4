"""The simulated days: the same from a seed, plausible at any moment."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from data.clock import sla_color
from data.demo import HISTORY_DAYS, facts
from data.demo.lifecycle import LONGEST_DAYS
from data.demo.simulate import PlannedCase, Simulation
from data.demo.world import World, build_world
from data.event_fold import step
from data.vocabulary import ENDED, SlaColor, Status
from geo.locate import Locator

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEXT: dict[str, set[str]] = {
    Status.REPORTED: {Status.FILED, Status.MERGED, Status.VOIDED},
    Status.FILED: {Status.DISPATCHED, Status.MERGED, Status.VOIDED},
    Status.DISPATCHED: {Status.ACCEPTED, Status.RETURNED},
    Status.ACCEPTED: {Status.HANDLING},
    Status.HANDLING: {Status.FEEDBACK, Status.SUSPENDED, Status.RETURNED},
    Status.FEEDBACK: {Status.CHECKING},
    Status.CHECKING: {Status.CLOSED, Status.REWORKING},
    Status.CLOSED: {Status.EVALUATED, Status.REWORKING},
    Status.RETURNED: {Status.DISPATCHED},
    Status.REWORKING: {Status.HANDLING},
    Status.SUSPENDED: {Status.HANDLING},
}
"""The lifecycle of the field, as far as the demo walks it."""


def digest(cases: list[PlannedCase]) -> str:
    return hashlib.sha256(repr(cases).encode()).hexdigest()


def days(simulation: Simulation, first: date, count: int) -> list[PlannedCase]:
    return [case for n in range(count) for case in simulation.plan(first + timedelta(days=n))]


def at(cases: list[PlannedCase], now: datetime) -> list[dict[str, Any]]:
    """Rows of the cases as they stand at a moment."""
    rows = []
    for case in cases:
        state: dict[str, Any] = {}
        for entry in case.entries:
            if entry.at <= now:
                step(state, at=entry.at, changes=entry.changes, batch_id=None, timezone=SHANGHAI)
        if state:
            rows.append(state)
    return rows


def colors(rows: list[dict[str, Any]], now: datetime) -> Counter[str]:
    names = ("status", "due_at", "warn_at", "ended_at", "in_time")
    return Counter(sla_color(**{name: row[name] for name in names}, as_of=now) for row in rows)


@pytest.fixture(scope="module")
def history(world: World) -> list[PlannedCase]:
    return days(world.simulation, date(2026, 9, 22), HISTORY_DAYS + 1)


def test_a_day_is_the_same_whenever_it_is_planned(world: World) -> None:
    day = date(2026, 11, 21)
    again = build_world(world.grids, seed=world.seed, timezone=SHANGHAI)

    assert digest(world.simulation.plan(day)) == digest(again.simulation.plan(day))
    assert digest(world.simulation.plan(day)) != digest(world.simulation.plan(day + timedelta(days=1)))


def test_another_seed_gives_other_cases(world: World) -> None:
    other = build_world(world.grids, seed=world.seed + 1, timezone=SHANGHAI)

    assert digest(other.simulation.plan(date(2026, 11, 21))) != digest(
        world.simulation.plan(date(2026, 11, 21))
    )


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 21, 15, 30, tzinfo=SHANGHAI),
        datetime(2025, 3, 3, 3, 0, tzinfo=SHANGHAI),
        datetime(2027, 7, 11, 20, 0, tzinfo=SHANGHAI),
    ],
)
def test_at_any_moment_about_1200_cases_are_open_and_some_of_every_kind(world: World, now: datetime) -> None:
    rows = at(days(world.simulation, now.date() - timedelta(days=HISTORY_DAYS), HISTORY_DAYS + 1), now)
    on_hand = [row for row in rows if row["ended_at"] is None]
    found = colors(on_hand, now)

    assert 1_100 <= len(on_hand) <= 1_300
    assert 0.02 <= found[SlaColor.OVERDUE] / len(on_hand) <= 0.06
    assert 0.03 <= found[SlaColor.SOON] / len(on_hand) <= 0.10
    assert 4 <= found[SlaColor.SUSPENDED] <= 30
    assert found[SlaColor.NO_LIMIT] > 0
    overdue = {row["department_code"] for row in on_hand if row["due_at"] and row["due_at"] < now}
    assert len(overdue) >= 4
    assert 4 <= sum(row["code"] == "" for row in on_hand) <= 25
    assert 4 <= sum(row["lon"] is None for row in on_hand) <= 25


def test_no_case_outlives_the_history(history: list[PlannedCase]) -> None:
    for case in history:
        assert case.entries[-1].at - case.entries[0].at < timedelta(days=LONGEST_DAYS), case.external_no


def test_every_move_is_one_that_the_lifecycle_allows(history: list[PlannedCase]) -> None:
    for case in history:
        status = ""
        for entry in case.entries:
            reached = entry.changes.get("status", status)
            assert not status or reached == status or reached in NEXT[status], (
                case.external_no,
                status,
                reached,
            )
            status = reached
        assert status in ENDED, case.external_no


def test_entries_of_a_case_follow_each_other_in_time(history: list[PlannedCase]) -> None:
    for case in history:
        moments = [entry.at for entry in case.entries]
        assert all(first < second for first, second in pairwise(moments))


def test_every_fate_happens(history: list[PlannedCase]) -> None:
    reached = Counter(entry.changes.get("status") for case in history for entry in case.entries)

    assert {status for status in reached if status} == set(Status)
    marks = {name for case in history for entry in case.entries[1:] for name in entry.changes}
    assert {"supervised", "extended_count", "reworked_count", "due_at"} <= marks


def test_most_cases_with_a_limit_are_closed_in_time(history: list[PlannedCase]) -> None:
    in_time = Counter(row["in_time"] for row in at(history, datetime(2027, 3, 1, tzinfo=SHANGHAI)))

    assert 0.88 <= in_time[True] / (in_time[True] + in_time[False]) <= 0.97


def test_a_case_has_the_code_of_the_grid_in_which_it_lies(world: World, history: list[PlannedCase]) -> None:
    locator = Locator([code for code, _ in world.grids], [polygon for _, polygon in world.grids])
    placed = [fields for case in history if (fields := case.entries[0].changes)["lon"] is not None]

    found = locator.locate([fields["lon"] for fields in placed], [fields["lat"] for fields in placed])

    assert found.tolist() == [fields["code"] for fields in placed]


def test_a_case_without_position_keeps_its_community(history: list[PlannedCase]) -> None:
    lost = [fields for case in history if (fields := case.entries[0].changes)["lon"] is None]

    assert lost
    assert {len(fields["code"]) for fields in lost} == {12}
    assert {fields["lat"] for fields in lost} == {None}


def test_some_address_brings_the_same_class_three_times_in_30_days(history: list[PlannedCase]) -> None:
    newest = [case.entries[0].changes for case in history if case.day > date(2026, 10, 22)]
    again = Counter((f["class_code"], f["lon"], f["lat"]) for f in newest if f["lon"] is not None)

    assert sum(count >= 3 for count in again.values()) >= 10


def test_every_day_one_community_has_a_surge_of_one_class(history: list[PlannedCase]) -> None:
    surges = Counter(
        (case.day, fields["class_code"], fields["code"][:12])
        for case in history
        if (fields := case.entries[0].changes)["code"]
    )
    biggest: dict[date, int] = {}
    for (day, *_), count in surges.items():
        biggest[day] = max(count, biggest.get(day, 0))

    assert min(biggest.values()) >= 8


def test_rates_follow_weekday_and_hour(history: list[PlannedCase]) -> None:
    full_weeks = [case for case in history if date(2026, 9, 28) <= case.day < date(2026, 11, 16)]
    by_weekday = Counter(case.day.weekday() for case in full_weeks)
    by_hour = Counter(case.entries[0].at.astimezone(SHANGHAI).hour for case in full_weeks)

    assert by_weekday[0] > by_weekday[5] > by_weekday[6]
    assert by_hour[9] > 3 * by_hour[3]


def test_wording_names_no_person_and_fits_the_columns(history: list[PlannedCase]) -> None:
    for case in history:
        fields = case.entries[0].changes
        assert len(fields["title"]) <= 128
        assert "{" not in fields["title"] + fields["description"]
        assert all(len(entry.actor) <= 64 for entry in case.entries)


def test_every_source_of_the_field_brings_cases(history: list[PlannedCase]) -> None:
    assert {case.source for case in history} == {
        "patrol", "resident", "12345", "12349", "city_mgmt", "sensor", "mailbox", "superior",
    }  # fmt: skip
    assert {case.entries[0].changes["class_code"] for case in history} <= {
        c.code for c in facts.event_classes()
    }
