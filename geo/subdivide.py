"""Split an outline into parts that tile it, for demonstration boundaries.

Seeded sites are spread by Lloyd's method (denser where a weight is high), their Voronoi edges are
roughened, and the resulting lines are noded with the outline once, so that neighbouring parts share
their vertices exactly. The same arguments always give the same parts.

Geometries are in CGCS2000 degrees (EPSG:4490), longitude before latitude.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.errors import SubdivideError
from geo.rough_voronoi import FloatArray, rough_cells

Weights = Callable[[FloatArray, FloatArray], FloatArray]
"""From longitudes and latitudes to a relative density of parts, 0 or more."""

_SAMPLES_PER_PART: Final = 40
_MIN_SAMPLES: Final = 640
_RELAXATIONS: Final = 12
_RELAXATIONS_OF_MANY: Final = 4
_MANY: Final = 200
"""From so many parts on, fewer rounds: a round takes time in proportion to the parts."""
_ATTEMPTS: Final = 8


def subdivide(
    outline: BaseGeometry,
    *,
    parts: int,
    seed: int,
    weights: Weights | None = None,
    centres: Sequence[tuple[float, float]] | None = None,
    roughness: float = 0.12,
    detail_m: float = 120.0,
) -> list[shapely.Polygon]:
    """Split a polygon into connected parts without gaps or overlaps.

    Args:
        outline: a polygon, or a multipolygon of one polygon, in degrees.
        parts: how many.
        seed: any integer; another seed gives another split.
        weights: density of parts; where it is high, parts are small.
        centres: one (longitude, latitude) a part: the parts gather there, and come in this order.
        roughness: sideways swing of the inner boundaries, as a share of their length; 0 draws them straight.
        detail_m: inner boundaries are bent in steps of about this many metres.

    Returns:
        The parts, in the order of ``centres``, else from north-west to south-east.

    Raises:
        SubdivideError: the outline is empty or of several pieces, or cannot be split into so many parts.
    """
    whole = _single_polygon(outline)
    if parts < 1 or (centres is not None and len(centres) != parts):
        raise SubdivideError(f"不能分成 {parts} 份：份数至少为 1，给了中心点时两者的个数要相等")
    if parts == 1:
        return [whole]
    squeeze = math.cos(math.radians((whole.bounds[1] + whole.bounds[3]) / 2.0))
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng([seed, attempt])
        if centres is not None:
            sites = _checked_centres(centres, whole)
        else:
            sites = _spread_sites(whole, parts, squeeze, weights, rng)
        swing = roughness * (1 - attempt / _ATTEMPTS)
        cells = rough_cells(sites, whole.bounds, squeeze=squeeze, roughness=swing, detail_m=detail_m, rng=rng)
        found = _cut(whole, cells)
        if found is not None:
            return found
    raise SubdivideError(f"轮廓分不成 {parts} 个相连的部分：请减少份数，或把中心点放得开一些")


def _single_polygon(outline: BaseGeometry) -> shapely.Polygon:
    pieces = [piece for piece in shapely.get_parts([outline]) if not piece.is_empty]
    if len(pieces) != 1 or not isinstance(pieces[0], shapely.Polygon) or not pieces[0].is_valid:
        raise SubdivideError(f"要划分的轮廓应是一个有效的多边形，现有 {len(pieces)} 块：请先修复或逐块划分")
    return pieces[0]


def _checked_centres(centres: Sequence[tuple[float, float]], whole: shapely.Polygon) -> FloatArray:
    sites = np.array(centres, dtype=np.float64)
    if len(np.unique(sites, axis=0)) < len(sites):
        raise SubdivideError("中心点不能重复：请让每一部分有自己的中心点")
    outside = np.flatnonzero(~shapely.contains_xy(whole, sites[:, 0], sites[:, 1]))
    if len(outside):
        lon, lat = sites[outside[0]]
        raise SubdivideError(f"中心点（{lon:g}，{lat:g}）在轮廓之外：请移到轮廓之内")
    return sites


def _spread_sites(
    whole: shapely.Polygon, parts: int, squeeze: float, weights: Weights | None, rng: np.random.Generator
) -> FloatArray:
    """Sites in degrees: Lloyd's relaxation over random sample points of the polygon."""
    samples = _samples(whole, max(_MIN_SAMPLES, parts * _SAMPLES_PER_PART), rng)
    mass = np.ones(len(samples))
    if weights is not None:
        mass = np.asarray(weights(samples[:, 0], samples[:, 1]), dtype=np.float64)
    if not (np.isfinite(mass).all() and (mass >= 0).all() and mass.any()):
        raise SubdivideError("密度函数应处处是不小于 0 的数，且不能全为 0")
    mass = mass + mass.max() * 1e-6
    flat = samples * (squeeze, 1.0)
    sites = flat[rng.choice(len(flat), size=parts, replace=False, p=mass / mass.sum())]
    points = shapely.points(flat)
    for _ in range(_RELAXATIONS if parts < _MANY else _RELAXATIONS_OF_MANY):
        nearest = shapely.STRtree(shapely.points(sites)).nearest(points)
        weight = np.bincount(nearest, mass, parts)
        moved = np.column_stack([np.bincount(nearest, mass * flat[:, axis], parts) for axis in (0, 1)])
        held = weight > 0
        sites[held] = moved[held] / weight[held, None]
    ordered = sites[np.lexsort((sites[:, 0], -sites[:, 1]))]
    return np.asarray(ordered / (squeeze, 1.0), dtype=np.float64)


def _samples(whole: shapely.Polygon, count: int, rng: np.random.Generator) -> FloatArray:
    """At least ``count`` points of the polygon: one at random in each square of a grid, so evenly spread."""
    west, south, east, north = whole.bounds
    shapely.prepare(whole)
    step = math.sqrt(whole.area / count)
    while True:
        corners = np.stack(np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)), axis=-1)
        tried = corners.reshape(-1, 2) + rng.uniform(0.0, step, (corners.size // 2, 2))
        found = tried[shapely.contains_xy(whole, tried[:, 0], tried[:, 1])]
        if len(found) >= count:
            return np.asarray(found, dtype=np.float64)
        step *= 0.9


def _cut(whole: shapely.Polygon, cells: NDArray[np.object_]) -> list[shapely.Polygon] | None:
    """One connected part a cell, of the outline noded with the cells' edges; None if a cell has none."""
    edges = shapely.union_all([whole.boundary, *shapely.boundary(cells)])
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts([edges]))), dtype=object)
    inner_points = shapely.point_on_surface(faces)
    faces, inner_points = _within(whole, faces, inner_points)
    nearest = np.full(len(faces), -1, dtype=np.int64)
    face_rows, cell_rows = shapely.STRtree(cells).query(inner_points, predicate="within")
    nearest[face_rows] = cell_rows
    owner = _join_strays(faces, nearest, len(cells))
    if owner is None:
        return None
    found = [shapely.coverage_union_all(faces[owner == cell]) for cell in range(len(cells))]
    return found if all(isinstance(part, shapely.Polygon) for part in found) else None


def _within(
    whole: shapely.Polygon, faces: NDArray[np.object_], inner_points: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    shapely.prepare(whole)
    kept = shapely.contains(whole, inner_points)
    return faces[kept], inner_points[kept]


def _join_strays(
    faces: NDArray[np.object_], nearest: NDArray[np.int64], cells: int
) -> NDArray[np.int64] | None:
    """Give every face but the largest of its cell to the neighbour with the longest common boundary."""
    owner = nearest.copy()
    areas = shapely.area(faces)
    settled = np.zeros(len(faces), dtype=bool)
    for cell in range(cells):
        rows = np.flatnonzero(owner == cell)
        if not len(rows):
            return None
        settled[rows[np.argmax(areas[rows])]] = True
    tree = shapely.STRtree(faces)
    while not settled.all():
        progress = False
        for stray in np.flatnonzero(~settled):
            near = tree.query(faces[stray], predicate="touches")
            near = near[settled[near]]
            borders = shapely.intersection(faces[stray].boundary, shapely.boundary(faces[near]))
            common = shapely.length(borders)
            if len(near) and common.max() > 0:
                owner[stray] = owner[near[np.argmax(common)]]
                settled[stray] = progress = True
        if not progress:
            return None
    return owner
