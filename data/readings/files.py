"""A file of readings in the watched folder, and the table of its rows that were not taken in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from sqlalchemy.engine import Engine

from data.export import neutralised
from data.imports.errors import FileProblem
from data.imports.rejects import ADDED_COLUMNS
from data.readings.fields import FIELDS
from data.readings.read import read_csv, read_json
from data.readings.take import Taken, take_rows

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 500_000


def take_file(engine: Engine, path: Path, *, source: str) -> Taken:
    """Takes a CSV or JSON file of readings in. Taking it in again changes nothing.

    Raises:
        FileProblem, IntakeProblem: it cannot be used as a whole; nothing is written.
        DemoPresent, DatabaseProblem: not now; what was written stays, and the file may be taken in again.
    """
    kind, size = path.suffix.lower(), path.stat().st_size
    if kind not in (".csv", ".json"):
        raise FileProblem(f"文件“{path.name}”的类型“{kind}”不能作为读数接入：请用 .csv 或 .json。")
    if size > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise FileProblem(
            f"文件“{path.name}”有 {size / 1024 / 1024:.0f} MB，最大 {most} MB：请拆成几个文件。"
        )
    body = path.read_bytes()
    if kind == ".json":
        rows = read_json(body, most=MOST_ROWS)
    else:
        rows = read_csv(body, name=path.name, most=MOST_ROWS)
    return take_rows(engine, rows, source=source)


def refused_csv(taken: Taken) -> bytes:
    """The refused rows as a table that may be put back once they are right; nothing where there are none."""
    if not taken.refused:
        return b""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(field.label for field in FIELDS.values()), *ADDED_COLUMNS])
    for one in taken.refused:
        cells = [neutralised(one.row.get(name, ""), numbers_stay=True) for name in FIELDS]
        writer.writerow([*cells, one.line, f"{one.field}：{one.reason}", one.advice])
    return text.getvalue().encode("utf-8-sig")
