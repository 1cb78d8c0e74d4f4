"""What every reader gives: one table of text cells, where each row stood, and its geometry if it has one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class RaggedRow:
    """A row whose number of cells is not that of the header."""

    line: int
    cells: tuple[str, ...]
    expected: int


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """A file as text.

    ``cells`` has one text column for each header, an empty cell is ``''``. ``lines`` are physical line
    numbers (CSV), row numbers (XLSX) or feature numbers (layers), from 1, in the same order. ``geometry``
    holds shapely objects or None, in the file's own system; ``declared_crs`` is the system that the file
    itself names (such as ``EPSG:4545``), '' where it names none.
    """

    file_name: str
    cells: pd.DataFrame
    lines: NDArray[np.int64]
    geometry: NDArray[np.object_] | None = None
    declared_crs: str = ""
    ragged: tuple[RaggedRow, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def rows_total(self) -> int:
        """All rows that must be accounted for, the ragged ones included."""
        return len(self.cells) + len(self.ragged)


def text_frame(rows: list[list[str]], headers: list[str]) -> pd.DataFrame:
    """A frame of text columns; a header that occurs twice gets a number after it, an empty one its
    position.
    """
    names: list[str] = []
    for position, header in enumerate(headers, start=1):
        name = header or f"第{position}列"
        count = sum(1 for known in names if known == name or known.startswith(f"{name}#"))
        names.append(f"{name}#{count + 1}" if count else name)
    return pd.DataFrame(rows, columns=pd.Index(names, dtype=object), dtype=object)


def cell_text(value: Any) -> str:
    """A typed cell (spreadsheet or layer attribute) as the text a person would have typed."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "是" if value else "否"
    if isinstance(value, float | np.floating):
        return _number_text(float(value))
    if hasattr(value, "isoformat"):
        return (
            str(value.isoformat(sep=" ")) if hasattr(value, "hour") and hasattr(value, "year") else str(value)
        )
    return str(value).strip()


def _number_text(value: float) -> str:
    if np.isnan(value):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    # From 16 digits on a spreadsheet has lost the last ones: the exponent says so to whoever reads a key.
    return f"{value:.15g}" if abs(value) >= 1e15 else repr(value)
