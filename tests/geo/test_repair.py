"""Mending a layer of areas: what is kept, what is mended, what is refused, and what is said."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import MissingCrs, WrongCrs
from geo.measure import area_km2
from geo.repair import RepairKind, repair_polygons

SQUARE = shapely.box(104.0, 30.0, 104.01, 30.01)
BOW_TIE = shapely.Polygon([(104.0, 30.0), (104.01, 30.01), (104.01, 30.0), (104.0, 30.01)])


def layer_of(*shapes: BaseGeometry | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": [f"第{k}块" for k in range(len(shapes))]}, geometry=list(shapes), crs=4490
    )


def test_a_good_layer_stays_and_nothing_is_said() -> None:
    good, notes = repair_polygons(layer_of(SQUARE))
    assert notes == []
    assert good.geometry[0].equals(SQUARE)
    assert good.crs.to_epsg() == 4490


@pytest.mark.parametrize(
    ("shape", "kind", "words"),
    [
        (None, RepairKind.REJECTED_NULL, "没有图形"),
        (shapely.Polygon(), RepairKind.REJECTED_EMPTY, "空的"),
        (shapely.Point(104, 30), RepairKind.REJECTED_TYPE, "图形是点，不是面"),
        (shapely.LineString([(104, 30), (105, 30)]), RepairKind.REJECTED_TYPE, "图形是线，不是面"),
        (shapely.box(500_000, 3_300_000, 500_100, 3_300_100), RepairKind.REJECTED_COORDINATE, "不是经纬度"),
        (
            shapely.Polygon([(104, 30), (104.1, 30), (104.2, 30)]),
            RepairKind.REJECTED_NO_AREA,
            "面积只有 0.00",
        ),
        (shapely.box(104, 30, 104.000001, 30.000001), RepairKind.REJECTED_NO_AREA, "面积只有 0.01"),
    ],
)
def test_what_cannot_be_used_is_rejected_with_the_reason(
    shape: BaseGeometry | None, kind: RepairKind, words: str
) -> None:
    good, notes = repair_polygons(layer_of(SQUARE, shape))
    assert good["name"].tolist() == ["第0块"]
    rejected = [note for note in notes if note.rejected]
    assert [(note.row, note.kind) for note in rejected] == [(1, kind)]
    assert words in rejected[0].text


def test_a_self_crossing_ring_is_mended_and_said_with_its_place() -> None:
    good, notes = repair_polygons(layer_of(BOW_TIE))
    assert good.geometry[0].is_valid
    # A bow tie is two triangles, each a quarter of the square.
    assert area_km2(good.geometry[0]) == pytest.approx(area_km2(SQUARE) / 2, rel=1e-3)
    assert [(note.row, note.kind, note.rejected) for note in notes] == [(0, RepairKind.MENDED, False)]
    assert "自己与自己相交（在 104.005 30.005 附近）" in notes[0].text


def test_a_multipolygon_keeps_its_pieces() -> None:
    islands = shapely.MultiPolygon([SQUARE, shapely.box(104.1, 30.1, 104.11, 30.11)])
    good, notes = repair_polygons(layer_of(islands))
    assert notes == []
    assert len(good.geometry[0].geoms) == 2


def test_slivers_are_dropped_and_counted() -> None:
    speck = shapely.box(104.1, 30.1, 104.100001, 30.100001)
    good, notes = repair_polygons(layer_of(shapely.MultiPolygon([SQUARE, speck])))
    assert good.geometry[0].equals(SQUARE)
    assert [note.kind for note in notes] == [RepairKind.SLIVERS_DROPPED]
    assert "1 个碎片" in notes[0].text


def test_heights_are_dropped() -> None:
    good, notes = repair_polygons(layer_of(shapely.force_3d(SQUARE, 500.0)))
    assert not good.geometry[0].has_z
    assert [note.kind for note in notes] == [RepairKind.HEIGHT_DROPPED]


def test_outer_rings_turn_anticlockwise_and_holes_clockwise() -> None:
    hole = [(104.004, 30.004), (104.006, 30.004), (104.006, 30.006), (104.004, 30.006)]
    shape = shapely.Polygon(list(SQUARE.exterior.coords), [hole])
    for turned in (shape, shape.reverse()):
        good, _ = repair_polygons(layer_of(turned))
        assert good.geometry[0].exterior.is_ccw
        assert not good.geometry[0].interiors[0].is_ccw


def test_rows_are_numbered_as_in_the_input_and_other_columns_stay() -> None:
    layer = layer_of(None, SQUARE, None, SQUARE).set_index(["name"], drop=False)
    good, notes = repair_polygons(layer)
    assert good.index.tolist() == ["第1块", "第3块"]
    assert good.columns.tolist() == layer.columns.tolist()
    assert [note.row for note in notes] == [0, 2]


def test_an_empty_layer_stays_empty() -> None:
    good, notes = repair_polygons(layer_of())
    assert (len(good), notes) == (0, [])


def test_a_layer_must_say_that_it_is_in_degrees() -> None:
    with pytest.raises(MissingCrs):
        repair_polygons(gpd.GeoDataFrame(geometry=[SQUARE]))
    with pytest.raises(WrongCrs):
        repair_polygons(gpd.GeoDataFrame(geometry=[SQUARE], crs=3857))
