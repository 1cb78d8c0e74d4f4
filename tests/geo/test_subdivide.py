"""Splitting an outline: the parts tile it exactly, are connected, and come out the same each time."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.errors import SubdivideError
from geo.measure import area_km2, areas_m2
from geo.subdivide import subdivide

SQUARE = shapely.box(104.0, 30.0, 104.1, 30.1)


def assert_tiles(whole: shapely.Polygon, parts: list[shapely.Polygon]) -> None:
    """No gap, no overlap, nothing outside, every part one valid piece."""
    shapes = np.array(parts, dtype=object)
    assert all(isinstance(part, shapely.Polygon) and part.is_valid for part in parts)
    assert abs(shapely.area(shapes).sum() - whole.area) / whole.area < 1e-9
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    common = shapely.intersection(shapes[first[pairs]], shapes[second[pairs]])
    assert areas_m2(common).max(initial=0.0) < 1e-6
    assert areas_m2([shapely.difference(shapely.union_all(shapes), whole)])[0] < 1e-3


@settings(max_examples=40)
@given(parts=st.integers(1, 40), seed=st.integers(0, 10_000), roughness=st.sampled_from([0.0, 0.12, 0.5]))
def test_parts_tile_a_square(parts: int, seed: int, roughness: float) -> None:
    found = subdivide(SQUARE, parts=parts, seed=seed, roughness=roughness)
    assert len(found) == parts
    assert_tiles(SQUARE, found)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("parts", [2, 7, 30])
def test_parts_of_an_outline_with_a_bay_stay_connected(
    horseshoe: shapely.Polygon, parts: int, seed: int
) -> None:
    found = subdivide(horseshoe, parts=parts, seed=seed)
    assert len(found) == parts
    assert_tiles(horseshoe, found)


def test_neighbouring_parts_share_their_vertices_exactly() -> None:
    found = subdivide(SQUARE, parts=20, seed=3)
    assert shapely.coverage_is_valid(found)


def test_a_hole_in_the_outline_stays_a_hole() -> None:
    ring = shapely.Polygon(
        SQUARE.exterior.coords, [shapely.box(104.04, 30.04, 104.06, 30.06).exterior.coords]
    )
    assert_tiles(ring, subdivide(ring, parts=9, seed=1))


def test_the_same_seed_gives_the_same_parts_and_another_seed_others() -> None:
    first, again = subdivide(SQUARE, parts=12, seed=5), subdivide(SQUARE, parts=12, seed=5)
    assert shapely.equals_identical(first, again).all()
    assert not shapely.equals(first, subdivide(SQUARE, parts=12, seed=6)).all()


def test_parts_are_small_where_the_weight_is_high() -> None:
    def weights(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(lon < 104.05, 10.0, 1.0) + 0.0 * lat

    found = subdivide(SQUARE, parts=40, seed=2, weights=weights)
    west = [part for part in found if part.centroid.x < 104.05]
    assert len(west) > 25
    mean_west = sum(map(area_km2, west)) / len(west)
    mean_east = (area_km2(SQUARE) - sum(map(area_km2, west))) / (40 - len(west))
    assert mean_west < mean_east / 1.7


@pytest.mark.parametrize("seed", range(8))
def test_without_weights_no_part_is_five_times_as_large_as_another(seed: int) -> None:
    areas = areas_m2(subdivide(SQUARE, parts=50, seed=seed))
    assert areas.max() / areas.min() < 5.0


def test_parts_come_in_the_order_of_their_centres_and_hold_them() -> None:
    centres = [(104.09, 30.01), (104.01, 30.09), (104.05, 30.05), (104.02, 30.02)]
    found = subdivide(SQUARE, parts=4, seed=1, centres=centres)
    assert [part.contains(shapely.Point(c)) for part, c in zip(found, centres, strict=True)] == [True] * 4


def test_straight_edges_meet_halfway_between_two_centres() -> None:
    west, east = subdivide(
        SQUARE, parts=2, seed=1, centres=[(104.02, 30.05), (104.08, 30.05)], roughness=0.0
    )  # fmt: skip
    assert west.bounds == pytest.approx((104.0, 30.0, 104.05, 30.1))
    assert east.bounds == pytest.approx((104.05, 30.0, 104.1, 30.1))


def test_rough_edges_are_bent_in_steps_of_about_the_detail() -> None:
    (west, _) = subdivide(
        SQUARE, parts=2, seed=1, centres=[(104.02, 30.05), (104.08, 30.05)], detail_m=400
    )  # fmt: skip
    inner = [c for c in west.exterior.coords if c[0] > 104.0 and 30.0 < c[1] < 30.1]
    # The edge of 11 km is part of a longer Voronoi edge that is halved until its pieces are below 400 m.
    assert 11_057 / 400 <= len(inner) + 1 <= 2 * 11_057 / 400 + 2


def test_a_multipolygon_of_one_piece_is_split_like_its_piece() -> None:
    found = subdivide(shapely.MultiPolygon([SQUARE]), parts=3, seed=1)
    assert shapely.equals_identical(found, subdivide(SQUARE, parts=3, seed=1)).all()


@pytest.mark.parametrize(
    ("outline", "parts", "words"),
    [
        (shapely.Polygon(), 3, "现有 0 块"),
        (shapely.MultiPolygon([SQUARE, shapely.box(105, 30, 106, 31)]), 3, "现有 2 块"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), 3, "有效的多边形"),
        (SQUARE, 0, "不能分成 0 份"),
    ],
)
def test_what_cannot_be_split_is_refused_in_words(outline: shapely.Polygon, parts: int, words: str) -> None:
    with pytest.raises(SubdivideError, match=words):
        subdivide(outline, parts=parts, seed=1)


def test_centres_must_be_as_many_as_parts_apart_and_inside() -> None:
    with pytest.raises(SubdivideError, match="个数要相等"):
        subdivide(SQUARE, parts=2, seed=1, centres=[(104.05, 30.05)])
    with pytest.raises(SubdivideError, match="不能重复"):
        subdivide(SQUARE, parts=2, seed=1, centres=[(104.05, 30.05), (104.05, 30.05)])
    with pytest.raises(SubdivideError, match=r"（105，30.05）在轮廓之外"):
        subdivide(SQUARE, parts=2, seed=1, centres=[(104.05, 30.05), (105.0, 30.05)])


def test_weights_must_be_numbers_not_below_zero() -> None:
    with pytest.raises(SubdivideError, match="密度函数"):
        subdivide(SQUARE, parts=2, seed=1, weights=lambda lon, lat: -np.ones_like(lon + lat))


@pytest.mark.shared_data
def test_a_real_district_splits_into_streets_communities_and_a_thousand_grids(shared_data: Path) -> None:
    districts = gpd.read_file(shared_data / "districts_cgcs2000.geojson").set_index("adcode")
    (district,) = districts.geometry["510115"].geoms
    streets = subdivide(district, parts=9, seed=1)
    communities = [c for k, street in enumerate(streets) for c in subdivide(street, parts=11, seed=10 + k)]
    grids = [g for k, c in enumerate(communities) for g in subdivide(c, parts=10, seed=100 + k)]
    assert (len(streets), len(communities), len(grids)) == (9, 99, 990)
    for parts in (streets, communities, grids):
        assert_tiles(district, parts)
