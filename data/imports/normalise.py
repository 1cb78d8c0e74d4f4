"""Cells as people and programs write them → values: digits, keys, numbers, moments, angles.

Every function takes a column of text and returns the values beside a mask of the cells that it cannot
read; an empty cell is never unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
"""Full-width ASCII (１２３ＡＢＣ／：) and wide spaces to their plain forms."""
EARLIEST: Final = pd.Timestamp("1970-01-01", tz="UTC")
LATEST: Final = pd.Timestamp("2100-01-01", tz="UTC")
_LOST_DIGITS: Final = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{2,3}")
_DIRT: Final = re.compile(r"[\x00-\x1f\x7f\ufeff\u200b]+")
_SERIAL_ORIGIN: Final = pd.Timestamp("1899-12-30")
_SERIAL_RANGE: Final = (20_000.0, 80_000.0)
"""1954 to 2119: a bare number beyond is no date."""
_EXCEL_DIGITS: Final = 15
_UNITS: Final = re.compile(r"(?:平方米|㎡|m2|m²|人|户|个|小时|h)$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_MOMENT: Final = (
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:\s+(上午|下午|AM|PM)?\s*(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?:?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT: Final = r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?"
_DMS: Final = re.compile(
    r"([NSEW])?\s*(\d{1,3})\s*[°度d]\s*(\d{1,2})\s*['′’分m]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|秒|s)?)?\s*([NSEW])?",
    re.IGNORECASE,
)


def plain_text(cells: pd.Series[str]) -> pd.Series[str]:
    """Text without spaces around it, and without line ends and control marks within."""
    found = [cell.strip() for cell in cells.tolist()]
    joined = "".join(found)
    if not joined.isprintable() and _DIRT.search(joined):  # the first is the faster, and mostly enough
        found = [_DIRT.sub(" ", cell).strip() for cell in found]
    return _column(found, cells)


def narrow(cells: pd.Series[str]) -> pd.Series[str]:
    """Text with full-width digits, letters and marks in their plain form, trimmed."""
    found = [cell.strip() for cell in cells.tolist()]
    if not "".join(found).isascii():
        found = [cell.translate(FULL_WIDTH).strip() for cell in found]
    return _column(found, cells)


def each_word(cells: pd.Series[str], meaning: Callable[[str], Any]) -> pd.Series[Any]:
    """What each cell means, asked once for each distinct text."""
    words = cells.tolist()
    memo = {word: meaning(word) for word in dict.fromkeys(words)}
    return pd.Series([memo[word] for word in words], index=cells.index, dtype=object)


def keys(cells: pd.Series[str]) -> tuple[pd.Series[str], Mask]:
    """Numbers that are names. Unreadable: what Excel turned into 5.1E+17, since its last digits are lost.

    Excel keeps 15 digits; a leading apostrophe (which makes a cell text) is dropped, and so are marks that
    nobody sees.
    """
    found = [cell.lstrip("'") for cell in narrow(cells).tolist()]
    if not "".join(found).isprintable():
        found = [_DIRT.sub("", cell).strip() for cell in found]
    lost = np.zeros(len(found), dtype=bool)
    for row, cell in enumerate(found):
        if ("E" in cell or "e" in cell) and _LOST_DIGITS.fullmatch(cell):
            lost[row] = True
    return _column(found, cells), lost


def ends_cut(cells: pd.Series[str]) -> bool:
    """Whether a column of long numbers looks cut: several differ, and all have only zeros after 15 digits."""
    long = {cell for cell in cells.tolist() if len(cell) > _EXCEL_DIGITS and cell.isdigit()}
    return len(long) > 1 and all(not cell[_EXCEL_DIGITS:].strip("0") for cell in long)


def numbers(cells: pd.Series[str]) -> tuple[FloatArray, Mask]:
    """Numbers, with thousand separators and the usual units after them; NaN where empty or unreadable."""
    text = narrow(cells)
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    empty = (text == "").to_numpy(dtype=bool)
    values[~np.isfinite(values)] = np.nan
    bad = np.isnan(values) & ~empty
    for row in np.flatnonzero(bad):
        plain = _UNITS.sub("", re.sub(r"[,，\s]", "", str(text.iloc[row])))
        if _NUMBER.fullmatch(plain) and np.isfinite(float(plain)):
            values[row], bad[row] = float(plain), False
    return values, bad


def _column(cells: list[str], like: pd.Series[str]) -> pd.Series[str]:
    return pd.Series(cells, index=like.index, dtype=object)


def angles(cells: pd.Series[str]) -> tuple[FloatArray, Mask]:
    """Coordinates: decimal degrees or metres, or degrees with minutes and seconds (103°48′36″)."""
    values, bad = numbers(cells)
    for position in np.flatnonzero(bad):
        value = _dms(str(cells.iloc[position]).translate(FULL_WIDTH))
        if value is not None:
            values[position], bad[position] = value, False
    return values, bad


def _dms(text: str) -> float | None:
    match = _DMS.fullmatch(text.strip())
    if match is None:
        return None
    before, degrees, minutes, seconds, after = match.groups()
    if int(minutes) > 59 or float(seconds or 0) >= 60:
        return None
    value = int(degrees) + int(minutes) / 60 + float(seconds or 0) / 3600
    return -value if (before or after or "").upper() in ("S", "W") else value


def moments(
    cells: pd.Series[str], *, zone: ZoneInfo, formats: Sequence[str] = ()
) -> tuple[pd.Series[Any], Mask]:
    """Moments in UTC; NaT where empty or unreadable.

    Understood: 2026-11-21 08:30, 2026/11/21, 20261121083000, 2026年11月21日 8时30分, ISO 8601 with Z or an
    offset,
    Excel's serial numbers, and ``formats`` (strptime) before all. A clock time without zone is of ``zone``;
    one that summer time has twice is the earlier, one that it skips moves forward. Years outside 1970–2099
    are unreadable.
    """
    text = narrow(cells)
    todo = (text != "").to_numpy(dtype=bool, copy=True)
    local = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    for form in (*formats, "%Y-%m-%d %H:%M:%S"):
        if todo.any():
            found = pd.to_datetime(text[todo], format=form, errors="coerce")
            rows = np.flatnonzero(todo)[found.notna().to_numpy()]
            local[rows] = found.dropna().to_numpy().astype("datetime64[us]")
            todo[rows] = False
    result = _in_zone(local, zone, text.index)
    if todo.any():
        _fill_unusual(text, todo, result, zone)
    outside = ((result < EARLIEST) | (result >= LATEST)).to_numpy(dtype=bool)
    result[outside] = pd.NaT
    return result, (text != "").to_numpy(dtype=bool) & result.isna().to_numpy(dtype=bool)


def _in_zone(local: NDArray[np.datetime64], zone: ZoneInfo, index: pd.Index) -> pd.Series[Any]:
    naive = pd.Series(local, index=index)
    earlier = np.ones(len(naive), dtype=bool)
    moved: pd.Series[Any] = naive.dt.tz_localize(zone, ambiguous=earlier, nonexistent="shift_forward")
    in_utc: pd.Series[Any] = moved.dt.tz_convert("UTC")
    return in_utc


def _fill_unusual(text: pd.Series[str], todo: Mask, result: pd.Series[Any], zone: ZoneInfo) -> None:
    """Reads the cells of ``todo`` one by one: the forms that no single format string covers."""
    memo: dict[str, pd.Timestamp | None] = {}
    for row in np.flatnonzero(todo):
        cell = str(text.iloc[row])
        if cell not in memo:
            memo[cell] = _moment(cell, zone)
        found = memo[cell]
        if found is not None:
            result.iloc[int(row)] = found


def _moment(cell: str, zone: ZoneInfo) -> pd.Timestamp | None:
    compact = re.fullmatch(_COMPACT, cell)
    if compact:
        return _stamp([int(part or 0) for part in compact.groups()], None, zone)
    try:
        serial = float(cell)
    except ValueError:
        serial = -1.0
    if _SERIAL_RANGE[0] <= serial <= _SERIAL_RANGE[1]:
        moment = (_SERIAL_ORIGIN + pd.Timedelta(days=serial)).round("s")
        return _localised(moment, zone)
    match = re.fullmatch(_MOMENT, _dashed(cell), re.IGNORECASE)
    if match is None:
        return None
    year, month, day, half, hour, minute, second, offset = match.groups()
    parts = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    if half:
        if not 1 <= parts[3] <= 12 and half in ("上午", "AM", "am"):
            return None
        afternoon = half.upper() in ("下午", "PM")
        parts[3] = parts[3] % 12 + 12 if afternoon else parts[3] % 12
    return _stamp(parts, offset, zone)


def _dashed(cell: str) -> str:
    """``2026年11月21日8时30分`` and ``2026/11/21T08:30`` in the one spelling that the pattern reads."""
    text = re.sub(r"[年月]", "-", cell)
    text = re.sub(r"[日号T]\s*", " ", text, count=1)
    text = re.sub(r"[时点分]", ":", text).replace("秒", "")
    head, gap, tail = text.partition(" ")
    return re.sub(r"[/.]", "-", head).rstrip("-") + gap + tail.strip().rstrip(":")


def _stamp(parts: list[int], offset: str | None, zone: ZoneInfo) -> pd.Timestamp | None:
    year, month, day, hour, minute, second = parts
    try:
        moment = pd.Timestamp(year=year, month=month, day=day, hour=hour, minute=minute, second=second)
        if offset:
            spelled = "+00:00" if offset.upper() == "Z" else offset
            return pd.Timestamp(f"{moment.isoformat()}{spelled}").tz_convert("UTC")
    except ValueError:
        return None
    return _localised(moment, zone)


def _localised(moment: pd.Timestamp, zone: ZoneInfo) -> pd.Timestamp:
    return moment.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")
