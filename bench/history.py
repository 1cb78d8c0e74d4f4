"""Years of closed events behind a database that is otherwise the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text

from bench.dataset import Dataset
from bench.our_data import EVENT_COLUMNS, bring_in, closed_rows, fill, write_csv
from data.vocabulary import BatchKind

SEED_ROWS: Final = 20_000
SEED_DAYS: Final = 200


def with_history(dataset: Dataset, var_dir: Path, *, older: int) -> None:
    """Fill ``var_dir`` as ``fill`` does, then add ``older`` closed events that end two months ago.

    The first 20,000 come by import with their logs; the others are copies of these rows, each set a year
    before the last, since only the event table and its indexes can slow an overview.
    """
    engine, settings = fill(dataset, var_dir)
    seed = var_dir / "history.csv"
    write_csv(seed, EVENT_COLUMNS, closed_rows(dataset, count=SEED_ROWS, first=0, days=SEED_DAYS))
    bring_in(engine, settings, seed, BatchKind.EVENTS)
    for copy in range(1, older // SEED_ROWS):
        _copy_back(engine, copy)
    engine.dispose()


def copy_of(var_dir: Path, target: Path) -> None:
    """The same deployment in another folder."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(var_dir, target)


def _copy_back(engine: Engine, copy: int) -> None:
    with engine.begin() as connection:
        columns = [row[1] for row in connection.execute(text("PRAGMA table_info(event)"))]
        days = SEED_DAYS * (copy % 18)
        chosen = [_shifted(column, copy, days) for column in columns if column != "id"]
        names = ", ".join(column for column in columns if column != "id")
        connection.execute(
            text(
                f"INSERT INTO event ({names}) SELECT {', '.join(chosen)} FROM event "  # noqa: S608
                "WHERE source = 'bench' AND external_no >= 'H' AND external_no < 'H9'"
            )
        )


def _shifted(column: str, copy: int, days: int) -> str:
    if column == "external_no":
        return f"'I{copy}-' || external_no"
    if column.endswith("_day"):
        return f"date({column}, '-{days} days')"
    if column.endswith("_at") or column == "status_since":
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', {column}, '-{days} days')"
    return column
