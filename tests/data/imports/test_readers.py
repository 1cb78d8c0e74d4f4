"""Files that are odd but readable: encodings, delimiters, titles above the header, merged and typed cells."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from data.imports import Profile, load_profile
from data.imports.readers import read_source
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, event, write_csv, write_xlsx

EVENTS = load_profile("generic_events")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter_reads_the_same(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = write_csv(tmp_path / "表.csv", [event(), event(no="A2")], encoding=encoding, delimiter=delimiter)
    table = read_source(path, EVENTS)
    assert table.cells.to_dict("records") == [event(), event(no="A2")]
    assert table.lines.tolist() == [2, 3]


def test_a_header_in_row_3_is_found(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "表.csv", [event()], above=["温江区事件月报", "制表：示例,,,"])
    table = read_source(path, EVENTS)
    assert (table.cells.to_dict("records"), table.lines.tolist()) == ([event()], [4])


def test_merged_header_cells_are_filled(tmp_path: Path) -> None:
    """位置 spans 经度 and 纬度; the other headers span both rows."""
    head = ["案件编号", "事件类别", "位置", None, "状态", "上报时间"]
    below = [None, None, "经度", "纬度", None, None]
    row = ["A1", "0102", 103.81, 30.71, "处置中", "2026-11-20 08:30"]
    path = write_xlsx(
        tmp_path / "表.xlsx",
        [["事件月报"], head, below, row],
        merged=["A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3"],
    )
    table = read_source(path, EVENTS)
    assert list(table.cells.columns) == ["案件编号", "事件类别", "经度", "纬度", "状态", "上报时间"]
    assert table.cells.iloc[0].tolist() == ["A1", "0102", "103.81", "30.71", "处置中", "2026-11-20 08:30"]
    assert table.lines.tolist() == [4]


def test_typed_cells_of_a_workbook_become_the_text_a_person_would_type(
    street: Street, tmp_path: Path
) -> None:
    head = list(event())
    row = ["A1", 102, "标题", None, 103.81, 30.71, "处置中", "", datetime(2026, 11, 20, 8, 30), None]
    serial = ["A2", "0102", "标题", None, "103.81", "30.71", "已结案", "", 46346.25, "46346.5"]
    path = write_xlsx(tmp_path / "表.xlsx", [head, row, serial])
    assert street.events(path).new == 2
    assert street.event("A1").class_code == "0102"
    assert street.event("A1").reported_at.isoformat() == "2026-11-20T00:30:00+00:00"
    assert street.event("A2").reported_at.isoformat() == "2026-11-19T22:00:00+00:00"
    assert street.event("A2").ended_at.isoformat() == "2026-11-20T04:00:00+00:00"  # type: ignore[union-attr]


def test_full_width_digits_become_plain(street: Street, tmp_path: Path) -> None:
    rows = [
        event(
            no="ＳＬ００９", kind="０１０２", lon="１０３．８１", reported="２０２６－１１－２０　０８：３０"
        )
    ]
    assert street.events(write_csv(tmp_path / "全角.csv", rows)).new == 1
    taken = street.event("SL009")
    assert (taken.class_code, taken.lon) == ("0102", 103.81)
    assert taken.reported_at.isoformat() == "2026-11-20T00:30:00+00:00"


def test_the_sheet_with_the_known_columns_is_taken(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = write_xlsx(tmp_path / "表.xlsx", [["说明"], ["请勿修改"]])
    book = load_workbook(path)
    sheet = book.create_sheet("数据")
    sheet.append(list(event()))
    sheet.append(list(event().values()))
    book.save(path)
    assert read_source(path, EVENTS).cells.to_dict("records") == [event()]


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
@pytest.mark.parametrize("with_cpg", [True, False], ids=["cpg", "no_cpg"])
def test_a_shapefile_in_gbk_reads_with_and_without_its_cpg(
    tmp_path: Path, encoding: str, with_cpg: bool
) -> None:
    layer = gpd.GeoDataFrame(
        {"代码": ["510115001001"], "名称": ["惠民社区"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490
    )
    layer.to_file(tmp_path / "图.shp", encoding=encoding)
    if not with_cpg:
        (tmp_path / "图.cpg").unlink()
    profile = Profile(
        name="t", title="t", kind=BatchKind.DIVISIONS, columns={"code": ("代码",), "name": ("名称",)}
    )
    table = read_source(tmp_path / "图.shp", profile)
    assert table.cells.to_dict("records") == [{"代码": "510115001001", "名称": "惠民社区"}]
    assert table.declared_crs == "EPSG:4490"


def test_two_headers_of_one_name_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("案件编号,备注,备注,\n1,甲,乙,\n", encoding="utf-8")
    assert list(read_source(path, EVENTS).cells.columns) == ["案件编号", "备注", "备注#2"]
