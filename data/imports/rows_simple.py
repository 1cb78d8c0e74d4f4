"""Departments, event classes and staff: tables without position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from data.clock import MAX_LIMIT_HOURS
from data.imports.known import Known
from data.imports.mapping import FieldTable, plain_word
from data.imports.prepared import Prepared, Row, settle_duplicates
from data.imports.profile import Profile
from data.imports.source_table import SourceTable
from data.initials import initials
from data.labels import CLOCK_TYPE, URGENCY
from data.vocabulary import BatchKind, ClockType, Urgency

_DEPARTMENT_CODE: Final = re.compile(r"[\w.\-·]{1,32}")
_CLASS_CODE: Final = re.compile(r"\d{4}", re.ASCII)
_ADVICE_DEPARTMENT: Final = "请先接入该部门，或在接入方案的部门对照中写明对应哪个部门，或留空"


def prepare_departments(table: SourceTable, profile: Profile, _known: Known) -> Prepared:
    """Rows of departments, keyed by code."""
    fields = FieldTable(table, profile)
    codes = fields.key("code")
    bad = ~codes.str.fullmatch(_DEPARTMENT_CODE).to_numpy(dtype=bool) & (codes != "").to_numpy(dtype=bool)
    fields.refuse(bad, "code", "“{value}”不能用作部门代码", "部门代码只能由字母、数字、下划线、点和短横组成")
    columns: dict[str, Sequence[Any]] = {"code": codes.tolist(), "name": fields.text("name").tolist()}
    columns["initials"] = [initials(name)[:64] for name in columns["name"]]
    for name in ("kind", "phone"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    return finish(fields, columns, kind=BatchKind.DEPARTMENTS, key_names=("code",))


def prepare_event_classes(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of event classes, keyed by their four digits; an empty limit means 无时限."""
    fields = FieldTable(table, profile)
    codes = fields.key("code")
    codes = codes.mask(codes.str.fullmatch(r"\d{3}"), "0" + codes)
    bad = ~codes.str.fullmatch(_CLASS_CODE).to_numpy(dtype=bool) & (codes != "").to_numpy(dtype=bool)
    fields.refuse(bad, "code", "“{value}”不是四位数字", "类别代码为四位数字：前两位大类，后两位小类，如 0102")
    columns: dict[str, Sequence[Any]] = {"code": codes.tolist()}
    for name in ("major", "minor", "closing_condition"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    if fields.has("department"):
        words = fields.word("department")
        found = fields.resolve(
            "department", words, known.department_words, empty="", advice=_ADVICE_DEPARTMENT
        )
        columns["department_code"] = found.tolist()
    columns["urgency"] = choice(fields, "urgency", URGENCY, Urgency.NORMAL)
    columns["clock_type"] = choice(fields, "clock_type", CLOCK_TYPE, ClockType.WORKING_HOURS)
    if fields.has("limit_hours"):
        limits = fields.number("limit_hours")
        zero = np.array([limit == 0 for limit in limits], dtype=bool)
        fields.refuse(zero, "limit_hours", "时限为 0", "时限应大于 0，没有时限请留空")
        long = np.array([limit is not None and limit > MAX_LIMIT_HOURS for limit in limits], dtype=bool)
        advice = f"时限以小时计，一天算 24 小时，最长一年（{MAX_LIMIT_HOURS:g} 小时）"
        fields.refuse(long, "limit_hours", "时限“{value}”超过一年", advice)
        columns["limit_hours"] = limits
    return finish(fields, columns, kind=BatchKind.EVENT_CLASSES, key_names=("code",))


def prepare_staff(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of staff, keyed by source and number."""
    fields = FieldTable(table, profile)
    columns: dict[str, Sequence[Any]] = {
        "source": sources(fields),
        "external_no": [profile.number_prefix + number for number in fields.key("external_no")],
        "name": fields.text("name").tolist(),
        "post": fields.text("post").tolist(),
    }
    if fields.has("division_code"):
        words = fields.key("division_code")
        found = fields.resolve(
            "division_code", words, known.division_words, empty="",
            advice="请先接入这个区划的边界，或核对代码",
        )  # fmt: skip
        columns["division_code"] = found.tolist()
    if fields.has("department"):
        words = fields.word("department")
        found = fields.resolve(
            "department", words, known.department_words, empty="", advice=_ADVICE_DEPARTMENT
        )
        columns["department_code"] = found.tolist()
    if fields.has("phone"):
        columns["phone"] = fields.text("phone").tolist()
    return finish(fields, columns, kind=BatchKind.STAFF, key_names=("source", "external_no"))


def sources(fields: FieldTable) -> list[str]:
    """The source of each row: its column, else the profile's constant, else the profile's name."""
    constant = (fields.profile.source or fields.profile.name)[:32]
    if not fields.has("source"):
        return [constant] * len(fields.table)
    return [word or constant for word in fields.text("source")]


def finish(
    fields: FieldTable,
    columns: dict[str, Sequence[Any]],
    *,
    kind: BatchKind,
    key_names: tuple[str, ...],
    key_field: str = "",
    **more: Any,
) -> Prepared:
    """The rows that are left, without repeats; ``key_field`` is named where keys clash (the last of them)."""
    alive = np.flatnonzero(fields.alive).tolist()
    names = list(columns)
    every = list(zip(*columns.values(), strict=True))
    rows: list[Row] = [dict(zip(names, every[index], strict=True)) for index in alive]
    keys = [tuple(str(row[name]) for name in key_names) for row in rows]
    kept, repeats = settle_duplicates(fields, rows, keys, alive, key_field=key_field or key_names[-1])
    positions = more.pop("positions", None)
    extra = list(positions.warnings) if positions is not None else []
    return Prepared(
        kind=kind,
        fields=fields,
        rows=[rows[index] for index in kept],
        keys=[keys[index] for index in kept],
        lines=[int(fields.table.lines[alive[index]]) for index in kept],
        repeats=repeats,
        positions=positions,
        warnings=[*fields.warnings, *extra, *more.pop("warnings", [])],
    )


def choice(fields: FieldTable, name: str, table: dict[str, str], default: str) -> list[str]:
    """A word of one of our lists, by its key or its label; ``default`` where the cell is empty."""
    if not fields.has(name):
        return [str(default)] * len(fields.table)
    known = {plain_word(word): str(key) for key, label in table.items() for word in (key, label)}
    advice = "可填 " + "、".join(table.values())
    return [
        str(key) for key in fields.resolve(name, fields.word(name), known, empty=str(default), advice=advice)
    ]
