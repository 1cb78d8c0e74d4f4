"""Reporting on a phone: few taps, large targets, nothing from elsewhere; a resident's form and receipt."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import context
from dashboard.routes.forms import form_routes
from data.reporting import grid_token
from data.secret import read_secret
from data.settings import read_settings
from tests.browser.serving import Served

WIDTH, HEIGHT = 390, 844
MOST_TAPS = 4
"""Place, 大类, 小类, 上报."""
SECONDS = 20
TARGET_PX = 44
GRID = "510115001001001"
MIDDLE = (195, 115)

SMALL_TARGETS = """(least) => [...document.querySelectorAll("a, button, summary, .tile, textarea, input")]
  .filter((one) => one.checkVisibility() && !(one.matches("input") && one.closest("label")))
  .map((one) => [one.textContent.trim() || one.name || one.className, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < least)
  .map(([name, box]) => `${name} ${Math.round(box.width)}×${Math.round(box.height)}`)"""
DRAWN_SHARE = """() => [...document.querySelectorAll("#map canvas")].reduce((most, canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) drawn += 1;
  return Math.max(most, drawn / (data.length / 4));
}, 0)"""
"""How much of the fullest tile of the map is drawn on."""
CUT_CARDS = """() => [...document.querySelectorAll(".card")].map((one, index) => [index, one])
  .filter(([, one]) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
  .map(([index]) => index)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Phone:
    """A page of a phone whose taps are counted and whose complaints are kept."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base, self.taps = page, base, 0
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def tap(self, selector: str, **options: Any) -> None:
        self.taps += 1
        self.page.locator(selector).first.tap(**options)

    def act_as(self, words: str) -> None:
        """Chooses the first person whose name, post or area has these words."""
        self.open("/report")
        with self.page.expect_response(lambda answer: "/onemap/people?text=%" in answer.url):
            self.page.fill("input[type=search]", words)
        self.page.locator("[data-people] button", has_text=words.split()[-2]).first.wait_for()
        self.page.wait_for_load_state("networkidle")
        self.tap("[data-people] button")
        self.page.locator("#map canvas").first.wait_for()

    def check(self) -> None:
        """Large targets, nothing wider than the screen, no complaint."""
        assert self.page.evaluate(SMALL_TARGETS, TARGET_PX) == []
        assert self.page.evaluate(TOO_WIDE) == 0
        assert self.complaints == []


@contextmanager
def phone(browser: Browser, base: str, **options: Any) -> Iterator[Phone]:
    of_phone = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", is_mobile=True, has_touch=True, **options
    )
    of_phone.set_default_timeout(15_000)
    try:
        yield Phone(of_phone.new_page(), base)
    finally:
        of_phone.close()


def qr_of(demo: Served) -> str:
    """The address on the QR code of a grid of the served demo."""
    secret = read_secret(replace(read_settings({}), var_dir=demo.var_dir))
    return f"/r/{grid_token(secret, GRID)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_worker_reports_in_four_taps(browser: Browser, demo: Served, scheme: str) -> None:
    with phone(browser, demo.base, color_scheme=scheme) as one:
        one.act_as("网格员 和平社区 02")
        one.check()
        one.taps, started = 0, time.monotonic()
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.page.locator(".where", has_text="和平社区").wait_for()
        one.tap(".majors summary")
        one.check()
        one.tap(".majors details[open] label")
        one.page.locator(".outlook p", has_text="承办").wait_for()
        box = one.page.locator(".outlook").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < HEIGHT, "what would become of it is in view"
        one.check()
        one.tap(".send")
        one.page.wait_for_url("**/report/done/*")
        assert one.taps <= MOST_TAPS
        assert time.monotonic() - started < SECONDS
        assert one.page.locator(".receipt").inner_text().startswith("XC20")
        one.check()


def test_a_worker_reports_with_a_photo_in_twenty_seconds(
    browser: Browser, demo: Served, tmp_path: Path
) -> None:
    """A photo of twelve million pixels, which a phone's camera takes."""
    picture = tmp_path / "photo.jpg"
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(picture, quality=90)
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 11")
        started = time.monotonic()
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".majors summary")
        one.tap(".majors details[open] label")
        one.page.locator("input[name=photo]").first.set_input_files(picture)
        one.page.locator(".thumbs img").wait_for()
        one.page.locator(".outlook p", has_text="承办").wait_for()
        one.tap(".send")
        one.page.wait_for_url("**/report/done/*")
        assert time.monotonic() - started < SECONDS
        one.tap("a[href*='sel=event']")
        one.page.locator("[data-card=event] img").first.wait_for()


def test_a_case_that_is_there_already_is_asked_about_and_merged_by_a_tap(
    browser: Browser, demo: Served
) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 12")
        number = ""
        for same in (False, True):
            one.open("/report")
            one.page.locator("#map canvas").first.wait_for()
            one.tap("#map", position={"x": MIDDLE[0] + 40, "y": MIDDLE[1]})
            one.tap(".majors summary")
            one.tap(".majors details[open] label")
            one.page.locator(".outlook p", has_text="承办").wait_for()
            if same:
                assert one.page.locator(".same input").last.is_checked(), "nothing is merged unasked"
                one.check()
                one.tap(f".same label:has-text('{number}')")
            one.tap(".send")
            one.page.wait_for_url("**/report/done/*")
            number = one.page.locator(".receipt").inner_text()
        assert one.page.locator(".note", has_text="已与此处正在办理的同类件合并").count() == 1


def test_a_sheet_of_codes_prints_whole_pages_of_a4_and_cuts_no_card(
    browser: Browser, demo: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_VAR_DIR", str(demo.var_dir))
    monkeypatch.setenv("ONEMAP_PUBLIC_URL", "https://demo.invalid")
    context.reset()
    with TestClient(Starlette(routes=form_routes())) as client:
        sheet = client.get("/onemap/qr-sheet", params={"area": GRID[:9]}).text
    context.reset()
    with phone(browser, demo.base) as one:
        one.page.route(
            "**/onemap/qr-sheet*", lambda route: route.fulfill(body=sheet, content_type="text/html")
        )
        one.open("/onemap/qr-sheet")
        cards, pages = (one.page.locator(part).count() for part in (".card", ".sheet .page"))
        assert pages == -(-cards // 12) > 1
        assert one.page.evaluate(CUT_CARDS) == []
        printed = one.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == pages
    boxes = re.findall(rb"/MediaBox \[(.+?)\]", printed)
    assert {tuple(round(float(one)) for one in box.split()) for box in boxes} == {(0, 0, 595, 842)}


def test_the_list_of_people_says_when_it_is_not_whole(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base) as one:
        one.open("/report")
        heading = one.page.locator("[data-people] h2").first
        heading.wait_for()
        assert heading.inner_text() == "网格员 1,000 人，列出 8 人，可搜索"


def test_what_is_missing_is_said_and_nothing_is_sent(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 03")
        one.tap(".send")
        assert one.page.locator(".missing").inner_text() == "请先在地图上点出位置"
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".send")
        assert one.page.locator(".missing").inner_text() == "请选类别"
        assert one.page.url.endswith("/report")


def test_two_quick_taps_are_one_case(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 04")
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".often label")
        posts: list[str] = []
        one.page.on(
            "request", lambda request: posts.append(request.url) if request.method == "POST" else None
        )
        one.page.evaluate("() => { const b = document.querySelector('.send'); b.click(); b.click(); }")
        one.page.wait_for_url("**/report/done/*")
        assert len(posts) == 1


def test_without_a_network_the_form_says_so_keeps_everything_and_becomes_one_case(
    browser: Browser, demo: Served
) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 07")
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".often label")
        one.page.fill("textarea", "灯杆旁")
        one.page.locator(".outlook p", has_text="承办").wait_for()
        one.page.context.set_offline(True)
        missing = one.page.locator(".missing")
        missing.filter(has_text="现在没有网络").wait_for()
        one.tap(".send")
        missing.filter(has_text="没有连上网络，还没有上报。填写的内容都在").wait_for()
        assert one.page.locator(".send").is_enabled()
        assert one.page.input_value("textarea") == "灯杆旁"
        one.page.context.set_offline(False)
        missing.filter(has_text="网络").wait_for(state="hidden")
        one.tap(".send")
        one.page.wait_for_url("**/report/done/*")
        assert one.page.locator(".receipt").inner_text().startswith("XC20")


def test_a_report_that_came_through_without_its_answer_is_the_same_case_when_it_is_sent_again(
    browser: Browser, demo: Served
) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 08")
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".often label")
        lost: list[str] = []

        def lose(route: Route) -> None:
            if route.request.method == "POST" and not lost:
                lost.append(route.fetch(max_redirects=0).headers["location"])
                return route.abort()
            return route.continue_()

        one.page.route("**/report", lose)
        one.tap(".send")
        one.page.locator(".missing", has_text="没有连上网络").wait_for()
        one.tap(".send")
        one.page.wait_for_url("**/report/done/*")
        assert one.page.url.endswith(lost[0])


def test_a_server_that_refuses_is_told_beside_the_button_and_the_form_stays(
    browser: Browser, demo: Served
) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 09")
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.tap(".often label")
        one.page.context.clear_cookies()
        one.tap(".send")
        one.page.locator(".missing", has_text="还没有选择办理人，没有上报").wait_for()
        assert one.page.url.endswith("/report")


def test_the_map_shows_the_boundaries_of_one_s_own_area(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 10")
        one.page.wait_for_load_state("networkidle")
        one.page.wait_for_function(f"({DRAWN_SHARE})() > 0.005")
        bounds = one.page.evaluate("() => OneMapReport.map.getBounds().toBBoxString()")
        west, south, east, north = map(float, bounds.split(","))
        assert east - west < 0.05, "the grid of the worker fills the map"
        assert north - south < 0.05
        assert one.page.locator("#map path.leaflet-interactive, #map svg path").count() == 1


def test_the_device_s_position_is_taken_where_it_is_given(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 05")
        lon, lat = one.page.evaluate(
            "() => { const at = OneMapReport.map.getCenter(); return [at.lng, at.lat]; }"
        )
        one.page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 10})
        one.page.context.grant_permissions(["geolocation"])
        one.tap("[data-locate]")
        one.page.locator(".where", has_text="网格").wait_for()
        assert float(one.page.input_value("input[name=lon]")) == pytest.approx(lon, abs=1e-5)


def test_where_the_position_is_refused_the_map_is_the_way(browser: Browser, demo: Served) -> None:
    """The browser itself refuses: nothing was granted to this page."""
    with phone(browser, demo.base) as one:
        one.act_as("网格员 和平社区 06")
        one.page.context.clear_permissions()
        one.tap("[data-locate]")
        said = one.page.locator("[data-locate-said]", has_text="没有获得位置权限。请在地图上点一下")
        said.wait_for()
        one.tap("#map", position={"x": MIDDLE[0], "y": MIDDLE[1]})
        one.page.locator(".where", has_text="和平社区").wait_for()
        one.page.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false })")
        one.tap("[data-locate]")
        assert "不是 https 网址" in one.page.locator("[data-locate-said]").inner_text()


def test_a_resident_reports_with_a_photo_and_follows(browser: Browser, demo: Served, tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    Image.new("RGB", (2400, 1200), (180, 60, 40)).save(picture)
    with phone(browser, demo.base) as one:
        one.open(qr_of(demo))
        one.page.locator("#map canvas").first.wait_for()
        one.page.locator(".where", has_text="和平社区").wait_for()
        one.check()
        one.tap(".often label")
        one.page.locator("input[name=photo]").first.set_input_files(picture)
        one.page.locator(".thumbs img").wait_for()
        size = one.page.evaluate("() => document.querySelector('input[name=photo]').files[0].type")
        assert size == "image/jpeg"
        one.tap(".send")
        one.page.wait_for_url("**/r/case/*")
        assert one.page.locator("h1").inner_text() == "已收到您的上报"
        assert one.page.locator("[data-status]").get_attribute("data-status") == "reported"
        receipt = one.page.locator(".receipt").inner_text()
        one.check()
        one.open("/r/case")
        one.page.fill("input[name=receipt]", receipt.lower())
        one.tap("button[type=submit]")
        one.page.wait_for_url("**/r/case/*")
        assert one.page.locator("[data-status]").count() == 1


def test_a_form_without_script_still_reports(browser: Browser, demo: Served) -> None:
    with phone(browser, demo.base, java_script_enabled=False) as one:
        one.open(qr_of(demo))
        one.tap(".majors summary")
        one.tap(".majors details[open] label")
        one.tap(".send")
        one.page.wait_for_url("**/r/case/*")
        assert one.page.locator("h1").inner_text() == "已收到您的上报"
