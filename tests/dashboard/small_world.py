"""A district on a lattice, as large as asked for: divisions, tiles, stations, events, in a fresh database.

Streets, communities and grids are ``streets``², ``communities``² and ``grids``² squares that share their
edges, gently bent so that no tile is all straight lines. The grid of every event is known.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import insert
from sqlalchemy.engine import Engine

from data.database import open_engine, write_session
from data.migrate import migrate
from data.models import Division, Event, Station
from data.vocabulary import Level
from geo.cells import encode_one
from geo.tiles import bake_pmtiles

WEST, SOUTH, EAST, NORTH = 103.70, 30.60, 103.95, 30.80
NOW: Final = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
DISTRICT: Final = "510115"
CLASSES: Final = ("0101", "0102", "0201", "0501")


@dataclass(frozen=True, kw_only=True)
class World:
    """Where it is and what is in it. ``events`` are the rows as inserted."""

    var_dir: Path
    engine: Engine
    tiles_name: str
    bounds: tuple[float, float, float, float]
    events: list[dict[str, Any]]
    grids: int


def build_world(
    var_dir: Path,
    *,
    streets: int = 2,
    communities: int = 4,
    grids: int = 16,
    events: int = 400,
    seed: int = 7,
) -> World:
    """Build it in ``var_dir``; ``communities`` is a multiple of ``streets``, ``grids`` of ``communities``."""
    engine = open_engine(f"sqlite:///{var_dir / 'onemap.db'}")
    migrate(engine)
    layers = {
        Level.DISTRICT: _layer(1, 1, 1, grids),
        Level.STREET: _layer(streets, streets, streets, grids),
        Level.COMMUNITY: _layer(communities, streets, communities, grids),
        Level.GRID: _layer(grids, streets, communities, grids),
    }
    baked = bake_pmtiles(
        {str(level): frame for level, frame in layers.items()},
        directory=var_dir / "tiles",
        name="divisions",
        min_zoom=8,
        max_zoom=14,
    )
    rows = list(_events(layers[Level.GRID], events, seed))
    with write_session(engine) as session:
        connection = session.connection()
        for level, frame in layers.items():
            connection.execute(insert(Division), list(_divisions(level, frame)))
        connection.execute(insert(Station), list(_stations()))
        connection.execute(insert(Event), rows)
    return World(
        var_dir=var_dir,
        engine=engine,
        tiles_name=baked.path.stem,
        bounds=(WEST, SOUTH, EAST, NORTH),
        events=rows,
        grids=len(layers[Level.GRID]),
    )


def _bend(x: float, y: float) -> tuple[float, float]:
    """A position on the unit square in degrees, bent inside and straight at the edge."""
    calm = 16 * x * (1 - x) * y * (1 - y)
    x += calm * 0.02 * math.sin(7 * y)
    y += calm * 0.02 * math.sin(9 * x)
    return WEST + x * (EAST - WEST), SOUTH + y * (NORTH - SOUTH)


def _square(side: int, column: int, row: int, grids: int) -> shapely.Polygon:
    """One area, with a vertex wherever a grid's corner lies on its edge and one between."""
    steps = max(2, 2 * grids // side)
    low = np.arange(steps) / steps
    corners = [(column + t, row) for t in low] + [(column + 1, row + t) for t in low]
    corners += [(column + 1 - t, row + 1) for t in low] + [(column, row + 1 - t) for t in low]
    return shapely.Polygon([_bend(x / side, y / side) for x, y in corners])


def _code(side: int, column: int, row: int, streets: int, communities: int) -> str:
    if side == 1:
        return DISTRICT
    parts, code = [(streets, 1)], DISTRICT
    if side > streets:
        parts.append((communities, streets))
    if side > communities:
        parts.append((side, communities))
    for level_side, parent_side in parts:
        inside = level_side // parent_side
        x, y = column * level_side // side, row * level_side // side
        code += f"{(y % inside) * inside + x % inside + 1:03d}"
    return code


def _layer(side: int, streets: int, communities: int, grids: int) -> gpd.GeoDataFrame:
    cells = [(column, row) for row in range(side) for column in range(side)]
    frame = gpd.GeoDataFrame(
        {
            "code": [_code(side, column, row, streets, communities) for column, row in cells],
            "center": [_bend((column + 0.5) / side, (row + 0.5) / side) for column, row in cells],
        },
        geometry=[_square(side, column, row, grids) for column, row in cells],
        crs=4490,
    )
    frame["name"] = [_name(code) for code in frame["code"]]
    return frame.sort_values("code", ignore_index=True)


def _name(code: str) -> str:
    tail = int(code[-3:])
    return {6: "示例区", 9: f"示例{tail}街道", 12: f"示例{tail}社区", 15: f"{tail:02d}网格"}[len(code)]


def _divisions(level: Level, frame: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    for index, row in enumerate(frame.itertuples()):
        west, south, east, north = row.geometry.bounds
        yield {
            "code": row.code,
            "valid_from": date(2020, 1, 1),
            "level": str(level),
            "name": row.name,
            "short_name": row.name,
            "parent_code": "" if level is Level.DISTRICT else row.code[:-3],
            "residents": 1000,
            "lon": row.center[0],
            "lat": row.center[1],
            "min_lon": west,
            "min_lat": south,
            "max_lon": east,
            "max_lat": north,
            "tile_index": index,
            "geometry": shapely.to_wkb(row.geometry),
        }


def _stations() -> Iterator[dict[str, Any]]:
    for number, hours in enumerate(("全天", "")):
        lon, lat = _bend(0.3 + 0.4 * number, 0.5)
        yield {
            "source": "test",
            "external_no": f"S{number}",
            "kind": "street_centre" if number == 0 else "self_service",
            "name": f"示例站点{number}",
            "code": f"{DISTRICT}001",
            "lon": lon,
            "lat": lat,
            "cell": encode_one(lon, lat),
            "hours": hours,
        }


def _events(grids: gpd.GeoDataFrame, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """A fifth overdue, a fifth soon, a tenth suspended, a twentieth without position, the rest in time."""
    pick = random.Random(seed)
    reach = 0.3 / math.sqrt(len(grids))
    codes, centres = list(grids["code"]), list(grids["center"])
    for number in range(count):
        at = min(int(pick.random() ** 1.5 * len(codes)), len(codes) - 1)
        lon = centres[at][0] + pick.uniform(-reach, reach) * (EAST - WEST)
        lat = centres[at][1] + pick.uniform(-reach, reach) * (NORTH - SOUTH)
        located = number % 20 != 19
        reported = NOW - timedelta(hours=pick.uniform(30, 300))
        kind = number % 10
        due = NOW + timedelta(hours={0: -3.0, 1: -30.0, 2: 1.0, 3: 2.0}.get(kind, 60.0))
        yield {
            "source": "patrol",
            "external_no": f"E{number}",
            "class_code": CLASSES[number % len(CLASSES)],
            "title": f"示例事件{number}",
            "code": codes[at],
            "code_at_report": codes[at],
            "lon": lon if located else None,
            "lat": lat if located else None,
            "cell": encode_one(lon, lat) if located else None,
            "urgency": "normal",
            "status": "suspended" if kind == 4 else "handling",
            "status_since": reported,
            "department_code": "D01",
            "reported_at": reported,
            "reported_day": reported.date(),
            "due_at": due,
            "due_day": due.date(),
            "warn_at": NOW - timedelta(hours=1) if kind in {0, 1, 2, 3} else due - timedelta(hours=10),
            "in_time": None,
            "head_hash": b"",
        }
