"""From an empty database to one's own street on the map, by the import page alone; and the way back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served, serve_product

WEST, SOUTH, STEP = 103.80, 30.70, 0.01
BASE = "510115001001"
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")


def _square(column: int, row: int, columns: int = 1, rows: int = 1) -> str:
    x, y = WEST + column * STEP, SOUTH + row * STEP
    right, top = x + columns * STEP, y + rows * STEP
    corners = [(x, y), (right, y), (right, top), (x, top), (x, y)]
    return f"POLYGON(({','.join(f'{lon:.3f} {lat:.3f}' for lon, lat in corners)}))"


DIVISIONS = [
    ["区划代码", "名称", "常住人口", "边界WKT"],
    ["510115", "示例区", "4000", _square(0, 0, 2, 2)],
    ["510115001", "示例街道", "4000", _square(0, 0, 2, 2)],
    [BASE, "示例社区", "4000", _square(0, 0, 2, 2)],
    *([f"{BASE}00{i + 1}", f"0{i + 1}网格", "1000", _square(i % 2, i // 2)] for i in range(4)),
]
CLASSES = [
    ["类别代码", "大类", "小类", "紧急程度", "时限（小时）", "计时方式"],
    ["0102", "市容环境", "暴露垃圾", "一般", "4", "紧急工作时"],
    ["0104", "市容环境", "道路不洁", "一般", "72", "工作时"],
]
# One overdue on any day, one in time, one outside every grid, one without a position, two to be refused.
EVENTS = [
    ["案件编号", "事件类别", "标题", "经度", "纬度", "状态", "上报时间", "来源"],
    ["SL01", "0102", "示例路口有垃圾", "103.805", "30.705", "处置中", f"{YESTERDAY} 08:30", "网格巡查"],
    ["SL02", "0104", "示例路面不洁", "103.815", "30.715", "处置中", f"{YESTERDAY} 09:30", "居民扫码"],
    ["SL03", "0104", "界外路面不洁", "103.905", "30.715", "处置中", f"{YESTERDAY} 10:30", "居民扫码"],
    ["SL04", "0104", "没有位置的一件", "", "", "处置中", f"{YESTERDAY} 11:30", "12345"],
    ["SL05", "0104", "没有上报时间的一件", "103.805", "30.715", "处置中", "", "12345"],
    ["SL06", "0104", "状态写错的一件", "103.805", "30.715", "飞走了", f"{YESTERDAY} 12:30", "12345"],
]


def _gbk(folder: Path, name: str, rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path = folder / name
    path.write_bytes(text.getvalue().encode("gbk"))
    return path


@pytest.fixture(scope="module")
def empty(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    assert chromium_path
    with serve_product(tmp_path_factory.mktemp("own-street") / "var", "--no-demo") as served:
        yield served


@pytest.fixture
def own(browser: Browser, empty: Served) -> Iterator[ProductPage]:
    with product_page(browser, empty.base) as page:
        yield page


def _import(own: ProductPage, path: Path, *, step: str) -> str:
    """Upload, look at the preview, publish; gives the text of the result."""
    if own.params.get("step") != step:
        own.open(f"import?step={step}")
    own.page.locator("input[type=file]").set_input_files(path)
    counts = own.page.locator(".om-counts")
    counts.wait_for()
    own.settle()
    own.check_texts()
    own.page.get_by_role("button", name="接入：").click()
    result = own.page.locator(".om-result")
    result.wait_for()
    own.settle()
    own.check_texts()
    return result.inner_text()


def test_the_first_page_of_an_empty_database_is_the_way_in(own: ProductPage) -> None:
    own.open()
    own.until(lambda: own.path == "import", "the overview leads to the import page")
    own.settle()
    own.check_texts()
    assert "欢迎使用一图统览" in own.texts()
    steps = own.page.locator(".om-step b").all_inner_texts()
    assert steps[0] == "区划边界"
    assert steps[-1] == "事件工单"
    for fmt, suffix in (("Excel", ".xlsx"), ("CSV", ".csv")):
        with own.page.expect_download() as info:
            own.page.get_by_role("button", name=f"下载 {fmt} 模板").click()
        assert info.value.suggested_filename.endswith(suffix)


def test_the_other_pages_of_an_empty_database_say_what_to_do(own: ProductPage) -> None:
    for path in ("community", "events", "stations", "quality"):
        own.open(path)
        own.check_texts()
        assert own.path in {"import", "quality"}


def test_files_in_gbk_become_ones_own_street_on_the_map_and_the_last_one_is_taken_back(
    own: ProductPage, tmp_path: Path
) -> None:
    own.open("import")
    assert "新增 7" in _import(own, _gbk(tmp_path, "区划.csv", DIVISIONS), step="divisions")
    assert "新增 2" in _import(own, _gbk(tmp_path, "类别.csv", CLASSES), step="event_classes")
    result = _import(own, _gbk(tmp_path, "工单.csv", EVENTS), step="events")
    assert "新增 4" in result
    assert "退回 2" in result
    assert "未落格 1" in result
    assert "无坐标 1" in result
    _check_rejects(own, tmp_path)
    _check_own_street(own)
    _take_back(own)


def _check_rejects(own: ProductPage, folder: Path) -> None:
    with own.page.expect_download() as info:
        own.page.get_by_role("button", name="下载退回的行").click()
    path = folder / "rejects.csv"
    info.value.save_as(path)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["案件编号"] for row in rows] == ["SL05", "SL06"]
    assert "上报时间" in rows[0]["原因"]
    assert "飞走了" in rows[1]["原因"] + rows[1]["状态"]
    assert all(row["建议"] for row in rows)
    assert [row["标题"] for row in rows] == ["没有上报时间的一件", "状态写错的一件"]


def _check_own_street(own: ProductPage) -> None:
    own.follow(own.page.locator(".om-result a", has_text="看一图统览"))
    own.check_texts()
    assert own.crumbs == ["示例区"]
    assert own.total == own.kpi("open") == 4
    assert own.kpi("overdue") == 1
    assert own.ranking == {"510115001": 2, "未落格": 2, "合计": 4}
    shown = own.debug()
    assert shown["points"]["total"] == 4
    assert shown["points"]["unlocated"] == 1
    assert "演示数据 · 网格边界为示意" not in own.texts()
    own.open(f"?area={BASE}")
    assert own.ranking == {f"{BASE}001": 1, f"{BASE}002": 0, f"{BASE}003": 0, f"{BASE}004": 1, "合计": 2}
    own.open("quality?queue=unplaced")
    assert any("界外路面不洁" in text for text in own.texts())


def _take_back(own: ProductPage) -> None:
    own.open("quality")
    newest = own.page.locator("tr[data-batch]").first
    assert "工单" in newest.inner_text()
    own.follow(newest.locator("a"))
    own.check_texts()
    own.press("撤销这个批次")
    own.press("取消")
    assert "已撤销" not in own.page.locator("tr[data-batch]").first.inner_text()
    own.press("撤销这个批次")
    own.press("确认撤销")
    own.page.locator("tr[data-batch]", has_text="已撤销").wait_for()
    own.settle()
    own.check_texts()
    own.open("?area=510115")
    assert own.total == own.kpi("open") == 0
    assert own.debug()["points"]["total"] == 0
    own.check_texts()


def test_a_file_that_is_no_table_is_refused_in_words_and_the_page_goes_on(
    own: ProductPage, tmp_path: Path
) -> None:
    own.open("import?step=events")
    broken = tmp_path / "工单.xlsx"
    broken.write_bytes(b"this is no workbook")
    own.page.locator("input[type=file]").set_input_files(broken)
    problem = own.page.locator(".om-problem", has_text="这个文件不能这样接入")
    problem.wait_for()
    own.settle()
    assert "文件“工单.xlsx”的内容不是 .xlsx" in problem.inner_text()
    assert own.page.locator(".om-problem").count() == 1
    assert "开头是" not in problem.inner_text()
    assert own.page.get_by_role("button", name="接入：").count() == 0
    own.page.locator("input[type=file]").set_input_files(_gbk(tmp_path, "好的.csv", EVENTS))
    own.page.locator(".om-counts").wait_for()
