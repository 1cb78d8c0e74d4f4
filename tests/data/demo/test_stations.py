"""Stations and staff of the demo: capacity, recognisably invented."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from data.demo import facts
from data.demo.rows import Row, station_rows
from data.demo.stations import build_stations
from data.demo.world import World
from data.opening_hours import parse_hours
from data.vocabulary import StationKind
from geo.cells import encode_one
from geo.locate import Locator


@pytest.fixture(scope="module")
def stations(world: World) -> list[Row]:
    return build_stations(world.places, seed=world.seed)


def test_every_kind_is_there_and_every_street_and_community_has_its_centre(stations: list[Row]) -> None:
    kinds = Counter(station["kind"] for station in stations)

    assert set(kinds) == set(StationKind)
    assert kinds[StationKind.STREET_CENTRE] == 9
    assert kinds[StationKind.COMMUNITY_CENTRE] == 95
    assert 140 <= len(stations) <= 160


def test_a_station_lies_in_the_grid_of_its_code_and_within_what_it_serves(
    world: World, stations: list[Row]
) -> None:
    locator = Locator([code for code, _ in world.grids], [polygon for _, polygon in world.grids])

    for station in stations:
        assert locator.locate([station["lon"]], [station["lat"]]).tolist() == [station["code"]]
        assert all(station["code"].startswith(prefix) for prefix in station["serves"])


def test_a_station_says_when_it_is_open_and_what_it_can_do(stations: list[Row]) -> None:
    for station in stations:
        assert parse_hours(station["hours"]).describe(), station
        assert station["items"], station
        assert station["area_m2"] > 0, station


def test_some_centres_are_smaller_than_practice_asks_for(stations: list[Row]) -> None:
    areas = [s["area_m2"] for s in stations if s["kind"] == StationKind.COMMUNITY_CENTRE]

    assert 0 < sum(area < 600 for area in areas) < len(areas) / 2


def test_names_numbers_and_cells_of_the_rows(world: World) -> None:
    rows = station_rows(world, batch_id=1)

    assert len({row["name"] for row in rows}) == len(rows)
    assert all(row["initials"] for row in rows)
    assert all(row["cell"] == encode_one(row["lon"], row["lat"]) for row in rows)
    assert all(re.fullmatch(r"028-0000-1\d{3}", row["phone"]) for row in rows)


def test_every_grid_community_and_street_has_somebody_who_answers_for_it(world: World) -> None:
    crew = world.crew

    assert {("网格员", code) for code, _ in world.grids} <= crew.by_post.keys()
    assert {("社区书记", code) for code, _ in facts.communities()} <= crew.by_post.keys()
    assert {("街道书记", street.code) for street in facts.streets()} <= crew.by_post.keys()
    assert all(crew.by_department[department.code] for department in facts.departments())


def test_names_and_telephone_numbers_of_staff_are_recognisable_as_invented(world: World) -> None:
    for person in world.crew.everyone:
        assert re.fullmatch(r"演示员\d{4}", person.name)
        assert re.fullmatch(r"000-0000-\d{4}", person.phone)
