"""One set of grids and open events, written once in the form each contestant reads.

The events carry a deadline colour: six in ten 期内, two in ten 临期, two in ten 超期.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from bench.colours import COLORS
from geo.locate import Locator
from geo.subdivide import subdivide

DISTRICT: Final = "990100"
STREETS: Final = 9
COMMUNITIES_A_STREET: Final = 11
CENTRE: Final = (103.8, 30.7)
COLOR_SHARES: Final = (0.6, 0.2, 0.2)
SEED: Final = 7


@dataclass(frozen=True)
class Dataset:
    """Boundaries of all levels by code (CGCS2000 degrees) and the events as plain records."""

    boundaries: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    events: list[dict[str, Any]]


def make_dataset(*, grids: int, events: int) -> Dataset:
    """A district of 9 streets and 99 communities with about ``grids`` grids, and ``events`` open events."""
    codes, shapes = [DISTRICT], [_outline()]
    per_community = round(grids / (STREETS * COMMUNITIES_A_STREET))
    for s, street in enumerate(subdivide(shapes[0], parts=STREETS, seed=SEED), start=1):
        street_code = f"{DISTRICT}{s:03d}"
        codes.append(street_code)
        shapes.append(street)
        for c, community in enumerate(subdivide(street, parts=COMMUNITIES_A_STREET, seed=s), start=1):
            community_code = f"{street_code}{c:03d}"
            codes.append(community_code)
            shapes.append(community)
            parts = subdivide(community, parts=per_community, seed=c, detail_m=60.0)
            codes.extend(f"{community_code}{g:03d}" for g in range(1, len(parts) + 1))
            shapes.extend(parts)
    boundaries = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:4490").sort_values("code")
    grid_rows = boundaries[boundaries["code"].str.len() == 15].reset_index(drop=True)
    return Dataset(boundaries.reset_index(drop=True), grid_rows, _events(grid_rows, shapes[0], events))


def write_for_peers(dataset: Dataset, folder: Path, *, view: dict[str, Any]) -> None:
    """``grids.geojson``, ``events.json`` and ``view.json`` for the two other ways."""
    folder.mkdir(parents=True, exist_ok=True)
    grids = dataset.grids.assign(i=range(len(dataset.grids)))[["i", "geometry"]]
    grids = grids.set_geometry(shapely.set_precision(grids.geometry.values, 1e-5))
    (folder / "grids.geojson").write_text(
        grids.to_json(drop_id=True, separators=(",", ":")), encoding="utf-8"
    )
    (folder / "events.json").write_text(json.dumps({"events": dataset.events}), encoding="utf-8")
    full_view = {**view, "grids": len(dataset.grids), "center": [CENTRE[1], CENTRE[0]]}
    (folder / "view.json").write_text(json.dumps(full_view), encoding="utf-8")


def _outline() -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    lon = CENTRE[0] + 0.15 * np.cos(angle) * (1 + 0.1 * np.sin(3 * angle))
    lat = CENTRE[1] + 0.10 * np.sin(angle) * (1 + 0.1 * np.cos(5 * angle))
    return shapely.Polygon(np.column_stack([lon, lat]))


def _events(grids: gpd.GeoDataFrame, outline: shapely.Polygon, count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(SEED)
    west, south, east, north = outline.bounds
    lon, lat = rng.uniform(west, east, 3 * count), rng.uniform(south, north, 3 * count)
    inside = shapely.contains_xy(outline, lon, lat)
    lon, lat = lon[inside][:count].round(6), lat[inside][:count].round(6)
    code = Locator(list(grids["code"]), list(grids.geometry)).locate(lon, lat)
    index = {value: position for position, value in enumerate(grids["code"])}
    color = rng.choice(COLORS, size=count, p=COLOR_SHARES)
    return [
        {"lon": x, "lat": y, "code": str(place), "grid": index.get(str(place), -1), "color": str(tint)}
        for x, y, place, tint in zip(lon.tolist(), lat.tolist(), code, color, strict=True)
    ]
