"""A year's days off and 调休 as a small CSV: 日期, 安排 (休 or 班), 名称, 说明. All is taken, or nothing."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Final

from sqlmodel import Session

from data.calendar.edit import DayEntry, check_entry, set_days
from data.calendar.errors import BadDay, BadDayFile, DayProblem
from data.imports.decode import decode
from data.imports.errors import FileProblem
from data.models import CalendarChange

COLUMNS: Final = ("日期", "安排", "名称", "说明")
MAX_LINES: Final = 2_000
MAX_BYTES: Final = 1_000_000
_WORDS: Final = {
    **dict.fromkeys(("休", "休息", "放假", "假", "否"), False),
    **dict.fromkeys(("班", "上班", "补班", "调休", "调休上班", "工作", "是"), True),
}
_DATE_ADVICE: Final = "请写作 2027-01-01"
_WORD_ADVICE: Final = "请填 休 或 班"


def day_template(year: int) -> bytes:
    """An example that :func:`read_days` takes: UTF-8 with BOM, for spreadsheets."""
    rows = [
        COLUMNS,
        (f"{year}-01-01", "休", "元旦", ""),
        (f"{year}-01-03", "班", "元旦调休", "示例，请按通知填写"),
    ]
    return ("\ufeff" + "\r\n".join(",".join(row) for row in rows) + "\r\n").encode()


def import_days(
    session: Session, data: bytes, *, name: str, area_prefix: str, is_official: bool, actor: str
) -> tuple[CalendarChange, list[DayEntry]]:
    """Enter every day of a file in one edit, in the caller's write session.

    Raises:
        BadDayFile: the file, or lines of it, cannot be taken; ``problems`` names every line.
        BadDay: the area does not exist.
    """
    entries = read_days(data, name=name, is_official=is_official)
    years = "、".join(str(year) for year in sorted({entry.day.year for entry in entries}))
    what = f"导入“{name[:100]}”：{years} 年 {len(entries)} 天"
    return set_days(session, entries, area_prefix=area_prefix, actor=actor, what=what), entries


def read_days(data: bytes, *, name: str, is_official: bool) -> list[DayEntry]:
    """The days of a file, by date. Columns may stand in any order. Raises ``BadDayFile``."""
    if len(data) > MAX_BYTES:
        raise BadDayFile(f"文件“{name}”有 {len(data) // 1000} kB：日历文件最大 {MAX_BYTES // 1000} kB")
    try:
        text = decode(data, name=name)
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except FileProblem as error:
        raise BadDayFile(str(error)) from error
    except csv.Error as error:
        raise BadDayFile(f"文件“{name}”的双引号不成对：请在 Excel 中另存为“CSV UTF-8”") from error
    head = [cell.strip() for cell in lines[0]] if lines else []
    missing = [wanted for wanted in COLUMNS[:2] if wanted not in head]
    if missing:
        shown = "、".join(cell for cell in head if cell) or "（空）"
        raise BadDayFile(f"文件“{name}”缺少列 {'、'.join(missing)}，第一行是 {shown}：请用模板的表头")
    if len(lines) > MAX_LINES:
        raise BadDayFile(f"文件“{name}”有 {len(lines)} 行：最多 {MAX_LINES} 行")
    return _taken(name, [dict(zip(head, cells, strict=False)) for cells in lines[1:]], is_official)


def _taken(name: str, rows: list[dict[str, str]], is_official: bool) -> list[DayEntry]:
    found: dict[date, DayEntry] = {}
    problems: list[DayProblem] = []
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row.values()):
            continue
        entry, bad = _read(row, line, is_official)
        problems += bad
        if entry is None:
            continue
        if entry.day in found and found[entry.day] != entry:
            shown = row["日期"].strip()
            problems.append(DayProblem(line, shown, "这一天前面已有一行，写的不同", "同一天只留一行"))
        found[entry.day] = entry
    if problems:
        raise BadDayFile(f"文件“{name}”有 {len(problems)} 处不对，没有写入任何一天", tuple(problems))
    if not found:
        raise BadDayFile(f"文件“{name}”里没有一天：请按模板填写")
    return [found[day] for day in sorted(found)]


def _read(row: dict[str, str], line: int, is_official: bool) -> tuple[DayEntry | None, list[DayProblem]]:
    day, word = row.get("日期", "").strip(), row.get("安排", "").strip()
    problems = []
    parsed = read_date(day)
    if parsed is None:
        problems.append(DayProblem(line, day, "不是日期", _DATE_ADVICE))
    if word not in _WORDS:
        problems.append(DayProblem(line, word, "看不懂是休息还是上班", _WORD_ADVICE))
    if parsed is None or word not in _WORDS:
        return None, problems
    entry = DayEntry(
        day=parsed, is_working=_WORDS[word], name=row.get("名称", "").strip(),
        is_official=is_official, note=row.get("说明", "").strip(),
    )  # fmt: skip
    try:
        check_entry(entry)
    except BadDay as error:
        return None, [DayProblem(line, day, str(error), _DATE_ADVICE)]
    return entry, []


def read_date(text: str) -> date | None:
    """A day as people write it: 2027-01-01, 2027/1/1, 2027.1.1, 20270101, 2027年1月1日. None: it is none."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = plain.split("-")
    if len(parts) == 1 and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None
