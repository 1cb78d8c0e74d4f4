"""One door to all file forms: a file in, a :class:`~data.imports.source_table.SourceTable` out."""

from __future__ import annotations

from pathlib import Path

from data.imports.errors import FileProblem
from data.imports.guard import Form, form_of
from data.imports.header import match_columns, no_header
from data.imports.profile import Profile
from data.imports.read_csv import read_csv
from data.imports.read_layers import read_layer
from data.imports.read_xlsx import read_xlsx
from data.imports.rejects import declared_by_rejects
from data.imports.source_table import SourceTable


def read_source(path: Path, profile: Profile) -> SourceTable:
    """The rows of a file as text, with where they stood.

    Raises:
        FileProblem: the file cannot be read; says why and what to do.
        HeaderProblem: it has no column that the profile knows.
    """
    table = _read(path, profile)
    if not table.rows_total:
        raise FileProblem(f"文件“{path.name}”只有表头，没有数据行：请检查导出的条件。")
    headers = [str(name) for name in table.cells.columns]
    if len(table) and not match_columns(headers, profile):
        raise no_header(path.name, profile, headers)
    return declared_by_rejects(table)


def read_headers(path: Path, profile: Profile, *, header_row: int = 1) -> list[str]:
    """The headers that stand in row ``header_row`` (of a sheet), whether the profile knows them or not.

    Raises:
        FileProblem: the file cannot be read; says why and what to do.
        HeaderProblem: the file has no such row.
    """
    return [str(name) for name in _read(path, profile.changed(header_row=header_row)).cells.columns]


def _read(path: Path, profile: Profile) -> SourceTable:
    form = form_of(path)
    if form is Form.CSV:
        return read_csv(path, profile)
    if form is Form.XLSX:
        return read_xlsx(path, profile)
    return read_layer(path, form, profile)
