"""The list as a file: CSV and XLSX, the same rows under the same Filter and moment, in the list's order."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy.orm import Session

from data.calendar import notice_of_years
from data.database import Moment
from data.filter import Filter
from data.labels import DATA_FLAG, SLA_COLOR, STATUS, label
from data.queries.days import zone_of
from data.queries.events import iterate_events
from data.queries.names import source_name
from data.queries.rows import EventRow, left_text

Value = str | int | float | datetime | None
"""A datetime is a local time without zone: that of the database."""

BOM: Final = b"\xef\xbb\xbf"
SHEET: Final = "事件"
REMARKS: Final = "说明"
ROWS_A_SHEET: Final = 1_000_000
"""Excel reads 1,048,576 rows of a sheet; more go on to the next sheet."""
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_SIGNED_NUMBER: Final = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)

_Column = tuple[str, Callable[[EventRow, ZoneInfo], Value]]
COLUMNS: Final[tuple[_Column, ...]] = (
    ("来源", lambda row, _: source_name(row.source)),
    ("编号", lambda row, _: row.external_no),
    ("类别代码", lambda row, _: row.class_code),
    ("类别", lambda row, _: row.class_name),
    ("标题", lambda row, _: row.title),
    ("地址", lambda row, _: row.address),
    ("描述", lambda row, _: row.description),
    ("区划代码", lambda row, _: row.code),
    ("所在网格", lambda row, _: row.place_name),
    ("状态", lambda row, _: label(STATUS, row.status)),
    ("承办部门", lambda row, _: row.department_name),
    ("承办人", lambda row, _: row.handler),
    ("上报时间", lambda row, zone: _local(row.reported_at, zone)),
    ("处置期限", lambda row, zone: _local(row.due_at, zone)),
    ("办结时间", lambda row, zone: _local(row.ended_at, zone)),
    ("时限状态", lambda row, _: label(SLA_COLOR, row.color)),
    ("剩余时间", lambda row, _: left_text(row)),
    ("剩余小时", lambda row, _: None if row.hours_left is None else round(row.hours_left, 2)),
    ("督办", lambda row, _: "是" if row.supervised else "否"),
    ("经度", lambda row, _: row.lon),
    ("纬度", lambda row, _: row.lat),
    ("数据标记", lambda row, _: "、".join(label(DATA_FLAG, flag) for flag in row.flags)),
)
"""Headers and what stands under them."""
HEADERS: Final = tuple(name for name, _ in COLUMNS)


def export_csv(session: Session, *, where: Filter, moment: Moment) -> Iterator[bytes]:
    """The list as CSV in pieces: UTF-8 with BOM, CRLF, local times as 2026-11-21 08:30:00."""
    yield BOM + _csv([list(HEADERS)])
    for rows in _values(session, where, moment):
        yield _csv([[_spelled(value) for value in row] for row in rows])


def export_xlsx(session: Session, *, where: Filter, moment: Moment, path: Path) -> int:
    """The list as a workbook at ``path``, local times as dates; gives the number of rows.

    Written row by row, so that memory does not grow with the list. A last sheet says which years
    of deadlines have no published holidays; a CSV has no place for it.
    """
    book = Workbook(write_only=True)
    sheet, on_sheet, total = None, 0, 0
    unknown_years: set[int] = set()
    for rows in _values(session, where, moment, unknown_years):
        for row in rows:
            if sheet is None or on_sheet == ROWS_A_SHEET:
                sheet, on_sheet = (
                    book.create_sheet(f"{SHEET}{len(book.worksheets) + 1}" if total else SHEET),
                    0,
                )
                sheet.append(HEADERS)
            sheet.append([_legal(value) for value in row])
            on_sheet, total = on_sheet + 1, total + 1
    if sheet is None:
        book.create_sheet(SHEET).append(HEADERS)
    if said := notice_of_years(unknown_years):
        book.create_sheet(REMARKS).append([said])
    book.save(path)
    return total


def neutralised(text: str, *, numbers_stay: bool = False) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before ``= + - @``, tab and return.

    With ``numbers_stay`` a plain signed number is left alone: in a file that comes back it is a coordinate.
    """
    harmless = numbers_stay and _SIGNED_NUMBER.fullmatch(text)
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not harmless else text


def _values(
    session: Session, where: Filter, moment: Moment, unknown_years: set[int] | None = None
) -> Iterator[list[list[Value]]]:
    """The cells in pieces; ``unknown_years`` gathers those of deadlines whose holidays are not known."""
    zone = zone_of(session)
    for rows in iterate_events(session=session, where=where, as_of=moment.as_of):
        if unknown_years is not None:
            unknown_years |= {row.unknown_year for row in rows if row.unknown_year is not None}
        yield [[_safe(read(row, zone)) for _, read in COLUMNS] for row in rows]


def _safe(value: Value) -> Value:
    return neutralised(value) if isinstance(value, str) else value


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _spelled(value: Value) -> str:
    if value is None:
        return ""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def _legal(value: Value) -> Value:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()
