"""Overlaps, gaps and strays of divisions, on squares whose areas are known."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import MissingCrs
from geo.measure import area_km2
from geo.topology import FindingKind, check_divisions

WEST, EAST = shapely.box(104.0, 30.0, 104.1, 30.1), shapely.box(104.1, 30.0, 104.2, 30.1)
BOTH = shapely.box(104.0, 30.0, 104.2, 30.1)


def divisions(**shapes: BaseGeometry | None) -> gpd.GeoDataFrame:
    codes = [name.removeprefix("c") for name in shapes]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(shapes.values()), crs=4490)


def test_children_that_fill_their_parent_exactly_have_no_findings() -> None:
    assert check_divisions(divisions(c510115=BOTH, c510115001=WEST, c510115002=EAST)) == []


def test_an_overlap_of_siblings_is_told_with_area_and_share() -> None:
    wide = shapely.box(104.0, 30.0, 104.12, 30.1)
    (found,) = check_divisions(divisions(c510115=BOTH, c510115001=wide, c510115002=EAST))
    assert (found.kind, found.codes) == (FindingKind.OVERLAP, ("510115001", "510115002"))
    strip = area_km2(shapely.box(104.1, 30.0, 104.12, 30.1)) * 1e6
    assert found.area_m2 == pytest.approx(strip, rel=1e-3)
    assert found.share == pytest.approx(0.2, rel=1e-3)
    assert "510115001 与 510115002 重叠 21." in found.text
    assert "20.0%" in found.text
    assert found.where.bounds == pytest.approx((104.1, 30.0, 104.12, 30.1), abs=1e-4)


def test_areas_of_one_level_under_different_parents_must_not_overlap_either() -> None:
    layer = divisions(c510115001001=WEST, c510115002001=shapely.box(104.09, 30.0, 104.2, 30.1))
    assert [found.kind for found in check_divisions(layer)] == [FindingKind.OVERLAP]


def test_a_gap_is_told_for_the_parent() -> None:
    narrow = shapely.box(104.12, 30.0, 104.2, 30.1)
    (found,) = check_divisions(divisions(c510115=BOTH, c510115001=WEST, c510115002=narrow))
    assert (found.kind, found.codes) == (FindingKind.GAP, ("510115",))
    assert found.share == pytest.approx(0.1, rel=1e-3)
    assert "没有划给任何下级" in found.text


def test_a_child_outside_its_parent_is_told_with_both_codes() -> None:
    far = shapely.box(104.1, 30.0, 104.2, 30.12)
    (found,) = check_divisions(divisions(c510115=BOTH, c510115001=WEST, c510115002=far))
    assert (found.kind, found.codes) == (FindingKind.OUTSIDE_PARENT, ("510115002", "510115"))
    assert found.share == pytest.approx(1 / 6, rel=1e-3)


def test_the_parent_is_the_nearest_prefix_that_exists() -> None:
    layer = divisions(c510115=BOTH, c510115001=WEST, c510115001001=EAST, c510115002003=EAST)
    kinds = {(found.kind, found.codes) for found in check_divisions(layer)}
    assert (FindingKind.OUTSIDE_PARENT, ("510115001001", "510115001")) in kinds
    assert (FindingKind.OUTSIDE_PARENT, ("510115002003", "510115")) not in kinds


def test_a_parent_without_children_has_no_gap() -> None:
    assert check_divisions(divisions(c510115=BOTH)) == []


def test_noise_below_the_tolerance_is_not_told() -> None:
    # 0.000001° × 0.1° is about 0.1 m × 11 km = 1,100 m².
    wide = shapely.box(104.0, 30.0, 104.100001, 30.1)
    layer = divisions(c510115001=wide, c510115002=EAST)
    assert check_divisions(layer, tolerance_m2=2_000) == []
    assert len(check_divisions(layer, tolerance_m2=500)) == 1


def test_findings_come_largest_first() -> None:
    layer = divisions(
        c510115001=WEST, c510115002=shapely.box(104.09, 30.0, 104.15, 30.1), c510115003=EAST
    )  # fmt: skip
    areas = [found.area_m2 for found in check_divisions(layer)]
    assert areas == sorted(areas, reverse=True)
    assert len(areas) == 2


def test_rows_without_a_shape_are_passed_over() -> None:
    assert check_divisions(divisions(c510115=None, c510115001=shapely.Polygon())) == []
    assert check_divisions(divisions(c510115001=WEST, c510115002=None)) == []


def test_a_layer_without_a_system_is_refused() -> None:
    with pytest.raises(MissingCrs, match="区划"):
        check_divisions(gpd.GeoDataFrame({"code": ["1"]}, geometry=[WEST]))
