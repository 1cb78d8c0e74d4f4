"""Lengths and areas against figures known from the ellipsoid."""

from __future__ import annotations

import pytest
import shapely

from geo.measure import (
    LocalPlane,
    area_km2,
    areas_m2,
    distance_m,
    metres_per_degree,
)


def test_one_degree_of_latitude_at_the_equator_is_110_574_m() -> None:
    assert distance_m([104.0], [0.0], to_lon=104.0, to_lat=1.0)[0] == pytest.approx(110_574, abs=1)


def test_one_degree_of_longitude_at_the_equator_is_111_320_m() -> None:
    assert distance_m([104.0], [0.0], to_lon=105.0, to_lat=0.0)[0] == pytest.approx(111_320, abs=1)


def test_an_area_is_positive_whichever_way_the_ring_turns() -> None:
    square = shapely.box(104.0, 0.0, 105.0, 1.0)
    assert area_km2(square) == pytest.approx(12_309, abs=2)
    assert area_km2(square.reverse()) == area_km2(square)


def test_an_empty_geometry_has_no_area() -> None:
    assert area_km2(shapely.Polygon()) == 0.0


def test_areas_of_many_shapes_agree_with_the_geodesic_area() -> None:
    shapes = [
        shapely.box(103.8, 30.5, 103.9, 30.7),
        shapely.Point(104, 30).buffer(0.25),
        shapely.Polygon(),
        None,
    ]
    expected = [area_km2(shapes[0]) * 1e6, area_km2(shapes[1]) * 1e6, 0.0, 0.0]
    assert areas_m2(shapes).tolist() == pytest.approx(expected, rel=2e-5)
    assert areas_m2([]).tolist() == []


def test_a_degree_is_as_long_as_the_geodesic_says() -> None:
    lon_m, lat_m = metres_per_degree([0.0, 30.0])
    assert lat_m[1] == pytest.approx(distance_m([104], [29.5], to_lon=104, to_lat=30.5)[0], rel=1e-6)
    assert lon_m.tolist() == pytest.approx([111_319.49, 96_486.25], abs=0.1)


def test_the_local_plane_measures_in_metres_around_the_middle() -> None:
    line = shapely.LineString([(103.9, 30.6), (103.9, 30.7)])
    plane = LocalPlane.around(line)
    assert (plane.centre_lon, plane.centre_lat) == pytest.approx((103.9, 30.65))
    ground_m = distance_m([103.9], [30.6], to_lon=103.9, to_lat=30.7)[0]
    assert plane.to_metres(line).length == pytest.approx(ground_m, rel=1e-5)
    assert LocalPlane.around(shapely.Polygon()) == LocalPlane(0.0, 0.0)
