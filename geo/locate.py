"""Which division holds a point: the deepest one, by code.

Geometries and points are in CGCS2000 degrees (EPSG:4490), longitude before latitude.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

TextArray = NDArray[np.str_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_FEW_POINTS_PER_AREA: Final = 0.25
"""Below this ratio it is cheaper to look each point up among the areas than each area among the points."""


@dataclass(frozen=True, slots=True)
class _Level:
    """The divisions of one code length, in ascending code order, so that a smaller row is a smaller code."""

    codes: TextArray
    areas: NDArray[np.object_]
    tree: shapely.STRtree


class Locator:
    """Finds the deepest division of points. Build it once for a version of the divisions, then reuse it.

    Args:
        codes: codes of divisions of any levels; a longer code is deeper.
        geometries: their polygons or multipolygons, valid, in the same order. None or empty: never found.

    Raises:
        ValueError: the two are not of equal length.
    """

    def __init__(self, codes: Iterable[str], geometries: Iterable[BaseGeometry | None]) -> None:
        names: Sequence[str] = list(codes)
        shapes = np.array(list(geometries), dtype=object)
        if len(names) != len(shapes):
            raise ValueError(f"区划代码 {len(names)} 个，图形 {len(shapes)} 个：两者应一一对应")
        by_length: dict[int, list[int]] = {}
        for row, name in enumerate(names):
            by_length.setdefault(len(name), []).append(row)
        deepest_first = [rows for _, rows in sorted(by_length.items(), reverse=True)]
        self._levels = [_level([names[row] for row in rows], shapes[rows]) for rows in deepest_first]

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> TextArray:
        """Codes of the deepest divisions that contain points; ``""`` where none does or a coordinate is NaN.

        Boundaries belong to the area. On a boundary shared by divisions of one level the smallest code wins.
        """
        x, y = np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel()
        width = max((level.codes.dtype.itemsize for level in self._levels), default=4) // 4
        found: TextArray = np.zeros(len(x), dtype=f"<U{width}")
        left = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        for level in self._levels:
            if not len(left):
                break
            rows = _first_area(level, x[left], y[left])
            hit = rows < len(level.codes)
            found[left[hit]] = level.codes[rows[hit]]
            left = left[~hit]
        return found


def _level(codes: list[str], areas: NDArray[np.object_]) -> _Level:
    order = np.argsort(np.array(codes, dtype=str), kind="stable")
    ordered = areas[order]
    return _Level(np.array(codes, dtype=str)[order], ordered, shapely.STRtree(ordered))


def _first_area(level: _Level, x: FloatArray, y: FloatArray) -> IntArray:
    """Smallest row of the level's areas that holds each point; the number of areas where none does."""
    points = shapely.points(x, y)
    if len(points) < _FEW_POINTS_PER_AREA * len(level.areas):
        point_rows, area_rows = level.tree.query(points, predicate="intersects")
    else:
        # The query prepares its input geometries, so areas against a tree of points is the fast way round.
        area_rows, point_rows = shapely.STRtree(points).query(level.areas, predicate="intersects")
    first = np.full(len(points), len(level.areas), dtype=np.int64)
    np.minimum.at(first, point_rows, area_rows)
    return first
