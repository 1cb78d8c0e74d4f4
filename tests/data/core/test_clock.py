"""Deadlines by hand; and the colour in SQL is the colour in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from data.clock import deadline, sla_color, sla_color_sql, warning
from data.models import Event
from data.vocabulary import SlaColor, Status
from tests.data.databases import migrated_engine

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_limit_of_four_hours_falls_due_after_four_and_warns_after_three() -> None:
    found = deadline(reported_at=AT, limit_hours=4)

    assert (found.due_at, found.warn_at) == (AT + 4 * HOUR, AT + 3 * HOUR)


def test_no_limit_gives_no_deadline() -> None:
    found = deadline(reported_at=AT, limit_hours=None)

    assert (found.due_at, found.warn_at) == (None, None)


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_that_is_no_limit_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="处置时限"):
        deadline(reported_at=AT, limit_hours=limit)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="没有时区"):
        deadline(reported_at=AT.replace(tzinfo=None), limit_hours=4)


def test_a_deadline_before_the_report_warns_at_the_deadline() -> None:
    assert warning(reported_at=AT, due_at=AT - HOUR) == AT - HOUR


@pytest.mark.parametrize(
    ("status", "due", "ended", "in_time", "expected"),
    [
        ("handling", -1, None, None, SlaColor.OVERDUE),
        ("handling", 0, None, None, SlaColor.SOON),
        ("handling", 1, None, None, SlaColor.SOON),
        ("handling", 2, None, None, SlaColor.IN_TIME),
        ("handling", None, None, None, SlaColor.NO_LIMIT),
        ("suspended", -1, None, None, SlaColor.SUSPENDED),
        ("suspended", None, None, None, SlaColor.SUSPENDED),
        ("closed", -1, -2, True, SlaColor.DONE),
        ("closed", -3, -2, False, SlaColor.DONE_LATE),
        ("closed", None, -2, None, SlaColor.DONE),
        ("voided", -3, -2, None, SlaColor.DONE),
    ],
)
def test_the_colour_follows_state_and_deadline(
    status: str, due: int | None, ended: int | None, in_time: bool | None, expected: SlaColor
) -> None:
    """``due`` and ``ended`` in hours from now; the warning comes one hour before the deadline."""
    found = sla_color(
        status=status,
        due_at=None if due is None else AT + due * HOUR,
        warn_at=None if due is None else AT + (due - 1) * HOUR,
        ended_at=None if ended is None else AT + ended * HOUR,
        in_time=in_time,
        as_of=AT,
    )

    assert found is expected


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = migrated_engine(tmp_path_factory.mktemp("clock") / "clock.db")
    with engine.connect() as opened:
        yield opened
    engine.dispose()


near = st.none() | st.integers(-3, 3).map(lambda minutes: AT + timedelta(minutes=minutes))


@given(
    status=st.sampled_from(list(Status)),
    due_at=near,
    warn_at=near,
    ended_at=near,
    in_time=st.none() | st.booleans(),
    as_of=st.integers(-3, 3).map(lambda minutes: AT + timedelta(minutes=minutes)),
)
def test_the_colour_in_sql_is_the_colour_in_python(
    connection: Connection,
    status: Status,
    due_at: datetime | None,
    warn_at: datetime | None,
    ended_at: datetime | None,
    in_time: bool | None,
    as_of: datetime,
) -> None:
    row = {
        "id": 1, "source": "patrol", "external_no": "1", "class_code": "0201", "title": "", "description": "",
        "address": "", "code": "", "code_at_report": "", "urgency": "normal", "status": status.value,
        "status_since": AT, "department_code": "", "handler": "", "reported_at": AT,
        "reported_day": date(2026, 11, 20), "due_at": due_at, "warn_at": warn_at, "ended_at": ended_at,
        "in_time": in_time, "supervised": False, "extended_count": 0, "reworked_count": 0, "flags": "",
        "seq": 1, "head_hash": bytes(32),
    }  # fmt: skip
    connection.execute(insert(Event), [row])
    by_sql = connection.execute(select(sla_color_sql(as_of)).select_from(Event)).scalar_one()
    connection.rollback()

    by_python = sla_color(
        status=status, due_at=due_at, warn_at=warn_at, ended_at=ended_at, in_time=in_time, as_of=as_of
    )
    assert by_sql == by_python
