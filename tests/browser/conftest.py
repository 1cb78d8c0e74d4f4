"""One browser and one served demo for the tests of the whole product."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.product import CHROMIUM_ARGUMENTS, ProductPage, product_page
from tests.browser.serving import Served, serve_product, wait_for_first_rules

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """See ``tests/together.py`` for the one worker that runs them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A module's own browser: a crash ends one module, and no two Playwrights run at once."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=[*CHROMIUM_ARGUMENTS])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo district as a newcomer gets it: an empty folder and one command."""
    assert chromium_path
    with serve_product(tmp_path_factory.mktemp("newcomer") / "var") as served:
        wait_for_first_rules(served)
        yield served


@pytest.fixture(scope="module")
def desk(browser: Browser, demo: Served) -> Iterator[ProductPage]:
    """One page for all tests of a module: it keeps the scripts that it has compiled, two seconds a page."""
    with product_page(browser, demo.base) as page:
        yield page


@pytest.fixture
def product(desk: ProductPage) -> Iterator[ProductPage]:
    """The served demo in a page that remembers nothing of the test before."""
    desk.forget()
    yield desk
    assert desk.complaints == []
