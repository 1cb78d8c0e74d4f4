"""Points to divisions: the deepest, boundaries decided, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.locate import Locator

# A district of 4 × 2 degrees; its west is a street with two communities, its east a street with none.
CODES = ["510115", "510115002", "510115001", "510115001002", "510115001001"]
SHAPES = [
    shapely.box(100, 30, 104, 32),
    shapely.box(102, 30, 104, 32),
    shapely.box(100, 30, 102, 32),
    shapely.box(101, 30, 102, 31),
    shapely.box(100, 30, 101, 31),
]


def one(locator: Locator, lon: float, lat: float) -> str:
    """The code of one point."""
    return str(locator.locate([lon], [lat])[0])


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(CODES, SHAPES)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (100.5, 30.5, "510115001001"),
        (101.5, 30.5, "510115001002"),
        (100.5, 31.5, "510115001"),
        (103.0, 31.0, "510115002"),
        (99.0, 31.0, ""),
    ],
)
def test_the_deepest_division_is_found(locator: Locator, lon: float, lat: float, code: str) -> None:
    assert one(locator, lon, lat) == code


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (101.0, 30.5, "510115001001"),  # between two communities: the smaller code
        (102.0, 31.5, "510115001"),  # between two streets
        (102.0, 30.5, "510115001002"),  # between a community and a street: the deeper
        (100.0, 30.0, "510115001001"),  # a corner of everything
        (104.0, 32.0, "510115002"),  # a corner of the district
    ],
)
def test_a_boundary_belongs_to_the_deepest_then_to_the_smallest_code(
    locator: Locator, lon: float, lat: float, code: str
) -> None:
    assert one(locator, lon, lat) == code


def test_a_missing_coordinate_is_nowhere(locator: Locator) -> None:
    assert locator.locate([np.nan, 100.5, np.inf], [30.5, np.nan, 30.5]).tolist() == ["", "", ""]


def test_no_points_and_no_divisions_are_fine(locator: Locator) -> None:
    assert locator.locate([], []).tolist() == []
    assert Locator([], []).locate([104.0], [30.0]).tolist() == [""]


def test_a_division_without_geometry_is_never_found() -> None:
    assert one(Locator(["1", "12"], [None, shapely.Polygon()]), 104.0, 30.0) == ""


def test_a_multipolygon_holds_points_in_each_of_its_pieces() -> None:
    islands = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)])
    assert Locator(["7"], [islands]).locate([0.5, 5.5, 3.0], [0.5, 5.5, 3.0]).tolist() == ["7", "7", ""]


def test_codes_and_shapes_must_be_equally_many() -> None:
    with pytest.raises(ValueError, match="2 个，图形 1 个"):
        Locator(["1", "2"], [shapely.box(0, 0, 1, 1)])


@given(
    points=st.lists(st.tuples(st.floats(99.5, 104.5), st.floats(29.5, 32.5)), max_size=30),
    on_lines=st.lists(st.tuples(st.integers(100, 104), st.integers(30, 32)), max_size=10),
)
def test_many_points_at_once_are_placed_as_one_by_one_and_as_by_a_plain_loop(
    points: list[tuple[float, float]], on_lines: list[tuple[int, int]]
) -> None:
    everywhere = [*points, *((float(x), float(y)) for x, y in on_lines)]
    locator = Locator(CODES, SHAPES)
    together = locator.locate([p[0] for p in everywhere], [p[1] for p in everywhere]).tolist()
    assert together == [one(locator, *p) for p in everywhere]
    assert together == [plainly(*p) for p in everywhere]


def plainly(lon: float, lat: float) -> str:
    holding = [code for code, s in zip(CODES, SHAPES, strict=True) if s.covers(shapely.Point(lon, lat))]
    return min(holding, key=lambda code: (-len(code), code), default="")
