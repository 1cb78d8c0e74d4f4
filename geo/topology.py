"""Checks of a set of divisions: overlaps, gaps, and children outside their parent.

Codes say who belongs to whom: the parent is the longest other code that is a proper prefix.
Geometries are in CGCS2000 degrees (EPSG:4490), longitude before latitude; areas in square metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import require_cgcs2000
from geo.measure import areas_m2

Shapes = NDArray[np.object_]

DEFAULT_TOLERANCE_M2: Final = 100.0
"""Smaller findings are drawing noise: a strip of 1 m along 100 m of boundary."""


class FindingKind(StrEnum):
    """What is wrong."""

    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE_PARENT = "outside_parent"


@dataclass(frozen=True, slots=True)
class TopologyFinding:
    """One finding.

    ``codes``: the two that overlap; the parent that has a gap; or the child and its parent. ``share`` is of
    the smaller of the two, of the parent, or of the child, 0 to 1. ``where`` is the area itself, degrees.
    """

    kind: FindingKind
    codes: tuple[str, ...]
    area_m2: float
    share: float
    text: str
    where: BaseGeometry


def check_divisions(
    divisions: gpd.GeoDataFrame, *, tolerance_m2: float = DEFAULT_TOLERANCE_M2
) -> list[TopologyFinding]:
    """All findings above the tolerance, the largest area first; an empty list where all is well.

    ``divisions`` has the column ``code`` and valid polygons. Divisions of equal code length must not overlap;
    the children of a parent that has any must fill it, and lie within it.

    Raises:
        MissingCrs, WrongCrs: the layer is not in CGCS2000 degrees.
    """
    require_cgcs2000(divisions, name="区划")
    usable = divisions[~(divisions.geometry.isna() | divisions.geometry.is_empty)]
    codes = usable["code"].astype(str).tolist()
    # Shapes are compared in degrees and only measured in metres: an edge that is straight in degrees is
    # bent in a plane, and a child that ends halfway along its parent's edge would seem to leave a gap.
    shapes = usable.geometry.to_numpy()
    if not codes:
        return []
    found = [*_overlaps(codes, shapes), *_against_parents(codes, shapes)]
    found = [finding for finding in found if finding.area_m2 > tolerance_m2]
    return sorted(found, key=lambda finding: (-finding.area_m2, finding.codes))


def _overlaps(codes: list[str], shapes: Shapes) -> list[TopologyFinding]:
    found: list[TopologyFinding] = []
    lengths = np.array([len(code) for code in codes])
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        level = shapes[rows]
        first, second = shapely.STRtree(level).query(level, predicate="intersects")
        once = first < second
        first, second = first[once], second[once]
        common = shapely.intersection(level[first], level[second])
        areas, sizes = areas_m2(common), areas_m2(level)
        for place in np.flatnonzero(areas > 0):
            one, other = int(rows[first[place]]), int(rows[second[place]])
            pair = sorted((codes[one], codes[other]))
            area = float(areas[place])
            share = area / float(min(sizes[first[place]], sizes[second[place]]))
            text = f"{pair[0]} 与 {pair[1]} 重叠 {_area_text(area)}，占较小一块的 {share:.1%}：请重新划清边界"
            found.append(TopologyFinding(FindingKind.OVERLAP, tuple(pair), area, share, text, common[place]))
    return found


def _against_parents(codes: list[str], shapes: Shapes) -> list[TopologyFinding]:
    row_of = {code: row for row, code in enumerate(codes)}
    children: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        parent = next((code[:end] for end in range(len(code) - 1, 0, -1) if code[:end] in row_of), None)
        if parent is not None:
            children.setdefault(parent, []).append(row)
    found: list[TopologyFinding] = []
    for parent, rows in children.items():
        whole = shapes[row_of[parent]]
        found += _outside(parent, whole, [codes[row] for row in rows], shapes[rows])
        found += _gap(parent, whole, shapes[rows])
    return found


def _outside(parent: str, whole: BaseGeometry, codes: list[str], shapes: Shapes) -> list[TopologyFinding]:
    beyond = shapely.difference(shapes, whole)
    areas, sizes = areas_m2(beyond), areas_m2(shapes)
    found = []
    for row in np.flatnonzero(areas > 0):
        area = float(areas[row])
        share = area / float(sizes[row])
        text = f"{codes[row]} 有 {_area_text(area)}（{share:.1%}）在上级 {parent} 之外：请核对边界或代码"
        found.append(
            TopologyFinding(FindingKind.OUTSIDE_PARENT, (codes[row], parent), area, share, text, beyond[row])
        )
    return found


def _gap(parent: str, whole: BaseGeometry, shapes: Shapes) -> list[TopologyFinding]:
    rest = shapely.difference(whole, shapely.union_all(shapes))
    area, size = (float(value) for value in areas_m2([rest, whole]))
    if area == 0.0:
        return []
    share = area / size
    text = f"{parent} 有 {_area_text(area)}（{share:.1%}）没有划给任何下级：请补画或调整边界"
    return [TopologyFinding(FindingKind.GAP, (parent,), area, share, text, rest)]


def _area_text(area_m2: float) -> str:
    return f"{area_m2 / 1e6:.2f} 平方公里" if area_m2 >= 1e5 else f"{area_m2:,.0f} 平方米"
