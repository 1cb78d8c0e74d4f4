"""Cell keys: a range is a tile, a child lies in its parent, decoding is within one unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import cells

LON = st.floats(-180.0, 180.0)
LAT = st.floats(-85.0, 85.0)
UNIT_DEG = 360.0 / cells.SIDE
KEY = st.integers(0, (1 << 62) - 1)


@st.composite
def tiles(draw: st.DrawFn) -> tuple[int, int, int]:
    z = draw(st.integers(0, cells.BITS))
    return z, draw(st.integers(0, (1 << z) - 1)), draw(st.integers(0, (1 << z) - 1))


def slow_key(x: int, y: int) -> int:
    """Interleaving, one bit after the other."""
    return sum(((x >> bit) & 1) << (2 * bit) | ((y >> bit) & 1) << (2 * bit + 1) for bit in range(cells.BITS))


def test_the_four_tiles_of_zoom_one_are_the_four_quarters_of_the_keys() -> None:
    quarter = 1 << 60
    assert cells.tile_range(1, 0, 0) == (0, quarter)
    assert cells.tile_range(1, 1, 0) == (quarter, 2 * quarter)
    assert cells.tile_range(1, 0, 1) == (2 * quarter, 3 * quarter)
    assert cells.tile_range(1, 1, 1) == (3 * quarter, 4 * quarter)


def test_the_point_in_the_middle_of_the_map_is_in_the_south_eastern_quarter() -> None:
    assert cells.encode_one(0.0, 0.0) == 3 << 60


def test_the_corners_of_the_map_have_the_first_and_the_last_key() -> None:
    assert cells.encode_one(-180.0, cells.MAX_LAT_DEG) == 0
    assert cells.encode_one(180.0, -cells.MAX_LAT_DEG) == (1 << 62) - 1


@given(lon=LON, lat=LAT, z=st.integers(0, cells.BITS))
def test_a_point_lies_in_the_range_of_its_tile_and_of_no_other(lon: float, lat: float, z: int) -> None:
    low, high = cells.tile_range(z, *cells.tile_of(lon, lat, z=z))
    assert low <= cells.encode_one(lon, lat) < high
    assert high - low == 1 << (2 * (cells.BITS - z))


@given(tile=tiles())
def test_the_ranges_of_a_tiles_children_are_its_own_range_cut_in_four(tile: tuple[int, int, int]) -> None:
    z, x, y = tile
    if z == cells.BITS:
        return
    low, high = cells.tile_range(z, x, y)
    children = sorted(cells.tile_range(z + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1))
    assert [children[0][0], *(child[1] for child in children)] == [
        low + k * (high - low) // 4 for k in range(5)
    ]


@given(lon=LON, lat=LAT, z=st.integers(1, cells.BITS))
def test_a_childs_tile_lies_in_its_parents_tile(lon: float, lat: float, z: int) -> None:
    x, y = cells.tile_of(lon, lat, z=z)
    assert cells.tile_of(lon, lat, z=z - 1) == (x >> 1, y >> 1)


@given(lon=LON, lat=LAT)
def test_decoding_gives_the_place_within_one_unit(lon: float, lat: float) -> None:
    there_lon, there_lat = cells.decode([cells.encode_one(lon, lat)])
    assert abs(there_lon[0] - lon) <= UNIT_DEG
    assert abs(there_lat[0] - lat) <= UNIT_DEG


@given(key=KEY)
def test_the_centre_of_a_cell_has_that_cells_key(key: int) -> None:
    assert cells.encode(*cells.decode([key]))[0] == key


@given(x=st.integers(0, cells.SIDE - 1), y=st.integers(0, cells.SIDE - 1))
def test_interleaving_agrees_with_the_bit_by_bit_definition_and_is_undone(x: int, y: int) -> None:
    key = cells.interleave(np.array([x], dtype=np.int64), np.array([y], dtype=np.int64))
    assert key[0] == slow_key(x, y)
    back_x, back_y = cells.deinterleave(key)
    assert (back_x[0], back_y[0]) == (x, y)


@given(lon=LON, lat=LAT, z=st.integers(0, 31))
def test_a_shifted_key_names_the_tile(lon: float, lat: float, z: int) -> None:
    x, y = cells.tile_of(lon, lat, z=z)
    assert cells.encode_one(lon, lat) >> cells.tile_shift(z) == slow_key(x, y)


@pytest.mark.parametrize(("lon", "lat"), [(np.nan, 30.0), (104.0, np.inf)])
def test_a_missing_position_has_no_key(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="没有坐标"):
        cells.encode([104.0, lon], [30.0, lat])


@pytest.mark.parametrize("tile", [(-1, 0, 0), (32, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_a_tile_that_does_not_exist_is_refused(tile: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="应在 0 到"):
        cells.tile_range(*tile)


@pytest.mark.parametrize(("lat", "edge"), [(90.0, cells.MAX_LAT_DEG), (-90.0, -cells.MAX_LAT_DEG)])
def test_a_point_beyond_the_map_is_held_at_its_edge(lat: float, edge: float) -> None:
    assert cells.encode_one(104.0, lat) == cells.encode_one(104.0, edge)


def test_no_points_have_no_keys() -> None:
    assert cells.encode([], []).tolist() == []
