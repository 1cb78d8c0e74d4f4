"""XLSX: merged cells filled, the header found, every value as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from data.imports.errors import FileProblem
from data.imports.header import SEARCHED_ROWS, find_header, match_columns, no_header
from data.imports.profile import Profile
from data.imports.rejects import is_reject_header
from data.imports.source_table import SourceTable, cell_text, text_frame


def read_xlsx(path: Path, profile: Profile) -> SourceTable:
    """The rows of the worksheet that has the most known columns among its first ten rows.

    Raises:
        FileProblem: not readable, or the sheet that the profile names is not there.
        HeaderProblem: no sheet has a known column.
    """
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            grid = _best_sheet(book, path.name, profile)
    except (CalamineError, PasswordError, OSError) as error:
        raise FileProblem(
            f"文件“{path.name}”不是完好的 Excel 工作簿：请在 Excel 中另存为 .xlsx 再上传。"
        ) from error
    head = find_header(_text_rows(grid[:SEARCHED_ROWS]), profile)
    if head is None:
        raise no_header(path.name, profile, _text_rows(grid[:1])[0] if grid else [])
    headers = _text_rows([grid[head]])[0]
    while headers and not headers[-1]:
        headers.pop()
    rows, lines = [], []
    for position, row in enumerate(grid[head + 1 :], start=head + 2):
        if not row:
            continue
        cells = [cell_text(value) for value in row[: len(headers)]]
        if any(cells):
            rows.append(cells + [""] * (len(headers) - len(cells)))
            lines.append(position)
    return SourceTable(
        file_name=path.name, cells=text_frame(rows, headers), lines=np.array(lines, dtype=np.int64)
    )


def _best_sheet(book: CalamineWorkbook, name: str, profile: Profile) -> list[list[Any]]:
    if profile.sheet in book.sheet_names:
        return _grid(book.get_sheet_by_name(profile.sheet))
    if profile.sheet:
        grid = _grid(book.get_sheet_by_index(0))
        if any(is_reject_header(row) for row in _text_rows(grid[:SEARCHED_ROWS])):
            return grid  # a CSV of rejects that was saved as a workbook: its sheet has the name of the file
        raise FileProblem(
            f"文件“{name}”里没有名为“{profile.sheet}”的工作表：现有 {'、'.join(book.sheet_names)}。"
            "请改接入方案或改表名。"
        )
    best: list[list[Any]] = []
    best_score = -1
    for sheet_name in book.sheet_names:
        grid = _grid(book.get_sheet_by_name(sheet_name))
        head = _text_rows(grid[:SEARCHED_ROWS])
        score = max((len(match_columns(row, profile)) for row in head), default=0)
        if score > best_score:
            best, best_score = grid, score
    return best


def _grid(sheet: CalamineSheet) -> list[list[Any]]:
    """All cells from A1 on, so that positions are Excel's row numbers; merged cells repeat their value.

    A row without any value is an empty list: one far cell makes a million of them.
    """
    if sheet.start is None:
        return []
    margin = [""] * sheet.start[1]
    empty = [""] * sheet.width
    rows: list[list[Any]] = [[] if row == empty else margin + row for row in sheet.iter_rows()]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for position in range(top, min(bottom + 1, len(rows))):
            row = rows[position] = rows[position] or margin + empty
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
    return rows


def _text_rows(rows: list[list[Any]]) -> list[list[str]]:
    return [[cell_text(value) for value in row] for row in rows]
