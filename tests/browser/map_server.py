"""A server with one map and a small world, and a browser page that watches what it does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
# Chromium's own remarks about features of Streamlit's frame; they come without any fault of the page.
_REMARKS = ("Unrecognized feature", "An iframe which has both allow-scripts and allow-same-origin")


@contextmanager
def serve_map(var_dir: Path, **env: str) -> Iterator[str]:
    """The address of a running ``map_app.py`` over the database in ``var_dir``."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    options = {
        "server.port": str(port),
        "server.address": HOST,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": HOST,
        "client.toolbarMode": "minimal",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "tests/browser/map_app.py"), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ONEMAP_VAR_DIR": str(var_dir), **env}
    with (var_dir / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(process, port, var_dir / "server.log")
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/onemap/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


@dataclass
class MapPage:
    """One page with the map: what was asked outside, what was complained about, short cuts to look inside."""

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Frame:
        return next(frame for frame in self.page.frames if "streamlit_folium" in frame.url)

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self.base}/{query}")
        for _ in range(300):
            if any("streamlit_folium" in frame.url for frame in self.page.frames) and self.js(
                "Boolean(window.OneMap && OneMap.applied)"
            ):
                break
            self.page.wait_for_timeout(100)
        self.idle()

    def js(self, script: str, argument: Any = None) -> Any:
        return self.frame.evaluate(script, argument)

    def idle(self) -> None:
        """Until the map is idle twice, with a pause in which Streamlit may have sent another state."""
        for _ in range(2):
            self.js("OneMap.whenIdle()")
            self.page.wait_for_timeout(250)

    def debug(self) -> dict[str, Any]:
        found: dict[str, Any] = self.js("OneMap.debug()")
        return found

    def until(self, script: str, argument: Any = None) -> None:
        """Wait (ten seconds at most) until ``script`` is true in the map's frame."""
        for _ in range(100):
            if self.js(script, argument):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never true: {script}; {self.debug()}")

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Position on the page of a place on the map."""
        x, y = self.js(
            "([lon, lat]) => { const p = OneMap.pixelOf(lon, lat); return [p.x, p.y]; }", [lon, lat]
        )
        box = self.page.locator("iframe").first.bounding_box()
        assert box is not None
        return box["x"] + x, box["y"] + y

    def click(self, lon: float, lat: float) -> None:
        self.page.mouse.click(*self.at(lon, lat))

    def heard(self, event: str) -> list[str]:
        """Lines that the page shows for the messages that Python has received."""
        text = self.page.locator("[data-testid=stText]").first.inner_text()
        return [line for line in text.splitlines() if line.startswith(event)]


@contextmanager
def map_page(
    browser: Browser, base: str, *, width: int = 1280, height: int = 1000, **options: Any
) -> Iterator[MapPage]:
    """A fresh browser context, in Chinese, whose requests and console are watched."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
    page = context.new_page()
    found = MapPage(page, base)
    page.on("request", lambda request: _note(found.outside, request.url, not _is_own(request.url)))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: _note(found.complaints, message.text, _is_complaint(message.type, message.text)),
    )
    try:
        yield found
    finally:
        context.close()


def _note(list_: list[str], text: str, wanted: bool) -> None:
    if wanted:
        list_.append(text)


def _is_own(url: str) -> bool:
    return url.startswith((f"http://{HOST}:", f"ws://{HOST}:", "data:", "blob:", "about:"))


def _is_complaint(kind: str, text: str) -> bool:
    return kind in {"error", "warning"} and not text.startswith(_REMARKS)
