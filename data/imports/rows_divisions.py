"""Divisions: codes, names and boundaries, mended where that is safe and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.codes import ancestors, level_of, parent_of
from data.imports.errors import PositionProblem
from data.imports.known import Known, KnownDivision
from data.imports.mapping import FieldTable
from data.imports.normalise import Mask
from data.imports.positions import Positions, check_units, declared_system, read_wkt
from data.imports.prepared import Prepared, Row
from data.imports.profile import Profile
from data.imports.rows_simple import finish
from data.imports.source_table import SourceTable
from data.initials import initials
from data.vocabulary import BatchKind
from geo.crs import STORAGE_EPSG, CoordinateSystem, from_cgcs2000, layer_to_cgcs2000
from geo.crs_guess import guess_boundary_system
from geo.errors import WrongCrs
from geo.measure import area_km2
from geo.repair import repair_polygons
from geo.topology import FindingKind, check_divisions

REFUSED_SHARE: Final = 0.05
"""An overlap, or a part outside the parent, above 5 % of the smaller area is a mistake and not drawing
noise.
"""
_DECIMALS: Final = 9
"""A tenth of a millimetre: equal boundaries from different file forms become equal bytes."""
_CLEARLY_BETTER: Final = 0.02
_SHOWN_WARNINGS: Final = 20


def prepare_divisions(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of divisions, keyed by code.

    Raises:
        HeaderProblem, PositionProblem: the file as a whole cannot be used.
    """
    fields = FieldTable(table, profile)
    codes = fields.key("code")
    fields.refuse(
        ~codes.map(_is_code).to_numpy(dtype=bool) & (codes != "").to_numpy(dtype=bool),
        "code", "“{value}”不是区划代码", "区划代码为数字：区 6 位、街道 9 位、社区 12 位、网格 15 位",
    )  # fmt: skip
    columns: dict[str, Sequence[Any]] = {"code": codes.tolist(), "name": fields.text("name").tolist()}
    columns["level"] = [str(level_of(code)) if _is_code(code) else "" for code in codes]
    columns["parent_code"] = [parent_of(code) if _is_code(code) else "" for code in codes]
    columns["short_name"] = [short_name(name) for name in columns["name"]]
    columns["initials"] = [initials(name) for name in columns["short_name"]]
    if fields.has("kind"):
        columns["kind"] = fields.text("kind").tolist()
    for name in ("residents", "households"):
        if fields.has(name):
            columns[name] = fields.number(name, whole=True)
    system = declared_system(fields)
    raw = table.geometry if table.geometry is not None else read_wkt(fields)
    shapes = _mended(fields, raw, system)
    fields.warnings += _boundary_warnings(raw, system, known)
    _check_topology(fields, codes.tolist(), shapes, known)
    columns["geometry"] = list(shapes)
    positions = _inner_points(shapes, system)
    prepared = finish(fields, columns, kind=BatchKind.DIVISIONS, key_names=("code",), positions=positions)
    for row in prepared.rows:
        row.update(_measures(row["geometry"]))
    return prepared


def _is_code(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in (6, 9, 12, 15)


def _measures(shape: shapely.Geometry) -> Row:
    """Everything that follows from a boundary; the geometry itself as WKB."""
    inside = shapely.point_on_surface(shape)
    west, south, east, north = shape.bounds
    return {
        "geometry": shapely.to_wkb(shape),
        "area_km2": round(area_km2(shape), 6),
        "lon": round(inside.x, _DECIMALS),
        "lat": round(inside.y, _DECIMALS),
        "min_lon": west,
        "min_lat": south,
        "max_lon": east,
        "max_lat": north,
    }


def _mended(fields: FieldTable, raw: NDArray[np.object_], system: CoordinateSystem) -> NDArray[np.object_]:
    """Valid polygons in CGCS2000 degrees by row; None where the row is refused."""
    corners = shapely.get_coordinates(raw[~shapely.is_missing(raw)])
    check_units(corners[:, 0], corners[:, 1], system=system, file_name=fields.table.file_name)
    layer = gpd.GeoDataFrame({"row": np.arange(len(raw))}, geometry=gpd.GeoSeries(raw, crs=STORAGE_EPSG))
    try:
        moved = layer_to_cgcs2000(layer, system=system)
    except WrongCrs as error:  # an infinite coordinate, for one
        raise PositionProblem(f"文件“{fields.table.file_name}”的边界{error}。") from error
    good, notes = repair_polygons(moved)
    for note in notes:
        if note.rejected:
            reason, _, advice = note.text.partition("：")
            mask = np.arange(len(raw)) == note.row
            kind = raw[note.row].geom_type if raw[note.row] is not None else "空"
            fields.refuse(
                mask & fields.alive, "wkt", reason, advice or "请核对边界", values=[kind] * len(raw)
            )
        elif len(fields.warnings) < _SHOWN_WARNINGS:
            fields.warnings.append(f"第 {int(fields.table.lines[note.row])} 行：{note.text}。")
    shapes = np.full(len(raw), None, dtype=object)
    rounded = shapely.transform(good.geometry.to_numpy(), lambda points: np.round(points, _DECIMALS))
    shapes[good["row"].to_numpy()] = shapely.normalize(rounded)
    return shapes


def _boundary_warnings(raw: NDArray[np.object_], system: CoordinateSystem, known: Known) -> list[str]:
    """A warning when the boundaries overlap the known outline clearly better in another reading."""
    if known.outline is None:
        return []
    guesses = guess_boundary_system(
        gpd.GeoDataFrame(geometry=gpd.GeoSeries(raw)), reference_outline=known.outline
    )
    declared = CoordinateSystem.CGCS2000 if system == CoordinateSystem.WGS84 else system
    own = next((guess.score for guess in guesses if guess.system == declared and not guess.swapped), 0.0)
    if not guesses or guesses[0].score < own + _CLEARLY_BETTER:
        return []
    return [
        f"声明的坐标系是{system.label}，与已有边界的吻合度 {own:.1%}；{guesses[0].text}。请核对坐标系再接入。"
    ]


def _check_topology(fields: FieldTable, codes: list[str], shapes: NDArray[np.object_], known: Known) -> None:
    """Refuse what overlaps a neighbour or lies outside its parent; of two new rows the later one goes."""
    usable = [row for row in np.flatnonzero(fields.alive).tolist() if shapes[row] is not None]
    row_of = {codes[row]: row for row in usable}
    others = _neighbours(known, row_of, shapes)
    layer = gpd.GeoDataFrame(
        {"code": [*row_of, *(division.code for division in others)]},
        geometry=gpd.GeoSeries(
            [*(shapes[row] for row in row_of.values()), *(division.shape for division in others)],
            crs=STORAGE_EPSG,
        ),
    )
    refused: dict[int, tuple[str, str]] = {}
    mild = []
    for finding in check_divisions(layer):
        reason, _, advice = finding.text.partition("：")
        rows = [row_of[code] for code in finding.codes if code in row_of]
        if finding.kind is FindingKind.GAP and any(code.startswith(finding.codes[0]) for code in row_of):
            mild.append(finding.text)
            continue
        if not rows or any(row in refused for row in rows):
            continue
        is_known_child = finding.kind is FindingKind.OUTSIDE_PARENT and finding.codes[0] not in row_of
        if finding.share <= REFUSED_SHARE or is_known_child:
            mild.append(finding.text)
        elif finding.kind is FindingKind.OUTSIDE_PARENT:
            refused[row_of[finding.codes[0]]] = reason, advice
        else:
            refused[max(rows)] = reason, advice
    for row, (reason, advice) in refused.items():
        mask: Mask = np.arange(len(codes)) == row
        fields.refuse(mask, "code", reason, advice)
    fields.warnings += [f"{text}。" for text in mild[:_SHOWN_WARNINGS]]
    if len(mild) > _SHOWN_WARNINGS:
        fields.warnings.append(f"此外还有 {len(mild) - _SHOWN_WARNINGS} 处小的重叠或缝隙。")


def _neighbours(known: Known, row_of: Mapping[str, int], shapes: NDArray[np.object_]) -> list[KnownDivision]:
    """The divisions already there that new ones are checked against.

    Ancestors with all their children, children of the new ones, and whatever touches the new area.
    """
    if not row_of:
        return []
    family = {code for new in row_of for code in ancestors(new)}
    whole = shapely.box(*shapely.total_bounds(shapes[list(row_of.values())]))
    found = [d for d in known.divisions if d.code not in row_of and d.shape is not None]
    near = shapely.intersects(np.array([d.shape for d in found], dtype=object), whole)
    return [
        division
        for division, touches in zip(found, near, strict=True)
        if touches or division.code in family or parent_of(division.code) in family
    ]


def _inner_points(shapes: NDArray[np.object_], system: CoordinateSystem) -> Positions:
    """A point inside each area, and the same point in the system of the file, for the preview's map."""
    lon, lat = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    drawn = ~shapely.is_missing(shapes)
    inside = shapely.point_on_surface(shapes[drawn])
    lon[drawn], lat[drawn] = shapely.get_x(inside), shapely.get_y(inside)
    raw_x, raw_y = from_cgcs2000(lon, lat, system=system)
    return Positions(
        lon=lon, lat=lat, raw_x=raw_x, raw_y=raw_y, system=system,
        mended=np.zeros(len(shapes), dtype=bool), warnings=(),
    )  # fmt: skip


def short_name(name: str) -> str:
    """A name as the map shows it: without the suffix of the committee (惠民社区居委会 → 惠民社区)."""
    for suffix in ("居民委员会", "村民委员会", "居委会", "村委会"):
        if name.endswith(suffix) and len(name) > len(suffix):
            stem = name.removesuffix(suffix)
            return stem + "村" if suffix.startswith("村") and not stem.endswith("村") else stem
    return name
