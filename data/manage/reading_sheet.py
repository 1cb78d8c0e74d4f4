"""Readings as a small table: pasted from a spreadsheet, or a CSV file. Every wrong cell is named."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar.day_file import read_date
from data.counted import monday_of
from data.imports.decode import decode
from data.imports.errors import FileProblem
from data.indicators.counts import named_counts
from data.lifecycle import Person
from data.manage.errors import BadSetting
from data.manage.readings import Reading, problems_of, reading_forms
from data.models import Division
from data.models.base import column

AREA, WEEK = "区划", "周"
MAX_LINES: Final = 500
MAX_BYTES: Final = 1_000_000
_AREA_NAMES: Final = (AREA, "区划代码", "区域", "代码", "社区")
_WEEK_NAMES: Final = (WEEK, "日期", "周一")


@dataclass(frozen=True, kw_only=True, slots=True)
class CellProblem:
    """A cell that cannot be taken: its line (the head is line 1), its column, what stands there, and why."""

    line: int
    column: str
    value: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetCell:
    """A cell that was read: which reading it is, and where it stands."""

    line: int
    column: str
    text: str
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What was read. Nothing is entered while there are ``problems``."""

    cells: list[SheetCell] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    lines: int = 0

    @property
    def readings(self) -> list[Reading]:
        return [cell.reading for cell in self.cells]


def sheet_template(*, session: Session, code: str, day: date) -> bytes:
    """A table to fill in, with every count as a column: UTF-8 with BOM, for spreadsheets."""
    labels = [count.label for form in reading_forms(session=session) for count in form.counts]
    head = [AREA, WEEK, *dict.fromkeys(labels)]
    example = [code, monday_of(day).isoformat(), *("" for _ in head[2:])]
    return ("\ufeff" + "\r\n".join(",".join(row) for row in (head, example)) + "\r\n").encode()


def read_sheet_file(
    session: Session, data: bytes, *, name: str, person: Person | None, at: datetime
) -> Sheet:
    """The readings of a CSV file. Raises ``BadSetting`` where it is no such table at all."""
    if len(data) > MAX_BYTES:
        raise BadSetting((f"文件“{name}”有 {len(data) // 1000} kB，最大 {MAX_BYTES // 1000} kB",))
    try:
        text = decode(data, name=name)
    except FileProblem as error:
        raise BadSetting((str(error),)) from error
    return read_sheet(session, text, person=person, at=at)


def read_sheet(session: Session, text: str, *, person: Person | None, at: datetime) -> Sheet:
    """The readings of a table: a head (区划, 周, names of counts), then a line an area and week.

    Cells are parted by tabs (as a spreadsheet copies them) or commas. An area is its code, or its name where
    only one has it. An empty cell says nothing.

    Raises:
        BadSetting: quotes that do not close, no head, a column that is none, or too many lines.
    """
    lines = [[cell.strip() for cell in cells] for cells in _lines(text)]
    columns = _columns(session, lines[0] if lines else [])
    if len(lines) > MAX_LINES + 1:
        raise BadSetting((f"表格有 {len(lines) - 1} 行，一次最多 {MAX_LINES} 行：请分几次填报",))
    areas = _areas(session)
    sheet = Sheet(lines=sum(any(cells) for cells in lines[1:]))
    for number, cells in enumerate(lines[1:], start=2):
        if any(cells):
            _read_line(sheet, number, cells, columns, areas)
    _judge(session, sheet, person, at)
    sheet.problems.sort(key=lambda one: one.line)
    return sheet


def _lines(text: str) -> list[list[str]]:
    """The cells of each line, whatever ends the lines."""
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = plain.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first else ","
    try:  # strict: a quote that never closes is an error, however long the rest is
        return list(csv.reader(io.StringIO(plain), delimiter=delimiter, strict=True))
    except csv.Error as error:
        sentence = "表格读不出来，多半是有一个英文双引号没有成对：请删去或补上后再试，或用模板重新填写"
        raise BadSetting((sentence,)) from error


def _columns(session: Session, head: Sequence[str]) -> dict[int, str]:
    """Position to 区划, 周 or the name of a count."""
    names = {count.label: name for name, count in named_counts(session=session).items() if count.is_reading}
    known = dict.fromkeys(_AREA_NAMES, AREA) | dict.fromkeys(_WEEK_NAMES, WEEK) | names
    problems = [
        f"第 1 行没有叫“{title}”的指标项，可用的是 {'、'.join(names)}"
        for title in head
        if title and title not in known
    ]
    found = {place: known[title] for place, title in enumerate(head) if title in known}
    problems += [f"第 1 行缺少“{one}”一列" for one in (AREA, WEEK) if one not in found.values()]
    if len(set(found.values())) < len(found):
        problems.append("第 1 行有两列是同一项")
    if not problems and len(found) < 3:
        problems.append("第 1 行没有指标项：请用模板的表头")
    if problems:
        raise BadSetting(tuple(problems))
    return found


def _areas(session: Session) -> dict[str, list[str]]:
    """Codes by code and by name."""
    found: dict[str, list[str]] = {}
    query = select(column(Division.code), column(Division.name), column(Division.short_name)).where(
        column(Division.valid_to).is_(None), column(Division.level) != "grid"
    )
    for code, name, short in session.execute(query):
        for spelled in {code, name, short}:
            found.setdefault(spelled, []).append(code)
    return found


def _read_line(
    sheet: Sheet, number: int, cells: Sequence[str], columns: dict[int, str], areas: dict[str, list[str]]
) -> None:
    by_name = {name: cells[place] if place < len(cells) else "" for place, name in columns.items()}
    codes = areas.get(by_name[AREA], [])
    day = read_date(by_name[WEEK])
    if len(codes) != 1:
        why = "有几个同名的区划，请写代码" if codes else "没有这个区划：请写代码或全名"
        sheet.problems.append(CellProblem(line=number, column=AREA, value=by_name[AREA], text=why))
    if day is None:
        why = "不是日期：请写这一周的任意一天，如 2026-11-16"
        sheet.problems.append(CellProblem(line=number, column=WEEK, value=by_name[WEEK], text=why))
    for name, text in by_name.items():
        if name in (AREA, WEEK) or not text:
            continue
        value = _number(text)
        if value is None:
            sheet.problems.append(CellProblem(line=number, column=name, value=text, text="不是数"))
        elif len(codes) == 1 and day is not None:
            reading = Reading(name=name, code=codes[0], day=day, value=value)
            sheet.cells.append(SheetCell(line=number, column=name, text=text, reading=reading))


def _judge(session: Session, sheet: Sheet, person: Person | None, at: datetime) -> None:
    """What is wrong with values that can be read, and cells that say the same thing twice."""
    cells: dict[Reading, SheetCell] = {}
    seen: dict[tuple[str, str, date], SheetCell] = {}
    for cell in sheet.cells:
        one = cell.reading
        earlier = seen.setdefault((one.name, one.code, monday_of(one.day)), cell)
        if earlier is not cell:
            text = f"与第 {earlier.line} 行是同一区域同一周"
            sheet.problems.append(CellProblem(line=cell.line, column=cell.column, value=cell.text, text=text))
        cells.setdefault(one, cell)
    for one, text in problems_of(session, list(cells), person=person, at=at):
        cell = cells[one]
        sheet.problems.append(CellProblem(line=cell.line, column=cell.column, value=cell.text, text=text))
    labels = {name: count.label for name, count in named_counts(session=session).items()}
    sheet.problems[:] = [
        CellProblem(line=one.line, column=labels.get(one.column, one.column), value=one.value, text=one.text)
        for one in sheet.problems
    ]


def _number(text: str) -> float | None:
    plain = text.replace(",", "").replace("，", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None
