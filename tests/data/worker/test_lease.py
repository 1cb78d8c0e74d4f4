"""One worker acts at a time, whatever the clocks say and however a worker ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from data.database import DatabaseLocked, current_moment, read_session, write_session
from data.worker import lease as lease_module
from data.worker.lease import NAME, Lease
from data.worker.record import worker_status


class Clock:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lease(engine: Engine, owner: str, clock: Clock) -> Lease:
    """Expires after 15 seconds; its owner stops acting after 12."""
    return Lease(engine, owner=owner, expiry_seconds=15, margin_seconds=3, clock=clock)


def test_the_first_takes_it_and_the_second_waits(engine: Engine) -> None:
    clock = Clock()
    first, second = lease(engine, "甲", clock), lease(engine, "乙", clock)

    assert first.beat()
    assert not second.beat()
    clock.now += 10
    assert first.beat()
    clock.now += 10
    assert not second.beat()
    assert first.held()
    assert not second.held()


def test_who_does_not_renew_stops_before_the_other_begins(engine: Engine) -> None:
    clock = Clock()
    first, second = lease(engine, "甲", clock), lease(engine, "乙", clock)
    first.beat()
    second.beat()

    clock.now += 11.9
    assert first.held()
    clock.now += 0.2
    assert not first.held()
    assert not second.beat()
    clock.now += 2.9
    assert second.beat()
    assert not first.beat()
    assert second.held()


def test_an_owner_that_slept_finds_that_another_took_over(engine: Engine) -> None:
    clock = Clock()
    first, second = lease(engine, "甲", clock), lease(engine, "乙", clock)
    first.beat()
    second.beat()
    clock.now += 15
    assert second.beat()

    assert not first.beat()
    clock.now += 5
    assert not first.beat()
    assert second.beat()


def test_an_owner_that_slept_goes_on_where_nobody_took_over(engine: Engine) -> None:
    clock = Clock()
    alone = lease(engine, "甲", clock)
    alone.beat()
    clock.now += 1000

    assert not alone.held()
    assert alone.beat()


def test_what_was_given_back_is_taken_at_once(engine: Engine) -> None:
    clock = Clock()
    first, second = lease(engine, "甲", clock), lease(engine, "乙", clock)
    first.beat()
    second.beat()
    first.release()

    assert not first.held()
    assert second.beat()
    first.release()
    assert second.beat()


def test_times_of_day_decide_nothing(engine: Engine) -> None:
    """The row says that the lease ran out years ago, or runs for years: the beats alone count."""
    clock = Clock()
    first, second = lease(engine, "甲", clock), lease(engine, "乙", clock)
    first.beat()
    for when in ("1999-01-01 00:00:00.000000", "2099-01-01 00:00:00.000000"):
        with write_session(engine, announce=False) as session:
            session.execute(text("UPDATE worker_lease SET heartbeat_at = :t, expires_at = :t"), {"t": when})
        assert not second.beat()
        assert first.held()
    clock.now += 15
    assert second.beat()


def test_renewing_is_nothing_that_pages_follow(engine: Engine) -> None:
    with read_session(engine) as session:
        before = current_moment(session).revision
    clock = Clock()
    one = lease(engine, "甲", clock)
    one.beat()
    one.beat()
    one.release()
    with read_session(engine) as session:
        assert current_moment(session).revision == before


def test_a_database_that_cannot_be_written_lets_the_lease_run_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    one = lease(engine, "甲", clock)
    one.beat()

    def locked(*_: object, **__: object) -> object:
        raise DatabaseLocked("占用")

    monkeypatch.setattr(lease_module, "write_session", locked)
    clock.now += 10
    assert one.beat()
    clock.now += 2.1
    assert not one.beat()


def test_the_status_says_who_works_and_when_it_was_last_alive(engine: Engine) -> None:
    lease(engine, "甲", Clock()).beat()
    now = datetime.now(UTC)
    with read_session(engine) as session:
        fresh = worker_status(session, as_of=now)
        later = worker_status(session, as_of=now + timedelta(seconds=16))

    assert (fresh.owner, fresh.alive, fresh.jobs) == ("甲", True, ())
    assert not later.alive
    assert NAME == "worker"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["beat", "release", "wait"]), st.floats(0, 16)),
        max_size=25,
    )
)
def test_no_story_gives_two_owners(engine: Engine, steps: list[tuple[int, str, float]]) -> None:
    clock = Clock()
    three = [lease(engine, name, clock) for name in "甲乙丙"]
    for who, what, seconds in steps:
        if what == "wait":
            clock.now += seconds
        elif what == "beat":
            three[who].beat()
        else:
            three[who].release()
        assert sum(each.held() for each in three) <= 1
