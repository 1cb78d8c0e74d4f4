"""How each contestant is started and how a person changes its filter."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

ROOT: Final = Path(__file__).resolve().parent.parent
START_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True)
class Contestant:
    """``map_frame`` is a part of the URL of the frame that holds the map; '' is the page itself.

    ``quiet_s`` is how long silence must last to count as idle: longer than its server thinks without a word.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    path: str
    map_frame: str
    ready_selector: str
    quiet_s: float

    def toggle(self, page: Page, color: str) -> None:
        """Put one deadline colour in or out of the filter, as a person would: one click."""
        if self.name == "ours":
            page.locator(f"[data-color={color}]").first.click()
        else:
            page.get_by_text(color, exact=True).first.click()


def usual_way(data: Path, port: int) -> Contestant:
    return Contestant(
        name="usual way",
        command=(
            sys.executable, "-m", "streamlit", "run", str(ROOT / "bench" / "usual_way.py"),
            "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true",
            "--server.enableStaticServing", "true", "--browser.gatherUsageStats", "false",
            "--browser.serverAddress", "127.0.0.1", "--server.fileWatcherType", "none",
        ),
        environment={"BENCH_DATA": str(data), "PYTHONPATH": str(ROOT)},
        path="/",
        map_frame="streamlit_folium",
        ready_selector="iframe",
        quiet_s=10.0,
    )  # fmt: skip


def dash_leaflet(data: Path, port: int) -> Contestant:
    return Contestant(
        name="dash-leaflet",
        command=(sys.executable, "-m", "bench.dash_peer"),
        environment={"BENCH_DATA": str(data), "BENCH_PORT": str(port), "PYTHONPATH": str(ROOT)},
        path="/",
        map_frame="",
        ready_selector=".leaflet-container",
        quiet_s=3.0,
    )


def ours(var_dir: Path, port: int, *, pinned: bool) -> Contestant:
    return Contestant(
        name="ours",
        command=(sys.executable, "-m", "dashboard", "serve", "--no-demo", "--port", str(port)),
        environment={"ONEMAP_VAR_DIR": str(var_dir), "PYTHONPATH": str(ROOT)},
        path="/?level=grid" if pinned else "/",
        map_frame="streamlit_folium",
        ready_selector="iframe",
        quiet_s=2.0,
    )


@contextmanager
def running(contestant: Contestant, port: int) -> Iterator[str]:
    """Start it, wait until it answers, give its URL, and end it whatever happens."""
    _refuse_taken(port)
    process = subprocess.Popen(
        contestant.command,
        cwd=ROOT,
        env={**os.environ, **contestant.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_up(process, port)
        yield f"http://127.0.0.1:{port}{contestant.path}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"port {port} is in use; choose another with --port")


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped at once, exit code {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer on port {port} in {START_TIMEOUT_S:.0f} s")
