"""Base maps that a deployment chooses: a tile server of its own, and 天地图 with a key."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.map_server import HOST, map_page, serve_map
from tests.dashboard.small_world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURES = """() => [...document.querySelectorAll("img.leaflet-tile-loaded")]
    .filter((image) => image.naturalWidth === 256).length"""


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _green_tile() -> bytes:
    """A PNG of 256 × 256 green pixels."""
    header = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x20\xa0\x40" * 256) * 256
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")]
    )


TILE = _green_tile()


@contextmanager
def _tile_server(*, works: bool) -> Iterator[tuple[str, list[str]]]:
    """A tile server on this machine: its address and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if works else 503)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            if works:
                self.wfile.write(TILE)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is written to the tests' output."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = build_world(tmp_path_factory.mktemp("basemap"))
    yield built
    built.engine.dispose()


def test_pictures_of_an_own_tile_server_lie_below_the_areas(browser: Browser, world: World) -> None:
    with (
        _tile_server(works=True) as (tiles, asked),
        serve_map(world.var_dir, ONEMAP_BASEMAP="xyz", ONEMAP_BASEMAP_URL=tiles + "/{z}/{x}/{y}.png") as base,
        map_page(browser, base) as map_,
    ):
        map_.open()
        map_.until(f"() => ({PICTURES})() > 4")
        assert asked
        assert all(re.fullmatch(r"/\d+/\d+/\d+\.png", path) for path in asked)
        order = map_.js(
            """() => ["onemap-base", "onemap-areas"]
                .map((name) => Number(OneMap.map.getPane(name).style.zIndex))"""
        )
        assert order == sorted(order)
        assert map_.complaints == []


def test_where_the_tile_server_is_down_the_map_goes_on_without_pictures(
    browser: Browser, world: World
) -> None:
    with (
        _tile_server(works=False) as (tiles, asked),
        serve_map(world.var_dir, ONEMAP_BASEMAP="xyz", ONEMAP_BASEMAP_URL=tiles + "/{z}/{x}/{y}.png") as base,
        map_page(browser, base) as map_,
    ):
        map_.open()
        assert asked
        assert map_.js(PICTURES) == 0
        assert map_.debug()["points"]["total"] == len(world.events)
        assert map_.debug()["status"]["text"] == ""


def test_tianditu_is_asked_for_streets_and_names_with_the_key(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=TILE, content_type="image/png")

    key = "演示密钥&甲"
    with (
        serve_map(world.var_dir, ONEMAP_BASEMAP="tianditu", ONEMAP_BASEMAP_KEY=key) as base,
        map_page(browser, base) as map_,
    ):
        map_.page.route(re.compile(r"https://t\d\.tianditu\.gov\.cn/"), answer)
        map_.open()
        map_.until(f"() => ({PICTURES})() > 8")
        map_.page.screenshot(path=tmp_path / "tianditu.png")
        queries = [parse_qs(urlsplit(url).query) for url in asked]
        assert {query["LAYER"][0] for query in queries} == {"vec", "cva"}
        assert {query["tk"][0] for query in queries} == {key}
        assert {query["TILEMATRIXSET"][0] for query in queries} == {"w"}
        for query in queries:
            zoom, row, column = (int(query[name][0]) for name in ("TILEMATRIX", "TILEROW", "TILECOL"))
            assert 0 <= row < 2**zoom
            assert 0 <= column < 2**zoom
        assert map_.complaints == []
