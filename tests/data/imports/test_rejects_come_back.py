"""Rejects of every form come back under the profile that refused them: mended, placed, and only once."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import geopandas as gpd
import pytest
import shapely

from data.database import read_session
from data.imports import (
    FileProblem,
    Profile,
    export_rejects,
    load_profile,
    profile_from_columns,
    save_profile,
)
from data.imports.rejects import SHAPE_COLUMN, SYSTEM_COLUMN
from data.models import Division, Station
from data.vocabulary import BatchKind
from geo.crs import CoordinateSystem, from_cgcs2000
from tests.data.imports.support import Street, event, write_csv, write_xlsx

DRIVERS: Final = {"geojson": "GeoJSON", "gpkg": "GPKG", "shp.zip": "ESRI Shapefile"}
FORMS_AND_SYSTEMS: Final = (
    ("geojson", 4326),
    ("gpkg", 4490),
    ("shp.zip", 4490),
    ("gpkg", 4545),
    ("gpkg", 4547),
    ("gpkg", 3857),
    ("shp.zip", 4545),
)
HALF: Final = shapely.box(103.80, 30.70, 103.81, 30.72)
OTHER_HALF: Final = shapely.box(103.81, 30.70, 103.82, 30.72)
Row = dict[str, str]


def own_profile(street: Street, of: BatchKind, /, header_row: int = 0, **columns: str) -> Profile:
    """A profile as the page makes it from picked columns: saved, and read again."""
    picked = profile_from_columns(
        name="own", title="自选", base=load_profile(f"generic_{of.value}"), columns=columns
    )
    save_profile(picked.changed(header_row=header_row), settings=street.settings)
    return load_profile("own", settings=street.settings)


def layer(
    folder: Path, form: str, epsg: int, rows: list[dict[str, object]], shapes: list[shapely.Geometry]
) -> Path:
    """Shapes given in degrees, written in another system by their driver."""
    path = folder / f"layer.{form}"
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=4490 if epsg != 4326 else 4326)
    moved = frame.set_crs(4326, allow_override=True).to_crs(epsg) if epsg == 3857 else frame.to_crs(epsg)
    moved.to_file(path, driver=DRIVERS[form])
    return path


def rejected(street: Street, batch_id: int) -> list[Row]:
    """The rejects of a batch as a person opens them."""
    with read_session(street.engine) as session:
        raw = export_rejects(session, batch_id=batch_id)
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rejects_of_a_table_with_its_header_in_row_3_are_read_by_the_same_profile(
    street: Street, tmp_path: Path, form: str
) -> None:
    own = own_profile(
        street, BatchKind.EVENTS, 3,
        external_no="案件编号", **{"class": "事件类别"}, status="状态", reported_at="上报时间",
        lon="经度", lat="纬度",
    ).changed(sheet="月报" if form == "xlsx" else "")  # fmt: skip
    rows = [event(no="A1"), event(no="A2", kind="外星")]
    first = write_csv(tmp_path / "月报.csv", rows, above=["示例月报,,", "制表：示例,,"])
    batch = street.events(first, own.changed(sheet=""))
    assert (batch.new, batch.rejected) == (1, 1)

    (row,) = rejected(street, batch.batch_id)
    row["事件类别"] = "0102"
    if form == "csv":
        again = write_csv(tmp_path / "改好.csv", [row])
    else:
        again = write_xlsx(tmp_path / "改好.xlsx", [list(row), list(row.values())])
    result = street.events(again, own)

    assert (result.new, result.same, result.rejected) == (1, 0, 0)
    assert (street.event("A2").lon, street.event("A2").lat) == (103.81, 30.71)
    assert street.events(again, own).new == 0


@pytest.mark.parametrize(("form", "epsg"), FORMS_AND_SYSTEMS)
def test_a_mended_station_of_a_layer_stands_where_the_layer_had_it(
    street: Street, tmp_path: Path, form: str, epsg: int
) -> None:
    own = own_profile(street, BatchKind.STATIONS, external_no="no", name="title", kind="sort")
    rows: list[dict[str, object]] = [
        {"no": "Z1", "title": "甲站", "sort": "便民服务站"},
        {"no": "Z2", "title": "乙站", "sort": "太空站"},
    ]
    points = [shapely.Point(103.815, 30.71), shapely.Point(103.825, 30.711)]
    path = layer(tmp_path, form, epsg, rows, points)
    batch = street.load(path, BatchKind.STATIONS, own)
    assert (batch.new, batch.rejected, batch.unlocated) == (1, 1, 0)

    (row,) = rejected(street, batch.batch_id)
    again = write_csv(tmp_path / "改好.csv", [{**row, "sort": "便民服务站"}])
    result = street.load(again, BatchKind.STATIONS, own)

    assert (result.new, result.rejected, result.unlocated) == (1, 0, 0)
    first, second = sorted(street.rows(Station), key=lambda station: str(station.external_no))
    assert (first.code, second.code) == ("510115001001", "510115001002")
    assert (second.lon, second.lat) == pytest.approx((103.825, 30.711), abs=1e-8)
    assert street.load(again, BatchKind.STATIONS, own).same == 1


@pytest.mark.parametrize(("form", "epsg"), FORMS_AND_SYSTEMS)
def test_a_mended_boundary_of_a_layer_is_drawn_where_the_layer_had_it(
    street: Street, tmp_path: Path, form: str, epsg: int
) -> None:
    own = own_profile(street, BatchKind.DIVISIONS, code="number", name="title")
    rows: list[dict[str, object]] = [
        {"number": "510115001001001", "title": "01网格"},
        {"number": "51011500100100", "title": "02网格"},
    ]
    path = layer(tmp_path, form, epsg, rows, [HALF, OTHER_HALF])
    batch = street.load(path, BatchKind.DIVISIONS, own)
    assert (batch.new, batch.rejected) == (1, 1)

    (row,) = rejected(street, batch.batch_id)
    again = write_csv(tmp_path / "改好.csv", [{**row, "number": "510115001001002"}])
    result = street.load(again, BatchKind.DIVISIONS, own)

    assert (result.new, result.rejected) == (1, 0)
    (grid,) = [found for found in street.rows(Division) if found.code == "510115001001002"]
    drawn = shapely.from_wkb(grid.geometry)
    assert drawn.symmetric_difference(OTHER_HALF).area < 1e-9
    assert street.load(again, BatchKind.DIVISIONS, own).same == 1


def test_a_mended_event_of_a_layer_stands_at_its_shape_and_not_at_the_columns_beside_it(
    street: Street, tmp_path: Path
) -> None:
    rows: list[dict[str, object]] = [{**event(no="A1", kind="外星", lon="103.83", lat="30.715")}]
    path = layer(tmp_path, "gpkg", 4545, rows, [shapely.Point(103.805, 30.705)])
    (row,) = rejected(street, street.events(path).batch_id)
    result = street.events(write_csv(tmp_path / "改好.csv", [{**row, "事件类别": "0102"}]))
    assert (result.new, result.unlocated) == (1, 0)
    taken = street.event("A1")
    assert (taken.lon, taken.lat) == pytest.approx((103.805, 30.705), abs=1e-8)
    assert taken.code == "510115001001"


def test_a_row_that_is_refused_twice_keeps_its_shape_and_system(street: Street, tmp_path: Path) -> None:
    own = own_profile(street, BatchKind.STATIONS, external_no="no", name="title", kind="sort")
    rows: list[dict[str, object]] = [{"no": "Z1", "title": "甲站", "sort": "太空站"}]
    path = layer(tmp_path, "gpkg", 4545, rows, [shapely.Point(103.815, 30.71)])
    (once,) = rejected(street, street.load(path, BatchKind.STATIONS, own).batch_id)
    still_wrong = write_csv(tmp_path / "没改对.csv", [{**once, "sort": "月球站"}])
    (twice,) = rejected(street, street.load(still_wrong, BatchKind.STATIONS, own).batch_id)
    assert (twice[SHAPE_COLUMN], twice[SYSTEM_COLUMN]) == (once[SHAPE_COLUMN], "cgcs2000-gk3-cm108")
    mended = write_csv(tmp_path / "改好.csv", [{**twice, "sort": "便民服务站"}])
    assert street.load(mended, BatchKind.STATIONS, own).new == 1
    (station,) = street.rows(Station)
    assert (station.lon, station.lat) == pytest.approx((103.815, 30.71), abs=1e-8)


def test_a_system_that_was_chosen_for_the_file_alone_goes_with_its_rejects(
    street: Street, tmp_path: Path
) -> None:
    x, y = from_cgcs2000([103.81], [30.71], system=CoordinateSystem.GCJ02)
    rows = [event(no="A1", kind="外星", lon=f"{x[0]:.8f}", lat=f"{y[0]:.8f}")]
    chosen = load_profile("generic_events").changed(crs="gcj02")
    batch = street.events(write_csv(tmp_path / "首次.csv", rows), chosen)
    (row,) = rejected(street, batch.batch_id)
    assert street.events(write_csv(tmp_path / "改好.csv", [{**row, "事件类别": "0102"}])).new == 1
    taken = street.event("A1")
    assert (taken.lon, taken.lat) == pytest.approx((103.81, 30.71), abs=1e-6)


def test_rejects_of_two_systems_in_one_file_are_told_apart_and_not_mixed(
    street: Street, tmp_path: Path
) -> None:
    rows = [
        {**event(no="A1"), SYSTEM_COLUMN: "gcj02"},
        {**event(no="A2"), SYSTEM_COLUMN: "bd09"},
    ]
    with pytest.raises(FileProblem, match="有不同的坐标系（bd09、gcj02）：请按坐标系分成几个文件"):
        street.events(write_csv(tmp_path / "混.csv", rows))
