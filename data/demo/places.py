"""Invented addresses inside the grids, where the demo's events and stations lie.

Every place name is made up from word lists; points are drawn inside the grid's polygon, so that the code of a
place is known without looking it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo import facts

PER_GRID: Final = 12
_KINDS: Final = ("road", "road", "road", "road", "compound", "compound", "compound", "compound", "compound",
                 "market", "site", "river")  # fmt: skip
_TRIES: Final = 24
_OUTSIDE: Final = 60
_HEADS: Final = "锦云和悦清泽江芙蓉梧桐柳岸观澜翠湖金沙竹溪杏花凤鸣文汇鱼凫光华长荣安康明珠景瑞晨曦"
_COMPOUNDS: Final = ("苑", "花园", "小区", "雅居", "家园", "名邸")
_ROADS: Final = ("一路", "二路", "三路", "中路", "南街", "北街", "巷", "大道")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A point with an invented address. ``code`` '' lies outside the district."""

    code: str
    kind: str
    name: str
    address: str
    lon: float
    lat: float


def build_places(grids: Sequence[tuple[str, shapely.Polygon]], *, seed: int) -> list[Place]:
    """``PER_GRID`` places a grid, in the order of the grids."""
    rng = np.random.default_rng([seed, 11])
    shapes = np.array([polygon for _, polygon in grids], dtype=object)
    lon, lat = _points_inside(shapes, rng)
    numbers = rng.integers(1, 200, size=(len(grids), PER_GRID))
    names = {street.code: street.name for street in facts.streets()} | dict(facts.communities())
    district_name = facts.district()[1]
    places: list[Place] = []
    for row, (code, _) in enumerate(grids):
        before = f"{district_name}{names[code[:9]]}{names[code[:12]]}"
        is_rural = names[code[:12]].endswith("村")
        words = _words(rng.integers(0, len(_HEADS), size=8), numbers[row], rural=is_rural)
        for k, kind in enumerate(_KINDS):
            name = words[k]
            places.append(Place(code, kind, name, before + name, float(lon[row, k]), float(lat[row, k])))
    return places


def build_outside(*, seed: int) -> list[Place]:
    """Places up to about a kilometre beyond the district's edge: what a report near the edge may name."""
    rng = np.random.default_rng([seed, 12])
    name, outline = facts.district()[1:]
    ring = outline.buffer(0.009).difference(outline.buffer(0.001))
    low_lon, low_lat, high_lon, high_lat = ring.bounds
    points = rng.uniform((low_lon, low_lat), (high_lon, high_lat), size=(4000, 2))
    points = points[shapely.contains_xy(ring, points[:, 0], points[:, 1])][:_OUTSIDE]
    return [
        Place("", "road", f"区界外{n}号路口", f"{name}边界外{n}号路口", float(x), float(y))
        for n, (x, y) in enumerate(points, start=1)
    ]


def _points_inside(shapes: NDArray[np.object_], rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """``PER_GRID`` points in each polygon, a little away from its edge where drawing finds enough of them."""
    bounds = shapely.bounds(shapes)[:, None, :]
    drawn = rng.random((len(shapes), PER_GRID * _TRIES, 2))
    lon = bounds[..., 0] + drawn[..., 0] * (bounds[..., 2] - bounds[..., 0])
    lat = bounds[..., 1] + drawn[..., 1] * (bounds[..., 3] - bounds[..., 1])
    shapely.prepare(shapes)
    inside = shapely.contains_xy(shapes[:, None], lon, lat)
    centre = shapely.get_coordinates(shapely.point_on_surface(shapes))
    first = np.argsort(~inside, axis=1, kind="stable")[:, :PER_GRID]
    found = np.take_along_axis(inside, first, axis=1)
    lon = np.where(found, np.take_along_axis(lon, first, axis=1), centre[:, :1])
    lat = np.where(found, np.take_along_axis(lat, first, axis=1), centre[:, 1:])
    return np.asarray(np.round(lon, 7), np.float64), np.asarray(np.round(lat, 7), np.float64)


def _words(draws: NDArray[np.int64], numbers: NDArray[np.int64], *, rural: bool) -> list[str]:
    """Names of one grid's places, in the order of ``_KINDS``."""
    pair = [_HEADS[int(a)] + _HEADS[int(b)] for a, b in zip(draws[::2], draws[1::2], strict=True)]
    road = pair[0] + _ROADS[int(draws[0]) % len(_ROADS)]
    homes = [pair[1] + _COMPOUNDS[int(draws[1]) % 6], pair[2] + _COMPOUNDS[int(draws[2]) % 6]]
    words = []
    for k, kind in enumerate(_KINDS):
        n = int(numbers[k])
        if kind == "road":
            words.append(f"{road}{n}号")
        elif kind == "compound":
            words.append(f"{n % 15 + 1}组{n % 40 + 1}号院" if rural else f"{homes[k % 2]}{n % 18 + 1}栋")
        elif kind == "market":
            words.append(f"{pair[3]}农贸市场")
        elif kind == "site":
            words.append(f"{pair[3]}项目{n % 9 + 1}号地块")
        else:
            words.append(f"{pair[0]}渠{n % 6 + 1}号桥")
    return words
