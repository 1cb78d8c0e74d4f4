"""Seconds from the commit of a move to the alert that it causes, on a page that is open all the while.

Server and worker run as ``make run`` starts them, a third process makes the move through the product, and the
page is never touched: the alert has to come by itself.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.contest import ARGUMENTS, CHROMIUM, VIEWPORT
from bench.contestants import ROOT, ours, running
from bench.late_moves import fill

BETWEEN_S = (4.0, 6.0)
"""Pause between two moves, of random length: the move meets worker and stream at any phase."""
SHOWN = {
    # 预警中心 counts what rules rang; nothing else in this run rings yellow.
    "overview": ("/", "() => document.querySelector('.om-rung .om-risk-yellow')?.innerText || ''"),
    "alerts": ("/alerts", "() => String(Math.max(...[...document.querySelectorAll('[data-ring]')]"
               ".map((row) => Number(row.dataset.ring))))"),
}  # fmt: skip
WAIT_MS = 30_000


def seconds_to_alert(var_dir: Path, port: int, *, repeats: int) -> dict[str, list[float]]:
    """For the overview and the page of alerts: one time a move; the first of each page warms up."""
    shutil.rmtree(var_dir, ignore_errors=True)
    var_dir.mkdir(parents=True)
    cases = iter(fill(var_dir, cases=(repeats + 1) * len(SHOWN)))
    found: dict[str, list[float]] = {}
    server = ours(var_dir, port, pinned=False)
    with running(server, port) as url, _mover(var_dir) as move, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]
        for name, (path, shown) in SHOWN.items():
            page.goto(url.rstrip("/") + path)
            page.wait_for_function(f"({shown})().length > 0", timeout=120_000)
            time.sleep(BETWEEN_S[1] * 2)  # the worker's first look, and what it brings
            times = [_one(page, shown, move, next(cases)[0]) for _ in range(repeats + 1)]
            found[name] = times[1:]
        browser.close()
    return found


def _one(page: Page, shown: str, move: Callable[[int], float], event_id: int) -> float:
    time.sleep(random.uniform(*BETWEEN_S))
    before = page.evaluate(f"({shown})()")
    done_at = move(event_id)
    is_new = f"(before) => {{ const now = ({shown})(); return now && now !== before && Date.now(); }}"
    seen = page.wait_for_function(is_new, arg=before, polling="raf", timeout=WAIT_MS).json_value()
    return float(seen) / 1000 - done_at


@contextmanager
def _mover(var_dir: Path) -> Iterator[Callable[[int], float]]:
    """A process that makes one move for each event id that it is given, and says when it had committed."""
    command = [sys.executable, "-m", "bench.late_moves"]
    environment = {**os.environ, "ONEMAP_VAR_DIR": str(var_dir)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        told, heard = process.stdin, process.stdout
        assert told is not None
        assert heard is not None

        def move(event_id: int) -> float:
            print(event_id, file=told, flush=True)
            return float(heard.readline())

        try:
            yield move
        finally:
            told.close()
