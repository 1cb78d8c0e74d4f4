"""Readings as they come in: a JSON body or a CSV table becomes rows of text cells, or refusals of rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Final

from data.imports.decode import decode
from data.imports.rejects import ADDED_COLUMNS, Reject
from data.intake.errors import BadBody, TooManyRows
from data.intake.json_body import MOST_ROWS, WORDS, is_text, items_of, parsed, plain, type_of
from data.readings.fields import FIELDS, LABELS

WHAT: Final = "条读数"
_SHOWN: Final = 60
_FIELDS_ADVICE: Final = f"可用的字段：{'、'.join(FIELDS)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """One row as text, by field; what was not given is missing. ``line``: JSON from 1, CSV with its head."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a body holds, row by row; ``refused`` rows are not among ``good``."""

    good: list[Cells]
    refused: list[Reject]

    @property
    def total(self) -> int:
        return len(self.good) + len(self.refused)


def refusal(line: int, name: str, value: str, reason: str, advice: str, cells: dict[str, str]) -> Reject:
    """Why a row is not taken in; ``name`` is the field's, in Chinese where it is one of ours."""
    label = FIELDS[name].label if name in FIELDS else name
    return Reject(
        line=line, field=label[:_SHOWN], value=value[:_SHOWN], reason=reason, advice=advice, row=cells
    )


def read_json(body: bytes, *, most: int = MOST_ROWS) -> Rows:
    """The readings of a JSON body: one object, or a list of them.

    Raises:
        BadBody, TooManyRows: the body as a whole cannot be used.
    """
    # NaN is no JSON, and yet what some sensors send: only their own row is refused.
    items = items_of(parsed(body, what=WHAT, constant=str), what=WHAT, most=most)
    rows = Rows(good=[], refused=[])
    for line, item in enumerate(items, start=1):
        found = _cells_of(line, item)
        if isinstance(found, Reject):
            rows.refused.append(found)
        else:
            rows.good.append(found)
    return rows


def read_csv(body: bytes, *, name: str, most: int = MOST_ROWS) -> Rows:
    """The readings of a CSV table, whose head names our fields or their Chinese labels.

    Raises:
        FileProblem: an encoding that cannot be read.
        BadBody, TooManyRows: no table, a column that is none, or one that is missing.
    """
    try:
        lines = list(csv.reader(io.StringIO(decode(body, name=name), newline=""), strict=True))
    except csv.Error as error:
        raise BadBody("表格读不出来，多半是有一个英文双引号没有成对：请删去或补上后再发送。") from error
    head = _head(lines[0] if lines else [])
    given = [(line, cells) for line, cells in enumerate(lines[1:], start=2) if any(map(str.strip, cells))]
    if len(given) > most:
        raise TooManyRows(f"一次请求有 {len(given)} 行，最多 {most} 行：请分几次发送，或放进接入文件夹。")
    rows = Rows(good=[], refused=[])
    for line, cells in given:
        named = {name: cell.strip() for name, cell in zip(head, cells, strict=False) if name and cell.strip()}
        if len(cells) != len(head):
            told = f"这一行有 {len(cells)} 格，表头有 {len(head)} 格"
            rows.refused.append(refusal(line, "整行", "", told, "请补齐或删去多出的格", named))
        else:
            rows.good.append(Cells(line=line, cells=named))
    return rows


def _head(titles: list[str]) -> list[str]:
    """The field of each column; '' for the columns that a table of refused rows adds."""
    found = []
    for title in (one.strip() for one in titles):
        name = title if title in FIELDS else LABELS.get(title, "")
        if not name and title and title not in ADDED_COLUMNS:
            raise BadBody(
                f"表头里没有“{title[:_SHOWN]}”这一列，可用的是 {'、'.join(LABELS)}，或 {'、'.join(FIELDS)}。"
            )
        found.append(name)
    named = [name for name in found if name]
    if len(set(named)) < len(named):
        raise BadBody("表头里有两列是同一项：请只留一列。")
    missing = [field.label for name, field in FIELDS.items() if field.required and name not in named]
    if missing:
        raise BadBody(f"表头缺少 {'、'.join(missing)}：第一行应是列名。")
    return found


def _cells_of(line: int, item: Any) -> Cells | Reject:
    if not isinstance(item, dict):
        return refusal(
            line, "整条", plain(item), "一条读数应是一个 JSON 对象", '请写成 {"sensor": …} 这样', {}
        )
    shown = {plain(name): plain(value) for name, value in item.items()}
    cells: dict[str, str] = {}
    for name, value in item.items():
        field = FIELDS.get(name)
        if field is None:
            said = plain(name)
            return refusal(line, said, plain(value), f"没有“{said}”这个字段", _FIELDS_ADVICE, shown)
        if value is None:
            continue
        kind = type_of(value)
        if kind not in field.types and not (kind == "integer" and "number" in field.types):
            wanted = "或".join(WORDS[one] for one in field.types)
            told = f"{field.label}：应为{wanted}"
            return refusal(line, name, plain(value), told, "请对照接口说明中这一字段的类型", shown)
        text = value if isinstance(value, str) else repr(value)
        if not is_text(text):
            told = f"{field.label}：含有不成字的编码"
            return refusal(line, name, plain(value), told, "请以 UTF-8 发送", shown)
        if text.strip():
            cells[name] = text.strip()
    return Cells(line=line, cells=cells)
