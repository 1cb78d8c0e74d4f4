"""Rows that are not taken in: collected while a file is read, kept with the batch, given back as a file.

The file that is given back says by itself how it is to be read: its header is known by the added columns,
wherever the profile looks for one, the shape of a layer has a column that no profile has to name, and the
coordinate system stands in a column where it is not plain degrees.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.export import neutralised
from data.imports.errors import FileProblem
from data.imports.source_table import SourceTable
from data.models import ImportReject
from data.models.base import column

ADDED_COLUMNS: Final = ("行号", "原因", "建议")
SHAPE_COLUMN: Final = "退回行的图形WKT"
"""The shape of a row of a layer; every profile of a kind with shapes reads it, before any other position."""
SYSTEM_COLUMN: Final = "退回行的坐标系"
"""The system that the coordinates of the row are in, as :func:`geo.crs.parse_system` reads it."""
_REASON_LENGTH: Final = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """One row that was refused: its line, the first wrong field and value, all reasons, and what to do.

    ``field`` is the header in the file (our label where the file has no such column); ``row`` the cells as
    read.
    """

    line: int
    field: str
    value: str
    reason: str
    advice: str
    row: dict[str, str]


class Rejections:
    """Collects rejects by row; a row with several faults is one reject that names them all."""

    def __init__(self) -> None:
        self._by_line: dict[int, Reject] = {}

    def add(self, reject: Reject) -> None:
        known = self._by_line.get(reject.line)
        if known is None:
            self._by_line[reject.line] = replace(reject, reason=reject.reason[:_REASON_LENGTH])
        elif len(known.reason) + len(reject.reason) < _REASON_LENGTH and reject.reason not in known.reason:
            self._by_line[reject.line] = replace(known, reason=f"{known.reason}；{reject.reason}")

    def __len__(self) -> int:
        return len(self._by_line)

    def listed(self) -> list[Reject]:
        """All rejects by line."""
        return [self._by_line[line] for line in sorted(self._by_line)]


def reject_rows(batch_id: int, rejects: Iterable[Reject]) -> list[dict[str, object]]:
    """Rejects as rows of the table ``import_reject``."""
    return [
        {
            "batch_id": batch_id,
            "line": reject.line,
            "field": reject.field[:64],
            "value": reject.value[:256],
            "reason": reject.reason[:_REASON_LENGTH],
            "advice": reject.advice[:256],
            "row_json": json.dumps(reject.row, ensure_ascii=False),
        }
        for reject in rejects
    ]


def is_reject_header(row: Sequence[str]) -> bool:
    """Whether a row is the header of a file that :func:`export_rejects` made."""
    return {cell.strip() for cell in row}.issuperset(ADDED_COLUMNS)


def declared_by_rejects(table: SourceTable) -> SourceTable:
    """The table with the system that its rejects were refused in; any other table as it is.

    Raises:
        FileProblem: rejects of several systems in one file.
    """
    if SYSTEM_COLUMN not in table.cells.columns:
        return table
    named = sorted({str(cell).strip() for cell in table.cells[SYSTEM_COLUMN]} - {""})
    if len(named) > 1:
        raise FileProblem(
            f"文件“{table.file_name}”的“{SYSTEM_COLUMN}”一列有不同的坐标系（{'、'.join(named[:5])}）："
            "请按坐标系分成几个文件，分别接入。"
        )
    return replace(table, declared_crs=named[0]) if named else table


def export_rejects(session: Session, *, batch_id: int) -> bytes:
    """The rejected rows of a batch as CSV (UTF-8 with BOM): the original columns, the shape and the system
    where they would be lost, then line, reasons and advice.

    Once mended the file can be imported again with the same profile, which passes over the added columns.
    """
    query = (
        select(ImportReject)
        .where(column(ImportReject.batch_id) == batch_id)
        .order_by(column(ImportReject.line))
    )
    found = list(session.execute(query).scalars())
    rows = [json.loads(reject.row_json) for reject in found]
    headers = list(dict.fromkeys(name for row in rows for name in row if name not in ADDED_COLUMNS))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutralised(name) for name in headers] + list(ADDED_COLUMNS))
    for reject, row in zip(found, rows, strict=True):
        cells = [neutralised(str(row.get(name, "")), numbers_stay=True) for name in headers]
        writer.writerow([*cells, reject.line, reject.reason, reject.advice])
    return text.getvalue().encode("utf-8-sig")
