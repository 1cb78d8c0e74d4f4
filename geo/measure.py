"""Lengths and areas on the ground, and the sizes of degrees.

Geometries are in CGCS2000 degrees (EPSG:4490), longitude before latitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

FloatArray = NDArray[np.float64]


def area_km2(geometry: BaseGeometry) -> float:
    """Area on the ellipsoid in square kilometres, never negative."""
    return abs(float(_geod().geometry_area_perimeter(geometry)[0])) / 1e6


def distance_m(lon: ArrayLike, lat: ArrayLike, *, to_lon: float, to_lat: float) -> FloatArray:
    """Geodesic distances in metres from points to one point."""
    from_lon, from_lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    there = np.full(from_lon.shape, to_lon), np.full(from_lon.shape, to_lat)
    return np.asarray(_geod().inv(from_lon, from_lat, *there)[2], dtype=np.float64)


def areas_m2(geometries: Any) -> FloatArray:
    """Areas in square metres of an array of geometries of at most a few degrees; 0 for empty and None.

    The area in square degrees times the size of a square degree at each centroid: right to 1 in 100,000
    for a shape of half a degree. Edges stay straight in degrees, so that shapes that meet exactly leave
    nothing between them, which no projection grants.
    """
    shapes = np.asarray(geometries, dtype=object)
    centres, rows = shapely.get_coordinates(shapely.centroid(shapes), return_index=True)
    lat = np.zeros(len(shapes))
    lat[rows] = centres[:, 1]
    lon_m, lat_m = metres_per_degree(lat)
    return np.nan_to_num(np.asarray(shapely.area(shapes), dtype=np.float64)) * lon_m * lat_m


def metres_per_degree(lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Metres of one degree of longitude and of one degree of latitude at latitudes, on GRS80."""
    angle = np.radians(np.asarray(lat, dtype=np.float64))
    bulge = 1.0 - _geod().es * np.sin(angle) ** 2
    axis_m = _geod().a
    meridian_m = axis_m * (1.0 - _geod().es) / bulge**1.5
    parallel_m = axis_m / np.sqrt(bulge) * np.cos(angle)
    return parallel_m * math.pi / 180.0, meridian_m * math.pi / 180.0


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A metric plane around one point: Lambert's azimuthal equal-area projection on GRS80.

    Within 50 km of the centre lengths are right to about 1 in 30,000. Edges that are straight in degrees bend
    a little: compare shapes in degrees, measure single ones here.
    """

    centre_lon: float
    centre_lat: float

    @classmethod
    def around(cls, geometries: ArrayLike | BaseGeometry) -> LocalPlane:
        """The plane centred on the bounding box of geometries in degrees."""
        low_lon, low_lat, high_lon, high_lat = shapely.total_bounds(geometries)
        if not math.isfinite(low_lon):
            return cls(0.0, 0.0)
        return cls((low_lon + high_lon) / 2.0, (low_lat + high_lat) / 2.0)

    def to_metres(self, geometries: Any) -> Any:
        """Geometries (one, or an array of them) with metres east and north of the centre."""
        return shapely.transform(geometries, self._move)

    def _move(self, points: FloatArray) -> FloatArray:
        transform = _plane(self.centre_lon, self.centre_lat).transform
        return np.column_stack(transform(points[:, 0], points[:, 1]))


@lru_cache(maxsize=256)
def _plane(lon: float, lat: float) -> pyproj.Transformer:
    plane = pyproj.CRS.from_dict({"proj": "laea", "lon_0": lon, "lat_0": lat, "ellps": "GRS80", "units": "m"})
    return pyproj.Transformer.from_crs(plane.geodetic_crs, plane, always_xy=True)


@lru_cache(maxsize=1)
def _geod() -> pyproj.Geod:
    return pyproj.Geod(ellps="GRS80")
