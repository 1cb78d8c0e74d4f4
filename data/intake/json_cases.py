"""Cases as JSON: one object a case, our field names, types by the field table that files are read with.

What comes out are tables of text cells, so that every rule of the imports holds. Cases that name the same
fields stand in one table: a field that a case does not name is left as it is, which an empty cell is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from data.imports.fields import FieldSpec, FieldType, specs
from data.imports.mapping import plain_word
from data.imports.profile import Profile
from data.imports.rejects import Reject
from data.imports.source_table import SourceTable, text_frame
from data.intake.errors import BadBody
from data.intake.json_body import WORDS, is_text, items_of, parsed, plain, type_of
from data.vocabulary import BatchKind

MOST_SHAPES: Final = 20
"""Combinations of fields in one request: each is a table of its own."""
LARGEST: Final = 1e12
"""No degree and no metre is further off."""
TABLE_NAME: Final = "接口数据"
NOT_SENT: Final = frozenset({"source"})
"""Whose cases they are is what the token says."""
YES_NO: Final = frozenset({"in_time", "supervised"})
CASE_FIELDS: Final[dict[str, FieldSpec]] = {
    name: spec for name, spec in specs(BatchKind.EVENTS).items() if name not in NOT_SENT
}
_CLASS_FIELDS: Final = ("class", "class_major", "class_minor")
_ADVICE_FIELDS: Final = f"可用的字段：{'、'.join(CASE_FIELDS)}"
_ADVICE_TYPE: Final = "请对照接口说明中这一字段的类型"
_SHOWN: Final = 60
WHAT: Final = "件案件"


@dataclass(frozen=True, kw_only=True)
class Cases:
    """A request as tables; ``numbers`` are the external numbers as given, by row from 1."""

    total: int
    tables: tuple[SourceTable, ...]
    refused: tuple[Reject, ...]
    numbers: Mapping[int, str]


def json_types(spec: FieldSpec) -> tuple[str, ...]:
    """The JSON types that a field may have, null (nothing known) left out. The OpenAPI document says the
    same, from here.
    """
    if spec.name in YES_NO:
        return ("boolean", "string")
    if spec.type is FieldType.KEY:
        return ("string", "integer")
    if spec.type in (FieldType.NUMBER, FieldType.ANGLE):
        return ("number", "string")
    return ("string",)


def read_cases(body: bytes) -> Cases:
    """The cases of a body: one object, or a list of at most ``MOST_ROWS``.

    Raises:
        BadBody: not UTF-8, not JSON (NaN and names twice in an object are none), no case at all.
        TooManyRows: more than one request may bring.
    """
    items = items_of(parsed(body, what=WHAT), what=WHAT)
    refused: list[Reject] = []
    shapes: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = defaultdict(list)
    numbers: dict[int, str] = {}
    for row, item in enumerate(items, start=1):
        cells = _cells(row, item)
        if isinstance(cells, Reject):
            refused.append(cells)
            numbers[row] = cells.row.get("external_no", "")
            continue
        numbers[row] = cells.get("external_no", "")
        shapes[tuple(name for name in CASE_FIELDS if name in cells)].append((row, cells))
    if len(shapes) > MOST_SHAPES:
        raise BadBody(
            f"一次请求里有 {len(shapes)} 种字段组合，最多 {MOST_SHAPES} 种："
            "请让各件写同样的字段，没有的写 null。"
        )
    for name, reject in _told_twice(shapes).items():
        refused.append(reject)
        for rows in shapes.values():
            rows[:] = [one for one in rows if one[0] != name]
    tables = tuple(_table(shape, rows) for shape, rows in shapes.items() if rows)
    return Cases(total=len(items), tables=tables, refused=tuple(refused), numbers=numbers)


def json_profile(profile: Profile) -> Profile:
    """A profile under which the headers are our field names; its words, constants and system stay."""
    return profile.changed(columns={name: (name,) for name in CASE_FIELDS}, header_row=0)


def _cells(row: int, item: Any) -> dict[str, str] | Reject:
    """A case as cells, or why it cannot be taken."""
    if not isinstance(item, dict):
        return _reject(row, "整件", item, "一件案件应是一个 JSON 对象", '请写成 {"external_no": …} 这样', {})
    cells: dict[str, str] = {}
    shown = {plain(name): plain(value) for name, value in item.items()}
    for name, value in item.items():
        spec = CASE_FIELDS.get(name)
        if spec is None:
            return _reject(
                row, plain(name), value, f"没有“{plain(name)}”这个字段", _ADVICE_FIELDS,
                shown,
            )  # fmt: skip
        wrong = _wrong(spec, value)
        if wrong:
            return _reject(row, name, value, f"{spec.label}：{wrong}", _ADVICE_TYPE, shown)
        cells[name] = _cell(value)
    return cells


def _wrong(spec: FieldSpec, value: Any) -> str:
    """What is wrong with the type of a value; '' where nothing is."""
    if value is None:
        return ""
    allowed = json_types(spec)
    kind = type_of(value)
    if kind not in allowed and not (kind == "integer" and "number" in allowed):
        return f"应为{'或'.join(WORDS[name] for name in allowed)}"
    if isinstance(value, str) and not is_text(value):
        return "含有不成字的编码"
    if not isinstance(value, str) and spec.type is not FieldType.KEY and not abs(value) <= LARGEST:
        return "数字太大"
    return ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else repr(value)


def _reject(row: int, name: str, value: Any, reason: str, advice: str, shown: dict[str, str]) -> Reject:
    return Reject(
        line=row, field=name[:_SHOWN], value=plain(value)[:_SHOWN], reason=reason, advice=advice, row=shown
    )


def _told_twice(shapes: Mapping[tuple[str, ...], Sequence[tuple[int, dict[str, str]]]]) -> dict[int, Reject]:
    """Cases with one number that name different fields: nobody can tell which one is true."""
    places: dict[str, list[tuple[int, tuple[str, ...], dict[str, str]]]] = defaultdict(list)
    for shape, rows in shapes.items():
        for row, cells in rows:
            if cells.get("external_no", ""):
                places[plain_word(cells["external_no"])].append((row, shape, cells))
    found: dict[int, Reject] = {}
    for members in places.values():
        if len({shape for _, shape, _ in members}) == 1:
            continue
        for row, _, cells in members:
            others = "、".join(str(other) for other, _, _ in members if other != row)
            found[row] = _reject(
                row, "external_no", cells["external_no"], f"案件编号与第 {others} 件相同，但写的字段不同",
                "请保留正确的一件，删去其余的，再发送", dict(cells),
            )  # fmt: skip
    return found


def _table(shape: tuple[str, ...], rows: Sequence[tuple[int, dict[str, str]]]) -> SourceTable:
    """What is required has a column in any case, so that each row is told what it lacks."""
    needed = [name for name, spec in CASE_FIELDS.items() if spec.required and name not in shape]
    if not set(shape) & set(_CLASS_FIELDS):
        needed.append("class")
    headers = [*shape, *needed]
    cells = [[case.get(name, "") for name in headers] for _, case in rows]
    return SourceTable(
        file_name=TABLE_NAME,
        cells=text_frame(cells, headers),
        lines=np.array([row for row, _ in rows], dtype=np.int64),
    )
