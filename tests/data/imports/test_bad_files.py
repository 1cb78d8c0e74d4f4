"""Files that cannot be read at all: a named error, and not one row changed."""

from __future__ import annotations

import gzip
import json
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from data.imports import FileProblem, HeaderProblem, ImportProblem
from data.imports.guard import MAX_BYTES
from data.models import ImportBatch
from data.vocabulary import BatchKind, BatchStatus
from tests.data.imports.support import EVENT, Street, event, write_csv, write_xlsx


def refused(street: Street, path: Path, kind: BatchKind = BatchKind.EVENTS) -> str:
    """The message with which a file is refused; no table but the list of batches may have changed."""
    before = street.digest()
    with pytest.raises(ImportProblem) as caught:
        street.load(path, kind)
    assert street.digest() == before
    batch = street.rows(ImportBatch)[-1]
    assert (batch.status, batch.note) == (BatchStatus.FAILED, str(caught.value))
    assert path.name in str(caught.value)
    return str(caught.value)


def test_an_empty_file_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "空.csv"
    path.touch()
    assert "0 字节" in refused(street, path)


def test_a_file_with_a_header_only_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "表头.csv"
    path.write_text(",".join(EVENT) + "\n", encoding="utf-8")
    assert "只有表头" in refused(street, path)


def test_a_missing_file_is_refused(street: Street, tmp_path: Path) -> None:
    assert "找不到文件" in refused(street, tmp_path / "没有.csv")


def test_a_file_above_200_megabytes_is_refused_before_it_is_read(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "大.csv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    message = refused(street, path)
    assert "200 MB" in message
    assert "拆成几个文件" in message


def test_a_zip_bomb_is_refused_before_it_is_unpacked(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "炸弹.xlsx"
    block = b"\0" * (1 << 20)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(block)
    assert path.stat().st_size < 1 << 20
    message = refused(street, path)
    assert "300 MB" in message
    assert "疑似压缩炸弹，未打开" in message


def test_a_zip_that_lies_about_its_sizes_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "谎报.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"a" * 100_000)
    raw = path.read_bytes()
    path.write_bytes(raw.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert "已损坏" in refused(street, path)


def test_a_gzip_that_is_cut_off_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "断.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 1000)[:-20])
    assert "gzip" in refused(street, path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("图片.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "其实是图片"),
        ("旧.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "旧版 Excel"),
        ("文档.csv", b"%PDF-1.7\n", "其实是PDF"),
        ("网页.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "其实是网页"),
        ("文字.xlsx", "案件编号,状态\n1,处置中\n".encode(), "内容不是 .xlsx 格式"),
        ("表.docx", b"PK\x03\x04" + b"\0" * 64, "类型“.docx”不能接入"),
        ("库.gpkg", b"not a database", "内容不是 .gpkg 格式"),
        ("压缩.csv", b"PK\x03\x04" + b"\0" * 64, "内容不是 .csv 格式"),
        ("坏.xlsx", b"PK\x03\x04" + b"\0" * 64, "已损坏"),
        ("二进制.csv", b"a,b\n\x00\x01\x02\x00", "不是文本表格"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_its_first_bytes(
    street: Street, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert says in refused(street, path)


def test_a_byte_that_is_no_text_is_named_with_its_line(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "混.csv", [event(no="A1"), event(no="A2"), event(no="A3")])
    lines = path.read_bytes().split(b"\n")
    lines[2] += b"\xff\xfe\xff"
    path.write_bytes(b"\n".join(lines))
    message = refused(street, path)
    assert "第 3 行有不属于 UTF-8 编码的内容" in message
    assert "另存为“CSV UTF-8" in message


def test_a_declared_encoding_that_is_wrong_is_named_with_its_line(street: Street, tmp_path: Path) -> None:
    from data.imports import load_profile

    path = write_csv(tmp_path / "gbk.csv", [event(), event(no="A2")], encoding="gb18030")
    before = street.digest()
    with pytest.raises(FileProblem, match="第 1 行有不属于 UTF-8 编码的内容") as caught:
        street.events(path, load_profile("generic_events").changed(encoding="utf-8"))
    assert "实际编码" in str(caught.value)
    assert street.digest() == before


def test_a_quotation_mark_that_never_closes_is_named_with_its_line(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "引号.csv"
    path.write_text(",".join(EVENT) + '\nSL1,"没有合上\nSL2,x\n', encoding="utf-8")
    assert "引号不成对" in refused(street, path)


def test_a_missing_column_is_named_with_the_headers_that_would_do(street: Street, tmp_path: Path) -> None:
    rows = [{name: value for name, value in EVENT.items() if name != "上报时间"}]
    message = refused(street, write_csv(tmp_path / "缺列.csv", rows))
    assert "缺少列 上报时间" in message
    assert "发现时间" in message
    assert "文件里有的列是 案件编号" in message


def test_a_sheet_without_any_known_column_is_refused(street: Street, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "无关.xlsx", [["甲", "乙"], ["1", "2"]])
    before = street.digest()
    with pytest.raises(HeaderProblem, match="前 10 行里找不到表头"):
        street.events(path)
    assert street.digest() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"type": "FeatureCollection",\n "features": [', "第 2 行"),
        ('{"type": "Topology"}', "不是 GeoJSON 要素集"),
        ('{"type": "FeatureCollection", "features": []}', "没有要素"),
        ('{"type": "FeatureCollection", "features": [{"id": ' + "9" * 5000 + "}]}", "过长的数字"),
        ('{"type": "FeatureCollection", "features": ' + "[" * 100_000, "嵌套过深"),
    ],
)
def test_broken_geojson_is_refused(street: Street, tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "图.geojson"
    path.write_text(content, encoding="utf-8")
    assert says in refused(street, path, BatchKind.DIVISIONS)


def test_a_shapefile_without_its_companions_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "图.shp"
    path.write_bytes(b"\x00\x00\x27\x0a" + b"\0" * 96)
    assert "缺少 .shx、.dbf" in refused(street, path, BatchKind.DIVISIONS)


def test_a_zip_with_two_shapefiles_is_refused(street: Street, tmp_path: Path) -> None:
    path = tmp_path / "图.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"1")
        archive.writestr("b.shp", b"2")
    assert "有 2 个 .shp" in refused(street, path, BatchKind.DIVISIONS)


@pytest.mark.parametrize("scale", [1.0, 1 / 0.3048], ids=["metres", "feet"])
def test_metres_or_feet_called_degrees_are_refused_as_a_whole(
    street: Street, tmp_path: Path, scale: float, request: pytest.FixtureRequest
) -> None:
    rows = [event(no=f"A{n}", lon=str(385_500.25 * scale), lat=str(3_398_000.5 * scale)) for n in range(3)]
    message = refused(street, write_csv(tmp_path / f"{request.node.callspec.id}.csv", rows))
    assert "不是度数，而像是以米或英尺为单位的投影坐标" in message
    assert "cgcs2000-gk3-cm105" in message


def test_degrees_called_metres_are_refused_as_a_whole(street: Street, tmp_path: Path) -> None:
    from data.imports import PositionProblem, load_profile

    path = write_csv(tmp_path / "度.csv", [event()])
    before = street.digest()
    with pytest.raises(PositionProblem, match="像是经纬度"):
        street.events(path, load_profile("generic_events").changed(crs="cgcs2000-gk3-cm105"))
    assert street.digest() == before


def test_a_boundary_in_metres_called_degrees_is_refused_as_a_whole(street: Street, tmp_path: Path) -> None:
    ring = [[385_000, 3_398_000], [386_000, 3_398_000], [386_000, 3_399_000], [385_000, 3_398_000]]
    feature = {
        "type": "Feature",
        "properties": {"区划代码": "510115001001001", "名称": "01网格"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "米.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert "不是度数" in refused(street, path, BatchKind.DIVISIONS)


def test_a_boundary_with_an_infinite_coordinate_is_refused_as_a_whole(street: Street, tmp_path: Path) -> None:
    ring = "[[Infinity, 30.7], [103.9, 30.8], [103.9, 30.7], [Infinity, 30.7]]"
    path = tmp_path / "无穷.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"区划代码": "510115001001001", "名称": "01网格"}, "geometry": '
        f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}',
        encoding="utf-8",
    )
    assert "没有位置" in refused(street, path, BatchKind.DIVISIONS)


def test_a_sheet_with_one_cell_in_the_last_corner_is_refused_before_it_is_laid_out(
    street: Street, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(EVENT))
    sheet.append(list(EVENT.values()))
    sheet["XFD1048576"] = "远"
    path = tmp_path / "远.xlsx"
    book.save(path)
    message = refused(street, path)
    assert "第 1048576 行、第 16384 列" in message
    assert "请删去远处的空白行列" in message


def test_a_sheet_with_one_cell_in_the_last_row_is_read_without_laying_out_the_rows_between(
    street: Street, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(EVENT))
    sheet.append(list(EVENT.values()))
    sheet.cell(1_048_576, 7, "远")
    path = tmp_path / "远.xlsx"
    book.save(path)
    begin = time.process_time()
    (reject,) = street.rejects(street.events(path).batch_id)
    assert reject.line == 1_048_576
    assert time.process_time() - begin < 10, "21 s before empty rows were passed over"


def test_rows_and_cells_left_empty_before_and_within_a_table_keep_their_excel_numbers(
    street: Street, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line, row in ((3, list(EVENT)), (5, list(EVENT.values())), (7, [*EVENT.values()][:1])):
        for column, value in enumerate(row, start=2):
            sheet.cell(line, column, value)
    path = tmp_path / "空行.xlsx"
    book.save(path)
    result = street.events(path)
    (reject,) = street.rejects(result.batch_id)
    assert (result.total, result.new, reject.line) == (2, 1, 7)
