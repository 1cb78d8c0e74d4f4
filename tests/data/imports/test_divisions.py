"""Boundaries: mended where that is safe, refused with the reason where it is not, checked against each
other.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.database import read_session
from data.imports import export_rejects, load_profile, undo_batch
from data.models import Division
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, event, write_csv

DIVISIONS = BatchKind.DIVISIONS
LEFT = [[103.80, 30.70], [103.81, 30.70], [103.81, 30.72], [103.80, 30.72], [103.80, 30.70]]
"""The western half of community 510115001001."""
RIGHT = [[103.81, 30.70], [103.82, 30.70], [103.82, 30.72], [103.81, 30.72], [103.81, 30.70]]
BOW_TIE = [[103.80, 30.70], [103.81, 30.72], [103.81, 30.70], [103.80, 30.72], [103.80, 30.70]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def layer(path: Path, shapes: dict[str, dict[str, Any] | None]) -> Path:
    """A GeoJSON of grids: code → geometry."""
    features = [
        {"type": "Feature", "properties": {"区划代码": code, "名称": f"{code[-2:]}网格"}, "geometry": shape}
        for code, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def stored(street: Street, code: str) -> Division:
    found: Division = next(row for row in street.rows(Division) if row.code == code and row.valid_to is None)
    return found


def test_two_grids_that_fill_their_community_are_taken(street: Street, tmp_path: Path) -> None:
    path = layer(
        tmp_path / "好.geojson", {"510115001001001": polygon(LEFT), "510115001001002": polygon(RIGHT)}
    )
    result = street.load(path, DIVISIONS)
    assert (result.new, result.rejected, result.warnings) == (2, 0, ())
    grid = stored(street, "510115001001001")
    assert (grid.level, grid.parent_code, grid.name, grid.initials) == (
        "grid",
        "510115001001",
        "01网格",
        "01wg",
    )
    assert grid.area_km2 == pytest.approx(0.9566 * 2.2173, rel=0.01)
    assert (grid.min_lon, grid.min_lat, grid.max_lon, grid.max_lat) == (103.80, 30.70, 103.81, 30.72)
    assert grid.tile_index == 0


@pytest.mark.parametrize(
    ("shape", "value", "reason", "advice"),
    [
        (None, "空", "没有图形", "补画边界"),
        ({"type": "Polygon", "coordinates": []}, "Polygon", "图形是空的", "补画边界"),
        ({"type": "LineString", "coordinates": LEFT[:2]}, "LineString", "图形是线，不是面", "多边形"),
        (polygon([LEFT[0], LEFT[1], LEFT[0], LEFT[0]]), "Polygon", "面积只有 0.00 平方米", "核对边界"),
    ],
    ids=["null", "empty", "line", "no_area"],
)
def test_a_shape_that_is_no_area_is_refused(
    street: Street, tmp_path: Path, shape: dict[str, Any] | None, value: str, reason: str, advice: str
) -> None:
    path = layer(tmp_path / "坏.geojson", {"510115001001001": shape})
    reject = street.only_reject(path, DIVISIONS)
    assert (reject.line, reject.field, reject.value) == (1, "边界WKT", value)
    assert reason in reject.reason
    assert advice in reject.advice


def test_a_self_crossing_boundary_is_mended_and_said_so(street: Street, tmp_path: Path) -> None:
    path = layer(tmp_path / "蝴蝶结.geojson", {"510115001001001": polygon(BOW_TIE)})
    result = street.load(path, DIVISIONS)
    assert (result.new, result.rejected) == (1, 0)
    assert any(warning.startswith("第 1 行：图形的边界自己与自己相交") for warning in result.warnings)
    shape = shapely.from_wkb(stored(street, "510115001001001").geometry)
    assert shape.is_valid
    assert shape.area == pytest.approx(0.01 * 0.02 / 2)


def test_a_wkt_that_is_none_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "坏.csv"
    path.write_text("区划代码,名称,边界WKT\n510115001001001,01网格,POLYGON((1 2\n", encoding="utf-8")
    reject = street.only_reject(path, DIVISIONS)
    assert (reject.line, reject.field, reject.value) == (2, "边界WKT", "POLYGON((1 2")
    assert "不是正确的 WKT" in reject.reason


def test_of_two_grids_that_overlap_the_later_one_is_refused(street: Street, tmp_path: Path) -> None:
    wide = [[103.805, 30.70], [103.82, 30.70], [103.82, 30.72], [103.805, 30.72], [103.805, 30.70]]
    path = layer(
        tmp_path / "叠.geojson", {"510115001001001": polygon(LEFT), "510115001001002": polygon(wide)}
    )
    result = street.load(path, DIVISIONS)
    (reject,) = street.rejects(result.batch_id)
    assert (result.new, reject.line, reject.field, reject.value) == (1, 2, "区划代码", "510115001001002")
    assert "510115001001001 与 510115001001002 重叠" in reject.reason
    assert reject.advice == "请重新划清边界"


def test_a_grid_that_overlaps_one_already_there_is_refused(street: Street, tmp_path: Path) -> None:
    street.load(layer(tmp_path / "一.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS)
    reject = street.only_reject(layer(tmp_path / "二.geojson", {"510115001001002": polygon(LEFT)}), DIVISIONS)
    assert (reject.line, reject.value) == (1, "510115001001002")
    assert "重叠" in reject.reason


def test_a_grid_outside_its_community_is_refused(street: Street, tmp_path: Path) -> None:
    reject = street.only_reject(layer(tmp_path / "外.geojson", {"510115001002001": polygon(LEFT)}), DIVISIONS)
    assert (reject.line, reject.field, reject.value) == (1, "区划代码", "510115001002001")
    assert "在上级 510115001002 之外" in reject.reason
    assert reject.advice == "请核对边界或代码"


def test_a_community_that_its_grids_do_not_fill_is_a_warning(street: Street, tmp_path: Path) -> None:
    result = street.load(layer(tmp_path / "缝.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS)
    assert (result.new, result.rejected) == (1, 0)
    assert any("510115001001 有" in warning and "没有划给任何下级" in warning for warning in result.warnings)


def test_the_same_boundaries_again_change_nothing(street: Street, tmp_path: Path) -> None:
    path = layer(
        tmp_path / "好.geojson", {"510115001001001": polygon(LEFT), "510115001001002": polygon(RIGHT)}
    )
    street.load(path, DIVISIONS)
    before = street.digest()
    again = street.load(path, DIVISIONS)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert street.digest() == before


def test_a_new_boundary_is_a_new_version_and_open_events_follow_it(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "件.csv", [event(lon="103.805")]))
    street.load(layer(tmp_path / "网格.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS)
    moved = street.event("SL001")
    assert (moved.code, moved.code_at_report) == ("510115001001001", "510115001001")
    versions = [row for row in street.rows(Division) if row.code == "510115001001"]
    assert len(versions) == 1
    path = layer(tmp_path / "改.geojson", {"510115001001": polygon(LEFT)})
    result = street.load(path, DIVISIONS)
    assert (result.changed, result.rejected) == (1, 0)
    versions = [row for row in street.rows(Division) if row.code == "510115001001"]
    assert [row.valid_to is None for row in versions] == [False, True]
    assert versions[0].valid_to == versions[1].valid_from


def test_a_refused_feature_comes_back_as_csv_with_its_shape(street: Street, tmp_path: Path) -> None:
    result = street.load(layer(tmp_path / "错码.geojson", {"510115001002001": polygon(LEFT)}), DIVISIONS)
    with read_session(street.engine) as session:
        raw = export_rejects(session, batch_id=result.batch_id)
    mended = tmp_path / "改好.csv"
    mended.write_bytes(raw.replace(b"510115001002001", b"510115001001001", 1))
    assert street.load(mended, DIVISIONS).new == 1
    assert shapely.from_wkb(stored(street, "510115001001001").geometry).area == pytest.approx(0.01 * 0.02)


def test_undo_of_boundaries_brings_back_the_versions_and_the_places_of_events(
    street: Street, tmp_path: Path
) -> None:
    street.events(write_csv(tmp_path / "件.csv", [event(lon="103.805")]))
    before = [row.model_dump(exclude={"tile_index"}) for row in street.rows(Division)]
    grids = street.load(layer(tmp_path / "格.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS)
    smaller = street.load(layer(tmp_path / "改.geojson", {"510115001001": polygon(LEFT)}), DIVISIONS)
    for batch_id in (smaller.batch_id, grids.batch_id):
        undo_batch(street.engine, batch_id=batch_id, actor="测试", settings=street.settings)
    assert [row.model_dump(exclude={"tile_index"}) for row in street.rows(Division)] == before
    assert street.event("SL001").code == "510115001001"


@pytest.mark.shared_data
def test_a_district_in_gcj02_called_4326_is_warned_about(
    street: Street, tmp_path: Path, shared_data: Path
) -> None:
    """The classic trap: the right outline first, then the shifted one under the same declaration."""
    kind = load_profile("generic_divisions")

    def district(name: str, crs: str = "") -> Path:
        data = json.loads((shared_data / name).read_text(encoding="utf-8"))
        data["features"] = [f for f in data["features"] if str(f["properties"]["adcode"]) == "320115"]
        path = tmp_path / f"{crs}{name}"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    right = district("districts_cgcs2000.geojson")
    street.load(right, DIVISIONS, kind)
    wrong = district("districts_gcj02_declared_as_4326.geojson")
    # Only the district itself is compared: the fixture's own district lies elsewhere.
    warned = street.preview(wrong, DIVISIONS, kind.changed(crs="wgs84"))
    assert any("GCJ-02" in warning and "请核对坐标系再接入" in warning for warning in warned.warnings)
    mended = street.preview(wrong, DIVISIONS, kind.changed(crs="gcj02"))
    assert not any("请核对坐标系" in warning for warning in mended.warnings)
    assert 300 < mended.shift_m < 700


def test_where_no_map_can_be_written_the_boundaries_are_in_and_the_result_says_so(
    street: Street, tmp_path: Path
) -> None:
    street.events(write_csv(tmp_path / "件.csv", [event(no="A1", lon="103.805", lat="30.71")]))
    street.settings.tiles_dir.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(street.settings.tiles_dir, ignore_errors=True)
    street.settings.tiles_dir.write_text("a file where the folder should be", encoding="utf-8")

    result = street.load(layer(tmp_path / "格.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS)

    assert result.new == 1
    assert any("撤销本批次，重新接入" in warning for warning in result.warnings)
    assert street.event("A1").code == "510115001001001"


def test_where_no_map_can_be_written_an_undo_is_done_all_the_same_and_says_so(
    street: Street, tmp_path: Path
) -> None:
    batch = street.load(
        layer(tmp_path / "格.geojson", {"510115001001001": polygon(LEFT)}), DIVISIONS
    ).batch_id
    street.events(write_csv(tmp_path / "件.csv", [event(no="A1", lon="103.805", lat="30.71")]))
    shutil.rmtree(street.settings.tiles_dir)
    street.settings.tiles_dir.write_text("a file where the folder should be", encoding="utf-8")

    result = undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)

    assert (result.removed, len(result.warnings)) == (1, 1)
    assert "边界已撤销，但地图上画的仍是原来的边界" in result.warnings[0]
    assert street.event("A1").code == "510115001001"
