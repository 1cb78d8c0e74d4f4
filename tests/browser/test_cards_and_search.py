"""Cards opened on the map, in the list, by a search and by an alert; each shows its place."""

from __future__ import annotations

from functools import partial

import pytest

from tests.browser.numbers import exported, reconcile, sees_focus
from tests.browser.product import ProductPage
from tests.browser.scripts import PIXEL_AND_SIZE, SINGLE_EVENT


def test_an_event_clicked_on_the_map_opens_its_card_and_a_second_click_opens_it_again(
    product: ProductPage,
) -> None:
    product.open("?area=510115001001&layers=points")
    spot = product.js(SINGLE_EVENT)
    assert spot is not None
    for _ in range(2):
        product.click_map(spot["x"], spot["y"])
        selected = f"event:{spot['id']}"
        product.until(partial(_has_selected, product, selected), "the event is selected")
        product.settle()
        card = product.page.locator("[data-card=event]")
        card.wait_for()
        assert {"谁在办", "状态", "到期", "案件号"} <= set(card.locator("dt").all_inner_texts())
        assert card.locator(".om-timeline li").count() >= 1
        assert product.debug()["state"]["selection"]["key"] == str(spot["id"])
        product.follow(card.locator("a.om-back"))
        assert "sel" not in product.params
        again = product.js(SINGLE_EVENT)  # nothing has moved
        assert again["id"] == spot["id"]
        spot = again


def _has_selected(product: ProductPage, key: str) -> bool:
    return product.params.get("sel") == key


def test_escape_closes_a_card(product: ProductPage) -> None:
    product.open("?tab=events")
    product.follow(product.page.locator("a.om-row[data-event]").first)
    product.page.locator("[data-card=event]").wait_for()
    product.page.keyboard.press("Escape")
    product.until(lambda: "sel" not in product.params, "the card is closed")
    product.settle()
    assert product.page.locator("[data-card=event]").count() == 0


def _search(product: ProductPage, text: str) -> list[str]:
    product.page.locator("#om-search").fill(text)
    product.page.locator("#om-search-hits.om-open").wait_for()
    product.until(
        lambda: product.page.locator("#om-search-hits > *").count() > 0, "the search says something"
    )
    product.page.wait_for_timeout(400)
    return product.page.locator("#om-search-hits > *").all_inner_texts()


def test_pinyin_initials_find_a_street_and_the_map_goes_there(product: ProductPage) -> None:
    product.open()
    hits = _search(product, "lcjd")
    assert any("柳城街道" in hit for hit in hits)
    product.follow(product.page.locator("#om-search-hits a", has_text="柳城街道").first)
    assert product.params["area"] == "510115001"
    assert product.crumbs == ["温江区", "柳城街道"]
    sees_focus(product)


def test_a_case_number_finds_the_event_flies_there_and_opens_its_card(product: ProductPage) -> None:
    product.open()
    located = next(row for row in exported(product) if row["经度"])
    assert any(located["编号"] in hit for hit in _search(product, located["编号"]))
    before = product.page.url
    product.page.keyboard.press("Enter")
    product.until(lambda: product.page.url != before, "the hit is followed")
    product.settle()
    assert located["编号"] in product.page.locator("[data-card=event]").inner_text()
    _is_over(product, float(located["经度"]), float(located["纬度"]))


@pytest.mark.parametrize("page", ["settings", "loop?area=510115001&color=overdue"])
def test_a_station_found_on_a_page_without_a_map_opens_on_the_overview(
    product: ProductPage, page: str
) -> None:
    product.open(page)
    assert _search(product, "便民服务中心")
    product.follow(product.page.locator("#om-search-hits a[href*='sel=station']").first)
    assert (product.path, set(product.params)) == ("", {"sel"})
    product.page.locator("[data-card=station]").wait_for()
    selection = product.debug()["state"]["selection"]
    _is_over(product, selection["lon"], selection["lat"])


def _pan_away(product: ProductPage) -> None:
    product.js("OneMap.map.panBy([4000, 4000], { animate: false })")
    product.settle()


def test_a_row_clicked_again_after_the_map_was_moved_brings_its_place_back(product: ProductPage) -> None:
    product.open("events?color=overdue")
    row = product.page.locator("tr[data-event]").first
    product.follow(row.locator("td").nth(1))
    selection = product.debug()["state"]["selection"]
    _is_over(product, selection["lon"], selection["lat"])
    is_seen = partial(_sees, product, selection["lon"], selection["lat"])
    _pan_away(product)
    assert not is_seen()
    row.locator("td").nth(1).click()
    product.until(is_seen, "the place is back")
    product.settle()
    assert is_seen()


def test_a_street_searched_again_after_the_map_was_moved_is_shown_again(product: ProductPage) -> None:
    product.open()
    for _ in range(2):
        _search(product, "lcjd")
        product.page.locator("#om-search-hits a", has_text="柳城街道").first.click()
        product.until(lambda: product.params == {"area": "510115001"}, "the street is in the address")
        product.until(partial(_sees_the_focus, product), "the street is shown")
        product.settle()
        _pan_away(product)
        assert not _sees_the_focus(product)


def _sees(product: ProductPage, lon: float, lat: float) -> bool:
    x, y, width, height = product.js(PIXEL_AND_SIZE, [lon, lat])
    return bool(0 < x < width and 0 < y < height)


def _sees_the_focus(product: ProductPage) -> bool:
    focus = product.debug()["state"]["focus"]
    if not focus:
        return False
    west, south, east, north = focus["bounds"]
    return _sees(product, (west + east) / 2, (south + north) / 2)


def test_a_search_without_a_hit_says_so(product: ProductPage) -> None:
    product.open()
    assert _search(product, "没有这个地方") == ["没有找到“没有这个地方”"]


def _is_over(product: ProductPage, lon: float, lat: float) -> None:
    """The map has come near to a place and shows it well inside the view."""
    shown = product.debug()
    assert shown["zoom"] >= 15
    x, y, width, height = product.js(PIXEL_AND_SIZE, [lon, lat])
    assert 0 < x < width
    assert 0 < y < height


def test_an_alert_flies_to_its_place_and_opens_its_card(product: ProductPage) -> None:
    product.open()
    alert = product.page.locator("[data-alert=overdue]").first
    title = alert.locator(".om-row-title").inner_text().split(" ")[0]
    product.follow(alert)
    assert title in product.page.locator("[data-card=event]").inner_text()
    selection = product.debug()["state"]["selection"]
    _is_over(product, selection["lon"], selection["lat"])


def test_an_alert_of_repeats_opens_its_rows(product: ProductPage) -> None:
    product.open("?alert=repeat")
    alert = product.page.locator("[data-alert=repeat]").first
    times = int("".join(filter(str.isdigit, alert.locator(".om-row-title").inner_text())))
    product.follow(alert)
    assert reconcile(product) == times


def test_a_row_of_the_list_opens_its_card_and_is_marked_in_the_list(product: ProductPage) -> None:
    product.open("events?color=overdue")
    row = product.page.locator("tr[data-event]").nth(2)
    key = row.get_attribute("data-event")
    product.follow(row.locator("td").nth(1))
    assert product.params["sel"] == f"event:{key}"
    assert product.page.locator("tr.om-selected").get_attribute("data-event") == key
    product.page.locator("[data-card=event]").wait_for()
    assert product.debug()["state"]["selection"]["key"] == key
