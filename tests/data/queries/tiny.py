"""A tiny district that can be counted by hand, an empty one, and a builder of more.

Now is Wednesday 2026-11-18 14:30 in Shanghai (06:30 UTC). District 510115 has the streets 001 (communities
001, 002) and 002 (community 001); community 510115001001 has the grids 001 and 002.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Engine, insert, update

from data.clock import warning
from data.database import write_session
from data.queries.tables import (
    BATCH,
    DATA_STATE,
    DEPARTMENT,
    DIVISION,
    EVENT,
    EVENT_CLASS,
    EVENT_LOG,
    REJECT,
    SOURCE_STATE,
    STAFF,
    STATION,
)
from data.vocabulary import CLOSED, ENDED, Level
from geo.cells import encode_one
from tests.data.databases import migrated_engine
from tests.data.queries.synthetic import NOW, ZONE

G1, G2 = "510115001001001", "510115001001002"
C1, C2, C3 = "510115001001", "510115001002", "510115002001"
S1, S2, D = "510115001", "510115002", "510115"
HOME = (103.80, 30.70)
MINUTE_SQUARE = ((103.79, 30.69), (103.81, 30.69), (103.81, 30.71), (103.79, 30.71))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def event(
    number: int,
    *,
    reported: float,
    due: float | None = None,
    ended: float | None = None,
    status: str = "",
    code: str = G1,
    at: tuple[float, float] | None = HOME,
    class_code: str = "0101",
    source: str = "patrol",
    department: str = "D1",
    **more: Any,
) -> dict[str, Any]:
    """A row of ``event``. ``reported``, ``due`` and ``ended`` are hours from now, negative before it."""
    status = status or ("handling" if ended is None else "closed")
    reported_at = NOW + hours(reported)
    due_at = None if due is None else NOW + hours(due)
    ended_at = None if ended is None else NOW + hours(ended)
    assert (status in ENDED) == (ended_at is not None)
    in_time = ended_at <= due_at if status in CLOSED and due_at and ended_at else None
    return {
        "id": number, "source": source, "external_no": f"E{number:03}", "class_code": class_code,
        "title": f"示例{number}", "description": "", "address": "", "code": code, "code_at_report": code,
        "lon": at and at[0], "lat": at and at[1], "cell": at and encode_one(*at), "urgency": "normal",
        "status": status, "status_since": ended_at or reported_at, "department_code": department,
        "handler": "", "reported_at": reported_at, "reported_day": _day(reported_at), "due_at": due_at,
        "due_day": _day(due_at),
        "warn_at": due_at and warning(reported_at=reported_at, due_at=due_at), "ended_at": ended_at,
        "ended_day": _day(ended_at), "in_time": in_time, "supervised": False, "extended_count": 0,
        "reworked_count": 0, "flags": "", "batch_id": None, "seq": 1, "head_hash": b"",
    } | more  # fmt: skip


def _day(at: datetime | None) -> date | None:
    return at.astimezone(ZONE).date() if at else None


EVENTS = [
    event(1, reported=-50, due=-2),  # overdue
    event(2, reported=-100, due=-52, code=G2, at=(103.82, 30.70)),  # overdue for longer
    event(3, reported=-21, due=3),  # soon: 6 of 24 hours left from -3 on
    event(4, reported=-4, due=0),  # falls due at this very moment: soon, not yet overdue
    event(5, reported=-1, due=47, code=C2, at=(103.90, 30.70), source="12345"),  # in time
    event(6, reported=-2, code=C3, at=(103.95, 30.75), class_code="0203", department=""),  # no limit
    event(7, reported=-200, due=-100, status="suspended", code=C1),
    event(8, reported=-3, due=45, code="", at=None),  # in no division, without position
    event(9, reported=-5, due=43, code="", at=(104.50, 30.70)),  # in no division
    event(10, reported=-6, due=42, code=S1, at=None),  # declared street, without position
    event(11, reported=-60, due=-12, ended=-20),  # closed in time, due this Wednesday
    event(12, reported=-80, due=-32, ended=-10),  # closed late
    event(13, reported=-90, due=10, ended=-30, status="evaluated", code=C3, at=(103.95, 30.75)),
    event(14, reported=-90, ended=-30, code=C3, at=None),  # closed without limit
    event(15, reported=-40, due=8, ended=-39, status="merged"),
    event(16, reported=-40, due=8, ended=-38, status="voided"),
    event(17, reported=-24 * 40, due=-24 * 38, ended=-24 * 39),  # long ago
    event(18, reported=-24 * 7 - 1, due=-24 * 5, ended=-24 * 6),  # open a week ago
    event(19, reported=-14.5, due=33.5, at=(103.81, 30.70)),  # midnight sharp of today, on the square's edge
    event(20, reported=-14.6, due=33.4, at=(103.8100001, 30.70)),  # late yesterday, just outside the square
]


def build(path: Path, events: list[dict[str, Any]]) -> Engine:
    """A database with the divisions, stations and people of the tiny district, and these events."""
    engine = migrated_engine(path)
    with write_session(engine) as session:
        session.execute(insert(BATCH), [_batch()])
        for table, rows in (
            (DIVISION, _divisions()), (DEPARTMENT, _departments()), (EVENT_CLASS, _classes()),
            (STAFF, _staff()), (STATION, _stations()), (EVENT, events),
            (EVENT_LOG, _log(events)), (REJECT, _rejects()),
            (SOURCE_STATE, _sources()),
        ):  # fmt: skip
            if rows:
                session.execute(insert(table), rows)
        session.execute(update(DATA_STATE).values(tiles_revision=1))
    return engine


def _divisions() -> list[dict[str, Any]]:
    names = {
        D: "温江区", S1: "公平街道", S2: "金马街道", C1: "惠民社区", C2: "太极社区", C3: "光华社区",
        G1: "01网格", G2: "02网格",
    }  # fmt: skip
    level = {6: Level.DISTRICT, 9: Level.STREET, 12: Level.COMMUNITY, 15: Level.GRID}
    boxes = {
        D: (103.6, 30.5, 104.0, 30.9), S1: (103.7, 30.6, 103.92, 30.8), S2: (103.92, 30.6, 104.0, 30.8),
        C1: (103.7, 30.6, 103.85, 30.8), C2: (103.85, 30.6, 103.92, 30.8), C3: (103.92, 30.6, 104.0, 30.8),
        G1: (103.7, 30.6, 103.815, 30.8), G2: (103.815, 30.6, 103.85, 30.8),
    }  # fmt: skip
    order = {code: place for size in level for place, code in enumerate(c for c in names if len(c) == size)}
    return [
        {
            "code": code, "valid_from": date(2020, 1, 1), "valid_to": None, "level": level[len(code)].value,
            "name": name, "short_name": name, "initials": {"公平街道": "gpjd"}.get(name, "zzz"), "kind": "",
            "parent_code": code[:-3] if len(code) > 6 else "", "residents": 2000 if len(code) == 12 else None,
            "households": None, "area_km2": 1.0, "lon": boxes[code][0] + 0.01, "lat": boxes[code][1] + 0.01,
            "min_lon": boxes[code][0], "min_lat": boxes[code][1], "max_lon": boxes[code][2],
            "max_lat": boxes[code][3], "tile_index": order[code], "geometry": shapely.box(*boxes[code]).wkb,
        }
        for code, name in names.items()
    ]  # fmt: skip


def _departments() -> list[dict[str, Any]]:
    return [{"code": "D1", "name": "示例城管局", "initials": "slcgj", "kind": "", "phone": ""}]


def _classes() -> list[dict[str, Any]]:
    return [
        {
            "code": code, "valid_from": date(2020, 1, 1), "major": major, "minor": minor,
            "department_code": "D1", "urgency": "normal", "limit_hours": 24.0,
            "clock_type": "working_hours", "closing_condition": "",
        }
        for code, major, minor in (("0101", "市容环境", "暴露垃圾"), ("0203", "宣传广告", "非法小广告"))
    ]  # fmt: skip


def _staff() -> list[dict[str, Any]]:
    return [
        {"source": "x", "external_no": number, "name": name, "post": post, "division_code": code,
         "department_code": "", "phone": phone}
        for number, name, post, code, phone in (
            ("1", "网格员·示例01", "网格员", G1, "13800001234"),
            ("2", "社区书记·示例01", "社区书记", C1, "02812345"),
        )
    ]  # fmt: skip


def _stations() -> list[dict[str, Any]]:
    lon, lat = HOME
    return [
        {
            "id": number, "source": "x", "external_no": f"ST{number}", "kind": kind, "name": name,
            "initials": "ffz", "code": C1, "address": "", "phone": "", "lon": lon + shift, "lat": lat,
            "cell": encode_one(lon + shift, lat), "hours": opens, "area_m2": None, "counters": 2,
            "staff_count": None, "items": '["老年证"]', "serves": f'["{G1}"]',
        }
        for number, kind, name, shift, opens in (
            (1, "community_centre", "惠民社区公共服务中心", 0.001, "一-五 08:30-17:30"),
            (2, "micro_point", "惠民微服务点", 0.05, "六 09:00-12:00"),
            (3, "self_service", "自助终端", 0.06, ""),
        )
    ]  # fmt: skip


def _log(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "event_id": 1, "seq": seq, "at": NOW + hours(at), "actor": "演示", "action": action,
            "from_status": before, "to_status": after, "reason": "", "changes": "{}", "batch_id": None,
            "prev_hash": b"", "hash": b"",
        }
        for seq, at, action, before, after in (
            (1, -50, "report", "", "reported"), (2, -49, "handle", "reported", "handling"),
        )
        if any(row["id"] == 1 for row in events)
    ]  # fmt: skip


def _batch() -> dict[str, Any]:
    counts = ("total", "new", "changed", "same", "rejected", "unplaced", "unlocated", "marked")
    return {
        "id": 1, "kind": "events", "status": "published", "source": "12345", "file_name": "示例.csv",
        "file_sha256": "", "profile": "", "is_demo": False, "actor": "演示", "created_at": NOW, "note": "",
    } | {f"rows_{name}": 2 if name in ("total", "rejected") else 0 for name in counts}  # fmt: skip


def _rejects() -> list[dict[str, Any]]:
    return [
        {"batch_id": 1, "line": line, "field": "经度", "value": "x", "reason": "不是数字",
         "advice": "改为数字", "row_json": "{}"}
        for line in (7, 3)
    ]  # fmt: skip


def _sources() -> list[dict[str, Any]]:
    return [
        {"source": "patrol", "last_reported_at": NOW - hours(2), "last_batch_at": None, "events": 19},
        {"source": "12345", "last_reported_at": NOW - hours(30), "last_batch_at": NOW, "events": 1},
    ]
