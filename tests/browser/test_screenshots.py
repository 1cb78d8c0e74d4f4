"""Pictures of every page at three sizes in both themes, kept in build/screenshots, and judged by measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.scripts import BEYOND_THE_EDGE, CUT_TEXTS, DRAWN_COLORS, OVERLAPS
from tests.browser.serving import ROOT, Served

PICTURES: Final = ROOT / "build" / "screenshots"
SIZES: Final = {"desk": (1920, 1080), "tablet-landscape": (1180, 820), "tablet-portrait": (820, 1180)}
PAGES: Final = {
    "overview": "",
    "overview-late": "?alert=overdue&rank=grids",
    "community": "community?area=510115001001",
    "events": "events",
    "loop": "loop?lane=dispatch",
    "whistle": "whistle",
    "whistle-card": "whistle?whistle=1&standing=done",
    "stations": "stations",
    "import": "import",
    "quality": "quality",
    "dispatch": "dispatch?rule=3",
    "lists": "lists?list=negative&item=14",
    "processes": "lists?list=services",
    "performance": "performance?cell=on_time:510115001",
    "performance-worse": "performance?look=worse",
    "performance-month": "performance?look=month",
    "alerts": "alerts",
    "calendar": "calendar",
    "evaluation": "evaluation?unit=D01&by=public",
    "settings": "settings?item=new",
    "numbers": "settings?set=numbers&param=whistle_days",
    "readings": "settings?set=readings&area=510115001001",
    "counts": "settings?set=counts&param=garbage_due",
    "performance-own": "performance?own=on_time",
}
# What must never be cut: figures, titles, buttons, table heads.
_KEY_TEXTS: Final = (
    ".om-kpi-value, .om-kpi-value b, .om-kpi-link, .om-title:not(.om-cut-text), .om-total, .om-crumbs b, "
    ".om-brand, .om-nav a, .om-page-title, .om-button, .om-tab, .om-asof, .om-people td, h2, h3, th"
)
_HEADER: Final = (
    ".om-brand, .om-nav a, .om-folded > summary, #om-search, .om-acting > summary, .om-demo, "
    ".om-asof, .om-live"
)


@dataclass(frozen=True)
class Screen:
    """A page on a screen that can be turned; its browser keeps scripts and pictures between addresses."""

    product: ProductPage
    theme: str
    sizes: tuple[str, ...]

    def turn(self, size: str) -> None:
        width, height = SIZES[size]
        self.product.page.set_viewport_size({"width": width, "height": height})


@pytest.fixture(
    scope="module",
    params=[(device, theme) for theme in ("light", "dark") for device in ("desk", "tablet")],
    ids="-".join,
)
def screen(request: pytest.FixtureRequest, browser: Browser, demo: Served) -> Iterator[Screen]:
    """Light tablets are held upright first and then turned, dark ones the other way round."""
    device, theme = request.param
    sizes = [size for size in SIZES if size.startswith(device)]
    if theme == "light":
        sizes.reverse()
    with product_page(browser, demo.base, color_scheme=theme, has_touch=device == "tablet") as product:
        yield Screen(product, theme, tuple(sizes))


@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits_the_screen_and_nothing_is_cut(screen: Screen, name: str) -> None:
    product = screen.product
    product.forget()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, size in enumerate(screen.sizes):
        screen.turn(size)
        if number == 0:
            product.open(PAGES[name])
        else:
            product.settle()
        path = Path(PICTURES / f"{name}-{size}-{screen.theme}.png")
        product.page.screenshot(path=path)
        assert path.stat().st_size > 20_000
        _check_page(product, theme=screen.theme)
        if product.has_map:
            assert product.js(DRAWN_COLORS) > 20, "the map is blank"
    assert product.complaints == []


def _check_page(product: ProductPage, *, theme: str) -> None:
    page = product.page
    wide, high = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= high, f"the page is {wide - high} px wider than the screen"
    main = page.locator("[data-testid=stMain]").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert main[0] <= main[1], f"the page is {main[0] - main[1]} px wider than the screen"
    assert page.evaluate(CUT_TEXTS, _KEY_TEXTS) == []
    assert page.evaluate(OVERLAPS, _HEADER) == [], "parts of the header lie on one another"
    beyond = page.evaluate(BEYOND_THE_EDGE)
    assert beyond == [], "panels beyond the edge of the screen"
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert ground == {"light": "rgb(244, 246, 250)", "dark": "rgb(11, 21, 38)"}[theme]
    product.check_texts()
