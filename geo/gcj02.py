"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from CGCS2000 degrees.

GCJ-02 (Amap, Tencent) moves a point by 300–700 m with a smooth formula on the Krasovsky ellipsoid;
BD-09 (Baidu) moves the result once more. Neither has a closed inverse: both are inverted here by
fixed-point iteration, which gains about three decimal places a round (round trip below 1 mm).

Outside mainland China both are the identity. "Outside" is judged by a coarse outline (`MAINLAND`)
that holds all mainland land with some tens of kilometres to spare, leaves out Taiwan, Korea, Japan
and the neighbours' capitals, and does not try to part Hong Kong and Macau from Guangdong. Within
those spare kilometres abroad a point is shifted although a Chinese map would not shift it.

Longitude, latitude in degrees, in that order, as float64 arrays of equal shape; NaN stays NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_SQUARED: Final = 0.006_693_421_622_965_943
_BAIDU_TURN: Final = math.pi * 3000.0 / 180.0
_ROUNDS: Final = 8
"""Each round shrinks the error by more than 100: from 700 m to below 1e-9 degrees in four or five."""

MAINLAND: Final = shapely.Polygon(
    [
        (73.2, 39.6), (73.4, 38.2), (74.3, 36.6), (76.0, 35.5), (78.0, 34.2), (78.2, 31.2),
        (81.0, 29.9), (83.4, 29.0), (85.0, 28.1), (86.0, 27.8), (88.0, 27.7), (88.9, 27.15),
        (89.4, 27.7), (91.5, 27.6), (94.0, 27.2), (97.0, 27.7), (97.4, 23.7), (98.6, 23.2),
        (99.0, 21.8), (101.0, 21.0), (102.0, 21.1), (102.1, 22.2), (103.9, 22.3), (105.3, 22.7),
        (106.4, 21.8), (107.9, 21.3), (108.0, 17.9), (111.5, 17.9), (114.8, 21.7), (117.5, 22.9),
        (119.6, 24.6), (120.6, 26.0), (123.2, 28.5), (123.2, 32.5), (122.9, 37.8), (123.9, 39.5),
        (124.6, 40.0), (126.2, 40.9), (127.1, 41.2), (128.3, 41.3), (129.0, 41.9), (129.9, 42.1),
        (130.9, 42.3), (131.6, 44.6), (133.5, 45.0), (135.4, 48.0), (134.9, 48.8), (131.2, 48.2),
        (128.1, 50.1), (126.6, 52.9), (123.6, 54.0), (120.0, 53.7), (119.3, 50.8), (116.4, 50.2),
        (115.3, 48.3), (118.0, 46.9), (115.5, 46.0), (111.3, 44.6), (110.9, 43.1), (105.0, 42.1),
        (100.0, 43.1), (96.2, 43.3), (91.5, 45.9), (91.0, 47.4), (87.9, 49.5), (85.2, 48.7),
        (84.9, 47.4), (82.2, 47.4), (81.8, 45.2), (79.9, 45.0), (79.8, 43.0), (77.5, 41.5),
        (75.0, 40.9),
    ]
)  # fmt: skip
"""Coarse outline of mainland China, degrees; drawn by hand for this project."""
shapely.prepare(MAINLAND)


def gcj02_from_cgcs2000(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 degrees of CGCS2000 degrees; the identity outside the mainland."""
    return _where_inside(lon, lat, at=(lon, lat), moved=_to_gcj02(lon, lat))


def cgcs2000_from_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CGCS2000 degrees of GCJ-02 degrees; the identity outside the mainland."""
    found = _invert(_to_gcj02, lon, lat)
    return _where_inside(lon, lat, at=found, moved=found)


def bd09_from_cgcs2000(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """BD-09 degrees of CGCS2000 degrees; the identity outside the mainland."""
    return _where_inside(lon, lat, at=(lon, lat), moved=_to_bd09(*_to_gcj02(lon, lat)))


def cgcs2000_from_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CGCS2000 degrees of BD-09 degrees; the identity outside the mainland."""
    found = _invert(_to_gcj02, *_invert(_to_bd09, lon, lat))
    return _where_inside(lon, lat, at=found, moved=found)


def _to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * np.sin(6.0 * math.pi * x) + 20.0 * np.sin(2.0 * math.pi * x)
    root, product = np.sqrt(np.abs(x)), 0.1 * x * y
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 0.2 * root
    north += (ripple + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + product + 0.1 * root
    east += (ripple + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    angle = np.radians(lat)
    bulge = 1.0 - _ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / bulge**1.5
    parallel_m = _AXIS_M / np.sqrt(bulge) * np.cos(angle)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _waves(value: FloatArray, *terms: tuple[float, float]) -> FloatArray:
    total = np.zeros_like(value)
    for height, length in terms:
        total += height * np.sin(value * math.pi / length)
    return total


def _to_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _invert(shift: Shift, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    guess_lon, guess_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = shift(guess_lon, guess_lat)
        guess_lon = guess_lon + (lon - there_lon)
        guess_lat = guess_lat + (lat - there_lat)
    return guess_lon, guess_lat


def _where_inside(
    lon: FloatArray,
    lat: FloatArray,
    *,
    at: tuple[FloatArray, FloatArray],
    moved: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    inside = shapely.contains_xy(MAINLAND, *at)
    return np.where(inside, moved[0], lon), np.where(inside, moved[1], lat)
