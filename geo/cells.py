"""Cell keys: a place on the Web-Mercator square as one interleaved 62-bit integer.

A point's position is quantised to 31 bits an axis and the bits are interleaved (Morton order,
y above x, as in quadkeys). Three things follow, and the whole map rests on them:

* a map tile ``(z, x, y)`` is one half-open range of keys (:func:`tile_range`);
* a coarser cell is the key shifted right by an even number of bits (:func:`tile_shift`);
* one plain integer index serves every zoom on any SQL database.

Coordinates are CGCS2000 (EPSG:4490) longitude, latitude in degrees, in that order; at this scale
they equal WGS84. Keys exceed 2**53 and must never reach JavaScript.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

BITS: Final = 31
"""Bits an axis: 62 in all, which fits a signed 64-bit column."""
SIDE: Final = 1 << BITS
MAX_LAT_DEG: Final = 85.0511287798066
"""Web Mercator ends here; points beyond are clamped to the edge."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_SPREAD: Final = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def encode(lon: ArrayLike, lat: ArrayLike) -> IntArray:
    """Cell keys of points given in degrees. Every point must be finite: a missing position has no key."""
    lon_deg = np.asarray(lon, dtype=np.float64)
    lat_deg = np.asarray(lat, dtype=np.float64)
    if not (np.isfinite(lon_deg).all() and np.isfinite(lat_deg).all()):
        raise ValueError("没有坐标的点不能编码：请先剔除空坐标")
    x, y = _to_square(lon_deg, lat_deg)
    return interleave(x, y)


def encode_one(lon: float, lat: float) -> int:
    """Cell key of one point, as a Python integer."""
    return int(encode([lon], [lat])[0])


def decode(cell: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Longitude and latitude in degrees of the centres of cells."""
    x, y = deinterleave(np.asarray(cell, dtype=np.int64))
    lon = (x + 0.5) / SIDE * 360.0 - 180.0
    north = math.pi * (1.0 - 2.0 * (y + 0.5) / SIDE)
    return lon, np.degrees(np.arctan(np.sinh(north)))


def tile_range(z: int, x: int, y: int) -> tuple[int, int]:
    """Half-open range ``[low, high)`` of the keys in map tile ``(z, x, y)``, 0 ≤ z ≤ 31."""
    if not 0 <= z <= BITS:
        raise ValueError(f"缩放级别应在 0 到 {BITS} 之间，得到 {z}")
    if not (0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"瓦片 {z}/{x}/{y} 不存在：行列号应在 0 到 {(1 << z) - 1} 之间")
    shift = tile_shift(z)
    key = int(interleave(np.array([x], dtype=np.int64), np.array([y], dtype=np.int64))[0])
    return key << shift, (key + 1) << shift


def tile_of(lon: float, lat: float, *, z: int) -> tuple[int, int]:
    """Column and row of the map tile at zoom ``z`` that holds a point given in degrees."""
    x, y = _to_square(np.array([lon]), np.array([lat]))
    shift = BITS - z
    return int(x[0]) >> shift, int(y[0]) >> shift


def tile_shift(z: int) -> int:
    """Bits to shift a key right so that equal results lie in one map tile of zoom ``z``, 0 ≤ z ≤ 31."""
    return 2 * (BITS - z)


def interleave(x: IntArray, y: IntArray) -> IntArray:
    """Morton keys of columns and rows of at most 31 bits; ``y`` takes the odd bits."""
    return (_spread(y) << 1) | _spread(x)


def deinterleave(cell: IntArray) -> tuple[IntArray, IntArray]:
    """Columns and rows of Morton keys."""
    return _squeeze(cell), _squeeze(cell >> 1)


def _to_square(lon: FloatArray, lat: FloatArray) -> tuple[IntArray, IntArray]:
    sine = np.sin(np.radians(np.clip(lat, -MAX_LAT_DEG, MAX_LAT_DEG)))
    x = (lon + 180.0) / 360.0
    y = 0.5 - np.log((1.0 + sine) / (1.0 - sine)) / (4.0 * math.pi)
    top = SIDE - 1
    return (
        np.clip(np.floor(x * SIDE), 0, top).astype(np.int64),
        np.clip(np.floor(y * SIDE), 0, top).astype(np.int64),
    )


def _spread(value: IntArray) -> IntArray:
    value = value & (SIDE - 1)
    for shift, mask in _SPREAD:
        value = (value | (value << shift)) & mask
    return value


def _squeeze(value: IntArray) -> IntArray:
    value = value & _SPREAD[-1][1]
    for (shift, _), (_, mask) in zip(reversed(_SPREAD), reversed(_WIDER), strict=True):
        value = (value | (value >> shift)) & mask
    return value


_WIDER: Final = ((0, 0x00000000FFFFFFFF), *_SPREAD[:-1])
