"""Make a layer of areas usable: mend what can be mended, reject the rest, and say so for each row.

Input and output are in CGCS2000 degrees (EPSG:4490 or 4326); areas in the notes are square metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.crs import require_cgcs2000
from geo.measure import areas_m2

_SLIVER_M2: Final = 1.0
_SLIVER_SHARE: Final = 1e-6
"""A loose piece is a sliver below 1 m², or below one millionth of its area's largest piece."""


class RepairKind(StrEnum):
    """What happened to a row."""

    REJECTED_NULL = "rejected_null"
    REJECTED_EMPTY = "rejected_empty"
    REJECTED_TYPE = "rejected_type"
    REJECTED_COORDINATE = "rejected_coordinate"
    REJECTED_NO_AREA = "rejected_no_area"
    MENDED = "mended"
    SLIVERS_DROPPED = "slivers_dropped"
    HEIGHT_DROPPED = "height_dropped"


@dataclass(frozen=True, slots=True)
class RepairNote:
    """One thing done to one row: ``row`` is its position in the input, from 0; ``text`` is for people."""

    row: int
    kind: RepairKind
    text: str

    @property
    def rejected(self) -> bool:
        """Whether the row was left out."""
        return self.kind.value.startswith("rejected")


class _Rejected(Exception):
    """Carries why one row is left out."""

    def __init__(self, kind: RepairKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


def repair_polygons(layer: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[RepairNote]]:
    """The usable rows of a layer, with valid two-dimensional polygons or multipolygons, and what was done.

    Null, empty, non-area, out-of-range and area-less geometries are rejected; self-crossing rings are mended;
    slivers and heights dropped; outer rings turned anticlockwise, holes clockwise (RFC 7946). The index and
    the other columns of the kept rows stay as they are.

    Raises:
        MissingCrs, WrongCrs: the layer is not in CGCS2000 degrees.
    """
    require_cgcs2000(layer, name="边界")
    notes: list[RepairNote] = []
    kept_rows: list[int] = []
    kept: list[BaseGeometry] = []
    for row, shape in enumerate(layer.geometry.to_numpy()):
        try:
            kept.append(_repair(row, shape, notes))
            kept_rows.append(row)
        except _Rejected as error:
            notes.append(RepairNote(row, error.kind, error.text))
    good = layer.iloc[kept_rows]
    return good.set_geometry(gpd.GeoSeries(kept, index=good.index, crs=layer.crs)), notes


def _repair(row: int, shape: BaseGeometry | None, notes: list[RepairNote]) -> BaseGeometry:
    if shape is None:
        raise _Rejected(RepairKind.REJECTED_NULL, "没有图形：请补画边界后再导入")
    if shape.is_empty:
        raise _Rejected(RepairKind.REJECTED_EMPTY, "图形是空的：请补画边界后再导入")
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        kind = _TYPE_NAMES.get(shape.geom_type, "其他类型")
        raise _Rejected(RepairKind.REJECTED_TYPE, f"图形是{kind}，不是面：请改为多边形")
    if shape.has_z:
        shape = shapely.force_2d(shape)
        notes.append(RepairNote(row, RepairKind.HEIGHT_DROPPED, "图形带有高程，已去掉"))
    _check_coordinates(shape)
    if not shape.is_valid:
        reason = _why_invalid(shape)
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        notes.append(RepairNote(row, RepairKind.MENDED, f"图形{reason}，已自动修复，请核对"))
    return shapely.orient_polygons(_without_slivers(row, shape, notes))


def _check_coordinates(shape: BaseGeometry) -> None:
    corners = shapely.get_coordinates(shape)
    wrong = ~(np.abs(corners) <= (180.0, 90.0)).all(axis=1)
    if wrong.any():
        lon, lat = corners[int(np.argmax(wrong))]
        raise _Rejected(
            RepairKind.REJECTED_COORDINATE,
            f"坐标（{lon:g}，{lat:g}）不是经纬度：可能是以米为单位的投影坐标，请声明正确的坐标系",
        )


def _without_slivers(row: int, shape: BaseGeometry, notes: list[RepairNote]) -> BaseGeometry:
    parts = shapely.get_parts([shape])
    pieces = [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
    areas = areas_m2(pieces)
    largest = float(areas.max(initial=0.0))
    if largest < _SLIVER_M2:
        raise _Rejected(RepairKind.REJECTED_NO_AREA, f"图形的面积只有 {largest:.2f} 平方米：请核对边界")
    whole = areas >= max(_SLIVER_M2, largest * _SLIVER_SHARE)
    kept = [piece for piece, good in zip(pieces, whole, strict=True) if good]
    if len(kept) < len(pieces):
        count, lost = len(pieces) - len(kept), float(areas[~whole].sum())
        text = f"去掉了 {count} 个碎片，共 {lost:.2f} 平方米"
        notes.append(RepairNote(row, RepairKind.SLIVERS_DROPPED, text))
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _why_invalid(shape: BaseGeometry) -> str:
    reason, _, place = explain_validity(shape).partition("[")
    where = f"（在 {place.rstrip(']')} 附近）" if place else ""
    return f"{_REASONS.get(reason, '不合规范')}{where}"


_REASONS: Final = {
    "Self-intersection": "的边界自己与自己相交",
    "Ring Self-intersection": "的边界自己与自己相接",
    "Hole lies outside shell": "的洞在边界之外",
    "Holes are nested": "的洞相互嵌套",
    "Nested shells": "的几块相互嵌套",
    "Interior is disconnected": "被自己的洞隔断",
    "Duplicate Rings": "有重复的边界",
    "Too few points in geometry component": "的某一圈顶点不足",
}

_TYPE_NAMES: Final = {
    "Point": "点",
    "MultiPoint": "多点",
    "LineString": "线",
    "LinearRing": "线",
    "MultiLineString": "多线",
    "GeometryCollection": "图形集合",
}
