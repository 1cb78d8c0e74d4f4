"""Forms as people meet them: a refusal is seen and is Chinese, and one key does not lose what was typed."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import Locator

from tests.browser.product import ProductPage
from tests.browser.serving import Served

LONG = "示例片区联合值班群" * 7 + "尾"


def inside(product: ProductPage, place: Locator, panel: Locator) -> bool:
    """Whether ``place`` stands within the edges of ``panel``, and on the screen."""
    inner, outer = place.bounding_box(), panel.bounding_box()
    assert inner is not None
    assert outer is not None
    size = product.page.viewport_size
    assert size is not None
    return (
        outer["x"] <= inner["x"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
        and inner["y"] + inner["height"] <= size["height"] + 1
    )


def test_a_number_below_its_bound_says_so_in_chinese_under_its_field(product: ProductPage) -> None:
    product.open("settings?set=readings&area=510115001001")
    product.page.get_by_role("spinbutton").first.fill("-5")
    product.press("填报")

    said = product.page.locator("[data-testid=stNumberInputContainer] [role=alert]")
    product.until(lambda: said.count() == 1, "a word under the field")
    assert said.inner_text() == "不能小于 0，没有保存"
    box = said.bounding_box()
    assert box is not None
    assert box["width"] > 100
    assert box["height"] > 12
    product.check_texts()


def test_what_was_refused_below_the_edge_of_the_screen_comes_into_sight(product: ProductPage) -> None:
    product.open("alerts?rule=new")
    product.press("新增规则")
    refusal = product.page.locator(".om-problem")
    refusal.wait_for()
    product.page.wait_for_timeout(300)

    assert "规则“按角色办理”" in refusal.inner_text() or "请先在右上角选择" in refusal.inner_text()
    assert inside(product, refusal, product.page.locator(".st-key-om-ring-rules"))


def test_escape_in_a_field_leaves_the_field_and_a_second_one_the_form(product: ProductPage) -> None:
    product.open("settings?item=new")
    name = product.page.get_by_label("名称", exact=True)
    name.fill("示例")
    name.press("Escape")
    product.settle()
    assert product.params.get("item") == "new"
    assert name.input_value() == "示例"

    product.page.keyboard.press("Escape")
    product.until(lambda: "item" not in product.params, "the form is closed")


def test_an_alert_with_a_long_title_shows_all_of_it_and_keeps_its_way_out(
    product: ProductPage, demo: Served
) -> None:
    with closing(sqlite3.connect(demo.var_dir / "onemap.db")) as connection:
        number, title = connection.execute("SELECT id, title FROM alert ORDER BY id LIMIT 1").fetchone()
        connection.execute("UPDATE alert SET title = ? WHERE id = ?", (LONG, number))
        connection.commit()
    try:
        product.open(f"alerts?ring={number}")
        panel = product.page.locator(".om-ring-card")
        assert inside(product, panel.locator(".om-title"), panel)
        assert inside(product, panel.locator(".om-close"), panel)
    finally:
        with closing(sqlite3.connect(demo.var_dir / "onemap.db")) as connection:
            connection.execute("UPDATE alert SET title = ? WHERE id = ?", (title, number))
            connection.commit()


def test_the_preview_of_an_own_indicator_writes_thousands_as_the_table_does(product: ProductPage) -> None:
    product.open("performance?own=new")
    product.page.get_by_label("名称", exact=True).fill("示例")
    formula = product.page.get_by_label("公式", exact=True)
    formula.fill("结案 ÷ 上报")
    formula.blur()
    newest = product.page.locator(".om-perf-newest")
    newest.wait_for()
    assert re.search(r"（[\d,]+/[\d,]+）", newest.inner_text())
    assert not re.search(r"\d{4}", newest.inner_text())
