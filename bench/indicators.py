"""A week's indicators of all areas: kept up to date as cases move, against counted anew from every event.

Kept up to date: a hundred cases of the week are evaluated (rows, log and roll-up, by the product's move for
many), then the twelve indicators of the district, its streets and its communities are read. Counted anew: the
roll-up is thrown away and made from all events, then the same is read. Both have to give the same values.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select

from bench.dataset import DISTRICT
from data import roll_up
from data.database import open_engine, read_session, write_session
from data.indicators.compare import Value
from data.indicators.table import indicator_table
from data.indicators.values import running_week
from data.lifecycle import bulk_moves, resident
from data.models import Event
from data.settings import read_settings
from data.vocabulary import Level, Move

MOVED: Final = 100
WEEKS_AGO: Final = 12
"""The older events begin two months ago, and those of the last two hundred days have their logs."""
Values = list[tuple[str, str, Value, float | None, float | None]]


class _Rollback(Exception):
    """Every repeat begins with the same database."""


def seconds_for_a_week(var_dir: Path, *, repeats: int) -> tuple[list[float], list[float]]:
    """Kept up to date, and counted anew: seconds of each repeat, one pair a repeat. The first warms up."""
    engine = open_engine(read_settings({"ONEMAP_VAR_DIR": str(var_dir)}).database_url)
    with write_session(engine) as session:
        roll_up.recompute(session)  # the older events were copied by SQL, past the log
    now = datetime.now(UTC)
    with read_session(engine) as session:
        week = running_week(session, now) - timedelta(weeks=WEEKS_AGO)
        cases = _cases(session, week)
        _read(session, week, now)
    kept, anew = [], []
    for _ in range(repeats):
        with suppress(_Rollback), write_session(engine) as session:
            began = time.perf_counter()
            _move(session, cases, now)
            after_moves = _read(session, week, now)
            moved = time.perf_counter()
            roll_up.recompute(session)
            recounted = _read(session, week, now)
            anew.append(time.perf_counter() - moved)
            kept.append(moved - began)
            assert after_moves == recounted
            raise _Rollback
    engine.dispose()
    return kept, anew


def _cases(session: Session, week: date) -> list[tuple[int, int]]:
    """Closed cases of the week with their logs: (event id, seen seq)."""
    in_week = col(Event.ended_day).between(week, week + timedelta(days=6))
    has_log = (col(Event.external_no) >= "H", col(Event.external_no) < "H9")
    rows = session.exec(select(Event.id, Event.seq).where(in_week, *has_log).limit(MOVED)).all()
    assert len(rows) == MOVED
    return [(event_id or 0, seq) for event_id, seq in rows]


def _move(session: Session, cases: list[tuple[int, int]], now: datetime) -> None:
    fields = {"solved": True, "satisfied": True}
    done = bulk_moves(session, cases=cases, move=Move.EVALUATE, person=resident(), at=now, fields=fields)
    assert len(done.gone) == MOVED


def _read(session: Session, week: date, now: datetime) -> Values:
    """(area, indicator, the week's value, the week before, last year) of 109 areas and 12 indicators."""
    streets, communities = (
        indicator_table(session=session, parent=DISTRICT, as_of=now, week=week, level=level)
        for level in (Level.STREET, Level.COMMUNITY)
    )
    assert len(streets.measures) == 12
    assert (len(streets.rows), len(communities.rows)) == (9, 99)
    assert any(cell.now.value for cell in streets.rows[0].cells)
    rows = (streets.total, *streets.rows, *communities.rows)
    return [
        (row.code, cell.measure.key, cell.now, cell.before, cell.last_year)
        for row in rows
        for cell in row.cells
    ]
