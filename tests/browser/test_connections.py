"""The scripts that talk to the server by themselves, against a server that answers wrongly or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.serving import ROOT

STATIC = ROOT / "dashboard" / "static"
HOME = "http://127.0.0.1:9/report"  # nothing is asked there: every answer is made here
STREAM = """
  window.streams = [];
  window.EventSource = class {
    constructor() { this.heard = {}; this.readyState = 1; streams.push(this); }
    addEventListener(name, work) { this.heard[name] = work; }
    revision(number) { this.heard.revision({ data: JSON.stringify({ revision: number }) }); }
    lose(readyState) { this.readyState = readyState; this.heard.error({}); }
  };
  window.EventSource.CLOSED = 2;
"""
LIST_PAGE = '<p data-live-revision="7"></p>'
START_LIVE = "() => { window.told = []; startLive((revision) => told.push(revision)); }"
START_MAP = """() => {
  window.said = [];
  const status = { connected: (is) => said.push(is), newer: () => {} };
  window.asked = [];
  window.OneMap = { config: { root: "/onemap" }, state: { revision: 7 }, applied: 1, part: () => status,
    tell: (message) => asked.push(message.revision), define: (name, maker) => { window.part = maker(); } };
}"""
FORM = """<form id="report" action="/report" method="post">
  <input name="lon" value="1"><input name="lat" value="1">
  <button type="button" data-locate></button><p data-locate-said></p>
  <button type="button" class="again"></button>
  <p class="where"></p><section><div class="outlook"></div></section>
  <div class="classes"><span class="chosen"></span>
    <label><input type="radio" name="class" value="a" checked></label></div>
  <p class="missing"></p><button type="submit" class="send">上报</button></form>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.add_init_script(STREAM)
    yield opened
    context.close()


def show(page: Page, body: str, *, status: int = 200, refusal: str = "") -> None:
    """An empty page of our own; whatever is sent is answered with ``status`` and ``refusal``."""

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=refusal, content_type="text/html")
        elif route.request.url == HOME:
            route.fulfill(body=f"<!doctype html><body>{body}</body>", content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.goto(HOME)


def load(page: Page, script: Path) -> None:
    page.add_script_tag(content=script.read_text(encoding="utf-8"))


def start_list(page: Page) -> None:
    show(page, LIST_PAGE)
    load(page, STATIC / "live.js")
    page.evaluate(START_LIVE)
    page.wait_for_function("streams.length === 1")


@pytest.mark.parametrize(
    ("status", "refusal", "said"),
    [
        (502, "<h1>Bad Gateway</h1>", "服务器没有受理（502）。填写的内容都在，请稍后再试。"),
        (413, '{"error": "too large"}', "服务器没有受理（413）。填写的内容都在，请稍后再试。"),
        (422, '{"problems": ["不在本区范围内"]}', "不在本区范围内"),
    ],
)
def test_a_report_that_is_refused_says_by_whom_and_can_be_sent_again(
    page: Page, status: int, refusal: str, said: str
) -> None:
    show(page, FORM, status=status, refusal=refusal)
    load(page, STATIC / "resident" / "report.js")
    page.click(".send")
    page.wait_for_function("document.querySelector('.missing').textContent !== ''", timeout=5000)
    assert page.locator(".missing").inner_text() == said
    page.wait_for_function("document.querySelector('.send').textContent === '上报'", timeout=5000)
    assert page.locator(".send").is_enabled()


def test_a_list_stops_asking_when_a_restored_database_has_a_lower_revision(page: Page) -> None:
    start_list(page)
    page.evaluate("streams[0].revision(9)")
    page.wait_for_function("told.length === 1", timeout=5000)
    page.evaluate("""() => {
      streams[0].revision(3);
      document.querySelector('[data-live-revision]').setAttribute('data-live-revision', '3');
    }""")
    page.wait_for_timeout(1500)
    assert page.evaluate("told") == [9]


def test_a_map_stops_asking_when_a_restored_database_has_a_lower_revision(page: Page) -> None:
    show(page, "")
    page.evaluate(START_MAP)
    load(page, STATIC / "map" / "stream.js")
    page.wait_for_function("streams.length === 1")
    page.evaluate("streams[0].revision(9)")
    page.evaluate("streams[0].revision(3)")
    assert page.evaluate("asked") == [9]
    assert page.evaluate("part.debug().newest") == 3


def test_a_map_that_hears_through_a_list_says_at_once_that_the_connection_is_lost(page: Page) -> None:
    start_list(page)
    page.evaluate(START_MAP)
    load(page, STATIC / "map" / "stream.js")
    page.evaluate("streams[0].revision(7)")
    page.wait_for_function("said.at(-1) === true", timeout=5000)
    page.evaluate("streams[0].lose(0)")
    page.wait_for_function("said.at(-1) === false", timeout=5000)
    assert page.evaluate("part.debug()") == {"newest": 7, "leading": False}


@pytest.mark.parametrize("which", ["list", "map"])
def test_a_stream_that_the_browser_gave_up_is_opened_anew_and_only_such_a_one(page: Page, which: str) -> None:
    if which == "list":
        start_list(page)
    else:
        show(page, "")
        page.evaluate(START_MAP)
        load(page, STATIC / "map" / "stream.js")
        page.wait_for_function("streams.length === 1")
    page.evaluate("streams[0].lose(0)")
    page.wait_for_timeout(5500)
    assert page.evaluate("streams.length") == 1
    page.evaluate("streams[0].lose(2)")
    page.wait_for_function("streams.length === 2", timeout=8000)
