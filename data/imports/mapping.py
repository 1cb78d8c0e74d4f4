"""A source table seen through a profile: our fields by name, and a place for what is wrong with a row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from data.imports import normalise
from data.imports.errors import ProfileProblem
from data.imports.fields import FieldSpec, specs
from data.imports.header import require_columns
from data.imports.normalise import FloatArray, Mask
from data.imports.profile import Profile
from data.imports.rejects import ADDED_COLUMNS, SHAPE_COLUMN, SYSTEM_COLUMN, Reject, Rejections
from data.imports.source_table import SourceTable
from geo.crs import CoordinateSystem
from geo.errors import UnknownCoordinateSystem

_SHOWN: Final = 60
ADVICE_KEY: Final = "在 Excel 中将该列设为文本后重新导出"
ADVICE_TIME: Final = "请写作 2026-11-21 08:30 这样；别的写法可在接入方案的时间写法中声明"
ADVICE_NUMBER: Final = "请填阿拉伯数字，没有请留空"
ADVICE_ANGLE: Final = "请填十进制度数（如 103.8105）或度分秒（如 103°48′36″），没有请留空"


@dataclass(frozen=True)
class Unread:
    """A word that stands for yes or no."""

    yes: frozenset[str] = frozenset({"是", "y", "yes", "true", "1", "√", "已督办"})
    no: frozenset[str] = frozenset({"否", "n", "no", "false", "0", "", "×", "未督办"})


YES_NO: Final = Unread()


def plain_word(text: str) -> str:
    """A word without what people vary: width, case and spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


class FieldTable:
    """The fields of one kind, column by column, over all rows of a file.

    A row that a method refuses stays in the columns but leaves ``alive``; ``rejections`` says why.
    """

    def __init__(self, table: SourceTable, profile: Profile) -> None:
        self.table = table
        self.profile = profile
        self.specs: dict[str, FieldSpec] = specs(profile.kind)
        self.columns: Mapping[str, str] = require_columns(
            [str(name) for name in table.cells.columns],
            profile,
            file_name=table.file_name,
            has_geometry=table.geometry is not None,
        )
        self.rejections = Rejections()
        self.alive: Mask = np.ones(len(table), dtype=bool)
        self.warnings: list[str] = list(table.notes)
        self._refuse_ragged()

    def has(self, name: str) -> bool:
        """Whether the file or the profile says anything about a field."""
        return name in self.columns or name in self.profile.constants

    def shown(self, name: str) -> str:
        """What a person calls a field: the header in this file, else our label."""
        return self.columns.get(name) or self.specs[name].label

    def raw(self, name: str) -> pd.Series[str]:
        """The cells of a field as read; the profile's constant where there is no column, or the cell is
        empty.
        """
        constant = self.profile.constants.get(name, "")
        if name not in self.columns:
            return pd.Series([constant] * len(self.table), dtype=object)
        cells: pd.Series[str] = self.table.cells[self.columns[name]]
        return cells.mask(cells == "", constant) if constant else cells

    def text(self, name: str) -> pd.Series[str]:
        """Free text, trimmed, cut to the length that is stored; a required one must not be empty."""
        cells = normalise.plain_text(self.raw(name))
        if any(cell[:1] == "'" for cell in cells.tolist()):
            # What our own exports put before =, +, - and @ so that no spreadsheet runs it.
            cells = cells.str.replace(r"^'(?=[=+\-@])", "", regex=True)
        if name in self.profile.values:
            cells = self._mapped(name, cells)
        spec = self.specs[name]
        if spec.max_length:
            long = sum(len(cell) > spec.max_length for cell in cells.tolist())
            if long:
                self.warnings.append(
                    f"“{self.shown(name)}”有 {long} 行超过 {spec.max_length} 字，只保留前面的部分。"
                )
                cells = cells.str.slice(0, spec.max_length)
        self._require(spec, cells)
        return cells

    def key(self, name: str) -> pd.Series[str]:
        """Numbers that are names: every digit must be there."""
        cells, lost = normalise.keys(self.raw(name))
        if normalise.ends_cut(cells):
            self.warnings.append(
                f"“{self.shown(name)}”超过 15 位，且第 15 位以后全是 0，可能已被 Excel 截断：{ADVICE_KEY}。"
            )
        self.refuse(lost, name, "“{value}”是被 Excel 改成科学计数的长编号，后几位已经丢失", ADVICE_KEY)
        if name in self.profile.values:
            cells = self._mapped(name, cells)
        spec = self.specs[name]
        if spec.max_length:
            too_long = np.array([len(cell) > spec.max_length for cell in cells.tolist()], dtype=bool)
            self.refuse(too_long, name, f"编号超过 {spec.max_length} 个字符", "请核对这一列是否选对")
        self._require(spec, cells)
        return cells

    def word(self, name: str) -> pd.Series[str]:
        """A word of a list, in the profile's spelling of it where the profile has one."""
        cells = normalise.plain_text(self.raw(name))
        cells = self._mapped(name, cells) if name in self.profile.values else cells
        if name not in self.profile.fallback:
            self._require(self.specs[name], cells)
        return cells

    def resolve(
        self, name: str, cells: pd.Series[str], known: Mapping[str, str], *, empty: str, advice: str
    ) -> pd.Series[Any]:
        """Words → our keys through ``known`` (by :func:`plain_word`); the profile's fallback, else refused.

        An empty cell becomes the fallback, else ``empty``.

        Raises:
            ProfileProblem: the fallback itself is not known.
        """
        fallback = self._fallback(name, known)
        keys = normalise.each_word(
            cells,
            lambda word: known.get(plain_word(word), fallback) if word else (fallback or empty),
        )
        unknown = keys.isna().to_numpy(dtype=bool)
        label = self.specs[name].label
        self.refuse(unknown, name, f"{label}“{{value}}”不认识", advice, values=cells)
        return keys.fillna("")

    def yes_no(self, name: str) -> NDArray[np.object_]:
        """True, False, or None for an empty cell."""
        cells = self.word(name)
        words = normalise.each_word(cells, plain_word)
        values = np.full(len(words), None, dtype=object)
        values[words.isin(YES_NO.yes).to_numpy(dtype=bool)] = True
        values[words.isin(YES_NO.no - {""}).to_numpy(dtype=bool)] = False
        bad = (words != "").to_numpy(dtype=bool) & np.array([value is None for value in values], dtype=bool)
        self.refuse(bad, name, "“{value}”既不是“是”也不是“否”", "请填 是 或 否")
        return values

    def number(self, name: str, *, least: float = 0.0, whole: bool = False) -> list[Any]:
        """Numbers of at least ``least``; None where empty."""
        values, bad = normalise.numbers(self.raw(name))
        self.refuse(bad, name, "“{value}”不是数字", ADVICE_NUMBER)
        with np.errstate(invalid="ignore"):
            self.refuse(values < least, name, f"“{{value}}”小于 {least:g}", ADVICE_NUMBER)
            if whole:
                self.refuse(
                    (values != np.floor(values)) & ~np.isnan(values), name, "“{value}”不是整数", ADVICE_NUMBER
                )
        return [
            None if np.isnan(value) else (int(value) if whole and value == value // 1 else float(value))
            for value in values
        ]

    def angle(self, name: str) -> FloatArray:
        """Coordinates; NaN where empty."""
        values, bad = normalise.angles(self.raw(name))
        self.refuse(bad, name, "“{value}”不是坐标", ADVICE_ANGLE)
        return values

    def moment(self, name: str) -> pd.Series[Any]:
        """Moments in UTC; NaT where empty."""
        values, bad = normalise.moments(
            self.raw(name), zone=self.profile.zone, formats=self.profile.date_formats
        )
        self.refuse(bad, name, "“{value}”不是能认出的时间", ADVICE_TIME)
        if self.specs[name].required:
            self.refuse(values.isna().to_numpy(dtype=bool) & ~bad, name, "没有填写", "请补上后再接入")
        return values

    def refuse(
        self,
        mask: Mask,
        name: str,
        reason: str | Callable[[int], str],
        advice: str,
        *,
        values: Sequence[str] | pd.Series[str] | None = None,
    ) -> None:
        """Refuse the rows of ``mask`` for a field; ``{value}`` in the reason becomes the cell as read."""
        rows = np.flatnonzero(mask)
        if not len(rows):
            return
        cells = self.raw(name) if values is None else pd.Series(list(values), dtype=object)
        for row in rows:
            value = str(cells.iloc[row])
            text = reason(int(row)) if callable(reason) else reason.replace("{value}", value[:_SHOWN])
            self.rejections.add(
                Reject(
                    line=int(self.table.lines[row]),
                    field=self.shown(name),
                    value=value,
                    reason=f"{self.shown(name)}：{text}",
                    advice=advice,
                    row=self._cells_of(int(row)),
                )
            )
        self.alive[rows] = False

    def _fallback(self, name: str, known: Mapping[str, str]) -> str | None:
        """The profile's fallback as our key. That of ``class`` also serves a file with 大类 and 小类."""
        words = self.profile.fallback
        word = words.get(name) or (words.get("class") if name in ("class_minor", "class_major") else None)
        if word is None:
            return None
        key = known.get(plain_word(word))
        if key is None:
            raise ProfileProblem(
                f"接入方案“{self.profile.title}”写明认不出{self.specs[name].label}时用“{word}”，但库中没有："
                "请先接入，或改为库中已有的。"
            )
        return key

    def _mapped(self, name: str, cells: pd.Series[str]) -> pd.Series[str]:
        words = {plain_word(word): ours for word, ours in self.profile.values[name].items()}
        return normalise.each_word(cells, lambda word: words.get(plain_word(word), word))

    def _require(self, spec: FieldSpec, cells: pd.Series[str]) -> None:
        if spec.required:
            self.refuse((cells == "").to_numpy(dtype=bool), spec.name, "没有填写", "请补上后再接入")

    def _cells_of(self, row: int) -> dict[str, str]:
        """The row as read; the shape of a layer goes with it as WKT, and the system of its coordinates, so
        that a mended row can come back as CSV.
        """
        cells = self.table.cells.iloc[row].items()
        left_out = (*ADDED_COLUMNS, SYSTEM_COLUMN)
        found = {str(name): str(value) for name, value in cells if name not in left_out}
        if "wkt" not in self.specs:
            return found
        if self.table.geometry is not None:
            shape = self.table.geometry[row]
            found[SHAPE_COLUMN] = "" if shape is None else shapely.to_wkt(shape, rounding_precision=-1)
        if self._system:
            found[SYSTEM_COLUMN] = self._system
        return found

    @cached_property
    def _system(self) -> str:
        """The system of the coordinates, as it is to be declared; '' for plain degrees."""
        try:
            system = self.profile.system(self.table.declared_crs)
        except UnknownCoordinateSystem:  # said where the positions are read
            return ""
        return "" if system in (CoordinateSystem.CGCS2000, CoordinateSystem.WGS84) else system.value

    def _refuse_ragged(self) -> None:
        headers = [str(name) for name in self.table.cells.columns]
        for row in self.table.ragged:
            names = headers + [f"多出的第{extra}格" for extra in range(1, len(row.cells) - len(headers) + 1)]
            self.rejections.add(
                Reject(
                    line=row.line,
                    field="整行",
                    value=f"{len(row.cells)} 格",
                    reason=f"这一行有 {len(row.cells)} 格，表头有 {row.expected} 格",
                    advice="请检查该行是否缺了分隔符，或单元格里的分隔符没有用双引号括起来",
                    row=dict(zip(names, row.cells, strict=False)),
                )
            )
