"""The compact URL spelling of a drawn polygon.

An encoded polyline: differences between vertices in millionths of a degree, zigzag, five bits a
character, written in the 64 characters that need no escaping in a URL. The first and last vertex
are not repeated. 100 vertices take at most 1.2 kB. CGCS2000 degrees, longitude before latitude.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from geo.errors import PolygonError

Vertex = tuple[float, float]

MAX_VERTICES: Final = 100
_UNITS_PER_DEGREE: Final = 1_000_000
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUE: Final = {mark: value for value, mark in enumerate(_ALPHABET)}
_MORE: Final = 0x20
_MAX_BITS: Final = 35


def encode(vertices: Sequence[Vertex]) -> str:
    """URL spelling of a ring of (longitude, latitude); a repeated closing vertex is dropped.

    Raises:
        PolygonError: not 3 to 100 vertices, or a coordinate outside the globe.
    """
    ring = list(vertices)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring = ring[:-1]
    _check(ring)
    parts: list[str] = []
    last = (0, 0)
    for lon, lat in ring:
        here = round(lon * _UNITS_PER_DEGREE), round(lat * _UNITS_PER_DEGREE)
        parts += [_write(here[0] - last[0]), _write(here[1] - last[1])]
        last = here
    return "".join(parts)


def decode(text: str) -> list[Vertex]:
    """The ring of (longitude, latitude) that a URL spelling means, without a repeated closing vertex.

    Raises:
        PolygonError: the text is not such a spelling.
    """
    numbers = list(_read(text))
    if len(numbers) % 2:
        raise PolygonError("画的范围不完整：网址被截断了，请重新画一次或重新复制网址")
    ring: list[Vertex] = []
    lon = lat = 0
    for east, north in zip(numbers[::2], numbers[1::2], strict=True):
        lon, lat = lon + east, lat + north
        ring.append((lon / _UNITS_PER_DEGREE, lat / _UNITS_PER_DEGREE))
    _check(ring)
    return ring


def _check(ring: Sequence[Vertex]) -> None:
    if len(ring) < 3:
        raise PolygonError(f"画的范围只有 {len(ring)} 个顶点，至少要 3 个：请重新画一次")
    if len(ring) > MAX_VERTICES:
        raise PolygonError(f"画的范围有 {len(ring)} 个顶点，最多 {MAX_VERTICES} 个：请画得简单一些")
    for lon, lat in ring:
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            raise PolygonError(f"画的范围里有不存在的位置（经度 {lon}，纬度 {lat}）：请重新画一次")


def _write(number: int) -> str:
    value = number << 1 if number >= 0 else ~(number << 1)
    marks = []
    while value >= _MORE:
        marks.append(_ALPHABET[_MORE | (value & 0x1F)])
        value >>= 5
    return "".join(marks) + _ALPHABET[value]


def _read(text: str) -> Iterator[int]:
    value = shift = 0
    for place, mark in enumerate(text, start=1):
        chunk = _VALUE.get(mark)
        if chunk is None:
            raise PolygonError(f"画的范围看不懂：第 {place} 个字符“{mark}”不应出现，请重新画一次")
        if shift > _MAX_BITS:
            raise PolygonError(f"画的范围看不懂：第 {place} 个字符处的数过大，请重新画一次")
        value |= (chunk & 0x1F) << shift
        shift += 5
        if not chunk & _MORE:
            yield ~(value >> 1) if value & 1 else value >> 1
            value = shift = 0
    if shift:
        raise PolygonError("画的范围不完整：网址被截断了，请重新画一次或重新复制网址")
