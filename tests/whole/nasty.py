"""A few thousand events that are hard to count, and random filters over them as URL parameters."""

from __future__ import annotations

import random
from cmath import rect
from datetime import UTC, date, datetime, time, timedelta
from math import asinh, atan, degrees, pi, radians, sinh, tan
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy import delete, insert, select

from data.clock import warning
from data.database import write_session
from data.models import Department, Division, Event, EventClass
from data.models.base import column
from geo.cells import encode_one
from geo.polyline import decode, encode
from tests.dashboard.small_world import DISTRICT, NOW, World, build_world

ZONE: Final = ZoneInfo("Asia/Shanghai")
CLASSES: Final = ("0101", "0102", "0203", "0501")
DEPARTMENTS: Final = ("D01", "D02", "")
SOURCES: Final = ("patrol", "12345", "sensor", "unheard_of")
OPEN: Final = ("reported", "dispatched", "handling", "suspended", "checking")
TITLES: Final = (
    "示例，逗号",
    '示例"引号"',
    "示例\n换行",
    "=示例公式()",
    "100%_示例",
    "Ab 示例",
    "",
    "示例🚧",
)
EDGE_PLACES: Final = ((103.81, 30.70), (103.8125, 30.7), (103.75, 30.65), (103.9, 30.75))
"""Places on the polyline's grid of 1e-5 degrees: corners of polygons lie exactly there."""
Params = dict[str, str]


def build_nasty(var_dir: Path, *, events: int, seed: int) -> tuple[World, list[dict[str, Any]]]:
    """The lattice district (4 streets, 16 communities, 256 grids) and its events as inserted, with ids."""
    world = build_world(var_dir, events=1)
    pick = random.Random(seed)
    with write_session(world.engine) as session:
        connection = session.connection()
        connection.execute(delete(Event))
        codes = list(
            connection.execute(select(column(Division.code)).order_by(column(Division.code))).scalars()
        )
        rows = [_event(number, pick, codes) for number in range(1, events + 1)]
        connection.execute(insert(Event), rows)
        connection.execute(
            insert(Department), [{"code": code, "name": f"示例部门{code}"} for code in DEPARTMENTS if code]
        )
        connection.execute(
            insert(EventClass),
            [
                {"code": code, "valid_from": date(2020, 1, 1), "major": f"大类{code[:2]}",
                 "minor": f"小类{code}", "urgency": "normal", "clock_type": "working_hours"}
                for code in CLASSES
            ],
        )  # fmt: skip
    return world, rows


def _event(number: int, pick: random.Random, codes: list[str]) -> dict[str, Any]:
    reported, due, ended, status = _times(number, pick)
    place = _place(pick)
    gone = f"{DISTRICT}001001999"  # a grid that boundaries no longer have
    code = pick.choice([*codes, "", "", gone]) if pick.random() < 0.5 else pick.choice(codes[-256:])
    closed = status in ("closed", "evaluated")
    return {
        "id": number, "source": pick.choice(SOURCES), "class_code": pick.choice(CLASSES),
        "external_no": f"=1+{number}" if number % 100 == 0 else f"e{number:05}",
        "title": pick.choice(TITLES), "description": "", "address": pick.choice(["", "示例路 1 号", "a_B%"]),
        "code": code, "code_at_report": code, "lon": place and place[0], "lat": place and place[1],
        "cell": place and encode_one(*place), "urgency": "normal", "status": status,
        "status_since": ended or reported, "department_code": pick.choice(DEPARTMENTS), "handler": "",
        "reported_at": reported, "reported_day": day(reported), "due_at": due, "due_day": day(due),
        "warn_at": due and warning(reported_at=reported, due_at=due), "ended_at": ended,
        "ended_day": day(ended), "in_time": ended <= due if closed and ended and due else None,
        "supervised": False, "extended_count": 0, "reworked_count": 0, "flags": "", "batch_id": None,
        "seq": 1, "head_hash": b"",
    }  # fmt: skip


def _times(number: int, pick: random.Random) -> tuple[datetime, datetime | None, datetime | None, str]:
    """Report, deadline, end and status; often on a border between two answers."""
    if number % 20 == 0:
        midnight = datetime.combine(
            NOW.astimezone(ZONE).date() - timedelta(days=pick.randint(0, 14)), time.min
        )
        edge = timedelta(microseconds=pick.choice([0, 0, -1, 1]))
        reported = midnight.replace(tzinfo=ZONE).astimezone(UTC) + edge
    else:
        reported = NOW - timedelta(seconds=pick.randint(1, 30 * 86_400))
    limit = pick.choice([None, 2, 4, 24, 72, 400])
    due = None if limit is None else reported + timedelta(hours=limit)
    if pick.random() < 0.5:
        if pick.random() < 0.1:
            due = NOW + timedelta(microseconds=pick.choice([0, 0, -1, 1]))  # due at this very moment
        elif pick.random() < 0.1:
            reported = NOW - timedelta(hours=3)
            due = NOW + timedelta(hours=1)  # exactly a quarter is left
        return reported, due, None, pick.choice(OPEN)
    ended = due if due and pick.random() < 0.2 else reported + timedelta(hours=pick.uniform(-2, 200))
    if ended > NOW:
        return reported, due, None, pick.choice(OPEN)
    return reported, due, ended, pick.choice(["closed", "closed", "closed", "evaluated", "merged", "voided"])


def _place(pick: random.Random) -> tuple[float, float] | None:
    kind = pick.random()
    if kind < 0.08:
        return None
    if kind < 0.20:
        return pick.choice(EDGE_PLACES)
    if kind < 0.35:
        z = pick.randint(8, 18)
        x, y = pick.randint(*_span(z, 103.70, 103.95)), pick.randint(*_span_south(z, 30.60, 30.80))
        return x / 2**z * 360 - 180, _latitude(y / 2**z)
    if kind < 0.37:
        return pick.choice([(0.0, 0.0), (-180.0, 85.05), (179.9999999, -85.05), (116.4, 39.9), (30.7, 70.0)])
    return pick.uniform(103.70, 103.95), pick.uniform(30.60, 30.80)


def _span(z: int, low: float, high: float) -> tuple[int, int]:
    first = int((low + 180) / 360 * 2**z) + 1
    return first, max(first, int((high + 180) / 360 * 2**z))


def _span_south(z: int, low: float, high: float) -> tuple[int, int]:
    first = int(_from_north(high) * 2**z) + 1
    return first, max(first, int(_from_north(low) * 2**z))


def _from_north(latitude: float) -> float:
    """Web-Mercator position of a latitude in degrees, 0 at the north and 1 at the south edge."""
    return 0.5 - asinh(tan(radians(latitude))) / (2 * pi)


def _latitude(y: float) -> float:
    """The inverse of :func:`_from_north`."""
    return degrees(atan(sinh(pi * (1 - 2 * y))))


def day(at: datetime | None) -> date | None:
    """The local day of a moment."""
    return at.astimezone(ZONE).date() if at else None


def random_filter(pick: random.Random) -> Params:
    """URL parameters of a filter; every field is there about every third time."""
    params: Params = {}
    basis = pick.choice(["open", "open", "reported", "due", "closed"])
    if basis != "open":
        today = NOW.astimezone(ZONE).date()
        start = today - timedelta(days=pick.randint(0, 25))
        end = start + timedelta(days=pick.choice([0, 1, 6, 30]))
        params |= {"basis": basis, "from": start.isoformat(), "to": end.isoformat()}
    choices: dict[str, tuple[float, list[str]]] = {
        "area": (0.4, _areas(pick)),
        "class": (0.25, [*CLASSES, "01", "02", "99"]),
        "source": (0.2, [*SOURCES, "nobody"]),
        "status": (0.2, [*OPEN, "closed", "evaluated", "merged", "voided"]),
        "dept": (0.2, ["D01", "D02", "D99"]),
        "color": (0.3, ["overdue", "soon", "in_time", "no_limit", "suspended", "done", "done_late"]),
    }
    for name, (share, values) in choices.items():
        if pick.random() < share:
            params[name] = ",".join(pick.sample(values, k=pick.randint(1, min(3, len(values)))))
    if pick.random() < 0.2:
        params["q"] = pick.choice(["示例", "%", "_", "ab", "E000", "=1+", "路 1", '"', "没有的", "🚧"])
    if pick.random() < 0.35:
        params["poly"] = _polygon(pick)
    if pick.random() < 0.15:
        params["missing"] = pick.choice(["code", "position"])
    return params


def _areas(pick: random.Random) -> list[str]:
    street, community, grid = (f"{pick.randint(1, last):03}" for last in (4, 4, 16))
    return [
        DISTRICT, f"{DISTRICT}{street}", f"{DISTRICT}{street}{community}",
        f"{DISTRICT}{street}{community}{grid}", f"{DISTRICT}001001999", "999999",
    ]  # fmt: skip


def _polygon(pick: random.Random) -> str:
    """A star around a place, a box with corners on events, or a sliver; never crossing itself."""
    while True:
        (west, south), (east, north) = pick.sample(EDGE_PLACES, k=2)
        box = [(west, south), (east, south), (east, north), (west, north)]
        steps = sorted(pick.uniform(0, 6.283) for _ in range(pick.randint(3, 12)))
        star = []
        for angle in steps:
            turned = rect(pick.uniform(0.005, 0.15), angle)
            star.append((103.82 + turned.real, 30.70 + turned.imag * 0.8))
        vertices = pick.choice([box, star, star])
        text = encode(vertices) if shapely.Polygon(vertices).is_valid else ""
        if text and shapely.Polygon(decode(text)).is_valid and shapely.Polygon(decode(text)).area > 1e-8:
            return text
