"""What the parts of the bench share: folders, ports, one long history, what is said meanwhile."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

from bench.contestants import ROOT
from bench.dataset import Dataset, make_dataset, write_for_peers
from bench.history import with_history
from bench.our_data import fill
from bench.table import Figure, spread

BUILD: Final = ROOT / "build" / "bench"
PORT: Final = int(os.environ.get("BENCH_BASE_PORT", "8790"))
VIEW: Final = {"zoom": 11, "width": 1140, "height": 640}
OLDER: Final = 2_000_000


def prepared(*, grids: int, events: int) -> tuple[Dataset, Path, Path]:
    """The data of one size for all contestants: the dataset, the peers' folder, our deployment."""
    say(f"  data: {grids:,} grids, {events:,} events")
    dataset = make_dataset(grids=grids, events=events)
    data, var_dir = BUILD / f"peers-{grids}", BUILD / f"var-{grids}"
    write_for_peers(dataset, data, view=VIEW)
    engine, _ = fill(dataset, var_dir)
    engine.dispose()
    return dataset, data, var_dir


@cache
def long_history() -> Path:
    """A district of 1,000 grids with 1,200 open events and 2,000,000 older ones, built once a run."""
    say(f"  data: {OLDER:,} older events")
    var_dir = BUILD / "var-history"
    with_history(make_dataset(grids=1_000, events=1_200), var_dir, older=OLDER)
    return var_dir


def overview_times(what: str, *, more: tuple[str, Path], less: tuple[str, Path], at_most: float) -> Figure:
    """Server time of one overview over the deployment with ``more`` ÷ over the one with ``less``.

    Both are a label and a folder; they take turns, three times, so that a slow minute falls on both.
    """
    more_s, less_s = [], []
    for _ in range(3):
        less_s += _server_seconds(less[1])
        more_s += _server_seconds(more[1])
    return Figure(
        name=f"overview server time, {what}",
        value=statistics.median(more_s) / statistics.median(less_s),
        bound=at_most,
        at_least=False,
        unit="",
        parts={more[0]: spread(more_s), less[0]: spread(less_s)},
    )


def _server_seconds(var_dir: Path) -> list[float]:
    """Eight overviews by one fresh server process over ``var_dir``."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.server_time", "8"],
        cwd=ROOT,
        env={**os.environ, "ONEMAP_VAR_DIR": str(var_dir)},
        check=True,
        capture_output=True,
        text=True,
    )
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
