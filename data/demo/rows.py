"""The demo's unmoving things as rows of the tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import numpy as np
import shapely

from data.codes import ancestors, parent_of
from data.demo import facts
from data.demo.people import SOURCE
from data.demo.stations import build_stations
from data.demo.world import World
from data.initials import initials
from data.vocabulary import CODE_LENGTH, Level
from geo.cells import encode
from geo.measure import areas_m2

VALID_FROM: Final = date(2023, 1, 1)
"""Version of the demo's divisions and classes: the year of the codes."""
_DEDICATED_EVERY: Final = 40
Row = dict[str, Any]


def division_rows(world: World, *, batch_id: int) -> list[Row]:
    """Rows of the district, its streets, communities and grids; upper areas are unions of their grids."""
    residents, households = _sums(world.residents), _sums(world.households)
    rows: list[Row] = []
    for level in Level:
        found = sorted(_areas(world, level))
        shapes = np.array([polygon for *_, polygon in found], dtype=object)
        areas = areas_m2(shapes) / 1e6
        points = shapely.get_coordinates(shapely.point_on_surface(shapes))
        bounds = shapely.bounds(shapes)
        wkb = shapely.to_wkb(shapes)
        for row, (code, name, short_name, kind, _) in enumerate(found):
            rows.append({
                "code": code, "valid_from": VALID_FROM, "valid_to": None, "level": level.value, "name": name,
                "short_name": short_name, "initials": initials(name), "kind": kind,
                "parent_code": parent_of(code),
                "residents": residents[code], "households": households[code],
                "area_km2": float(areas[row]), "lon": float(points[row, 0]), "lat": float(points[row, 1]),
                "min_lon": float(bounds[row, 0]), "min_lat": float(bounds[row, 1]),
                "max_lon": float(bounds[row, 2]), "max_lat": float(bounds[row, 3]),
                "tile_index": row, "geometry": wkb[row], "batch_id": batch_id,
            })  # fmt: skip
    return rows


def _areas(world: World, level: Level) -> Iterator[tuple[str, str, str, str, shapely.Polygon]]:
    """(code, name, short name, kind, polygon) of the areas of one level."""
    names = dict(facts.communities())
    if level is Level.GRID:
        for n, (code, polygon) in enumerate(world.grids):
            kind = "专属网格" if n % _DEDICATED_EVERY == _DEDICATED_EVERY - 1 else "基础网格"
            short = f"{code[12:].removeprefix('0')}网格"
            yield code, f"{names[code[:12]]}{short}", short, kind, polygon
        return
    named = {
        Level.DISTRICT: [facts.district()[:2]],
        Level.STREET: [(street.code, street.name) for street in facts.streets()],
        Level.COMMUNITY: list(names.items()),
    }[level]
    length = CODE_LENGTH[level]
    for code, name in named:
        parts = [polygon for grid, polygon in world.grids if grid[:length] == code]
        kind = next(kind for kind in ("街道", "社区", "镇", "村", "区") if name.endswith(kind))
        yield code, name, name, kind, shapely.coverage_union_all(parts)


def _sums(counts: dict[str, int]) -> Counter[str]:
    """Counts of grids summed up for every area above them."""
    found: Counter[str] = Counter()
    for code, count in counts.items():
        for area in ancestors(code):
            found[area] += count
    return found


def department_rows(*, batch_id: int) -> list[Row]:
    """Rows of the twelve departments."""
    return [
        {"code": d.code, "name": d.name, "initials": initials(d.name), "kind": d.kind, "phone": d.phone,
         "batch_id": batch_id}
        for d in facts.departments()
    ]  # fmt: skip


def class_rows(*, batch_id: int) -> list[Row]:
    """Rows of the classes of events."""
    return [
        {"code": c.code, "valid_from": VALID_FROM, "valid_to": None, "major": c.major, "minor": c.minor,
         "department_code": c.department_code, "urgency": c.urgency, "limit_hours": c.limit_hours,
         "clock_type": c.clock_type, "closing_condition": c.closing_condition, "batch_id": batch_id}
        for c in facts.event_classes()
    ]  # fmt: skip


def staff_rows(world: World, *, batch_id: int) -> list[Row]:
    """Rows of everyone on duty."""
    return [
        {"source": SOURCE, "external_no": f"RY{p.number:04d}", "name": p.name, "post": p.post,
         "division_code": p.division_code, "department_code": p.department_code, "phone": p.phone,
         "batch_id": batch_id}
        for p in world.crew.everyone
    ]  # fmt: skip


def station_rows(world: World, *, batch_id: int) -> list[Row]:
    """Rows of the stations, with their cell keys."""
    stations = build_stations(world.places, seed=world.seed)
    cells = encode([s["lon"] for s in stations], [s["lat"] for s in stations])
    return [
        {**s, "source": SOURCE, "initials": initials(s["name"]), "cell": int(cell),
         "items": json.dumps(s["items"], ensure_ascii=False), "serves": json.dumps(s["serves"]),
         "batch_id": batch_id}
        for s, cell in zip(stations, cells, strict=True)
    ]  # fmt: skip
