"""A district with a long history: small divisions with stations and tiles, 200,000 events and their log.

Written straight into SQLite for speed; only their plans and their work are looked at, not their answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from data.labels import SOURCE
from geo.cells import encode
from tests.dashboard.small_world import DISTRICT, NOW, build_world

ZONE: Final = ZoneInfo("Asia/Shanghai")
DAYS: Final = 400
BATCHES: Final = 40
CLASSES: Final = tuple(f"{major:02}{minor:02}" for major in range(1, 7) for minor in range(1, 11))
DEPARTMENTS: Final = tuple(f"D{number:02}" for number in range(1, 13))
_EVENT: Final = (
    "id", "source", "external_no", "class_code", "title", "code", "code_at_report", "lon", "lat", "cell",
    "status", "status_since", "department_code", "reported_at", "reported_day", "due_at", "due_day",
    "warn_at", "ended_at", "ended_day", "in_time", "flags", "batch_id",
)  # fmt: skip
_EVENT_CONSTANTS: Final = {
    "urgency": "'normal'", "description": "''", "address": "'示例路'", "handler": "''", "supervised": "0",
    "extended_count": "0", "reworked_count": "0", "seq": "2", "head_hash": "zeroblob(32)",
}  # fmt: skip


def build_large(var_dir: Path, *, events: int, open_events: int) -> None:
    """``onemap.db`` and its tiles in ``var_dir``: 256 grids, ``events`` in 400 days, two log rows each."""
    build_world(var_dir, events=1).engine.dispose()
    connection = sqlite3.connect(var_dir / "onemap.db")
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.execute("DELETE FROM event")
        _references(connection)
        _events(connection, events, open_events)
        _log(connection)
        _weeks(connection)
        _whistles(connection)
        connection.execute("UPDATE data_state SET revision = revision + 1")
    connection.close()


def _references(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO department (code, name, initials, kind, phone)"
        " VALUES (?1, '示例部门' || ?1, 'slbm', '', '')",
        [(code,) for code in DEPARTMENTS],
    )
    connection.executemany(
        "INSERT INTO event_class (code, valid_from, major, minor, department_code, urgency, limit_hours,"
        " clock_type, closing_condition) VALUES (?1, '2020-01-01', '大类' || substr(?1, 1, 2), '小类' || ?1,"
        " 'D01', 'normal', 24, 'working_hours', '')",
        [(code,) for code in CLASSES],
    )
    connection.executemany(
        "INSERT INTO import_batch (id, kind, status, source, file_name, file_sha256, profile, is_demo, actor,"
        " created_at, published_at, rows_total, rows_new, rows_changed, rows_same, rows_rejected,"
        " rows_unplaced, rows_unlocated, rows_marked, note)"
        " VALUES (?1, 'events', 'published', 'patrol', '示例' || ?1 || '.csv', '', 'generic', 0, '演示甲',"
        " ?2, ?2, 10, 9, 0, 0, 1, 0, 0, 0, '')",
        [(number, _text(NOW - timedelta(days=10 * number))) for number in range(1, BATCHES + 1)],
    )
    connection.executemany(
        "INSERT INTO import_reject (batch_id, line, field, value, reason, advice, row_json)"
        " VALUES (?, 7, '时间', '昨天', '不是时间', '写作 2026-11-21 08:30', '{}')",
        [(number,) for number in range(1, BATCHES + 1)],
    )
    connection.executemany(
        "INSERT INTO source_state (source, last_reported_at, last_batch_at, events) VALUES (?, ?, ?, 1)",
        [(source, _text(NOW), _text(NOW)) for source in SOURCE],
    )
    connection.execute(
        "INSERT INTO staff (source, external_no, name, post, division_code, department_code, phone)"
        " VALUES ('x', '1', '网格员·示例01', '网格员', ?, '', '13800000000')",
        (f"{DISTRICT}001001001",),
    )
    connection.execute(
        "INSERT INTO staff (source, external_no, name, post, division_code, department_code, phone)"
        " VALUES ('x', '2', '派遣员·示例02', '派遣员', ?, '', ''),"
        " ('x', '3', '市政·示例03', '部门经办人', '', 'D01', '')",
        (DISTRICT,),
    )


def _events(connection: sqlite3.Connection, events: int, open_events: int) -> None:
    marks = ",".join("?" * len(_EVENT))
    names, constants = ",".join([*_EVENT, *_EVENT_CONSTANTS]), ",".join(_EVENT_CONSTANTS.values())
    sql = f"INSERT INTO event ({names}) VALUES ({marks},{constants})"  # noqa: S608  # only names of ours
    connection.executemany(sql, _event_rows(connection, events, open_events))


def _event_rows(connection: sqlite3.Connection, events: int, open_events: int) -> Iterator[tuple[Any, ...]]:
    """The last ``open_events`` numbers are open; numbers grow with the time of report, as in a real table."""
    grids = connection.execute("SELECT code, lon, lat FROM division WHERE level = 'grid'").fetchall()
    random = np.random.default_rng(11)
    grid = random.integers(0, len(grids), events)
    lon = np.array([row[1] for row in grids])[grid] + random.uniform(-0.005, 0.005, events)
    lat = np.array([row[2] for row in grids])[grid] + random.uniform(-0.005, 0.005, events)
    cell = encode(lon, lat)
    kind = random.integers(0, len(CLASSES), events)
    source = random.integers(0, len(SOURCE), events)
    age = np.sort(random.uniform(0, DAYS, events))[::-1]
    limit, used = random.choice([4, 24, 72, 168], events), random.exponential(0.6, events)
    sources = tuple(SOURCE)
    for k in range(events):
        is_open = k >= events - open_events
        reported = NOW - timedelta(days=float(age[k]) if not is_open else float(used[k]) * 3)
        due = None if k % 90 == 0 else reported + timedelta(hours=int(limit[k]) * (4 if is_open else 1))
        warn = due and due - 0.25 * (due - reported)
        ended = None if is_open else min(NOW, reported + timedelta(hours=float(used[k]) * int(limit[k])))
        status = ("suspended" if k % 40 == 0 else "handling") if is_open else _ended_status(k)
        code = "" if k % 200 == 0 else grids[grid[k]][0]
        place = (None, None, None) if k % 150 == 0 else (float(lon[k]), float(lat[k]), int(cell[k]))
        in_time = ended <= due if ended and due and status == "closed" else None
        yield (
            k + 1, sources[source[k]], f"N{k:08}", CLASSES[kind[k]], f"示例事件{k % 997}", code, code, *place,
            status, _text(ended or reported), DEPARTMENTS[k % 12], _text(reported), _day(reported),
            _text(due), _day(due), _text(warn), _text(ended), _day(ended), in_time,
            "ended_before_reported" if k % 5000 == 0 else "", 1 + k * BATCHES // events,
        )  # fmt: skip


def _ended_status(number: int) -> str:
    return {0: "merged", 1: "voided"}.get(number % 60, "closed")


def _log(connection: sqlite3.Connection) -> None:
    for seq, action, moment in ((1, "report", "reported_at"), (2, "close", "status_since")):
        columns = f"id, {seq}, {moment}, '演示甲', '{action}', '', status, '', '{{}}', batch_id"
        connection.execute(
            "INSERT INTO event_log (event_id, seq, at, actor, action, from_status, to_status, reason,"  # noqa: S608
            f" changes, batch_id, prev_hash, hash) SELECT {columns}, zeroblob(32), zeroblob(32) FROM event"
        )


def _weeks(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO area_week (code, week, reported, proactive, due, due_in_time, due_suspended, closed,"
        " reworked) SELECT substr(code, 1, 12), date(reported_day, 'weekday 0', '-6 days') AS monday,"
        " count(*), 0, count(*), count(*), 0, count(*), 0 FROM event GROUP BY 1, monday"
    )


def _whistles(connection: sqlite3.Connection) -> None:
    """300 of the last year, each for a case and with two departments; every tenth is open."""
    connection.executemany(
        "INSERT INTO whistle (id, kind, code, subject, blown_at, half_at, respond_by, second_by,"
        " returned_count, done_at, withdrawn, outcome, actor, seq) VALUES"
        " (?1, 'joint', ?2, '示例哨' || ?1, ?3, ?3, ?3, ?3, 0, ?4, 0, '', '演示甲', 0)",
        [
            (n, f"{DISTRICT}001001", _text(NOW - timedelta(days=n)), None if n % 10 == 1 else _text(NOW))
            for n in range(1, 301)
        ],
    )
    connection.execute(
        "INSERT INTO whistle_department (whistle_id, department_code, leads, arrived_at, returned_count,"
        " score_note) SELECT id, d.code, d.code = 'D01', CASE WHEN d.code = 'D01' THEN blown_at END, 0, ''"
        " FROM whistle JOIN department AS d ON d.code IN ('D01', 'D02')"
    )
    connection.execute("INSERT INTO whistle_event (whistle_id, event_id) SELECT id, 199499 + id FROM whistle")


def _text(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if at else None


def _day(at: datetime | None) -> str | None:
    return at.astimezone(ZONE).strftime("%Y-%m-%d") if at else None
