"""Areas of the map as ranges of cell keys, so that one plain index answers spatial questions.

All ranges are half-open ``[low, high)`` over the 62-bit keys of :mod:`geo.cells`, ascending, disjoint
and not adjoining. Coordinates are CGCS2000 degrees (EPSG:4490), longitude before latitude.

A polygon's edges are straight in longitude and latitude (as GeoJSON has it); a straight line on the
Web-Mercator screen differs from that by about 1 m over 10 km at 30° latitude.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.validation import explain_validity

from geo.cells import BITS, MAX_LAT_DEG, interleave, tile_of, tile_range, tile_shift
from geo.errors import PolygonError
from geo.polyline import MAX_VERTICES

Range = tuple[int, int]
Vertex = tuple[float, float]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

DEFAULT_MAX_RANGES: Final = 256
# A cell is 1.7e-7 degrees wide; a point's key may be rounded across a cell's edge by about 1e-13.
_SLACK_DEG: Final = 1e-10


@dataclass(frozen=True)
class CompiledPolygon:
    """A drawn polygon, ready for questions.

    ``interior``: ranges of cells wholly inside. ``boundary``: ranges of cells that its edge may cross; a
    point there has to be asked with :meth:`contains`. A point in neither is outside.
    """

    vertices: tuple[Vertex, ...]
    interior: tuple[Range, ...]
    boundary: tuple[Range, ...]
    polygon: shapely.Polygon

    def contains(self, lon: ArrayLike, lat: ArrayLike) -> BoolArray:
        """Whether points (degrees) lie in the polygon, its edge included; NaN lies nowhere."""
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        return np.asarray(shapely.intersects_xy(self.polygon, x, y), dtype=np.bool_)


def compile_polygon(vertices: Sequence[Vertex], *, max_ranges: int = DEFAULT_MAX_RANGES) -> CompiledPolygon:
    """Ranges of a ring of (longitude, latitude); a repeated closing vertex is allowed.

    Cells are split level by level where the edge crosses them, until one more level would make more than
    ``max_ranges`` ranges in all (never fewer than the 1 to 4 tiles that hold the polygon).

    Raises:
        PolygonError: fewer than 3 or more than 100 vertices, outside the map, self-crossing, or without area.
    """
    polygon = _checked(vertices)
    shapely.prepare(polygon)
    zoom, columns, rows = _first_tiles(polygon)
    inside: list[Range] = []
    inner, crossing = _sort_tiles(polygon, zoom, columns, rows)
    inside += _ranges(zoom, columns[inner], rows[inner])
    columns, rows = columns[crossing], rows[crossing]
    edge = _merged(_ranges(zoom, columns, rows))
    interior = _merged(inside)
    while zoom < BITS:
        zoom += 1
        columns, rows = _children(columns, rows)
        inner, crossing = _sort_tiles(polygon, zoom, columns, rows)
        inside += _ranges(zoom, columns[inner], rows[inner])
        columns, rows = columns[crossing], rows[crossing]
        finer_edge, finer_interior = _merged(_ranges(zoom, columns, rows)), _merged(inside)
        if len(finer_edge) + len(finer_interior) > max_ranges:
            break
        edge, interior = finer_edge, finer_interior
    ring = tuple((float(x), float(y)) for x, y in polygon.exterior.coords[:-1])
    return CompiledPolygon(ring, tuple(interior), tuple(edge), polygon)


def tile_rectangle_ranges(z: int, x0: int, y0: int, x1: int, y1: int) -> list[Range]:
    """Merged ranges of exactly the tiles (x0..x1, y0..y1 at zoom z, both ends included).

    Raises:
        ValueError: a corner is not a tile of that zoom, or the corners are the wrong way round.
    """
    if x0 > x1 or y0 > y1:
        raise ValueError(f"瓦片范围颠倒了：列 {x0} 到 {x1}，行 {y0} 到 {y1}，应从小到大")
    for x, y in ((x0, y0), (x1, y1)):
        tile_range(z, x, y)  # raises for a tile that does not exist
    found: list[Range] = []

    def visit(zoom: int, x: int, y: int) -> None:
        low_x, low_y = x << (z - zoom), y << (z - zoom)
        high_x, high_y = ((x + 1) << (z - zoom)) - 1, ((y + 1) << (z - zoom)) - 1
        if low_x > x1 or high_x < x0 or low_y > y1 or high_y < y0:
            return
        if low_x >= x0 and high_x <= x1 and low_y >= y0 and high_y <= y1:
            found.append(tile_range(zoom, x, y))
            return
        for child_y in (2 * y, 2 * y + 1):
            for child_x in (2 * x, 2 * x + 1):
                visit(zoom + 1, child_x, child_y)

    visit(0, 0, 0)
    return _merged(found)


def _checked(vertices: Sequence[Vertex]) -> shapely.Polygon:
    ring = [(float(lon), float(lat)) for lon, lat in vertices]
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring = ring[:-1]
    if len(set(ring)) < 3:
        raise PolygonError(f"画的范围只有 {len(set(ring))} 个不同的顶点，至少要 3 个：请重新画一次")
    if len(ring) > MAX_VERTICES:
        raise PolygonError(f"画的范围有 {len(ring)} 个顶点，最多 {MAX_VERTICES} 个：请画得简单一些")
    for lon, lat in ring:
        if not (abs(lon) <= 180.0 and abs(lat) <= MAX_LAT_DEG):
            raise PolygonError(f"画的范围里有地图之外的位置（经度 {lon}，纬度 {lat}）：请重新画一次")
    polygon = shapely.Polygon(ring)
    if polygon.convex_hull.area == 0.0:
        raise PolygonError("画的范围没有面积：几个顶点在一条线上，请重新画一次")
    if not polygon.is_valid:
        place = explain_validity(polygon).partition("[")[2].rstrip("]")
        raise PolygonError(f"画的范围自己与自己相交（在 {place} 附近）：请重新画一次，不要让边线交叉")
    return polygon


def _first_tiles(polygon: shapely.Polygon) -> tuple[int, IntArray, IntArray]:
    """The deepest zoom at which the polygon's bounding box lies in at most 2 × 2 tiles, and those tiles."""
    west, south, east, north = polygon.bounds
    west, east = max(west - _SLACK_DEG, -180.0), min(east + _SLACK_DEG, 180.0)
    x0, y0 = tile_of(west, north + _SLACK_DEG, z=BITS)
    x1, y1 = tile_of(east, south - _SLACK_DEG, z=BITS)
    shift = 0
    while max((x1 >> shift) - (x0 >> shift), (y1 >> shift) - (y0 >> shift)) > 1:
        shift += 1
    across = np.arange(x0 >> shift, (x1 >> shift) + 1, dtype=np.int64)
    down = np.arange(y0 >> shift, (y1 >> shift) + 1, dtype=np.int64)
    columns, rows = np.meshgrid(across, down)
    return BITS - shift, columns.ravel(), rows.ravel()


def _sort_tiles(
    polygon: shapely.Polygon, zoom: int, columns: IntArray, rows: IntArray
) -> tuple[BoolArray, BoolArray]:
    """Which tiles lie wholly inside the polygon, and which its edge may cross.

    A tile is judged with a little slack on every side, so that a point whose key was rounded into the next
    cell is still judged rightly.
    """
    side = float(1 << zoom)
    west, east = columns / side * 360.0 - 180.0, (columns + 1) / side * 360.0 - 180.0
    north, south = _latitude(rows / side), _latitude((rows + 1) / side)
    boxes = shapely.box(west - _SLACK_DEG, south - _SLACK_DEG, east + _SLACK_DEG, north + _SLACK_DEG)
    inner = np.asarray(shapely.contains_properly(polygon, boxes), dtype=np.bool_)
    touched = np.asarray(shapely.intersects(polygon, boxes), dtype=np.bool_)
    return inner, touched & ~inner


def _latitude(share: FloatArray) -> FloatArray:
    """Latitude at a share of the way down the Web-Mercator square."""
    return np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * share))))


def _children(columns: IntArray, rows: IntArray) -> tuple[IntArray, IntArray]:
    right, down = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    return (columns[:, None] * 2 + right).ravel(), (rows[:, None] * 2 + down).ravel()


def _ranges(zoom: int, columns: IntArray, rows: IntArray) -> list[Range]:
    shift = tile_shift(zoom)
    return [(key << shift, (key + 1) << shift) for key in interleave(columns, rows).tolist()]


def _merged(ranges: Iterable[Range]) -> list[Range]:
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found
