"""Guessing the coordinate system that a file is really in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import CoordinateSystem, from_cgcs2000, parse_system
from geo.crs_guess import METRES_PER_FOOT, Guess, guess_boundary_system, guess_system

# About 1 km across, so that the 300–700 m of GCJ-02 tell.
SMALL = shapely.box(106.570, 29.552, 106.580, 29.562)


def points_inside(outline: shapely.Polygon, *, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = outline.bounds
    across, up = np.meshgrid(
        np.linspace(0.05, 0.95, int(count**0.5)), np.linspace(0.05, 0.95, int(count**0.5))
    )
    return west + across.ravel() * (east - west), south + up.ravel() * (north - south)


@pytest.mark.parametrize("text", ["cgcs2000", "gcj02", "bd09"])
@pytest.mark.parametrize("swapped", [False, True])
def test_degrees_are_recognised_in_each_system_and_swapped(text: str, swapped: bool) -> None:
    system = parse_system(text)
    raw = from_cgcs2000(*points_inside(SMALL), system=system)
    best = guess_system(*(raw[::-1] if swapped else raw), outline=SMALL)[0]
    assert (best.system, best.swapped, best.unit, best.score) == (system, swapped, "degree", 1.0)


@pytest.mark.parametrize(
    "text",
    ["cgcs2000-gk3-cm105", "cgcs2000-gk3-cm108", "cgcs2000-gk3-zone36", "cgcs2000-gk6-zone18", "EPSG:3857"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_metres_labelled_degrees_are_recognised_by_their_projection(text: str, swapped: bool) -> None:
    system = parse_system(text)
    raw = from_cgcs2000(*points_inside(SMALL), system=system)
    guesses = guess_system(*(raw[::-1] if swapped else raw), outline=SMALL)
    best = [guess for guess in guesses if guess.score == 1.0]
    assert (system.value, swapped, "metre") in [(g.system.value, g.swapped, g.unit) for g in best]
    # 3° and 6° zones with one central meridian are the same projection; nothing else may fit.
    assert len({(g.system.value.split("-")[-1], g.swapped) for g in best}) <= 2


def test_feet_are_recognised() -> None:
    system = parse_system("cgcs2000-gk3-cm105")
    x, y = from_cgcs2000(*points_inside(SMALL), system=system)
    best = guess_system(x / METRES_PER_FOOT, y / METRES_PER_FOOT, outline=SMALL)[0]
    assert (best.unit, best.score) == ("foot", 1.0)
    assert "英尺" in best.reading


def test_plain_degrees_win_a_tie() -> None:
    wide = shapely.box(106.0, 29.0, 107.0, 30.0)
    assert guess_system([106.5], [29.5], outline=wide)[0].system == CoordinateSystem.CGCS2000


def test_points_far_away_fit_under_no_reading() -> None:
    assert {guess.score for guess in guess_system([150.0], [-20.0], outline=SMALL)} == {0.0}


def test_missing_coordinates_are_left_out_and_no_point_gives_no_reading() -> None:
    assert guess_system([106.575, np.nan], [29.557, 29.0], outline=SMALL)[0].score == 1.0
    assert guess_system([np.nan], [29.0], outline=SMALL) == []


def test_a_reading_is_told_in_chinese() -> None:
    guess = Guess(CoordinateSystem.GCJ02, True, "degree", 0.984)
    assert guess.text == "按“GCJ-02（高德、腾讯），经纬度互换”解读，吻合度 98.4%"


@pytest.mark.parametrize("text", ["cgcs2000", "gcj02", "bd09", "cgcs2000-gk3-cm108"])
def test_a_boundary_file_is_recognised_by_its_overlap(text: str) -> None:
    system = parse_system(text)
    ring = np.array(shapely.segmentize(SMALL, 0.001).exterior.coords)
    raw = np.column_stack(from_cgcs2000(ring[:, 0], ring[:, 1], system=system))
    layer = gpd.GeoDataFrame(geometry=[shapely.Polygon(raw), None], crs=4326)
    best = guess_boundary_system(layer, reference_outline=SMALL)[0]
    assert best.system.value == text
    assert best.score > 0.999


def test_a_boundary_layer_without_shapes_gives_no_reading() -> None:
    layer = gpd.GeoDataFrame(geometry=[None, shapely.Polygon()], crs=4326)
    assert guess_boundary_system(layer, reference_outline=SMALL) == []


@pytest.mark.shared_data
def test_district_outlines_labelled_4326_are_recognised_as_gcj02(shared_data: Path) -> None:
    known = gpd.read_file(shared_data / "districts_cgcs2000.geojson").set_index("adcode").geometry
    labelled = gpd.read_file(shared_data / "districts_gcj02_declared_as_4326.geojson").set_index("adcode")
    assert len(labelled) == 23
    for adcode in labelled.index:
        best = guess_boundary_system(labelled.loc[[adcode]], reference_outline=known[adcode])[0]
        assert (adcode, best.system, best.swapped) == (adcode, CoordinateSystem.GCJ02, False)


@pytest.mark.shared_data
def test_district_outlines_in_cgcs2000_are_left_as_they_are(shared_data: Path) -> None:
    known = gpd.read_file(shared_data / "districts_cgcs2000.geojson").set_index("adcode")
    best = guess_boundary_system(known.loc[["510115"]], reference_outline=known.geometry["510115"])[0]
    assert best.system == CoordinateSystem.CGCS2000
    assert best.score == pytest.approx(1.0)
