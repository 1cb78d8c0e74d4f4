"""Rows a second: our import of events with validation, placing and log; against ``read_csv`` + ``to_sql``."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
from sqlalchemy import create_engine

from bench.dataset import Dataset
from bench.our_data import EVENT_COLUMNS, bring_in, closed_rows, fill, write_csv
from data.vocabulary import BatchKind

ROWS = 60_000


def rows_a_second(dataset: Dataset, folder: Path, *, repeats: int) -> tuple[list[float], list[float]]:
    """Ours and pandas', one file each time, in turn on fresh databases of the same machine."""
    ours, plain = [], []
    for turn in range(repeats + 1):
        var_dir = folder / "import"
        engine, settings = fill(dataset, var_dir)
        path = var_dir / "import.csv"
        write_csv(path, EVENT_COLUMNS, closed_rows(dataset, count=ROWS, first=turn * ROWS, days=365))
        started = time.perf_counter()
        bring_in(engine, settings, path, BatchKind.EVENTS)
        ours_s = time.perf_counter() - started
        engine.dispose()
        plain_s = _plain_seconds(path, folder / "plain.db")
        if turn:  # the first turn warms up
            ours.append(ROWS / ours_s)
            plain.append(ROWS / plain_s)
    return ours, plain


def _plain_seconds(path: Path, database: Path) -> float:
    database.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{database}")
    started = time.perf_counter()
    pd.read_csv(path).to_sql("event", engine, index=False, chunksize=10_000)
    seconds = time.perf_counter() - started
    engine.dispose()
    return seconds
