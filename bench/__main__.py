"""``make bench``: every figure as a ratio measured in one run; writes ``build/bench.json``, prints a table.

``python -m bench [PART …]`` runs only some parts: small, large, history, heap, import; and of the closed loop
(``bench.loop``) moves, indicators, alert, alerts.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from bench import loop
from bench.colours import TOGGLES
from bench.common import BUILD, PORT, long_history, overview_times, prepared, say
from bench.contest import CHROMIUM, Samples, heap_growth_bytes, measure
from bench.contestants import ROOT, Contestant, dash_leaflet, ours, usual_way
from bench.dataset import make_dataset
from bench.import_speed import rows_a_second
from bench.table import Figure, as_json, as_text, spread
from bench.vendor import fetch_vendor

ROUNDS: Final = 1
PACKAGES: Final = ("streamlit", "streamlit-folium", "folium", "dash", "dash-leaflet", "geopandas", "pandas")


def main() -> None:
    parts: dict[str, Callable[[], list[Figure]]] = {
        "small": small, "large": large, "history": history, "heap": heap, "import": imports,
        "moves": loop.moves, "indicators": loop.indicators, "alert": loop.alert, "alerts": loop.alerts,
    }  # fmt: skip
    chosen = sys.argv[1:] or list(parts)
    unknown = set(chosen) - set(parts)
    if unknown:
        raise SystemExit(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    fetch_vendor()
    figures: list[Figure] = []
    for name in chosen:
        say(name)
        figures += parts[name]()
    write(figures)
    print(as_text(figures))


def small() -> list[Figure]:
    """5,000 grids and 5,000 open events, all three contestants."""
    dataset, data, var_dir = prepared(grids=5_000, events=5_000)
    pinned = run(ours(var_dir, PORT, pinned=True), "small-pinned")
    by_zoom = run(ours(var_dir, PORT, pinned=False), "small-by-zoom")
    peer = run(dash_leaflet(data, PORT), "small-dash")
    usual = run(usual_way(data, PORT), "small-usual")
    del dataset
    size = "5,000 grids, 5,000 events"
    return [
        faster(f"{size}, pinned: usual way ÷ ours", usual, pinned, 15),
        faster(f"{size}, pinned: dash-leaflet ÷ ours", peer, pinned, 1.3),
        faster(f"{size}, by zoom: usual way ÷ ours", usual, by_zoom, 15),
        faster(f"{size}, by zoom: dash-leaflet ÷ ours", peer, by_zoom, 1.3),
        Figure(
            name=f"{size}, pinned: bytes, usual way ÷ ours",
            value=usual.median_bytes / pinned.median_bytes,
            bound=60,
            at_least=True,
            unit="",
            parts={"usual way": usual.median_bytes, "ours": pinned.median_bytes},
        ),
    ]


def large() -> list[Figure]:
    """50,000 grids and 60,000 open events, against the strongest peer."""
    _, data, var_dir = prepared(grids=50_000, events=60_000)
    peer = run(dash_leaflet(data, PORT), "large-dash")
    pinned = run(ours(var_dir, PORT, pinned=True), "large-pinned")
    by_zoom = run(ours(var_dir, PORT, pinned=False), "large-by-zoom")
    size = "50,000 grids, 60,000 events"
    return [
        faster(f"{size}, pinned: dash-leaflet ÷ ours", peer, pinned, 4),
        faster(f"{size}, by zoom: dash-leaflet ÷ ours", peer, by_zoom, 8),
    ]


def history() -> list[Figure]:
    """Server time of one overview with and without 2,000,000 older events."""
    _, _, without = prepared(grids=1_000, events=1_200)
    return [
        overview_times(
            "2,000,000 older events ÷ none",
            more=("with", long_history()),
            less=("without", without),
            at_most=1.2,
        )
    ]


def heap() -> list[Figure]:
    """JavaScript heap that 190 filter changes leave behind."""
    _, _, var_dir = prepared(grids=5_000, events=5_000)
    first, last = heap_growth_bytes(ours(var_dir, PORT, pinned=True), PORT)
    return [
        Figure(
            name="JS heap after 200 filter changes − after 10",
            value=(last - first) / 2**20,
            bound=10,
            at_least=False,
            unit="MB",
            parts={"after 10": first, "after 200": last},
        )
    ]


def imports() -> list[Figure]:
    """Import of 60,000 events, rows a second: a hotline's export as it is, and the least that we need."""
    dataset = make_dataset(grids=1_000, events=1_200)
    return [
        import_figure("12345 export, 26 columns", rows_a_second(dataset, BUILD, repeats=5, wide=True)),
        import_figure("9 columns", rows_a_second(dataset, BUILD, repeats=5, wide=False)),
    ]


def import_figure(file: str, rates: tuple[list[float], list[float]]) -> Figure:
    mine, plain = rates
    return Figure(
        name=f"import, {file}, rows a second: ours ÷ read_csv + to_sql",
        value=statistics.median(one / other for one, other in zip(mine, plain, strict=True)),
        bound=0.25,
        at_least=True,
        unit="",
        parts={"ours": spread(mine), "pandas": spread(plain)},
    )


def run(contestant: Contestant, picture: str) -> Samples:
    say(f"  {picture}")
    return measure(contestant, PORT, rounds=ROUNDS, picture=BUILD / f"{picture}.png")


def faster(name: str, other: Samples, mine: Samples, bound: float) -> Figure:
    """How many times the other one's time to the idle map is ours."""
    return Figure(
        name=name,
        value=other.median_map_s / mine.median_map_s,
        bound=bound,
        at_least=True,
        unit="",
        parts={
            "other_map_s": spread(other.map_s),
            "our_map_s": spread(mine.map_s),
            "our_page_s": spread(mine.page_s),
        },
    )


def write(figures: list[Figure]) -> None:
    browser = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)
    about: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "versions": {"chromium": browser.stdout.strip(), **{name: version(name) for name in PACKAGES}},
        "filter_changes": len(TOGGLES) * ROUNDS,
        "figures": as_json(figures),
    }
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
