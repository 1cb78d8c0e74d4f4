"""The answers of the ten questions in plain SQL on the demo's own file, written from their definitions.

Nothing here asks the product: no query function, no table of rules, no roll-up. Only the stored cases,
people, areas and classes are read. Times are UTC texts in the database; days are local days.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import chinese_calendar

STAGES = (
    ("信息收集", "'reported'"),
    ("案卷建立", "'filed'"),
    ("任务派遣", "'dispatched', 'returned'"),
    ("任务处理", "'accepted', 'handling', 'reworking', 'suspended'"),
    ("处理反馈", "'feedback'"),
    ("核查结案", "'checking'"),
)
STAGE_KEYS = ("collect", "file", "dispatch", "handle", "feedback", "check")
OVERDUE = (
    "e.ended_at IS NULL AND (e.in_time = 0"
    " OR e.in_time IS NULL AND e.status <> 'suspended' AND e.due_at < :now)"
)
"""Past its deadline, 挂账 set aside; what was handed back is judged as it was then."""
SOON = (
    "e.ended_at IS NULL AND e.in_time IS NULL AND e.status <> 'suspended'"
    " AND e.due_at >= :now AND e.warn_at <= :now"
)
DONE = "e.status IN ('closed', 'evaluated')"
COUNTED = "e.status NOT IN ('voided', 'merged')"


FIGURES = {
    "open": "e.ended_at IS NULL",
    "new_today": "e.reported_day = :today AND e.status <> 'voided'",
    "overdue": OVERDUE,
    "soon": SOON,
    "on_time_rate": f"{COUNTED} AND e.due_day BETWEEN :monday AND :today"
    f" AND ({DONE} AND e.in_time IS NOT NULL OR {OVERDUE})",
}
"""Question 10: the rows of each figure at the top."""


@dataclass(frozen=True)
class Demo:
    """The demo's file at the moment that a screen shows."""

    connection: sqlite3.Connection
    as_of: datetime
    today: date

    @property
    def monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())

    def rows(self, sql: str, **values: object) -> list[Any]:
        now = self.as_of.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        found = self.connection.execute(sql, {"now": now, "today": self.today.isoformat(), **values})
        return found.fetchall()

    def number(self, condition: str, **values: object) -> int:
        """How many cases a condition holds for."""
        (row,) = self.rows(f"SELECT count(*) FROM event e WHERE {condition}", **values)  # noqa: S608
        return int(row[0])

    def ids(self, condition: str, **values: object) -> list[int]:
        """Which cases a condition holds for."""
        rows = self.rows(f"SELECT id FROM event e WHERE {condition} ORDER BY id", **values)  # noqa: S608
        return [row["id"] for row in rows]


@contextmanager
def opened(var_dir: Path, as_of: datetime) -> Iterator[Demo]:
    """The file, read only, as one snapshot."""
    with closing(sqlite3.connect(f"file:{var_dir / 'onemap.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        yield Demo(connection, as_of, as_of.date())


def place(demo: Demo, code: str) -> str:
    """公平街道·惠民社区·03网格."""
    names = [
        demo.rows(
            "SELECT short_name FROM division WHERE code = :code AND valid_to IS NULL", code=code[:length]
        )
        for length in (9, 12, 15)
        if length <= len(code)
    ]
    return "·".join(found[0][0] for found in names if found)


def most_urgent(demo: Demo) -> list[Any]:
    """Question 1: late ones longest first, then the nearest deadline; nothing that was handed back."""
    return demo.rows(
        "SELECT e.id, e.title, e.code, e.handler, e.due_at, e.clock_type, d.name AS department FROM event e"
        " LEFT JOIN department d ON d.code = e.department_code"
        " WHERE e.ended_at IS NULL AND e.status NOT IN ('suspended', 'feedback', 'checking')"
        " AND e.due_at IS NOT NULL ORDER BY e.due_at, e.reported_at DESC, e.id LIMIT 3"
    )


WORKED = ((9, 12), (13, 18))
"""Hours of a working day where nobody has edited the calendar."""


def minutes_left(due_at: datetime, as_of: datetime, clock_type: str) -> float:
    """Minutes from the moment to the deadline, negative after it; in working time for 工作时 and 工作日."""
    first, last = sorted((as_of, due_at.astimezone(as_of.tzinfo)))
    sign = 1 if due_at >= as_of else -1
    if clock_type not in ("working_hours", "working_days"):
        return sign * (last - first).total_seconds() / 60
    worked, day = timedelta(), first.date()
    while day <= last.date():
        for begins, ends in WORKED if chinese_calendar.is_workday(day) else ():
            opens, closes = (
                datetime.combine(day, clock(hour), tzinfo=as_of.tzinfo) for hour in (begins, ends)
            )
            worked += max(timedelta(), min(closes, last) - max(opens, first))
        day += timedelta(days=1)
    return sign * worked.total_seconds() / 60


def stuck(demo: Demo) -> dict[str, dict[str, int]]:
    """Question 2: overdue cases by department, in it by stage."""
    cases = " ".join(f"WHEN e.status IN ({statuses}) THEN '{name}'" for name, statuses in STAGES)
    found: dict[str, dict[str, int]] = {}
    for row in demo.rows(
        f"SELECT coalesce(d.name, '暂无部门') AS department, CASE {cases} END AS stage, count(*) AS events"  # noqa: S608
        " FROM event e LEFT JOIN department d ON d.code = e.department_code"
        f" WHERE {OVERDUE} GROUP BY 1, 2"
    ):
        found.setdefault(row["department"], {})[row["stage"]] = row["events"]
    return found


def open_whistles(demo: Demo) -> dict[int, dict[str, str]]:
    """Whistles that have not ended: each called department (code) and how far it has come."""
    found: dict[int, dict[str, str]] = {}
    for row in demo.rows(
        "SELECT w.id, d.department_code, CASE WHEN d.done_at IS NOT NULL THEN '已办结'"
        " WHEN d.arrived_at IS NOT NULL THEN '已报到' WHEN d.returned_count > 0 THEN '已退回'"
        " ELSE '没报到' END AS stands FROM whistle w JOIN whistle_department d ON d.whistle_id = w.id"
        " WHERE w.done_at IS NULL"
    ):
        found.setdefault(row["id"], {})[row["department_code"]] = row["stands"]
    return found


_ABSENT = {"没报到", "已退回"}


def whistles(demo: Demo) -> dict[str, dict[int, dict[str, str]]]:
    """Question 4: those to which somebody has not come, and those where all came and somebody works on."""
    every = open_whistles(demo)
    absent = {key: called for key, called in every.items() if _ABSENT & set(called.values())}
    working = {
        key: called for key, called in every.items() if key not in absent and "已报到" in called.values()
    }
    return {"absent": absent, "working": working}


def missing_departments(demo: Demo) -> dict[str, int]:
    """Question 4 by department: at how many whistles it has not come, or has not finished."""
    found: dict[str, int] = {}
    for called in open_whistles(demo).values():
        for code, stands in called.items():
            if stands != "已办结":
                key = f"{'absent' if stands in _ABSENT else 'working'}:{code}"
                found[key] = found.get(key, 0) + 1
    return found


def tile(lon: float, lat: float) -> tuple[int, int]:
    """The square of about 40 m in which a point lies: a tile of zoom 20 of the Web Mercator map."""
    side = 1 << 20
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * side), int(y * side)


def same_place(demo: Demo, days: int = 30) -> dict[tuple[tuple[int, int], str], list[Any]]:
    """Question 5: cases of the last days by square and class, in the order in which they were reported."""
    found: dict[tuple[tuple[int, int], str], list[Any]] = {}
    first = (demo.today - timedelta(days=days - 1)).isoformat()
    for row in demo.rows(
        "SELECT e.*, c.minor AS class_name FROM event e"
        " LEFT JOIN event_class c ON c.code = e.class_code AND c.valid_to IS NULL"
        " WHERE e.reported_day BETWEEN :first AND :today AND e.status <> 'voided' AND e.lon IS NOT NULL"
        " ORDER BY e.reported_at, e.id",
        first=first,
    ):
        found.setdefault((tile(row["lon"], row["lat"]), row["class_code"]), []).append(row)
    return found


def nth_time(demo: Demo, event_id: int) -> int:
    """Question 5 on the card: which time within the 30 days up to its own day."""
    (own,) = demo.rows("SELECT * FROM event WHERE id = :id", id=event_id)
    first = date.fromisoformat(own["reported_day"]) - timedelta(days=29)
    before = demo.rows(
        "SELECT lon, lat FROM event WHERE reported_day BETWEEN :first AND :last AND class_code = :class"
        " AND status <> 'voided' AND lon IS NOT NULL AND (reported_at, id) <= (:at, :id)",
        **{"first": first.isoformat(), "last": own["reported_day"], "class": own["class_code"]},
        at=own["reported_at"], id=event_id,
    )  # fmt: skip
    here = tile(own["lon"], own["lat"])
    return sum(tile(row["lon"], row["lat"]) == here for row in before)


def grid_loads(demo: Demo) -> list[Any]:
    """Question 8: open cases of each grid, its grid workers and residents, the heaviest load first."""
    return demo.rows(
        "SELECT g.code, g.residents,"
        " (SELECT count(*) FROM event e WHERE e.ended_at IS NULL AND e.code = g.code) AS events,"
        " (SELECT count(*) FROM staff s WHERE s.post = '网格员' AND s.division_code = g.code) AS workers"
        " FROM division g WHERE g.level = 'grid' AND g.valid_to IS NULL"
        " ORDER BY 1.0 * events / workers DESC, events DESC, g.code LIMIT 50"
    )
