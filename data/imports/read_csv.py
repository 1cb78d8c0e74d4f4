"""CSV: encoding, delimiter, header row and physical line numbers found by themselves."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import numpy as np

from data.imports.decode import read_text
from data.imports.errors import FileProblem
from data.imports.header import SEARCHED_ROWS, find_header, match_columns, no_header
from data.imports.profile import Profile
from data.imports.source_table import RaggedRow, SourceTable, text_frame

DELIMITERS: Final = (",", ";", "\t")
_SAMPLE: Final = 65_536
_LONGEST_CELL: Final = 64 * 1024 * 1024
"""A boundary written as WKT is one very long cell."""


def read_csv(path: Path, profile: Profile) -> SourceTable:
    """The rows of a CSV file as text. Blank lines are passed over; rows of another width are kept apart.

    Raises:
        FileProblem: encoding, or a quotation mark that never closes.
        HeaderProblem: no row among the first ten has a known column.
    """
    text = read_text(path, encoding=profile.encoding)
    rows, lines = _split(text, path.name, profile)
    if not rows:
        raise FileProblem(f"文件“{path.name}”里没有内容：请重新导出后再上传。")
    head = find_header(rows, profile)
    if head is None:
        raise no_header(path.name, profile, rows[0])
    headers = [cell.strip() for cell in rows[head]]
    while headers and not headers[-1]:
        headers.pop()
    good, good_lines, ragged = _fit(rows[head + 1 :], lines[head + 1 :], len(headers))
    return SourceTable(
        file_name=path.name,
        cells=text_frame(good, headers),
        lines=np.array(good_lines, dtype=np.int64),
        ragged=tuple(ragged),
    )


def _split(text: str, name: str, profile: Profile) -> tuple[list[list[str]], list[int]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, profile), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    previous = 0
    try:
        for row in reader:
            if (row and row[0] and not row[0].isspace()) or "".join(row).strip():
                rows.append(row)
                lines.append(previous + 1)
            previous = reader.line_num
    except csv.Error as error:
        raise FileProblem(
            f"文件“{name}”第 {reader.line_num} 行的引号不成对或单元格过长："
            "请检查该行的双引号，或在 Excel 中另存为“CSV UTF-8”。"
        ) from error
    return rows, lines


def _delimiter(text: str, profile: Profile) -> str:
    """The delimiter that shows the most known columns; of equals, the one that the first lines have most of.

    Counting alone is not enough: a boundary written as WKT is full of commas.
    """
    head = text[:_SAMPLE].splitlines()[:SEARCHED_ROWS]

    def fit(mark: str) -> tuple[int, int]:
        rows = [[cell.strip().strip('"') for cell in line.split(mark)] for line in head]
        return max((len(match_columns(row, profile)) for row in rows), default=0), text[:_SAMPLE].count(mark)

    return max(DELIMITERS, key=fit)


def _fit(
    rows: list[list[str]], lines: list[int], width: int
) -> tuple[list[list[str]], list[int], list[RaggedRow]]:
    """Rows of the header's width; empty cells beyond it are dropped, any other difference is kept apart."""
    if {len(cells) for cells in rows} == {width}:
        return rows, lines, []
    good: list[list[str]] = []
    good_lines: list[int] = []
    ragged: list[RaggedRow] = []
    for cells, line in zip(rows, lines, strict=True):
        row = cells[:width] if len(cells) > width and not any(cells[width:]) else cells
        if len(row) == width:
            good.append(row)
            good_lines.append(line)
        else:
            ragged.append(RaggedRow(line=line, cells=tuple(row), expected=width))
    return good, good_lines, ragged
