"""The address is the state: another browser shows the same by it; nonsense in it is told, not guessed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served


def _state(product: ProductPage) -> dict[str, Any]:
    shown = product.debug()
    return {
        "total": product.total,
        "crumbs": product.crumbs,
        "kpis": [product.kpi(key) for key in ("open", "new_today", "overdue", "soon", "on_time_rate")]
        if product.path == ""
        else [],
        "map": [
            shown["points"]["total"],
            shown["areas"]["level"],
            shown["areas"]["metric"],
            shown["state"]["layers"],
        ],
        "card": product.page.locator("[data-card] .om-title").all_inner_texts(),
        "rows": product.page.locator("tr[data-event]").evaluate_all("rows => rows.map(r => r.dataset.event)"),
    }


def _shown_in_another_browser(browser: Browser, served: Served, url: str) -> dict[str, Any]:
    with product_page(browser, served.base) as other:
        parts = urlsplit(url)
        other.open(f"{parts.path.lstrip('/')}?{parts.query}")
        return _state(other)


def test_an_address_made_by_clicking_shows_the_same_in_another_browser(
    product: ProductPage, browser: Browser, demo: Served
) -> None:
    product.open()
    product.follow(product.page.locator(".om-ranking tr[data-code] a").first)
    product.follow(product.page.locator(".om-colors [data-color=overdue]"))
    product.js("OneMap.choose({ metric: 'overdue', level: 'grid' })")
    product.until(lambda: product.params.get("level") == "grid", "the level is in the address")
    product.settle()
    product.follow(product.page.locator("[data-alert=overdue]").first)
    product.page.locator("[data-card=event]").wait_for()
    assert {"area", "color", "metric", "level", "sel"} <= set(product.params)
    assert _shown_in_another_browser(browser, demo, product.page.url) == _state(product)


@pytest.mark.parametrize(
    "address",
    [
        "events?area=510115001&color=overdue,soon&order=due&p=1",
        "events?q=%E5%B0%8F%E5%8C%BA&source=12345&p=2",
        "?class=01&level=community&metric=per_1000&layers=areas,heat",
        "community?area=510115003",
    ],
)
def test_a_written_address_survives_a_reload(product: ProductPage, address: str) -> None:
    product.open(address)
    before = _state(product)
    product.page.reload()
    product.page.locator(".om-head").wait_for()
    product.settle()
    assert _state(product) == before


def test_back_and_forward_follow_the_steps_of_the_person(product: ProductPage) -> None:
    product.open()
    whole = product.total
    product.follow(product.page.locator(".om-ranking tr[data-code] a").first)
    street = product.total
    product.follow(product.page.locator(".om-nav a", has_text="事件"))
    assert product.total == street
    product.page.go_back()
    product.until(
        lambda: product.path == "" and product.page.locator("[data-kpi]").count() == 5, "the overview is back"
    )
    product.settle()
    product.until(lambda: product.total == street, "the street's number is back")
    product.page.go_back()
    product.until(lambda: "area" not in product.params, "the whole district is back in the address")
    product.settle()
    product.until(lambda: product.total == whole, "the district's number is back")
    product.page.go_forward()
    product.until(lambda: product.params.get("area", "") != "", "the street is back in the address")
    product.settle()
    product.until(lambda: product.total == street, "the street's number is back again")


NONSENSE = {
    "color=purple": "网址参数 color=purple 无效",
    "area=12": "网址参数 area=12 无效",
    "basis=closed": "这个口径需要起止日期",
    "basis=due&from=2026-11-21&to=2026-11-01": "开始日期晚于结束日期",
    "from=2026-13-01&basis=due&to=2026-11-01": "日期应写作",
    "poly=%7Bnonsense": "网址参数 poly=",
    "level=planet": "网址参数 level=planet 无效",
    "layers=lava": "没有图层 lava",
    "sel=event:abc": "网址参数 sel=event:abc 无效",
    "p=0": "页码应为从 1 起的整数",
    "status=asleep&source=a%20b": "网址参数 status=asleep 无效",
    "q=" + "长" * 51: "搜索文字最长 50 个字",
}


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_in_the_address_is_named_and_nothing_is_computed(product: ProductPage, query: str) -> None:
    product.page.goto(f"{product.base}/?{query}")
    problem = product.page.locator(".om-problem")
    problem.wait_for()
    product.settle()
    assert "网址里的筛选条件有误" in problem.inner_text()
    assert NONSENSE[query] in problem.inner_text()
    assert product.page.locator("[data-kpi]").count() == 0
    assert product.page.locator("[data-total]").count() == 0
    product.follow(problem.locator("a", has_text="清除筛选"))
    assert product.page.locator(".om-problem").count() == 0
    assert product.total == product.kpi("open")


def test_one_wrong_condition_can_be_dropped_and_the_others_stay(product: ProductPage) -> None:
    product.page.goto(f"{product.base}/?area=510115001&color=purple")
    product.page.locator(".om-problem").wait_for()
    product.settle()
    product.follow(product.page.locator(".om-problem li a", has_text="去掉这一项"))
    assert product.params == {"area": "510115001"}
    assert product.crumbs == ["温江区", "柳城街道"]


def test_a_place_or_case_that_does_not_exist_is_said_to_be_missing(product: ProductPage) -> None:
    product.open("?sel=event:999999999")
    assert "没有事件 999999999" in product.page.locator("[data-card]").inner_text()
    product.follow(product.page.locator("[data-card] a.om-back"))
    product.open("?area=510115999")
    assert any("510115999" in crumb for crumb in product.crumbs)
    assert product.total == 0
    product.follow(product.page.locator(".om-crumbs a").first)
    assert product.total > 0


def test_markup_in_the_address_is_shown_as_text(product: ProductPage) -> None:
    text = "<img src=x onerror=alert(1)>"
    product.open(f"?q={quote(text)}")
    assert product.page.locator(".om-text input").input_value() == text
    assert product.page.locator("img[src='x']").count() == 0
    assert product.total == 0
