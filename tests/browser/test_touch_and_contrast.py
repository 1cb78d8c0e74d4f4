"""What a finger has to hit and an eye has to read, measured: heights of controls, contrast of small texts."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.browser.product import ProductPage, product_page
from tests.browser.scripts import FAINT_TEXTS, LOW_TARGETS
from tests.browser.serving import Served

FINGER_PX: Final = 44
LANDSCAPE: Final = {"width": 1180, "height": 820}
PAGES: Final = (
    "", "loop", "alerts", "alerts?rule=1", "lists?list=negative&item=14", "dispatch?rule=3", "calendar",
    "settings?set=plans", "settings?set=counts&param=garbage_due", "quality", "performance?own=new",
)  # fmt: skip
_HIT: Final = (
    ".om-nav a, .om-icon, .om-search input, .om-chip > summary, .om-color, .om-button, .om-back, a.om-day, "
    "a.om-rule-line, .om-panel-head .om-tab:not(.om-alerts *), .om-settings-tabs .om-tab, "
    ".stMain [data-testid^=stBaseButton], .stMain [data-testid=stTextInputRootElement], "
    ".stMain [data-testid=stExpander] summary, .stMain [data-testid=stRadioOption], "
    ".stMain [data-testid=stCheckbox] label"
)
_READ: Final = (
    ".stMain [data-testid^=stBaseButton-primary] p, .stMain [data-testid=stMultiSelect] [data-tag] > span, "
    ".om-heat-part, .om-heat-rank, .om-heat-value, .om-heat-change, .om-panel td, .om-note, "
    ".om-button:not(.om-off)"
)


@pytest.mark.parametrize("address", PAGES)
def test_on_a_tablet_held_across_every_control_is_as_high_as_a_finger(
    browser: Browser, demo: Served, address: str
) -> None:
    with product_page(browser, demo.base, has_touch=True, **LANDSCAPE) as product:
        product.open(address)
        assert product.page.evaluate(LOW_TARGETS, [_HIT, FINGER_PX]) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["performance", "alerts?rule=1", "settings?set=counts&param=garbage_due"])
def test_small_texts_and_main_buttons_stand_out_from_what_is_under_them(
    browser: Browser, demo: Served, address: str, scheme: str
) -> None:
    with product_page(browser, demo.base, color_scheme=scheme, **LANDSCAPE) as product:
        product.open(address)
        assert product.page.evaluate(FAINT_TEXTS, _READ) == []


def test_a_tablet_held_across_shows_whole_tables_of_departments_and_jobs(
    browser: Browser, demo: Served
) -> None:
    with product_page(browser, demo.base, has_touch=True, **LANDSCAPE) as product:
        product.open("whistle?whistle=1&standing=done")
        assert _beyond(product, ".om-called") == 0, "the scores are in view"
        product.open("quality")
        assert _beyond(product, ".om-worker-jobs") == 0, "when a job runs next is in view"
        name = product.page.locator(".om-worker-jobs tbody td").first.bounding_box()
        assert name is not None
        assert name["width"] >= 90, "the job's name has two lines, not four"


def _beyond(product: ProductPage, table: str) -> int:
    """Pixels of a table that its frame hides."""
    found: int = product.page.locator(table).evaluate(
        "t => { const f = t.closest('.om-x'); return Math.max(0, f.scrollWidth - f.clientWidth); }"
    )
    return found
