"""The list as a file: CSV and XLSX, the same rows under the same Filter and moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from data.filter import Filter

if TYPE_CHECKING:
    from data.database import Moment


def export_csv(session: Session, *, where: Filter, moment: Moment) -> Iterator[bytes]:
    """The list as CSV in pieces: UTF-8 with BOM, CRLF."""
    raise NotImplementedError


def export_xlsx(session: Session, *, where: Filter, moment: Moment, path: Path) -> int:
    """The list as a workbook at ``path``; gives the number of rows."""
    raise NotImplementedError
