"""Positions of rows: from columns, WKT or layer geometry, in the declared system, to CGCS2000 degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.imports.errors import PositionProblem
from data.imports.mapping import FieldTable
from data.imports.normalise import FloatArray, Mask
from data.imports.rejects import SHAPE_COLUMN
from geo.crs import CoordinateSystem, to_cgcs2000
from geo.crs_guess import guess_system
from geo.errors import UnknownCoordinateSystem
from geo.measure import LocalPlane

_CLEARLY_BETTER: Final = 0.05
"""Another system is worth a warning when it puts at least 5 % more of the points into the district."""
_NEAR_DEG: Final = 0.5
_ADVICE_SWAPPED: Final = "请对调经度和纬度两列，或在接入方案中写明由系统对调"


@dataclass(frozen=True, kw_only=True)
class Positions:
    """CGCS2000 degrees by row, NaN without position; the coordinates as they stood in the file beside
    them.
    """

    lon: FloatArray
    lat: FloatArray
    raw_x: FloatArray
    raw_y: FloatArray
    system: CoordinateSystem
    mended: Mask
    warnings: tuple[str, ...]

    @property
    def located(self) -> Mask:
        return np.isfinite(self.lon) & np.isfinite(self.lat)

    def shift_m(self) -> float:
        """Median distance in metres between reading the numbers as CGCS2000 and as the declared system; 0
        for metres.
        """
        known = self.located & np.isfinite(self.raw_x)
        if self.system.projected or not known.any():
            return 0.0
        plane = LocalPlane.around(shapely.points(self.lon[known], self.lat[known]))
        there = shapely.get_coordinates(plane.to_metres(shapely.points(self.lon[known], self.lat[known])))
        here = shapely.get_coordinates(plane.to_metres(shapely.points(self.raw_x[known], self.raw_y[known])))
        return float(np.median(np.hypot(*(there - here).T)))


def declared_system(fields: FieldTable) -> CoordinateSystem:
    """The system that the profile, else the file, declares.

    Raises:
        PositionProblem: the file names a system that is not understood.
    """
    try:
        return fields.profile.system(fields.table.declared_crs)
    except UnknownCoordinateSystem as error:
        raise PositionProblem(
            f"文件“{fields.table.file_name}”：{error}。请在页面或接入方案中写明坐标系。"
        ) from error


def read_positions(fields: FieldTable, *, outline: BaseGeometry | None) -> Positions:
    """Positions of all rows. Rows whose position cannot be read or makes no sense are refused in ``fields``.

    Raises:
        PositionProblem: the numbers as a whole are not of the declared system (metres called degrees, …).
    """
    system = declared_system(fields)
    x, y = _raw(fields)
    known = np.isfinite(x) & np.isfinite(y)
    half = np.isfinite(x) ^ np.isfinite(y)
    fields.refuse(half & fields.alive, _field(fields), "经度和纬度只有一个", "请补上另一个，或两个都留空")
    x, y = np.where(known, x, np.nan), np.where(known, y, np.nan)
    check_units(x, y, system=system, file_name=fields.table.file_name)
    warnings = _guess_warnings(x, y, system=system, outline=outline)
    mended = np.zeros(len(x), dtype=bool)
    if not system.projected:
        x, y, mended = _settle_swapped(fields, x, y, outline=outline)
        _refuse_beyond(fields, x, y)
    lon, lat = to_cgcs2000(x, y, system=system)
    lost = np.isfinite(x) & ~(np.isfinite(lon) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    fields.refuse(
        lost & fields.alive, _field(fields), f"坐标不在“{system.label}”的范围内", "请核对坐标和坐标系"
    )
    lon, lat = np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)
    return Positions(
        lon=lon, lat=lat, raw_x=x, raw_y=y, system=system, mended=mended, warnings=tuple(warnings)
    )


def check_units(x: FloatArray, y: FloatArray, *, system: CoordinateSystem, file_name: str) -> None:
    """Most numbers must be of the size that the declared system has.

    Raises:
        PositionProblem: metres or feet called degrees, or degrees called metres.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return
    huge = np.maximum(np.abs(x[known]), np.abs(y[known])) > 360.0
    example = f"（如 {x[known][0]:g}，{y[known][0]:g}）"
    if not system.projected and huge.mean() > 0.5:
        raise PositionProblem(
            f"文件“{file_name}”声明为{system.label}，但坐标{example}不是度数，而像是以米或英尺为单位的投影坐标："
            "请在页面或接入方案中写明投影坐标系（如 cgcs2000-gk3-cm105 或 EPSG:3857），"
            "或用 GIS 软件转为经纬度后再接入。"
        )
    if system.projected and huge.mean() < 0.5:
        raise PositionProblem(
            f"文件“{file_name}”声明为{system.label}，但坐标{example}像是经纬度："
            "请在页面或接入方案中改为经纬度的坐标系（CGCS2000、GCJ-02 等）。"
        )


def _raw(fields: FieldTable) -> tuple[FloatArray, FloatArray]:
    if fields.table.geometry is not None:
        return _of_points(fields, fields.table.geometry)
    if fields.columns.get("wkt") == SHAPE_COLUMN:
        return _of_points(fields, read_wkt(fields))
    if fields.has("lon") and fields.has("lat"):
        return fields.angle("lon"), fields.angle("lat")
    if fields.has("lonlat"):
        return _of_pairs(fields)
    if fields.has("wkt"):
        return _of_points(fields, read_wkt(fields))
    return np.full(len(fields.table), np.nan), np.full(len(fields.table), np.nan)


def read_wkt(fields: FieldTable) -> NDArray[np.object_]:
    """Shapes of the column ``wkt``; None where empty. What is no WKT is refused."""
    cells = fields.raw("wkt").str.strip()
    shapes = shapely.from_wkt(cells.where(cells != "", None).to_numpy(dtype=object), on_invalid="ignore")
    bad = shapely.is_missing(shapes) & (cells != "").to_numpy(dtype=bool)
    fields.refuse(
        bad, "wkt", "不是正确的 WKT 图形（{value}…）", "请从 GIS 软件重新导出 WKT，如 POINT (103.8 30.7)"
    )
    return np.asarray(shapes, dtype=object)


def _of_points(fields: FieldTable, shapes: NDArray[np.object_]) -> tuple[FloatArray, FloatArray]:
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    single = present & (shapely.get_num_geometries(shapes) == 1)
    shapes = np.where(single & (shapely.get_type_id(shapes) == 4), shapely.get_geometry(shapes, 0), shapes)
    points = present & (shapely.get_type_id(shapes) == 0)
    name = _field(fields)
    types = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object)
    fields.refuse(
        present & ~points,
        name,
        "图形不是点（{value}）",
        "请用点图层，或取每个图形的中心点",
        values=list(types),
    )
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    x[points], y[points] = shapely.get_x(shapes[points]), shapely.get_y(shapes[points])
    return x, y


def _of_pairs(fields: FieldTable) -> tuple[FloatArray, FloatArray]:
    """``103.81,30.71`` in one column."""
    from data.imports.normalise import narrow

    parts = narrow(fields.raw("lonlat")).str.extract(
        r"^\[?\(?\s*([-+]?\d+\.?\d*)\s*[,;\s、，]\s*([-+]?\d+\.?\d*)\s*\)?\]?$"
    )
    x, y = (np.asarray(parts[column].astype(float), dtype=np.float64) for column in (0, 1))
    bad = np.isnan(x) & (fields.raw("lonlat").str.strip() != "").to_numpy(dtype=bool)
    fields.refuse(bad, "lonlat", "“{value}”不是一对坐标", "请写作 103.8105,30.7105（经度在前）")
    return x, y


def _field(fields: FieldTable) -> str:
    return next((name for name in ("lon", "lonlat", "wkt") if fields.has(name)), "wkt")


def _settle_swapped(
    fields: FieldTable,
    x: FloatArray,
    y: FloatArray,
    *,
    outline: BaseGeometry | None,
) -> tuple[FloatArray, FloatArray, Mask]:
    swapped = _looks_swapped(x, y, outline=outline) & fields.alive
    if not swapped.any():
        return x, y, swapped
    if fields.profile.swapped == "mend":
        fields.warnings.append(f"{int(swapped.sum())} 行的经度和纬度填反了，已对调。")
        return np.where(swapped, y, x), np.where(swapped, x, y), swapped
    fields.warnings.append(f"{int(swapped.sum())} 行的经度和纬度像是填反了，不会接入：{_ADVICE_SWAPPED}。")
    pairs = [f"{a:g}，{b:g}" for a, b in zip(x, y, strict=True)]
    fields.refuse(swapped, _field(fields), "经度和纬度像是填反了（{value}）", _ADVICE_SWAPPED, values=pairs)
    return np.where(swapped, np.nan, x), np.where(swapped, np.nan, y), np.zeros(len(x), dtype=bool)


def _looks_swapped(x: FloatArray, y: FloatArray, *, outline: BaseGeometry | None) -> Mask:
    """Points that lie in or near the district only with their numbers exchanged.

    Without a district: those whose latitude can only be a longitude.
    """
    with np.errstate(invalid="ignore"):
        if outline is None:
            return np.asarray((np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90))
        west, south, east, north = outline.bounds
        low_x, high_x, low_y, high_y = (
            west - _NEAR_DEG,
            east + _NEAR_DEG,
            south - _NEAR_DEG,
            north + _NEAR_DEG,
        )
        as_is = (x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y)
        turned = (y >= low_x) & (y <= high_x) & (x >= low_y) & (x <= high_y)
        return np.asarray(turned & ~as_is)


def _refuse_beyond(fields: FieldTable, x: FloatArray, y: FloatArray) -> None:
    with np.errstate(invalid="ignore"):
        beyond = (np.abs(x) > 180) | (np.abs(y) > 90)
    pairs = [f"{a:g}，{b:g}" for a, b in zip(x, y, strict=True)] if beyond.any() else None
    fields.refuse(
        beyond & fields.alive,
        _field(fields),
        "坐标（{value}）不是经纬度",
        "请核对这一行的坐标，没有请留空",
        values=pairs,
    )
    x[beyond] = np.nan
    y[beyond] = np.nan


def _guess_warnings(
    x: FloatArray, y: FloatArray, *, system: CoordinateSystem, outline: BaseGeometry | None
) -> list[str]:
    """A warning when the points fit the district clearly better in another reading."""
    if outline is None:
        return []
    guesses = guess_system(x, y, outline=outline)
    same = {CoordinateSystem.WGS84: CoordinateSystem.CGCS2000}
    declared = same.get(system, system)
    own = next((guess.score for guess in guesses if guess.system == declared and not guess.swapped), 0.0)
    best = guesses[0] if guesses else None
    if best is None or best.score < own + _CLEARLY_BETTER:
        return []
    return [f"声明的坐标系是{system.label}，有 {own:.1%} 的点落在辖区内；{best.text}。请核对坐标系再接入。"]
