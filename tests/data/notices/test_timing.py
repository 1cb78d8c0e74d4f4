"""When a notice may be sent."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.notices.timing import LONGEST_REST, MOST_ATTEMPTS, digest_due, is_quiet, may_send, rest_after
from data.vocabulary import RiskColor

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = (time(22), time(7, 30))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-20T21:59:59", False),
        ("2026-11-20T22:00", True),
        ("2026-11-20T23:59", True),
        ("2026-11-21T00:00", True),
        ("2026-11-21T07:29", True),
        ("2026-11-21T07:30", False),
    ],
)
def test_quiet_hours_cross_midnight(at: str, quiet: bool) -> None:
    assert is_quiet(NIGHT, at=local(at), zone=ZONE) is quiet


def test_quiet_hours_within_a_day() -> None:
    noon = (time(12), time(14))
    assert is_quiet(noon, at=local("2026-11-20T13:00"), zone=ZONE)
    assert not is_quiet(noon, at=local("2026-11-20T14:00"), zone=ZONE)
    assert not is_quiet(None, at=local("2026-11-20T13:00"), zone=ZONE)


def test_the_digest_is_the_next_of_its_hour() -> None:
    due = [
        digest_due(created_at=local(at), digest_at=time(8, 30), zone=ZONE)
        for at in ("2026-11-20T08:29", "2026-11-20T08:30")
    ]
    assert due == [local("2026-11-20T08:30"), local("2026-11-21T08:30")]


def may(color: RiskColor, now: str, **changes: object) -> bool:
    values: dict[str, object] = {
        "created_at": local("2026-11-20T12:00"), "due_at": None, "quiet": None, "digest_at": None, **changes,
    }  # fmt: skip
    return may_send(color=color, now=local(now), zone=ZONE, **values)  # type: ignore[arg-type]


def test_red_waits_for_neither_night_nor_digest() -> None:
    wishes = {"quiet": NIGHT, "digest_at": time(8, 30)}
    assert may(RiskColor.RED, "2026-11-20T23:00", **wishes)
    assert not may(RiskColor.YELLOW, "2026-11-20T23:00", quiet=NIGHT)
    assert not may(RiskColor.YELLOW, "2026-11-20T13:00", digest_at=time(8, 30))
    assert may(RiskColor.YELLOW, "2026-11-21T08:30", **wishes)


def test_a_clock_that_was_set_back_holds_nothing_up_for_long() -> None:
    written_in_the_future = local("2026-11-25T12:00")
    assert may(RiskColor.BLUE, "2026-11-20T12:00", due_at=written_in_the_future)
    assert not may(RiskColor.BLUE, "2026-11-20T12:00", due_at=local("2026-11-20T12:05"))
    assert may(RiskColor.BLUE, "2026-11-20T12:00", created_at=written_in_the_future, digest_at=time(8, 30))


def test_the_rest_doubles_up_to_half_an_hour_and_then_it_has_failed() -> None:
    rests = [rest_after(tries) for tries in range(1, MOST_ATTEMPTS + 1)]

    assert [rest.total_seconds() if rest else None for rest in rests] == [
        30, 60, 120, 240, 480, 960, 1800, None,
    ]  # fmt: skip
    assert timedelta(minutes=30) == LONGEST_REST


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())
def test_quiet_hours_and_their_complement_never_agree(at: datetime, start: time, end: time) -> None:
    if start != end:
        moment = at.replace(tzinfo=UTC)
        assert is_quiet((start, end), at=moment, zone=ZONE) is not is_quiet(
            (end, start), at=moment, zone=ZONE
        )
