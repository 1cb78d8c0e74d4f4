"""One action removes the demo; it asks first, and afterwards nothing of the demo is left on any page."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served, serve_product


@pytest.fixture
def own_demo(browser: Browser, demo: Served, tmp_path: Path) -> Iterator[ProductPage]:
    """A copy of the served demo, so that the others keep theirs."""
    var_dir = tmp_path / "var"
    shutil.copytree(demo.var_dir, var_dir, ignore=shutil.ignore_patterns("onemap.db*"))
    with (
        closing(sqlite3.connect(demo.var_dir / "onemap.db")) as source,
        closing(sqlite3.connect(var_dir / "onemap.db")) as copy,
    ):
        source.backup(copy)
    with serve_product(var_dir) as served, product_page(browser, served.base) as page:
        yield page


def test_removing_the_demo_asks_first_and_then_leaves_nothing(own_demo: ProductPage) -> None:
    own_demo.open("import")
    own_demo.check_texts()
    own_demo.press("移除演示数据")
    own_demo.press("取消")
    assert any("当前是演示数据" in text for text in own_demo.texts())
    own_demo.press("移除演示数据")
    own_demo.press("确认移除")
    own_demo.page.get_by_text("欢迎使用一图统览").wait_for(timeout=60_000)
    own_demo.settle()
    own_demo.check_texts()
    assert not any("演示数据 · 网格边界为示意" in text for text in own_demo.texts())
    assert own_demo.page.get_by_role("button", name="移除演示数据").count() == 0
    for path in ("", "events", "quality"):
        own_demo.open(path)
        own_demo.check_texts()
        assert own_demo.path == ("quality" if path == "quality" else "import")


def test_while_the_demo_is_there_nothing_can_be_published(product: ProductPage, tmp_path: Path) -> None:
    product.open("import?step=events")
    file = tmp_path / "工单.csv"
    file.write_text("案件编号,事件类别,状态,上报时间\nSL1,0102,处置中,2026-11-20 08:00\n", encoding="utf-8")
    product.page.locator("input[type=file]").set_input_files(file)
    product.page.locator(".om-counts").wait_for()
    product.settle()
    product.check_texts()
    assert product.page.get_by_role("button", name="接入", exact=True).is_disabled()
    assert any("移除演示数据后即可接入" in text for text in product.texts())
