"""Polygons and rectangles as ranges of cell keys."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import cells
from geo.cell_ranges import CompiledPolygon, Range, compile_polygon, tile_rectangle_ranges
from geo.errors import PolygonError

SQUARE = [(103.8, 30.6), (103.9, 30.6), (103.9, 30.7), (103.8, 30.7)]


def within(ranges: tuple[Range, ...], key: int) -> bool:
    return any(low <= key < high for low, high in ranges)


@st.composite
def stars(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Star-shaped rings of 3 to 40 vertices, from metres to tens of kilometres."""
    count = draw(st.integers(3, 40))
    size = draw(st.sampled_from([1e-5, 1e-3, 0.05, 0.5]))
    lon, lat = draw(st.floats(80, 130)), draw(st.floats(10, 50))
    radii = draw(st.lists(st.floats(0.2, 1.0), min_size=count, max_size=count))
    turns = [2 * math.pi * k / count for k in range(count)]
    corners = zip(radii, turns, strict=True)
    return [(lon + size * r * math.cos(t), lat + size * r * math.sin(t)) for r, t in corners]


def assert_agrees(compiled: CompiledPolygon, lon: float, lat: float) -> None:
    key = cells.encode_one(lon, lat)
    exact = bool(shapely.Polygon(compiled.vertices).covers(shapely.Point(lon, lat)))
    assert bool(compiled.contains(lon, lat)) == exact
    interior, boundary = within(compiled.interior, key), within(compiled.boundary, key)
    assert not (interior and boundary)
    assert exact == (interior or (boundary and exact))
    assert exact or not interior


@given(ring=stars(), shares=st.lists(st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1)), max_size=40))
def test_a_point_is_inside_just_when_its_cell_is_interior_or_it_passes_the_test_on_the_boundary(
    ring: list[tuple[float, float]], shares: list[tuple[float, float]]
) -> None:
    compiled = compile_polygon(ring)
    west, south, east, north = compiled.polygon.bounds
    for across, up in shares:
        assert_agrees(compiled, west + across * (east - west), south + up * (north - south))


@given(ring=stars(), place=st.integers(0, 39), share=st.floats(0.0, 1.0))
def test_points_on_the_edge_and_at_the_vertices_are_never_lost(
    ring: list[tuple[float, float]], place: int, share: float
) -> None:
    compiled = compile_polygon(ring)
    (x0, y0), (x1, y1) = ring[place % len(ring)], ring[(place + 1) % len(ring)]
    assert_agrees(compiled, x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    assert within(compiled.boundary, cells.encode_one(x0, y0))
    assert bool(compiled.contains(x0, y0))


@given(z=st.integers(3, 20), tile=st.tuples(st.floats(0.55, 0.85), st.floats(0.3, 0.48)))
def test_a_polygon_along_tile_edges_loses_no_point_of_the_tile(z: int, tile: tuple[float, float]) -> None:
    x, y = int(tile[0] * (1 << z)), int(tile[1] * (1 << z))
    west, east = (k / (1 << z) * 360 - 180 for k in (x, x + 1))
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * k / (1 << z))))) for k in (y, y + 1))
    compiled = compile_polygon([(west, south), (east, south), (east, north), (west, north)])
    low, high = cells.tile_range(z, x, y)
    for key in (low, (low + high) // 2, high - 1):
        assert within(compiled.interior + compiled.boundary, key)
    for corner in ((west, south), (east, south), (east, north), (west, north)):
        assert_agrees(compiled, *corner)


@given(ring=stars(), max_ranges=st.integers(8, 300))
def test_ranges_are_ascending_apart_and_within_the_limit(
    ring: list[tuple[float, float]], max_ranges: int
) -> None:
    compiled = compile_polygon(ring, max_ranges=max_ranges)
    for ranges in (compiled.interior, compiled.boundary):
        assert all(low < high for low, high in ranges)
        assert all(before[1] < after[0] for before, after in pairwise(ranges))
    assert 1 <= len(compiled.interior) + len(compiled.boundary) <= max_ranges


def test_more_ranges_leave_fewer_cells_to_the_exact_test() -> None:
    sizes = []
    for max_ranges in (16, 64, 256):
        compiled = compile_polygon(SQUARE, max_ranges=max_ranges)
        sizes.append(sum(high - low for low, high in compiled.boundary))
    assert sizes[0] > sizes[1] > sizes[2]


def test_a_repeated_closing_vertex_changes_nothing() -> None:
    assert compile_polygon([*SQUARE, SQUARE[0]]) == compile_polygon(SQUARE)


def test_a_missing_position_is_in_no_polygon() -> None:
    assert compile_polygon(SQUARE).contains([np.nan, 103.85], [30.65, 30.65]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([], "只有 0 个"),
        (SQUARE[:2], "至少要 3 个"),
        ([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1]], "只有 2 个不同的顶点"),
        ([(104.0 + k / 1000, 30.0 + (k % 2) / 10) for k in range(101)], "有 101 个顶点，最多 100 个"),
        ([(103.8, 30.6), (103.9, 30.7), (103.9, 30.6), (103.8, 30.7)], "自己与自己相交"),
        ([(103.8, 30.6), (103.9, 30.6), (104.0, 30.6)], "没有面积"),
        ([(103.8, 30.6), (203.9, 30.6), (103.9, 30.7)], "经度 203.9"),
        ([(103.8, 30.6), (103.9, 89.0), (103.9, 30.7)], "纬度 89.0"),
        ([(103.8, 30.6), (math.nan, 30.0), (103.9, 30.7)], "地图之外"),
    ],
)
def test_an_unusable_polygon_is_refused_in_words(ring: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(PolygonError, match=words):
        compile_polygon(ring)


def test_one_tile_as_a_rectangle_is_its_own_range() -> None:
    assert tile_rectangle_ranges(12, 3200, 1680, 3200, 1680) == [cells.tile_range(12, 3200, 1680)]


def test_all_tiles_of_a_zoom_are_one_range() -> None:
    assert tile_rectangle_ranges(5, 0, 0, 31, 31) == [(0, 1 << 62)]


@given(z=st.integers(0, 6), corners=st.tuples(*[st.integers(0, 63)] * 4))
def test_a_rectangles_ranges_hold_exactly_the_keys_of_its_tiles(
    z: int, corners: tuple[int, int, int, int]
) -> None:
    side = 1 << z
    x0, x1 = sorted((corners[0] % side, corners[1] % side))
    y0, y1 = sorted((corners[2] % side, corners[3] % side))
    found = tile_rectangle_ranges(z, x0, y0, x1, y1)
    tile = 1 << (2 * (cells.BITS - z))
    keys = {k for low, high in found for k in range(low // tile, high // tile)}
    expected = {cells.tile_range(z, x, y)[0] // tile for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)}
    assert keys == expected
    assert all(before[1] < after[0] for before, after in pairwise(found))


@given(z=st.integers(8, 22), x=st.floats(0, 1), y=st.floats(0, 1))
def test_a_screen_of_tiles_needs_few_ranges(z: int, x: float, y: float) -> None:
    x0, y0 = int(x * ((1 << z) - 10)), int(y * ((1 << z) - 6))
    assert len(tile_rectangle_ranges(z, x0, y0, x0 + 9, y0 + 5)) <= 40


@pytest.mark.parametrize("rectangle", [(3, 0, 0, 8, 0), (3, -1, 0, 0, 0), (3, 5, 0, 4, 0)])
def test_a_rectangle_of_tiles_that_do_not_exist_is_refused(rectangle: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="瓦片"):
        tile_rectangle_ranges(*rectangle)


def test_a_polygon_over_the_whole_map_compiles() -> None:
    edge = 85.0
    compiled = compile_polygon([(-180.0, -edge), (180.0, -edge), (180.0, edge), (-180.0, edge)])
    assert within(compiled.interior, cells.encode_one(104.0, 30.0))
