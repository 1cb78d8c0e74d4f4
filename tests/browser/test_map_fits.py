"""The district stands in the middle of the map's free part, however slowly the style sheets come."""

from __future__ import annotations

import time
from typing import Final

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.product import product_page
from tests.browser.serving import Served

TABLET: Final = {"width": 1180, "height": 820}
_PLACE: Final = """() => {
  const at = OneMap.pixelOf(103.8, 30.72);
  return [Math.round(at.x / 4), Math.round(at.y / 4), OneMap.map.getZoom()];
}"""


@pytest.mark.parametrize("sheet", ["leaflet.css", "onemap.css"])
def test_a_style_sheet_that_comes_late_does_not_leave_the_map_aside(
    browser: Browser, demo: Served, sheet: str
) -> None:
    """The controls decide the margins, and the sheets decide on which side the controls are."""

    def late(route: Route) -> None:
        time.sleep(1.5)
        route.continue_()

    with product_page(browser, demo.base, **TABLET) as product:
        product.open("events")
        product.open()
        expected = product.js(_PLACE)
    with product_page(browser, demo.base, **TABLET) as product:
        product.page.route(f"**/{sheet}", late)
        product.open()
        product.until(lambda: product.js(_PLACE) == expected, f"the map is fitted to {expected}")
