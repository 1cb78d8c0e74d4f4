"""One specification over 3 kinds × 5 file forms: whatever the form, the tables end up equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pytest
import shapely

from data.imports import ImportResult, Profile
from data.models import Division, Event, Station
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, write_csv, write_xlsx

FORMS = ("csv", "xlsx", "geojson", "shp.zip", "gpkg")
PROFILES = {
    BatchKind.DIVISIONS: Profile(
        name="t", title="t", kind=BatchKind.DIVISIONS,
        columns={"code": ("代码",), "name": ("名称",), "residents": ("人口",), "wkt": ("WKT",)},
    ),
    BatchKind.STATIONS: Profile(
        name="t", title="t", kind=BatchKind.STATIONS, source="t",
        columns={
            "external_no": ("编号",), "name": ("名称",), "kind": ("类型",), "hours": ("时间",),
            "area_m2": ("面积",), "counters": ("窗口",), "items": ("事项",), "wkt": ("WKT",),
        },
    ),
    BatchKind.EVENTS: Profile(
        name="t", title="t", kind=BatchKind.EVENTS, source="t", crs="gcj02",
        columns={
            "external_no": ("编号",), "class": ("类别",), "title": ("标题",), "address": ("地址",),
            "status": ("状态",), "reported_at": ("上报",), "ended_at": ("结案",), "wkt": ("WKT",),
        },
        values={"status": {"完结": "closed"}},
    ),
}  # fmt: skip
ROWS: dict[BatchKind, list[dict[str, str]]] = {
    BatchKind.DIVISIONS: [
        {"代码": "510115001001001", "名称": "惠民01网格", "人口": "1,024",
         "WKT": "POLYGON ((103.8 30.7, 103.81 30.7, 103.81 30.72, 103.8 30.72, 103.8 30.7))"},
        {"代码": "510115001001002", "名称": "惠民02网格", "人口": "",
         "WKT": "MULTIPOLYGON (((103.81 30.7, 103.81 30.72, 103.82 30.72, 103.82 30.7, 103.81 30.7)))"},
    ],
    BatchKind.STATIONS: [
        {"编号": "Z01", "名称": "惠民社区公共服务中心", "类型": "社区公共服务中心",
         "时间": "一-五 08:30-17:30",
         "面积": "620.5", "窗口": "６", "事项": "社保查询、居住证明", "WKT": "POINT (103.805 30.71)"},
        {"编号": "Z02", "名称": "界外办事点", "类型": "办事点", "时间": "",
         "面积": "", "窗口": "", "事项": "",
         "WKT": "POINT (104.5 30.71)"},
        {"编号": "Z03", "名称": "无位置微服务点", "类型": "微服务点", "时间": "全天",
         "面积": "12", "窗口": "1",
         "事项": "", "WKT": ""},
    ],
    BatchKind.EVENTS: [
        {"编号": "510115202611200001", "类别": "市容环境/暴露垃圾",
         "标题": "街角有垃圾", "地址": "示例路1号",
         "状态": "处置中", "上报": "2026-11-20 08:30", "结案": "", "WKT": "POINT (103.812345678 30.7112345)"},
        {"编号": "510115202611200002", "类别": "0104", "标题": "路面不洁", "地址": "示例路2号",
         "状态": "完结", "上报": "2026/11/19 9:05:00", "结案": "20261120101500",
         "WKT": "POINT (103.83 30.705)"},
        {"编号": "510115202611200003", "类别": "道路不洁", "标题": "没有位置", "地址": "",
         "状态": "已上报", "上报": "2026年11月20日", "结案": "", "WKT": ""},
    ],
}  # fmt: skip
TABLES: dict[BatchKind, Any] = {
    BatchKind.DIVISIONS: Division,
    BatchKind.STATIONS: Station,
    BatchKind.EVENTS: Event,
}
RESULTS = {
    BatchKind.DIVISIONS: (2, 0, 0),
    BatchKind.STATIONS: (3, 1, 1),
    BatchKind.EVENTS: (3, 0, 1),
}
"""New, unplaced and unlocated rows."""


def write(folder: Path, kind: BatchKind, form: str) -> Path:
    """The rows of a kind as a file of a form."""
    rows = ROWS[kind]
    path = folder / f"数据.{form}"
    if form == "csv":
        return write_csv(path, rows, encoding="gb18030", delimiter=";")
    if form == "xlsx":
        return write_xlsx(path, [list(rows[0]), *(list(row.values()) for row in rows)])
    shapes = [shapely.from_wkt(row["WKT"]) if row["WKT"] else None for row in rows]
    plain = [{name: value for name, value in row.items() if name != "WKT"} for row in rows]
    layer = gpd.GeoDataFrame(plain, geometry=shapes, crs=4326)
    drivers = {"geojson": "GeoJSON", "shp.zip": "ESRI Shapefile", "gpkg": "GPKG"}
    options = {"encoding": "GB18030"} if form == "shp.zip" else {}
    if form == "geojson":
        options["COORDINATE_PRECISION"] = "15"
    layer.to_file(folder / "layer.shp.zip" if form == "shp.zip" else path, driver=drivers[form], **options)
    return folder / "layer.shp.zip" if form == "shp.zip" else path


def state(street: Street, kind: BatchKind) -> list[dict[str, Any]]:
    """All rows of the kind's table without what differs from run to run by nature."""
    passing = {"id", "batch_id", "head_hash"}
    return [
        {name: value for name, value in row.model_dump().items() if name not in passing}
        for row in street.rows(TABLES[kind])
    ]


@pytest.fixture(scope="module")
def seen() -> dict[BatchKind, list[dict[str, Any]]]:
    """What the first form gave, for the others to equal."""
    return {}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", list(ROWS))
def test_every_form_of_a_kind_ends_in_equal_tables(
    street: Street, tmp_path: Path, kind: BatchKind, form: str, seen: dict[BatchKind, list[dict[str, Any]]]
) -> None:
    path = write(tmp_path, kind, form)
    result: ImportResult = street.load(path, kind, PROFILES[kind])
    assert street.rejects(result.batch_id) == []
    assert (result.new, result.unplaced, result.unlocated) == RESULTS[kind]
    first = state(street, kind)
    assert first == seen.setdefault(kind, first)
    again = street.load(path, kind, PROFILES[kind])
    assert (again.new, again.changed, again.same) == (0, 0, result.new)
    assert state(street, kind) == first


def test_the_tables_hold_what_the_files_say(street: Street, tmp_path: Path) -> None:
    for kind in ROWS:
        street.load(write(tmp_path, kind, "xlsx"), kind, PROFILES[kind])
    grid = next(row for row in street.rows(Division) if row.code == "510115001001001")
    assert (grid.name, grid.residents, grid.parent_code) == ("惠民01网格", 1024, "510115001001")
    station = street.rows(Station)[0]
    assert (station.kind, station.counters, station.area_m2) == ("community_centre", 6, 620.5)
    assert (station.code, station.items) == ("510115001001001", '["社保查询", "居住证明"]')
    case = street.event("510115202611200002")
    assert (case.status, case.class_code, case.department_code) == ("closed", "0104", "D01")
    assert (case.due_at, case.in_time) == (None, None)
    first = street.event("510115202611200001")
    assert first.due_at is not None
    assert first.warn_at is not None
    # Reported at 08:30, four working hours: 09:00-12:00 and one after lunch. The last of them is 临期.
    shown = [f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M}" for at in (first.due_at, first.warn_at)]
    assert shown == ["14:00", "12:00"]
    assert (first.limit_hours, first.clock_type) == (4.0, "working_hours")
    assert first.code.startswith("510115001001")
