"""A large made-up district, written fast into SQLite: for statement plans and timings, not for answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine, insert, select

from data.database import open_engine, read_session, write_session
from data.migrate import migrate
from data.queries.tables import DIVISION, EVENT, EVENT_CLASS
from geo.cells import encode
from tests.data.databases import POSTGRES, migrated_engine

NOW = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
DISTRICT = "510115"
SOURCES = ("patrol", "resident", "12345", "12349", "city_mgmt", "sensor", "mailbox", "superior")
CLASSES = tuple(f"{major:02}{minor:02}" for major in range(1, 7) for minor in range(1, 21))
_CHUNK = 100_000


def build(path: Path, *, events: int, open_events: int, streets: int = 9, grids: int = 1000) -> None:
    """A migrated database with ``events`` events over three years, of which ``open_events`` are open."""
    migrate(open_engine(f"sqlite:///{path}"))
    connection = sqlite3.connect(path)
    codes = _codes(streets, grids)
    with connection:
        _divisions(connection, codes)
        _classes(connection)
        for start in range(0, events, _CHUNK):
            _events(connection, codes, start, min(_CHUNK, events - start), open_events)
        connection.execute("UPDATE data_state SET revision = 1, tiles_revision = 1")
    connection.close()


def build_engine(path: Path, *, events: int, open_events: int, grids: int) -> Engine:
    """The same for answers, on the database of the tests: a server gets the rows of the file."""
    build(path, events=events, open_events=open_events, grids=grids)
    file = open_engine(f"sqlite:///{path}")
    if not POSTGRES:
        return file
    server = migrated_engine(path)
    with read_session(file) as told, write_session(server) as session:
        for table in (DIVISION, EVENT_CLASS, EVENT):
            session.execute(insert(table), list(map(dict, told.execute(select(table)).mappings())))
    return server


def _codes(streets: int, grids: int) -> list[str]:
    each = -(-grids // streets)
    return [
        f"{DISTRICT}{1 + index // each:03}{1 + index % each // 50:03}{1 + index % 50:03}"
        for index in range(grids)
    ]


def _place(index: np.ndarray[tuple[int], np.dtype[np.int64]], count: int) -> tuple[np.ndarray, np.ndarray]:
    side = int(count**0.5) + 1
    return 103.68 + 0.25 * (index % side) / side, 30.60 + 0.20 * (index // side) / side


def _divisions(connection: sqlite3.Connection, codes: list[str]) -> None:
    lon, lat = _place(np.arange(len(codes)), len(codes))
    rows = []
    for level, length in (("district", 6), ("street", 9), ("community", 12), ("grid", 15)):
        for index, code in enumerate(sorted({code[:length] for code in codes})):
            where = (float(lon[index]), float(lat[index])) if level == "grid" else (103.8, 30.7)
            rows.append(
                (code, level, f"区划{code[-3:]}", code[: length - 3] if length > 6 else "", index, *where)
            )
    connection.executemany(
        "INSERT INTO division (code, valid_from, level, name, short_name, initials, kind, parent_code,"
        " tile_index, lon, lat, residents)"
        " VALUES (?1, '2020-01-01', ?2, ?3, ?3, 'qh', '', ?4, ?5, ?6, ?7, 1000)",
        rows,
    )


def _classes(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO event_class (code, valid_from, major, minor, department_code, urgency, limit_hours,"
        " clock_type, closing_condition) VALUES (?1, '2020-01-01', '大类', '小类' || ?1, '', 'normal', 24,"
        " 'working_hours', '')",
        [(code,) for code in CLASSES],
    )


def _events(
    connection: sqlite3.Connection, codes: list[str], start: int, count: int, open_events: int
) -> None:
    sql = (
        "INSERT INTO event (source, external_no, class_code, title, code, code_at_report, lon, lat, cell,"
        " urgency, status, status_since, department_code, reported_at, reported_day, due_at, due_day,"
        " warn_at, ended_at, ended_day, in_time, head_hash, description, address, handler, supervised,"
        " extended_count, reworked_count, flags, seq)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?, '', '', '', 0, 0, 0, '', 1)"
    )
    connection.executemany(sql, _event_rows(codes, start, count, open_events))


def _event_rows(codes: list[str], start: int, count: int, open_events: int) -> Iterator[tuple[object, ...]]:
    """The first ``open_events`` numbers are open and of the last 20 days; the others lie over three years."""
    random = np.random.default_rng(start)
    grid = random.integers(0, len(codes), count)
    lon, lat = _place(grid, len(codes))
    lon, lat = lon + random.uniform(0, 0.002, count), lat + random.uniform(0, 0.002, count)
    cell = encode(lon, lat)
    kind, source = random.integers(0, len(CLASSES), count), random.integers(0, len(SOURCES), count)
    age, limit, used = (
        random.uniform(0, 1, count),
        random.choice([4, 24, 72, 168], count),
        random.exponential(0.6, count),
    )
    for k in range(count):
        is_open = start + k < open_events
        reported = NOW - timedelta(days=float(age[k]) * (20 if is_open else 1095))
        due = reported + timedelta(hours=int(limit[k]) * (4 if is_open else 1))
        warn = due - 0.25 * (due - reported)
        ended = None if is_open else min(NOW, reported + float(used[k]) * (due - reported))
        status = ("suspended" if k % 40 == 0 else "handling") if is_open else "closed"
        code = "" if k % 200 == 0 else codes[grid[k]]
        place = (None, None, None) if k % 150 == 0 else (float(lon[k]), float(lat[k]), int(cell[k]))
        yield (
            SOURCES[source[k]], f"N{start + k:08}", CLASSES[kind[k]], f"示例事件{k % 997}", code, code,
            *place, "normal", status, _text(ended or reported), f"D{k % 12:02}", _text(reported),
            _day(reported), _text(due), _day(due), _text(warn), ended and _text(ended), ended and _day(ended),
            None if ended is None else ended <= due, b"",
        )  # fmt: skip


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _day(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d")
