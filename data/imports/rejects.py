"""Rows that are not taken in: collected while a file is read, kept with the batch, given back as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.export import neutralised
from data.models import ImportReject
from data.models.base import column

ADDED_COLUMNS: Final = ("行号", "原因", "建议")
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


def export_rejects(session: Session, *, batch_id: int) -> bytes:
    """The rejected rows of a batch as CSV (UTF-8 with BOM): the original columns, then line, reasons and
    advice.

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
