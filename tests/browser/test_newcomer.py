"""A newcomer types the one command, opens the address it prints, and sees the district."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.product import ProductPage, product_page
from tests.browser.serving import Served

TABS = {
    "社区": "community", "事件": "events", "工单": "loop", "站点": "stations", "效能": "performance",
    "预警": "alerts", "数据接入": "import", "数据质量": "quality", "派遣规则": "dispatch", "清单": "lists",
    "工作日历": "calendar", "考评": "evaluation", "设置": "settings", "一图统览": "",
}  # fmt: skip
PAGES = tuple(TABS.values())


def test_the_command_names_its_stages_in_chinese_and_prints_the_address(demo: Served) -> None:
    printed = demo.printed
    assert f"一图统览已启动：{demo.base}" in printed
    assert "✓ 写入演示事件" in printed
    assert "Traceback" not in printed


def test_the_empty_folder_becomes_a_district_on_one_screen(product: ProductPage) -> None:
    product.open()
    assert product.crumbs == ["温江区"]
    assert product.total > 800
    assert product.kpi("open") == product.total
    assert [card.get_attribute("data-kpi") for card in product.page.locator("[data-kpi]").all()] == [
        "open", "new_today", "overdue", "soon", "on_time_rate",
    ]  # fmt: skip
    assert product.page.locator("[data-alert]").count() > 10
    assert len([code for code in product.ranking if code.isdigit()]) == 9
    shown = product.debug()
    assert (shown["areas"]["level"], shown["areas"]["count"]) == ("street", 9)
    assert shown["points"]["total"] == product.total
    assert shown["points"]["shown"] + shown["points"]["unlocated"] == product.total
    assert "演示数据 · 网格边界为示意" in product.texts()


def test_nothing_is_asked_of_another_machine(product: ProductPage) -> None:
    """Also what is never asked counts: fonts, look-ups of the own address, usage statistics."""
    product.open()
    product.page.wait_for_timeout(1500)
    hosts = {re.sub(r"^(\w+:(?://[^/:]+)?).*", r"\1", url) for url in product.requests}
    assert hosts <= {"http://127.0.0.1", "data:", "blob:"}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_by_its_address_in_plain_chinese(product: ProductPage, path: str) -> None:
    product.open(path)
    product.check_texts()
    assert product.page.locator(".om-nav [aria-current=page]").count() == 1
    assert product.page.title() == "一图统览"


def _tab(product: ProductPage, name: str) -> Locator:
    """The tab of a page, or its row under 管理 where the tabs have no room for all."""
    tab = product.page.locator(".om-nav a:visible", has_text=name)
    if tab.count() == 0:
        product.page.locator(".om-folded summary").click()
        return product.page.locator(".om-folded a", has_text=name)
    return tab


def test_every_page_is_reached_by_its_tab_with_the_filter_kept(product: ProductPage) -> None:
    product.open("?color=overdue")
    product.page.evaluate("window.stillTheSame = true")
    for name, path in TABS.items():
        product.follow(_tab(product, name))
        assert (product.path, product.params) == (path, {"color": "overdue"})
        assert product.page.locator(".om-nav [aria-current=page]").inner_text() == name
    assert product.page.evaluate("window.stillTheSame") is True


def test_the_theme_switch_turns_page_and_map_dark_and_is_kept_on_the_next_page(product: ProductPage) -> None:
    product.open()
    light = product.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    with product.page.expect_navigation():
        product.page.get_by_label("切换深浅色").click()
    product.settle()
    assert light == "rgb(244, 246, 250)"
    assert _ground(product) == "rgb(11, 21, 38)"
    assert product.debug()["state"]["theme"] == "dark"
    product.open("events")
    assert _ground(product) == "rgb(11, 21, 38)"
    assert product.debug()["state"]["theme"] == "dark"


def _ground(product: ProductPage) -> str:
    color: str = product.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    return color


def test_who_prefers_dark_gets_dark_at_once(browser: Browser, demo: Served) -> None:
    with product_page(browser, demo.base, color_scheme="dark") as product:
        product.open()
        assert _ground(product) == "rgb(11, 21, 38)"
        assert product.debug()["state"]["theme"] == "dark"


@pytest.mark.parametrize("width", [390, 768, 820])
def test_on_a_narrow_screen_the_clock_covers_no_pages_name(
    browser: Browser, demo: Served, width: int
) -> None:
    with product_page(browser, demo.base, width=width) as product:
        product.open()
        pages, clock = (product.page.locator(part).bounding_box() for part in (".om-folded", ".om-clock"))
        assert pages is not None
        assert clock is not None
        assert clock["y"] >= pages["y"] + pages["height"] or clock["x"] >= pages["x"] + pages["width"]
        assert product.page.evaluate(f"document.querySelector('.stMain').scrollWidth <= {width}")


_CUT = """sheet => {
  const part = sheet.closest(".om-scroll"), box = sheet.getBoundingClientRect();
  if (!part || getComputedStyle(part).overflowX === "visible") return 0;
  const around = part.getBoundingClientRect();
  return box.width > around.width ? 0 : Math.max(box.right - around.right, around.left - box.left);
}"""
NARROWED = "class=01&source=12345"


@pytest.mark.parametrize(
    "path",
    [
        "", f"?{NARROWED}", f"?alert=overdue&{NARROWED}", "?sel=station:1", "community",
        "community?area=510115001", f"community?area=510115001&{NARROWED}", "events", f"events?{NARROWED}",
        "stations", "quality",
    ],
)  # fmt: skip
def test_every_number_opens_how_it_is_computed(product: ProductPage, path: str) -> None:
    product.open(path)
    marks = product.page.locator("details.om-explain")
    assert marks.count() >= 2
    for mark in marks.all():
        mark.scroll_into_view_if_needed()
        mark.locator("summary").click()
        sheet = mark.locator(".om-menu-sheet")
        names = sheet.locator(".om-key").all_inner_texts()
        assert {"算法", "数据截至"} <= set(names), names
        if mark.locator("xpath=ancestor::*[@data-kpi or contains(@class, 'om-total')]").count():
            assert "口径" in names, "a number under the Filter names its basis"
        if "条件" in names and NARROWED in path:
            said = sheet.locator(".om-pair", has=product.page.get_by_text("条件", exact=True)).inner_text()
            assert "类别：市容环境" in said, "it names every condition in force"
            assert "来源：12345" in said
        box, size = sheet.bounding_box(), product.page.viewport_size
        assert box is not None
        assert size is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert sheet.evaluate(_CUT) <= 0, "the part that it stands in cuts no side of it"
        product.page.keyboard.press("Escape")
        assert mark.get_attribute("open") is None


def test_the_explanation_of_a_figure_leads_to_exactly_its_rows(product: ProductPage) -> None:
    product.open()
    for key in ("new_today", "overdue", "soon"):
        value = product.kpi(key)
        product.page.locator(f"[data-kpi={key}] summary").click()
        product.follow(product.page.locator(f"[data-kpi={key}] .om-menu-sheet a"))
        assert product.path == "events"
        assert product.total == value
        product.open()
