"""Rows a second: our import of events with validation, placing and log; against ``read_csv`` + ``to_sql``.

Two files of 60,000 new events: a 12345 work-order export as it is (``bench.work_orders``: 26 columns, the
shipped profile, GCJ-02 coordinates), which is what counts, and the nine columns that we need at the least.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd
from sqlalchemy import Engine, create_engine

from bench import work_orders
from bench.dataset import Dataset
from bench.our_data import EVENT_COLUMNS, bring_in, closed_rows, fill, write_csv
from data.settings import Settings
from data.vocabulary import BatchKind

ROWS: Final = 60_000
DAYS: Final = 365
Rates = tuple[list[float], list[float]]


def rows_a_second(dataset: Dataset, folder: Path, *, repeats: int, wide: bool) -> Rates:
    """Ours and pandas', one file each time, in turn on fresh databases of the same machine."""
    write = _write_wide if wide else _write_narrow
    ours, plain = [], []
    for turn in range(repeats + 1):
        var_dir = folder / "import"
        engine, settings = fill(dataset, var_dir)
        path = var_dir / "import.csv"
        bring = write(dataset, engine, settings, path, turn)
        started = time.perf_counter()
        bring()
        ours_s = time.perf_counter() - started
        engine.dispose()
        plain_s = _plain_seconds(path, folder / "plain.db")
        if turn:  # the first turn warms up
            ours.append(ROWS / ours_s)
            plain.append(ROWS / plain_s)
    return ours, plain


def _write_wide(
    dataset: Dataset, engine: Engine, settings: Settings, path: Path, turn: int
) -> Callable[[], object]:
    work_orders.bring_in_lists(engine, settings, path.parent)
    orders = work_orders.work_orders(dataset, count=ROWS, first=turn * ROWS, days=DAYS)
    write_csv(path, work_orders.COLUMNS, orders)
    return lambda: bring_in(engine, settings, path, BatchKind.EVENTS, shipped=work_orders.PROFILE)


def _write_narrow(
    dataset: Dataset, engine: Engine, settings: Settings, path: Path, turn: int
) -> Callable[[], object]:
    write_csv(path, EVENT_COLUMNS, closed_rows(dataset, count=ROWS, first=turn * ROWS, days=DAYS))
    return lambda: bring_in(engine, settings, path, BatchKind.EVENTS)


def _plain_seconds(path: Path, database: Path) -> float:
    database.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{database}")
    started = time.perf_counter()
    pd.read_csv(path).to_sql("event", engine, index=False, chunksize=10_000)
    seconds = time.perf_counter() - started
    engine.dispose()
    return seconds
