"""Filter change to idle, and bytes on the wire, for one contestant in one browser page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from bench.colours import TOGGLES
from bench.contestants import Contestant, running
from bench.probe import Probe

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT: Final = {"width": 1920, "height": 1080}
WARM_UP: Final = 2


@dataclass(frozen=True)
class Samples:
    """One contestant's repeats. Seconds to the idle map, to the idle page; bytes a change."""

    map_s: list[float]
    page_s: list[float]
    websocket_bytes: list[int]
    http_bytes: list[int]

    @property
    def median_map_s(self) -> float:
        return statistics.median(self.map_s)

    @property
    def median_bytes(self) -> float:
        pairs = zip(self.websocket_bytes, self.http_bytes, strict=True)
        return statistics.median(first + second for first, second in pairs)


@contextmanager
def opened(contestant: Contestant, port: int) -> Iterator[tuple[Page, Probe]]:
    """The contestant's page in headless Chromium, loaded and idle."""
    with running(contestant, port) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]
        probe = Probe(page)
        page.goto(url)
        page.wait_for_selector(contestant.ready_selector, timeout=120_000)
        probe.wait_idle(
            map_frame=contestant.map_frame, quiet_s=contestant.quiet_s, since=time.time(), timeout_s=240
        )
        yield page, probe
        browser.close()


def measure(contestant: Contestant, port: int, *, rounds: int = 1, picture: Path | None = None) -> Samples:
    """Go through the filters of ``TOGGLES``; the first two changes warm up and do not count."""
    samples = Samples([], [], [], [])
    with opened(contestant, port) as (page, probe):
        for turn, color in enumerate(TOGGLES * rounds):
            probe.traffic.reset()
            since = time.time()
            contestant.toggle(page, color)
            idle = probe.wait_idle(map_frame=contestant.map_frame, quiet_s=contestant.quiet_s, since=since)
            if turn >= WARM_UP:
                samples.map_s.append(idle.map_s)
                samples.page_s.append(idle.page_s)
                samples.websocket_bytes.append(probe.traffic.websocket)
                samples.http_bytes.append(probe.traffic.http)
        if picture is not None:
            page.screenshot(path=picture)
    return samples


def heap_growth_bytes(
    contestant: Contestant, port: int, *, first: int = 10, last: int = 200
) -> tuple[int, int]:
    """JavaScript heap after ``first`` and ``last`` filter changes, garbage collected before each."""
    readings: list[int] = []
    with opened(contestant, port) as (page, probe):
        for turn in range(1, last + 1):
            since = time.time()
            contestant.toggle(page, TOGGLES[(turn - 1) % len(TOGGLES)])
            probe.wait_idle(map_frame=contestant.map_frame, quiet_s=contestant.quiet_s, since=since)
            if turn in (first, last):
                readings.append(probe.heap_bytes())
    return readings[0], readings[1]
