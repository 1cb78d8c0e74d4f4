"""Drilling by the map, the table and the breadcrumb; narrowing by every condition; drawing."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from tests.browser.numbers import exported, reconcile, sees_focus
from tests.browser.product import ProductPage
from tests.browser.scripts import BARE_AREA

TODAY = datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).date()
WEEK = f"from={TODAY - timedelta(days=6)}&to={TODAY}"


def _has_left(product: ProductPage, url: str) -> bool:
    return product.page.url != url


def bare_area(product: ProductPage) -> dict[str, Any]:
    found: dict[str, Any] | None = product.js(BARE_AREA)
    assert found is not None, "no area without events or stations over it"
    return found


def test_clicking_the_map_leads_from_district_to_street_community_and_grid_and_the_breadcrumb_back(
    product: ProductPage,
) -> None:
    product.open()
    seen = [(product.crumbs, product.total)]
    for digits in (9, 12, 15):
        product.js(
            "OneMap.choose({ layers: ['areas', 'names'] })"
        )  # an area between the events is easier to hit
        product.settle()
        spot = bare_area(product)
        before = product.page.url
        product.click_map(spot["x"], spot["y"])
        product.until(partial(_has_left, product, before), "the click on the map drills")
        product.settle()
        assert len(product.params["area"]) == digits
        assert product.crumbs[-1].endswith(spot["name"])
        assert (
            product.debug()["state"]["focus"]["level"] == {9: "street", 12: "community", 15: "grid"}[digits]
        )
        sees_focus(product)
        assert spot["name"] in product.page.locator("[data-card=area] .om-panel-head").inner_text()
        assert product.kpi("open") == product.total <= seen[-1][1]
        seen.append((product.crumbs, product.total))
    assert len(product.crumbs) == 4
    for crumbs, total in reversed(seen[:-1]):
        product.follow(product.page.locator(".om-crumbs a").nth(len(crumbs) - 1))
        assert (product.crumbs, product.total) == (crumbs, total)
    assert "area" not in product.params


def test_a_row_of_the_ranked_table_drills_and_its_count_is_the_total_there(product: ProductPage) -> None:
    product.open()
    total = reconcile(product)
    for level in ("street", "community"):
        row = product.page.locator(".om-ranking tr[data-code]").first
        code, count = row.get_attribute("data-code"), int(row.get_attribute("data-count") or -1)
        product.follow(row.locator("a"))
        assert product.params["area"] == code
        assert reconcile(product) == count <= total
        assert product.debug()["state"]["focus"]["level"] == level
        total = count


@pytest.mark.parametrize(
    "query",
    [
        "",
        "color=overdue",
        "color=overdue,soon&area=510115001",
        "class=01",
        "source=12345",
        "status=handling",
        "q=小区",
        f"basis=reported&{WEEK}",
        f"basis=due&{WEEK}",
        f"basis=closed&{WEEK}&class=01&source=patrol",
    ],
)
def test_under_any_filter_figure_map_table_list_and_file_agree(product: ProductPage, query: str) -> None:
    product.open(f"?{query}")
    total = reconcile(product)
    assert total > 0
    for key, colors in (("open", ""), ("overdue", "overdue"), ("soon", "soon")):
        if product.filter_params.get("basis", "open") == "open" and query == (
            f"color={colors}" if colors else ""
        ):
            assert product.kpi(key) == total
    product.open(f"events?{query}")
    assert reconcile(product) == total
    assert f"共 {total:,} 件" in product.page.locator(".om-pager").inner_text()
    assert product.page.locator("tr[data-event]").count() == min(total, 100)


def _option(product: ProductPage, menu: str, text: str) -> int:
    """Choose one line of a menu; gives the count that stands on it."""
    product.page.locator(f"#om-menu-{menu} > summary").click()
    line = product.page.locator(f"#om-menu-{menu} a.om-option", has_text=text).first
    count = line.locator(".om-option-count")
    promised = int(count.inner_text().replace(",", "")) if count.count() else -1
    product.follow(line)
    product.page.keyboard.press("Escape")
    return promised


def test_each_menu_keeps_its_promise_and_clear_takes_all_away(product: ProductPage) -> None:
    product.open()
    whole = product.total
    promised = _option(product, "class", "暴露垃圾")
    assert reconcile(product) == promised
    product.follow(product.page.locator("a.om-clear"))
    promised = _option(product, "source", "网格巡查")
    assert reconcile(product) == promised
    promised = _option(product, "dept", "区水务局")
    assert reconcile(product) == promised
    product.follow(product.page.locator("a.om-clear"))
    assert (product.total, product.params) == (whole, {})


def test_a_colour_is_switched_on_and_off_by_its_chip(product: ProductPage) -> None:
    product.open()
    whole = product.total
    chip = product.page.locator(".om-colors [data-color=overdue]")
    count = int(chip.get_attribute("data-count") or -1)
    product.follow(chip)
    assert reconcile(product) == count == product.kpi("overdue")
    assert chip.get_attribute("aria-pressed") == "true"
    product.follow(chip)
    assert product.total == whole


def test_words_narrow_the_view_and_only_matching_events_stay(product: ProductPage) -> None:
    product.open()
    box = product.page.locator(".om-text input")
    box.fill("小区")
    before = product.page.url
    box.press("Enter")
    product.until(lambda: product.page.url != before, "the words reach the address")
    product.settle()
    assert product.params == {"q": "小区"}
    reconcile(product)
    assert all("小区" in row["编号"] + row["标题"] + row["地址"] + row["描述"] for row in exported(product))


def test_another_basis_brings_its_period_and_a_preset_changes_it(product: ProductPage) -> None:
    product.open()
    _option(product, "basis", "上报")
    assert product.params["basis"] == "reported"
    week = reconcile(product)
    _option(product, "period", "今日")
    assert product.params["from"] == product.params["to"] == str(TODAY)
    assert reconcile(product) == product.kpi("new_today") < week


def test_a_figure_sets_its_own_basis(product: ProductPage) -> None:
    product.open()
    value = product.kpi("new_today")
    product.follow(product.page.locator("[data-kpi=new_today] a.om-kpi-link"))
    assert product.params["basis"] == "reported"
    assert reconcile(product) == value


def test_a_drawn_polygon_narrows_everything_and_is_cleared_on_the_map(product: ProductPage) -> None:
    product.open()
    whole = product.total
    assert product.frame is not None
    product.frame.get_by_role("button", name="画一个范围来筛选").click()
    west, south, east, north = product.debug()["state"]["tiles"]["bounds"]
    middle_lon, middle_lat = (west + east) / 2, (south + north) / 2 - (north - south) / 8
    width, height = (east - west) / 5, (north - south) / 5
    corners = [(middle_lon - width, middle_lat - height), (middle_lon + width, middle_lat - height),
               (middle_lon, middle_lat + height)]  # fmt: skip
    for corner in [*corners, corners[0]]:
        product.click_place(*corner)
        product.page.wait_for_timeout(150)
    product.until(lambda: "poly" in product.params, "the polygon is in the address")
    product.settle()
    inside = reconcile(product)
    assert 0 < inside < whole
    for row in exported(product):
        assert _in_triangle((float(row["经度"]), float(row["纬度"])), corners)
    product.follow(product.page.locator(".om-nav a", has_text="事件"))
    assert reconcile(product) == inside
    product.frame.get_by_role("button", name="清除画的范围").click()
    product.until(lambda: "poly" not in product.params, "the polygon has left the address")
    product.settle()
    assert reconcile(product) == whole


def _in_triangle(point: tuple[float, float], corners: list[tuple[float, float]]) -> bool:
    """On the same side of all three edges, give or take a pixel of the click."""
    sides: list[float] = []
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
        sides.append(cross / math.hypot(bx - ax, by - ay))
    return min(sides) > -0.001 or max(sides) < 0.001


def test_a_layer_switched_off_on_the_map_is_kept_in_the_address(product: ProductPage) -> None:
    product.open()
    product.js("OneMap.choose({ layers: ['areas', 'points', 'names'] })")
    product.until(
        lambda: product.params.get("layers") == "areas,points,names", "the layers are in the address"
    )
    product.settle()
    product.page.reload()
    product.page.locator(".om-head").wait_for()
    product.settle()
    assert product.debug()["state"]["layers"] == ["areas", "points", "names"]
