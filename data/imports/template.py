"""Template files: the headers of a kind and two example rows that import as they are."""

from __future__ import annotations

import csv
import io
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from data.imports.fields import FIELDS, FieldSpec
from data.labels import BATCH_KIND
from data.vocabulary import BatchKind

FORMATS: Final = ("csv", "xlsx")
_WIDTH: Final = 22


def template(kind: BatchKind, fmt: str) -> bytes:
    """A template of a kind as ``csv`` (UTF-8 with BOM) or ``xlsx`` (every cell text).

    Raises:
        ValueError: another format.
    """
    specs = _shown(kind)
    rows = [[spec.label for spec in specs], *([spec.examples[row] for spec in specs] for row in (0, 1))]
    if fmt == "csv":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode("utf-8-sig")
    if fmt != "xlsx":
        raise ValueError(f"模板只有 {'、'.join(FORMATS)} 格式，没有“{fmt}”")
    return _workbook(rows, title=BATCH_KIND[kind])


def template_name(kind: BatchKind, fmt: str) -> str:
    """File name of a template."""
    return f"{BATCH_KIND[kind]}模板.{fmt}"


def _shown(kind: BatchKind) -> list[FieldSpec]:
    """The fields of the template: the needed ones, and those that have an example."""
    return [spec for spec in FIELDS[kind] if spec.required or any(spec.examples)]


def _workbook(rows: list[list[str]], *, title: str) -> bytes:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            # Text format keeps long numbers and dates as they are typed.
            cell.number_format = "@"
    for position, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTH
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
