"""A browser page that looks at the product: its requests are watched, its texts and numbers read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Frame, Locator, Page, Request, Response

from data.filter import PARAMS
from tests.browser.scripts import SAME_REVISION, VISIBLE_TEXTS
from tests.browser.serving import HOST

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    # Whatever would leave the machine fails at once, and is seen as a failed request.
    f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {HOST}",
)
WAIT_SECONDS = 20

# Names of formats, units and keys that a Chinese sentence rightly holds in Latin letters.
_LATIN_WORDS = frozenset(
    [
        "csv",
        "xlsx",
        "excel",
        "geojson",
        "geopackage",
        "shapefile",
        "zip",
        "gpkg",
        "wkt",
        "utf",
        "gbk",
        "bom",
        "crs",
        "gcj",
        "ntu",
        "cgcs",
        "wgs",
        "epsg",
        "esc",
        "km",
        "kb",
        "mb",
    ]
)
_TRACEBACK = re.compile(r"Traceback|Error:|Exception|File \"|site-packages")
_NOTHING = frozenset({"None", "nan", "NaN", "null", "undefined"})


@dataclass
class ProductPage:
    """One page of the product in a fresh browser context, with short cuts to what it shows."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    # --- going and waiting ---------------------------------------------------------------------------------
    def open(self, address: str = "") -> None:
        self.page.goto(f"{self.base}/{address}")
        self.page.locator(".om-head").wait_for(timeout=WAIT_SECONDS * 1000)
        self.settle()

    def forget(self) -> None:
        """An empty page without cookies, storage or anything noted: as new, but for what is compiled."""
        if self.page.url.startswith(self.base):
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        self.complaints.clear()
        self.requests.clear()

    def settle(self) -> None:
        """Until the URL has its answer, no script has run for a moment, and a map shows it and is idle."""
        self.until(self._answered, "the page's answer to its address")
        quiet = 0
        while quiet < 6:
            running = self.page.locator("[data-test-script-state=notRunning]").count() == 0
            quiet = 0 if running else quiet + 1
            self.page.wait_for_timeout(50)
        if self.has_map:
            self.until(self._map_agrees, "the map shows the filter of the URL")
            self.js("OneMap.whenIdle()")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until ``condition`` holds; ``what`` names it in the error."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never: {what}; at {self.page.url}; complaints {self.complaints}")

    def follow(self, target: Locator) -> None:
        """Click something that leads to another address of the product, and wait until it is shown."""
        before = self.page.url
        target.click()
        self.until(lambda: self.page.url != before, f"another address after a click on {target}")
        self.settle()

    def press(self, name: str) -> None:
        """Press one of Streamlit's buttons and wait until the page has answered."""
        self.page.get_by_role("button", name=name).click()
        self.settle()

    def _answered(self) -> bool:
        sign = self.page.locator("[data-answered]")
        path, _, query = (
            (sign.first.get_attribute("data-answered") or "?").partition("?")
            if sign.count()
            else ("-", "", "")
        )
        return path == self.path and dict(parse_qsl(query)) == self.params

    def _map_agrees(self) -> bool:
        if self.frame is None or not self.js("Boolean(window.OneMap && OneMap.applied)"):
            return False
        if not self.js(SAME_REVISION):
            return False  # the map has heard of newer data, and the panels are about to follow
        return dict(parse_qsl(self.js("OneMap.state.query"))) == self.filter_params

    # --- what the address says -----------------------------------------------------------------------------
    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def filter_params(self) -> dict[str, str]:
        return {name: value for name, value in self.params.items() if name in PARAMS}

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path.strip("/")

    # --- the map -------------------------------------------------------------------------------------------
    @property
    def has_map(self) -> bool:
        """Whether the page has a place for a map; its frame may still be on its way."""
        return self.page.locator(".st-key-om-map").count() > 0

    @property
    def frame(self) -> Frame | None:
        return next((frame for frame in self.page.frames if "streamlit_folium" in frame.url), None)

    def js(self, script: str, argument: Any = None) -> Any:
        """``script`` evaluated in the map's frame."""
        assert self.frame is not None, "this page has no map"
        return self.frame.evaluate(script, argument)

    def debug(self) -> dict[str, Any]:
        found: dict[str, Any] = self.js("OneMap.debug()")
        return found

    def click_map(self, x: float, y: float) -> None:
        """Click at a pixel of the map."""
        box = self.page.locator("iframe[src*=streamlit_folium]").bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + x, box["y"] + y)

    def click_place(self, lon: float, lat: float) -> None:
        x, y = self.js(
            "([lon, lat]) => { const p = OneMap.pixelOf(lon, lat); return [p.x, p.y]; }", [lon, lat]
        )
        self.click_map(x, y)

    # --- what the panels say -------------------------------------------------------------------------------
    @property
    def total(self) -> int:
        """共 N 件 of the row of conditions."""
        return int(self.page.locator("[data-total]").get_attribute("data-total") or -1)

    @property
    def as_of(self) -> str:
        return self.page.locator(".om-asof b").inner_text()

    def kpi(self, key: str) -> float:
        return float(self.page.locator(f"[data-kpi={key}]").get_attribute("data-value") or "nan")

    @property
    def crumbs(self) -> list[str]:
        return self.page.locator(".om-crumbs a, .om-crumbs b").all_inner_texts()

    @property
    def ranking(self) -> dict[str, int]:
        """Code → count of the ranked table, with the lines 未落格 and 合计."""
        rows = self.page.locator(".om-ranking tr[data-count]")
        found: list[list[str]] = rows.evaluate_all(
            "rows => rows.map(r => [r.dataset.code || r.cells[0].innerText.trim(), r.dataset.count])"
        )
        return {key: int(count) for key, count in found}

    def texts(self) -> list[str]:
        """All visible texts, of the page and of the map's frame."""
        found: list[str] = self.page.evaluate(VISIBLE_TEXTS)
        return found + (self.js(VISIBLE_TEXTS) if self.has_map else [])

    def check_texts(self) -> None:
        """No English left over, no traceback, no bare null, no panel that tells of a problem."""
        texts = self.texts()
        assert texts, "the page is empty"
        wrong = [text for text in texts if _TRACEBACK.search(text) or text in _NOTHING or _english(text)]
        assert not wrong, f"texts that nobody should see at {self.page.url}: {wrong}"
        problems = self.page.locator(".om-problem").all_inner_texts()
        assert not problems, f"a problem is shown at {self.page.url}: {problems}"


def _english(text: str) -> set[str]:
    """Latin words that belong to no Chinese sentence."""
    return set(re.findall(r"(?<![a-z])[a-z]{2,}(?![a-z\d])", text.lower())) - _LATIN_WORDS


@contextmanager
def product_page(
    browser: Browser, base: str, *, width: int = 1440, height: int = 900, **options: Any
) -> Iterator[ProductPage]:
    """A page in a fresh Chinese browser context; at the end it must have nothing to complain about."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
    context.set_default_timeout(WAIT_SECONDS * 1000)
    found = ProductPage(context.new_page(), base)
    watch(found)
    try:
        yield found
        assert found.complaints == []
    finally:
        context.close()


def watch(product: ProductPage) -> None:
    """Note every request; errors of console, scripts and requests, and calls outside, are complaints."""
    page, complaints = product.page, product.complaints

    def on_request(request: Request) -> None:
        product.requests.append(request.url)
        if not request.url.startswith((f"http://{HOST}:", "data:", "blob:", "about:")):
            complaints.append(f"request to another machine: {request.url}")

    def on_failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the map gives up an answer that it no longer needs
            complaints.append(f"failed request: {request.url} {request.failure}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"answer {response.status}: {response.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text}")

    page.on("request", on_request)
    page.on("requestfailed", on_failed)
    page.on("response", on_response)
    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
