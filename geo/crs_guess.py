"""Which coordinate system imported coordinates are really in: every plausible reading, best first.

An import declares a system; these readings are for the warning “按 GCJ-02 解读时落在辖区内的点更多”.
Outlines are in CGCS2000 degrees (EPSG:4490); the judged coordinates are raw numbers, first column
longitude or easting, second latitude or northing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import CoordinateSystem, gauss_kruger_systems, to_cgcs2000

FloatArray = NDArray[np.float64]
Unit = Literal["degree", "metre", "foot"]

METRES_PER_FOOT: Final = 0.3048
_MAX_POINTS: Final = 2_000
_ZONE_REACH_DEG: Final = 4.5


@dataclass(frozen=True, slots=True)
class Guess:
    """One reading of raw coordinates and how well it fits, 0 to 1.

    ``score`` is the share of points inside the outline, or, for a boundary, the intersection over union with
    the known one. ``swapped``: the columns are read the other way round.
    """

    system: CoordinateSystem
    swapped: bool
    unit: Unit
    score: float

    @property
    def reading(self) -> str:
        """The reading in Chinese, such as “GCJ-02（高德、腾讯），经纬度互换”."""
        turned = ("，横纵坐标互换" if self.system.projected else "，经纬度互换") if self.swapped else ""
        unit = "，单位英尺" if self.unit == "foot" else ""
        return f"{self.system.label}{turned}{unit}"

    @property
    def text(self) -> str:
        """The reading with its score, in Chinese."""
        return f"按“{self.reading}”解读，吻合度 {self.score:.1%}"


def guess_system(lon: ArrayLike, lat: ArrayLike, *, outline: BaseGeometry) -> list[Guess]:
    """Readings of points, the one with the most points inside the outline first.

    Readings that tie stand in the order: plain degrees, GCJ-02, BD-09, projected; not swapped before swapped.
    Values that fit no globe in degrees are tried as metres and feet in the projected systems around the
    outline. Missing coordinates are left out; of more than 2,000 points an even sample is judged. No point,
    no reading.
    """
    x, y = np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel()
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if not len(x):
        return []
    sample = np.unique(np.linspace(0, len(x) - 1, min(len(x), _MAX_POINTS)).astype(np.int64))
    shapely.prepare(outline)
    found = []
    for system, swapped, unit in _readings(x, y, outline):
        there = _read(x[sample], y[sample], system=system, swapped=swapped, unit=unit)
        found.append(Guess(system, swapped, unit, float(shapely.intersects_xy(outline, *there).mean())))
    return sorted(found, key=lambda guess: -guess.score)


def guess_boundary_system(layer: gpd.GeoDataFrame, *, reference_outline: BaseGeometry) -> list[Guess]:
    """Readings of a layer of areas, the one whose union overlaps a known outline best first.

    What the layer declares is not looked at. The score is intersection over union by area, so a shift of
    a few hundred metres shows even where every vertex stays inside the district.
    """
    shapes = layer.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return []
    whole = shapely.union_all(shapely.make_valid(shapely.force_2d(shapes)))
    corners = shapely.get_coordinates(whole)
    found = []
    for system, swapped, unit in _readings(corners[:, 0], corners[:, 1], reference_outline):
        there = _read(corners[:, 0], corners[:, 1], system=system, swapped=swapped, unit=unit)
        score = _overlap(whole, np.column_stack(there), reference_outline)
        found.append(Guess(system, swapped, unit, score))
    return sorted(found, key=lambda guess: -guess.score)


def _readings(
    x: FloatArray, y: FloatArray, outline: BaseGeometry
) -> Iterable[tuple[CoordinateSystem, bool, Unit]]:
    """Plausible readings, the plainest first."""
    if np.median(np.maximum(np.abs(x), np.abs(y))) <= 360.0:
        for swapped in (False, True):
            for system in (CoordinateSystem.CGCS2000, CoordinateSystem.GCJ02, CoordinateSystem.BD09):
                yield system, swapped, "degree"
        return
    centre_lon = (outline.bounds[0] + outline.bounds[2]) / 2.0
    systems = [CoordinateSystem.WEB_MERCATOR]
    zones = gauss_kruger_systems()
    systems += [zone for zone in zones if abs(_meridian(zone) - centre_lon) <= _ZONE_REACH_DEG]
    units: tuple[Unit, ...] = ("metre", "foot")
    for unit in units:
        for swapped in (False, True):
            for system in systems:
                yield system, swapped, unit


def _meridian(system: CoordinateSystem) -> float:
    """Central meridian in degrees of a Gauss-Krüger system, from its spelling."""
    _, width, place = system.value.split("-")
    if place.startswith("cm"):
        return float(place.removeprefix("cm"))
    zone = int(place.removeprefix("zone"))
    return zone * 3.0 if width == "gk3" else zone * 6.0 - 3.0


def _read(
    x: FloatArray, y: FloatArray, *, system: CoordinateSystem, swapped: bool, unit: Unit
) -> tuple[FloatArray, FloatArray]:
    if swapped:
        x, y = y, x
    if unit == "foot":
        x, y = x * METRES_PER_FOOT, y * METRES_PER_FOOT
    return to_cgcs2000(x, y, system=system)


def _overlap(shape: BaseGeometry, corners: FloatArray, reference: BaseGeometry) -> float:
    """Intersection over union of a shape, its corners moved to these degrees, with a reference."""
    if not (np.isfinite(corners).all() and (np.abs(corners) <= (180.0, 90.0)).all()):
        return 0.0
    there = shapely.make_valid(shapely.set_coordinates(shape, corners))
    common = shapely.area(shapely.intersection(there, reference))
    return float(common / (shapely.area(there) + shapely.area(reference) - common))
