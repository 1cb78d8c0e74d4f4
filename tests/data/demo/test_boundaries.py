"""The invented boundaries tile the real outline exactly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely

from data.codes import parent_of
from data.demo import facts
from data.demo.boundaries import GRIDS, build_grids
from data.demo.rows import Row, division_rows
from data.demo.world import World
from data.vocabulary import CODE_LENGTH, Level


@pytest.fixture(scope="module")
def divisions(world: World) -> list[Row]:
    return division_rows(world, batch_id=1)


def shapes_of(divisions: list[Row], level: Level) -> list[shapely.Geometry]:
    return [shapely.from_wkb(row["geometry"]) for row in divisions if row["level"] == level]


def test_there_are_a_thousand_grids_in_95_communities_of_9_streets(divisions: list[Row]) -> None:
    assert Counter(row["level"] for row in divisions) == {
        Level.DISTRICT: 1,
        Level.STREET: 9,
        Level.COMMUNITY: 95,
        Level.GRID: GRIDS,
    }


@pytest.mark.parametrize("level", [Level.STREET, Level.COMMUNITY, Level.GRID])
def test_areas_of_a_level_tile_the_outline_without_gap_or_overlap(divisions: list[Row], level: Level) -> None:
    shapes = np.array(shapes_of(divisions, level))
    (district,) = shapes_of(divisions, Level.DISTRICT)

    assert shapely.coverage_is_valid(shapes)
    assert shapely.coverage_union_all(shapes).normalize().equals_exact(district.normalize(), tolerance=0)
    assert float(shapely.area(shapes).sum()) == pytest.approx(district.area, rel=1e-12)


def test_the_district_is_its_real_outline(divisions: list[Row]) -> None:
    (district,) = shapes_of(divisions, Level.DISTRICT)
    outline = facts.district()[2]

    assert district.symmetric_difference(outline).area < 1e-15
    assert district.hausdorff_distance(outline) < 1e-12


@pytest.mark.parametrize("level", [Level.STREET, Level.COMMUNITY, Level.GRID])
def test_every_area_is_one_valid_piece(divisions: list[Row], level: Level) -> None:
    shapes = shapes_of(divisions, level)

    assert {shape.geom_type for shape in shapes} == {"Polygon"}
    assert all(shapely.is_valid(shapes))


def test_every_grid_lies_in_the_community_of_its_code(divisions: list[Row]) -> None:
    polygons = {row["code"]: shapely.from_wkb(row["geometry"]) for row in divisions}

    for row in divisions:
        if row["level"] == Level.GRID:
            inside = polygons[row["code"]].representative_point()
            assert polygons[parent_of(row["code"])].contains(inside), row["code"]


def test_grids_are_numbered_from_001_without_holes(world: World) -> None:
    numbers: dict[str, list[int]] = {}
    for code, _ in world.grids:
        assert len(code) == CODE_LENGTH[Level.GRID]
        numbers.setdefault(code[:12], []).append(int(code[12:]))

    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert min(len(found) for found in numbers.values()) >= 3


def test_grids_are_smaller_in_the_town_than_in_the_country(world: World) -> None:
    areas: dict[str, list[float]] = {}
    for code, polygon in world.grids:
        areas.setdefault(code[:9], []).append(polygon.area)

    assert np.median(areas["510115001"]) < np.median(areas["510115106"]) / 3


def test_residents_and_households_add_up_from_grid_to_district(divisions: list[Row]) -> None:
    totals = {
        level: (
            sum(row["residents"] for row in divisions if row["level"] == level),
            sum(row["households"] for row in divisions if row["level"] == level),
        )
        for level in Level
    }

    assert set(totals.values()) == {totals[Level.DISTRICT]}
    assert totals[Level.DISTRICT][0] == 810_000


def test_tile_index_is_the_row_in_ascending_code_order(divisions: list[Row]) -> None:
    for level in Level:
        rows = [row for row in divisions if row["level"] == level]
        assert [row["tile_index"] for row in sorted(rows, key=lambda row: row["code"])] == list(
            range(len(rows))
        )


def test_the_same_seed_gives_the_same_grids_and_another_seed_others(world: World) -> None:
    again = build_grids(seed=world.seed)

    assert [(code, polygon.wkb) for code, polygon in again] == [(c, p.wkb) for c, p in world.grids]
    assert build_grids(seed=world.seed + 1)[0][1].wkb != world.grids[0][1].wkb
