"""A disk that fills up in the midst of moves: what was written is whole, the rest is refused in words."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from data.database import DatabaseUnusable, open_engine, read_session, write_session
from data.event_log import append, verify
from data.lifecycle import make_move
from data.migrate import migrate
from data.models import Event
from data.vocabulary import Move
from tests.data.core.events import first
from tests.data.loop.world import DISPATCHER, GRID, at, furnish

pytestmark = pytest.mark.sqlite
ROOM_PAGES = 12


def supervise(engine: Engine, done: int) -> None:
    """The next move of a case under supervision, or not, with so many moves behind it."""
    with write_session(engine) as session:
        make_move(
            session, event_id=1, seen_seq=1 + done, person=DISPATCHER, at=at(1),
            move=Move.END_SUPERVISE if done % 2 else Move.SUPERVISE, fields={"reason": "催办" * 200},
        )  # fmt: skip


def move_for_ever(engine: Engine) -> None:
    for done in range(10_000):
        supervise(engine, done)


def test_a_move_that_finds_no_room_leaves_nothing_half_written(database_path: Path) -> None:
    engine = open_engine(f"sqlite:///{database_path}")
    furnish(engine)
    with write_session(engine) as session:
        append(session, [first(1, code=GRID)])
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()

    def limited(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + ROOM_PAGES}")

    event.listen(engine, "connect", limited)
    with pytest.raises(DatabaseUnusable, match="所在磁盘已满。请腾出空间后再试"):
        move_for_ever(engine)
    with read_session(engine) as session:
        done = session.get_one(Event, 1).seq - 1
        assert done > 0
        assert verify(session) == []
    engine.dispose()
    event.remove(engine, "connect", limited)
    supervise(engine, done)
    with read_session(engine) as session:
        assert verify(session) == []
    engine.dispose()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes, where this process may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("not applicable: only who may mount can make a file system that fills up")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_is_really_full_leaves_nothing_half_written_and_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    engine = open_engine(f"sqlite:///{small_disk / 'onemap.db'}")
    migrate(engine)
    furnish(engine)
    with write_session(engine) as session:
        append(session, [first(1, code=GRID)])
    with pytest.raises(DatabaseUnusable, match="所在磁盘已满。请腾出空间后再试"):
        move_for_ever(engine)
    with read_session(engine) as session:
        done = session.get_one(Event, 1).seq - 1
        assert done > 0
        assert verify(session) == []
    subprocess.run(["mount", "-o", "remount,size=9m", small_disk], check=True)
    supervise(engine, done)
    with read_session(engine) as session:
        assert session.get_one(Event, 1).seq == done + 2
        assert verify(session) == []
    engine.dispose()
