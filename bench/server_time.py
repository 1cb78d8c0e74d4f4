"""Prints the seconds that the server needs for one overview: the page's script and the map's two routes.

Run in a process of its own for each database: ``ONEMAP_VAR_DIR=… python -m bench.server_time REPEATS``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard.ask import forget
from dashboard.routes import routes

ENTRY = Path(__file__).resolve().parent.parent / "dashboard" / "main.py"
MAP_QUERIES = (
    "/onemap/values?level=street&metric=open",
    "/onemap/points?z=11&x0=1612&y0=838&x1=1617&y1=842",
)


def overview_seconds(client: TestClient, color: str) -> float:
    """One opening of the overview under a filter of one colour, nothing of it remembered."""
    forget()
    started = time.perf_counter()
    page = AppTest.from_file(ENTRY, default_timeout=60)
    page.query_params["color"] = color
    page.run()
    if page.exception:
        raise RuntimeError(str(page.exception[0].value))
    for query in MAP_QUERIES:
        answer = client.get(f"{query}&color={color}")
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
    return time.perf_counter() - started


def main() -> None:
    repeats = int(sys.argv[1])
    colors = ("overdue", "soon", "in_time", "no_limit")
    client = TestClient(Starlette(routes=routes()))
    for color in colors:
        overview_seconds(client, color)
    print(json.dumps([overview_seconds(client, colors[turn % len(colors)]) for turn in range(repeats)]))


if __name__ == "__main__":
    main()
