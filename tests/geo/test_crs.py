"""Coordinate systems: known values, round trips under 0.1 m, and spellings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import gcj02
from geo.crs import (
    CoordinateSystem,
    all_systems,
    from_cgcs2000,
    gauss_kruger_systems,
    layer_to_cgcs2000,
    parse_system,
    require_cgcs2000,
    to_cgcs2000,
)
from geo.errors import MissingCrs, UnknownCoordinateSystem, WrongCrs
from geo.measure import distance_m

CHENGDU = (104.0657, 30.6595)

# Well inside the mainland: from Yunnan to Heilongjiang.
LON = st.floats(100.0, 117.0)
LAT = st.floats(24.0, 41.0)
SHIFTED = [CoordinateSystem.GCJ02, CoordinateSystem.BD09]


@pytest.mark.parametrize("system", SHIFTED, ids=str)
@given(lon=LON, lat=LAT)
def test_a_round_trip_through_a_shifted_system_is_below_a_millimetre(
    system: CoordinateSystem, lon: float, lat: float
) -> None:
    back = to_cgcs2000(*from_cgcs2000([lon], [lat], system=system), system=system)
    assert distance_m(*back, to_lon=lon, to_lat=lat)[0] < 0.001


@given(lon=LON, lat=LAT)
def test_gcj02_moves_a_point_by_hundreds_of_metres(lon: float, lat: float) -> None:
    moved = from_cgcs2000([lon], [lat], system=CoordinateSystem.GCJ02)
    assert 50.0 < distance_m(*moved, to_lon=lon, to_lat=lat)[0] < 1_000.0


@given(system=st.sampled_from(gauss_kruger_systems()), east=st.floats(-1.4, 1.4), lat=st.floats(18.0, 53.0))
def test_a_round_trip_through_a_gauss_kruger_zone_is_below_a_millimetre(
    system: CoordinateSystem, east: float, lat: float
) -> None:
    assert system.epsg is not None
    projection = pyproj.CRS(system.epsg).coordinate_operation
    assert projection is not None
    lon = east + float(next(p.value for p in projection.params if p.name == "Longitude of natural origin"))
    back = to_cgcs2000(*from_cgcs2000([lon], [lat], system=system), system=system)
    assert distance_m(*back, to_lon=lon, to_lat=lat)[0] < 0.001


@given(lon=st.floats(73.0, 135.0), lat=st.floats(3.0, 54.0))
def test_a_round_trip_through_web_mercator_is_below_a_millimetre(lon: float, lat: float) -> None:
    system = CoordinateSystem.WEB_MERCATOR
    back = to_cgcs2000(*from_cgcs2000([lon], [lat], system=system), system=system)
    assert distance_m(*back, to_lon=lon, to_lat=lat)[0] < 0.001


def test_gcj02_agrees_with_published_values_in_beijing() -> None:
    lon, lat = from_cgcs2000([116.404], [39.915], system=CoordinateSystem.GCJ02)
    assert (lon[0], lat[0]) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)


def test_bd09_agrees_with_published_values_in_beijing() -> None:
    real = to_cgcs2000([116.404], [39.915], system=CoordinateSystem.GCJ02)
    lon, lat = from_cgcs2000(*real, system=CoordinateSystem.BD09)
    assert (lon[0], lat[0]) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@pytest.mark.parametrize("system", SHIFTED, ids=str)
@pytest.mark.parametrize(
    ("city", "lon", "lat"),
    [
        ("波士顿", -71.06, 42.36), ("台北", 121.56, 25.04), ("首尔", 126.98, 37.57), ("东京", 139.7, 35.7),
        ("乌兰巴托", 106.9, 47.9), ("河内", 105.85, 21.03), ("新德里", 77.2, 28.6), ("悉尼", 151.2, -33.9),
    ],
)  # fmt: skip
def test_outside_the_mainland_the_shifted_systems_are_the_identity(
    system: CoordinateSystem, city: str, lon: float, lat: float
) -> None:
    there = from_cgcs2000([lon], [lat], system=system)
    back = to_cgcs2000([lon], [lat], system=system)
    assert (there[0][0], there[1][0], back[0][0], back[1][0]) == (lon, lat, lon, lat), city


@pytest.mark.parametrize(
    ("town", "lon", "lat"),
    [
        ("黑河", 127.5, 50.24), ("塔什库尔干", 75.2, 37.8), ("漠河", 122.5, 53.5), ("抚远", 134.3, 48.3),
        ("三亚", 109.5, 18.2), ("瑞丽", 97.85, 24.0), ("丹东", 124.38, 40.12), ("珲春", 130.36, 42.86),
        ("厦门", 118.1, 24.48), ("阿拉山口", 82.57, 45.17), ("舟山", 122.2, 30.0), ("樟木", 85.98, 27.99),
        ("亚东", 88.9, 27.5), ("河口", 103.96, 22.5), ("东兴", 107.97, 21.54), ("长白", 128.2, 41.42),
    ],
)  # fmt: skip
def test_border_towns_of_the_mainland_are_inside_the_coarse_outline(
    town: str, lon: float, lat: float
) -> None:
    assert shapely.contains_xy(gcj02.MAINLAND, lon, lat), town


def test_gauss_kruger_agrees_with_the_definition_on_the_central_meridian() -> None:
    # On the central meridian the easting is the false easting and the northing the meridian arc.
    x, y = from_cgcs2000([105.0], [0.0], system=parse_system("cgcs2000-gk3-cm105"))
    assert (x[0], y[0]) == pytest.approx((500_000.0, 0.0), abs=1e-6)
    x, y = from_cgcs2000([105.0], [0.0], system=parse_system("cgcs2000-gk3-zone35"))
    assert (x[0], y[0]) == pytest.approx((35_500_000.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("system", gauss_kruger_systems(), ids=str)
def test_each_zone_has_the_epsg_number_of_the_register(system: CoordinateSystem) -> None:
    assert system.epsg is not None
    official = pyproj.CRS(system.epsg)
    _, width, place = system.value.split("-")
    assert ("3-degree" in official.name) == (width == "gk3")
    if place.startswith("cm"):
        assert official.name.endswith(f"CM {place[2:]}E")
    else:
        assert official.name.endswith(f"zone {place[4:]}")


def test_there_are_the_64_zones_from_4491_to_4554() -> None:
    assert sorted(system.epsg or 0 for system in gauss_kruger_systems()) == list(range(4491, 4555))


@pytest.mark.parametrize("system", all_systems(), ids=str)
def test_every_system_is_found_by_its_own_spelling(system: CoordinateSystem) -> None:
    assert parse_system(system.value) == system
    assert parse_system(f" {system.value.upper()} ") == system


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CGCS2000", "cgcs2000"), ("EPSG:4490", "cgcs2000"), ("国家2000", "cgcs2000"), ("WGS-84", "wgs84"),
        ("EPSG:4326", "wgs84"), ("GCJ-02", "gcj02"), ("火星坐标", "gcj02"), ("BD-09", "bd09"),
        ("百度", "bd09"),
        ("EPSG:4545", "cgcs2000-gk3-cm108"), ("4513", "cgcs2000-gk3-zone25"), ("epsg:3857", "EPSG:3857"),
    ],
)  # fmt: skip
def test_usual_spellings_are_understood(text: str, value: str) -> None:
    assert parse_system(text).value == value


@pytest.mark.parametrize("text", ["", "西安80", "EPSG:4555", "gk3", "cgcs2000-gk3-cm106"])
def test_an_unknown_system_is_told_with_what_may_be_written(text: str) -> None:
    with pytest.raises(UnknownCoordinateSystem) as error:
        parse_system(text)
    assert f"“{text}”" in str(error.value)
    assert "gcj02" in str(error.value)
    assert "cgcs2000-gk3-cm105" in str(error.value)


@pytest.mark.parametrize("system", all_systems(), ids=str)
def test_a_missing_coordinate_stays_missing(system: CoordinateSystem) -> None:
    lon, _ = to_cgcs2000([np.nan], [30.0], system=system)
    assert np.isnan(lon[0])
    x, _ = from_cgcs2000([np.nan], [30.0], system=system)
    assert np.isnan(x[0])


@pytest.mark.parametrize("system", all_systems(), ids=str)
def test_a_single_pair_of_numbers_is_read_like_an_array(system: CoordinateSystem) -> None:
    there = from_cgcs2000(104.0, 30.0, system=system)
    lon, lat = to_cgcs2000(*there, system=system)
    assert (float(lon), float(lat)) == pytest.approx((104.0, 30.0))


def test_no_points_give_no_points() -> None:
    for system in all_systems():
        lon, lat = to_cgcs2000([], [], system=system)
        assert (len(lon), len(lat)) == (0, 0)


def test_a_layer_is_read_as_declared_whatever_it_says_itself() -> None:
    shifted = from_cgcs2000([CHENGDU[0]], [CHENGDU[1]], system=CoordinateSystem.GCJ02)
    layer = gpd.GeoDataFrame({"name": ["甲"]}, geometry=gpd.points_from_xy(*shifted), crs=4326)
    moved = layer_to_cgcs2000(layer, system=CoordinateSystem.GCJ02)
    assert moved.crs.to_epsg() == 4490
    assert (moved.geometry.x[0], moved.geometry.y[0]) == pytest.approx(CHENGDU, abs=1e-9)
    assert layer.geometry.x[0] == shifted[0][0]


def test_a_layer_that_has_no_place_in_the_declared_system_is_refused() -> None:
    layer = gpd.GeoDataFrame(geometry=[shapely.box(1e9, 1e9, 2e9, 2e9)], crs=4326)
    with pytest.raises(WrongCrs, match="没有位置：请核对所声明的坐标系"):
        layer_to_cgcs2000(layer, system=parse_system("cgcs2000-gk3-cm105"))


def test_a_layer_without_a_system_is_refused() -> None:
    layer = gpd.GeoDataFrame(geometry=gpd.points_from_xy([104.0], [30.0]))
    with pytest.raises(MissingCrs, match="网格"):
        require_cgcs2000(layer, name="网格")


def test_a_layer_in_metres_is_refused_by_name() -> None:
    layer = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [0.0]), crs=3857)
    with pytest.raises(WrongCrs, match="Pseudo-Mercator"):
        require_cgcs2000(layer, name="网格")
