"""Coordinate systems a Chinese import may declare, to and from the storage system.

Storage is CGCS2000 longitude, latitude in degrees (EPSG:4490), treated as equal to WGS84: they
differ by centimetres. Arrays are float64 of equal shape, in the order longitude (or easting, m),
latitude (or northing, m). Chinese survey sheets call the northing X: swap before calling. A value
that has no position in the declared system comes out as NaN, and NaN stays NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import gcj02
from geo.errors import MissingCrs, UnknownCoordinateSystem, WrongCrs

FloatArray = NDArray[np.float64]

STORAGE_EPSG: Final = 4490
"""Every stored coordinate is in this system."""


@dataclass(frozen=True, slots=True)
class CoordinateSystem:
    """One coordinate system that an import may declare.

    ``value`` is its one spelling in profiles and URLs, ``label`` the Chinese name for people,
    ``epsg`` its EPSG number (None for the two shifted systems), ``projected`` whether it is in metres.
    """

    value: str
    label: str
    epsg: int | None
    projected: bool = False

    CGCS2000: ClassVar[CoordinateSystem]
    WGS84: ClassVar[CoordinateSystem]
    GCJ02: ClassVar[CoordinateSystem]
    BD09: ClassVar[CoordinateSystem]
    WEB_MERCATOR: ClassVar[CoordinateSystem]

    def __str__(self) -> str:
        return self.value


CoordinateSystem.CGCS2000 = CoordinateSystem("cgcs2000", "CGCS2000 经纬度（国家大地坐标系）", 4490)
CoordinateSystem.WGS84 = CoordinateSystem("wgs84", "WGS84 经纬度（GPS）", 4326)
CoordinateSystem.GCJ02 = CoordinateSystem("gcj02", "GCJ-02（高德、腾讯）", None)
CoordinateSystem.BD09 = CoordinateSystem("bd09", "BD-09（百度）", None)
CoordinateSystem.WEB_MERCATOR = CoordinateSystem("EPSG:3857", "Web 墨卡托（米）", 3857, projected=True)


def to_cgcs2000(
    lon_or_x: ArrayLike, lat_or_y: ArrayLike, *, system: CoordinateSystem
) -> tuple[FloatArray, FloatArray]:
    """CGCS2000 degrees of positions in ``system`` (degrees, or metres easting, northing)."""
    x, y = _pair(lon_or_x, lat_or_y)
    if system == CoordinateSystem.GCJ02:
        return gcj02.cgcs2000_from_gcj02(x, y)
    if system == CoordinateSystem.BD09:
        return gcj02.cgcs2000_from_bd09(x, y)
    if not system.projected:
        return x, y
    return _finite_pair(*_transformer(_number(system)).transform(x, y, direction="INVERSE"))


def from_cgcs2000(
    lon: ArrayLike, lat: ArrayLike, *, system: CoordinateSystem
) -> tuple[FloatArray, FloatArray]:
    """Positions in ``system`` (degrees, or metres easting, northing) of CGCS2000 degrees."""
    x, y = _pair(lon, lat)
    if system == CoordinateSystem.GCJ02:
        return gcj02.gcj02_from_cgcs2000(x, y)
    if system == CoordinateSystem.BD09:
        return gcj02.bd09_from_cgcs2000(x, y)
    if not system.projected:
        return x, y
    return _finite_pair(*_transformer(_number(system)).transform(x, y))


def parse_system(text: str) -> CoordinateSystem:
    """The coordinate system that a person's spelling means, such as ``GCJ-02`` or ``EPSG:4545``.

    Raises:
        UnknownCoordinateSystem: listing the spellings that are understood.
    """
    found = _spellings().get(_plain(text))
    if found is None:
        raise UnknownCoordinateSystem(
            f"不认识的坐标系“{text}”。可以写：cgcs2000、wgs84、gcj02（高德、腾讯）、bd09（百度）、EPSG:3857，"
            "或 CGCS2000 高斯-克吕格投影的 EPSG:4491 至 EPSG:4554，"
            "也可写成 cgcs2000-gk3-cm105（三度带、中央经线 105°）、cgcs2000-gk3-zone35（三度带、带号 35）、"
            "cgcs2000-gk6-cm105、cgcs2000-gk6-zone18"
        )
    return found


@lru_cache(maxsize=1)
def all_systems() -> tuple[CoordinateSystem, ...]:
    """Every coordinate system an import may declare, the usual ones first."""
    plain = (CoordinateSystem.CGCS2000, CoordinateSystem.WGS84, CoordinateSystem.GCJ02, CoordinateSystem.BD09)
    return (*plain, *gauss_kruger_systems(), CoordinateSystem.WEB_MERCATOR)


_GAUSS_KRUGER: Final = ((3, 25, 21, 4513, 4534), (6, 13, 11, 4491, 4502))
"""Zone width in degrees, first zone, number of zones, first EPSG with and without the zone in the easting."""


@lru_cache(maxsize=1)
def gauss_kruger_systems() -> tuple[CoordinateSystem, ...]:
    """The Gauss-Krüger zones of CGCS2000, EPSG 4491 to 4554 (numbers as in the EPSG register)."""
    found = []
    for width, first_zone, count, zoned_from, plain_from in _GAUSS_KRUGER:
        name = {3: "三度带", 6: "六度带"}[width]
        for step in range(count):
            zone = first_zone + step
            meridian = zone * width - (3 if width == 6 else 0)
            found.append(
                CoordinateSystem(
                    f"cgcs2000-gk{width}-cm{meridian}",
                    f"CGCS2000 高斯投影 {name} 中央经线 {meridian}°（横坐标不带带号）",
                    plain_from + step,
                    projected=True,
                )
            )
            found.append(
                CoordinateSystem(
                    f"cgcs2000-gk{width}-zone{zone}",
                    f"CGCS2000 高斯投影 {name} 第 {zone} 带（横坐标前有带号 {zone}）",
                    zoned_from + step,
                    projected=True,
                )
            )
    return tuple(found)


def layer_to_cgcs2000(layer: gpd.GeoDataFrame, *, system: CoordinateSystem) -> gpd.GeoDataFrame:
    """A copy of a layer whose raw coordinates are read as ``system``, in EPSG:4490.

    Whatever the layer itself declares is overruled: files labelled 4326 are often GCJ-02.

    Raises:
        WrongCrs: a coordinate has no position in that system.
    """

    def move(points: FloatArray) -> FloatArray:
        moved = np.column_stack(to_cgcs2000(points[:, 0], points[:, 1], system=system))
        lost = np.flatnonzero(~np.isfinite(moved).all(axis=1))
        if len(lost):
            x, y = points[lost[0]]
            raise WrongCrs(
                f"坐标（{x:g}，{y:g}）按“{system.label}”解读时没有位置：请核对所声明的坐标系，或横纵坐标是否颠倒"
            )
        return moved

    moved = shapely.transform(layer.geometry.to_numpy(), move)
    return layer.set_geometry(gpd.GeoSeries(moved, index=layer.index, crs=STORAGE_EPSG))


def require_cgcs2000(layer: gpd.GeoDataFrame, *, name: str) -> None:
    """Check that a layer says it is in CGCS2000 (or WGS84) degrees.

    Raises:
        MissingCrs: it declares no coordinate system.
        WrongCrs: it declares another one.
    """
    if layer.crs is None:
        raise MissingCrs(f"图层“{name}”没有声明坐标系：请先指定坐标系（如 cgcs2000 或 gcj02）再使用")
    number = layer.crs.to_epsg()
    if number not in (STORAGE_EPSG, 4326):
        raise WrongCrs(
            f"图层“{name}”的坐标系是 {layer.crs.name}，应为 CGCS2000 经纬度（EPSG:4490）：请先转换"
        )


def _pair(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _finite_pair(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    good = np.isfinite(x) & np.isfinite(y)
    return np.where(good, x, np.nan), np.where(good, y, np.nan)


def _number(system: CoordinateSystem) -> int:
    if system.epsg is None:
        raise UnknownCoordinateSystem(f"坐标系“{system}”没有 EPSG 编号，不能按投影换算")
    return system.epsg


@lru_cache(maxsize=16)
def _transformer(epsg: int) -> pyproj.Transformer:
    # Web Mercator is defined on WGS84; asking PROJ for 4490 → 3857 would pull in a datum step.
    source = 4326 if epsg == 3857 else STORAGE_EPSG
    return pyproj.Transformer.from_crs(source, epsg, always_xy=True)


_NICKNAMES: Final = {
    "cgcs2000": ("国家2000", "2000国家大地坐标系", "china2000", "4490", "epsg4490"),
    "wgs84": ("gps", "epsg4326", "4326", "crs84"),
    "gcj02": ("火星坐标", "火星坐标系", "高德", "腾讯", "amap", "gcj"),
    "bd09": ("百度", "百度坐标", "bd09ll", "baidu", "bd"),
    "EPSG:3857": ("web墨卡托", "webmercator", "900913"),
}


def _plain(text: str) -> str:
    return "".join(mark for mark in text.strip().lower() if mark not in " -_:：")


@lru_cache(maxsize=1)
def _spellings() -> dict[str, CoordinateSystem]:
    found: dict[str, CoordinateSystem] = {}
    for system in all_systems():
        names = [system.value, *_NICKNAMES.get(system.value, ())]
        if system.epsg is not None:
            names += [f"EPSG:{system.epsg}", str(system.epsg)]
        found.update({_plain(name): system for name in names})
    return found
