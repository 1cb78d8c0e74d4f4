"""The limit of a case in words, and the year whose days nobody has published."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from data.calendar.edit import DayEntry, set_days
from data.database import read_session, write_session
from data.queries.limits import LimitLine, limit_line
from data.queries.tables import EVENT
from tests.data.queries.synthetic import build_engine

IN_2027 = datetime(2027, 1, 5, 10, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return build_engine(tmp_path / "small.db", events=50, open_events=50, grids=10)


def line(engine: Engine, *, hours: float | None, clock: str, due_at: datetime | None) -> LimitLine | None:
    with write_session(engine) as session:
        values = {"limit_hours": hours, "clock_type": clock, "due_at": due_at}
        session.execute(update(EVENT).where(EVENT.c.id == 1).values(values))
    with read_session(engine) as session:
        return limit_line(session=session, event_id=1)


@pytest.mark.parametrize(
    ("hours", "clock", "text"),
    [
        (4.0, "working_hours", "4 个工作时"),
        (2.5, "urgent_hours", "2.5 个紧急工作时"),
        (48.0, "working_days", "2 个工作日"),
        (36.0, "calendar_days", "1.5 个自然日"),
    ],
)
def test_a_limit_is_said_in_the_units_of_its_clock(
    hours: float, clock: str, text: str, engine: Engine
) -> None:
    found = line(engine, hours=hours, clock=clock, due_at=datetime(2026, 11, 23, 10, 0, tzinfo=UTC))

    assert found == LimitLine(text=text, notice="")


def test_without_a_noted_limit_nothing_is_said(engine: Engine) -> None:
    assert line(engine, hours=None, clock="", due_at=IN_2027) is None
    with read_session(engine) as session:
        assert limit_line(session=session, event_id=4711) is None


def test_a_deadline_in_a_year_without_published_days_is_marked_on_working_clocks_only(engine: Engine) -> None:
    found = {
        clock: line(engine, hours=48.0, clock=clock, due_at=IN_2027)
        for clock in ("working_days", "urgent_hours")
    }

    marked = {clock: bool(each and each.notice.startswith("2027 年")) for clock, each in found.items()}
    assert marked == {"working_days": True, "urgent_hours": False}


def test_the_mark_goes_once_the_year_is_entered(engine: Engine) -> None:
    off = [date(2027, 1, 1), date(2027, 5, 1), *(date(2027, 10, day) for day in range(1, 12))]
    entries = [DayEntry(day=day, is_working=False, is_official=True) for day in off]
    with write_session(engine) as session:
        set_days(session, entries, area_prefix="", actor="管理员·示例01", what="示例")
    found = line(engine, hours=48.0, clock="working_days", due_at=IN_2027)

    assert found is not None
    assert found.notice == ""
