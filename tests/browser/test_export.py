"""The list as a file, fetched with the buttons of the page."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.product import ProductPage

FILTERS = ("color=overdue", "area=510115001&source=12345", "q=小区&class=01")


def _download(product: ProductPage, name: str, folder: Path) -> Path:
    with product.page.expect_download() as info:
        product.page.get_by_role("link", name=name).click()
    path = folder / info.value.suggested_filename
    info.value.save_as(path)
    return path


def _csv_rows(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "Excel reads a CSV without BOM as GBK"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def _xlsx_rows(path: Path) -> list[dict[str, object]]:
    book = load_workbook(path, read_only=True)
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    return [dict(zip([str(cell) for cell in head], row, strict=True)) for row in rows]


@pytest.mark.parametrize("query", FILTERS)
def test_both_files_hold_the_rows_of_the_list_in_its_order(
    product: ProductPage, tmp_path: Path, query: str
) -> None:
    product.open(f"events?{query}")
    listed = product.page.locator("tr[data-event]").evaluate_all("rows => rows.map(row => row.innerText)")
    from_csv = _csv_rows(_download(product, "CSV", tmp_path))
    from_xlsx = _xlsx_rows(_download(product, "Excel", tmp_path))
    assert len(from_csv) == len(from_xlsx) == product.total > 0
    numbers = [row["编号"] for row in from_csv]
    assert numbers == [row["编号"] for row in from_xlsx]
    assert len(set(numbers)) == len(numbers)
    assert len(listed) == min(100, len(numbers))
    for text, row in zip(listed, from_csv, strict=False):
        assert row["标题"] in text or row["编号"] in text


def test_the_files_are_named_in_chinese_and_their_words_are_those_of_the_page(
    product: ProductPage, tmp_path: Path
) -> None:
    product.open("events?color=overdue")
    path = _download(product, "CSV", tmp_path)
    assert "事件" in path.name
    assert path.suffix == ".csv"
    rows = _csv_rows(path)
    assert {row["时限状态"] for row in rows} == {"超期"}
    assert {row["剩余小时"] == "" for row in rows if row["剩余时间"].startswith("已反馈")} <= {True}
    assert all(float(row["剩余小时"]) <= 0 for row in rows if row["剩余时间"].startswith("超 "))
    assert any(row["剩余时间"].startswith("超 ") for row in rows)
    assert all(row["剩余时间"].startswith(("超 ", "已反馈")) for row in rows)
    statuses = {row["状态"] for row in rows}
    assert statuses <= {
        "已上报",
        "已立案",
        "已派遣",
        "已受理",
        "处置中",
        "已反馈",
        "核查中",
        "已退回",
        "返工中",
    }


def test_where_nothing_is_listed_no_file_is_offered(product: ProductPage) -> None:
    product.open("events?q=没有这样的事件")
    assert product.total == 0
    assert "没有符合条件的事件" in product.texts()
    assert product.page.locator(".om-exports").count() == 0
    product.follow(product.page.locator(".om-event-list a", has_text="清除筛选"))
    assert product.total > 0
