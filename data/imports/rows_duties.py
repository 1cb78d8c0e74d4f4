"""Dispatch rules, lines of the five lists, rows of process tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from data.imports.known import Known
from data.imports.mapping import FieldTable, plain_word
from data.imports.prepared import Prepared
from data.imports.profile import Profile
from data.imports.rows_simple import choice, finish, sources
from data.imports.source_table import SourceTable
from data.initials import initials
from data.labels import CLOCK_TYPE, LEVEL, LIST_TYPE, REVIEW_STAGE, SERVICE_MODE
from data.lists.edit import source_of
from data.vocabulary import BatchKind, Level, ListStatus, ListType, ReviewStage, ServiceMode

_NUMBER: Final = re.compile(r"[\w.\-·/〔〕()（）]{1,64}")
_EVERYTHING: Final = ("全部", "所有", "全部类别", "全部区域", "*")
_LEVELS: Final[dict[str, str]] = {level: LEVEL[level] for level in (Level.STREET, Level.COMMUNITY)}
_ADVICE_CLASS: Final = "请填类别代码、大类或小类的名称；不分类别请留空"
_ADVICE_AREA: Final = "请填区划代码或名称；不分区域请留空"


def prepare_dispatch_rules(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Rows of rules, keyed by class and area prefix; empty means every class, every area."""
    fields = FieldTable(table, profile)
    departments = fields.resolve(
        "department", fields.word("department"), known.department_words, empty="",
        advice="请先接入该部门，或核对名称",
    )  # fmt: skip
    limits = _hours(fields, "limit_hours")
    columns: dict[str, Sequence[Any]] = {
        "class_prefix": _prefixes(fields, "class", class_prefix_words(known), _ADVICE_CLASS),
        "area_prefix": _prefixes(fields, "area", known.division_words, _ADVICE_AREA),
        "department_code": departments.tolist(),
        "limit_hours": limits,
        "clock_type": choice(fields, "clock_type", CLOCK_TYPE, ""),
        "respond_hours": _hours(fields, "respond_hours"),
        "note": fields.text("note").tolist() if fields.has("note") else [""] * len(fields.table),
    }
    clocks = columns["clock_type"]
    silent = [limit is not None and not clock for limit, clock in zip(limits, clocks, strict=True)]
    fields.refuse(
        np.array(silent, dtype=bool), "limit_hours", "填了处置时限，没有填计时方式",
        "可填 " + "、".join(CLOCK_TYPE.values()),
    )  # fmt: skip
    columns["clock_type"] = [
        clock if limit is not None else "" for limit, clock in zip(limits, clocks, strict=True)
    ]
    pairs = list(zip(limits, columns["respond_hours"], strict=True))
    late = [limit is not None and respond is not None and respond > limit for limit, respond in pairs]
    fields.refuse(
        np.array(late, dtype=bool), "respond_hours", "“{value}”小时的响应时限长于处置时限", "请核对两个时限"
    )
    return finish(
        fields,
        columns,
        kind=BatchKind.DISPATCH_RULES,
        key_names=("class_prefix", "area_prefix"),
        key_field="class",
    )


def prepare_list_items(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """Lines of lists, keyed by list and number. Without a stage a line counts as published, so in force."""
    fields = FieldTable(table, profile)
    types = choice(fields, "list_type", LIST_TYPE, "")
    stages = choice(fields, "review_stage", REVIEW_STAGE, ReviewStage.PUBLISHED.value)
    published = [stage == ReviewStage.PUBLISHED for stage in stages]
    columns: dict[str, Sequence[Any]] = {
        "source": [source_of(one, kind) for one, kind in zip(sources(fields), types, strict=True)],
        "external_no": _numbers(fields),
        "list_type": types,
        "text": fields.text("text").tolist(),
        "class_prefix": _prefixes(fields, "class", class_prefix_words(known), _ADVICE_CLASS),
        "area_prefix": _prefixes(fields, "area", known.division_words, _ADVICE_AREA),
        "level": choice(fields, "level", _LEVELS, ""),
        "status": [(ListStatus.IN_FORCE if one else ListStatus.REVIEWING).value for one in published],
        "review_stage": stages,
        "removed_at": [None] * len(fields.table),
    }
    if fields.has("basis"):
        columns["basis"] = fields.text("basis").tolist()
    negative = np.array([kind == ListType.NEGATIVE for kind in types], dtype=bool)
    everything = np.array([not prefix for prefix in columns["class_prefix"]], dtype=bool)
    count = int((negative & everything & fields.alive).sum())
    if count:
        fields.warnings.append(
            f"负面清单有 {count} 条没有写类别：将禁止把任何类别下派到街道、社区，请核对是否如此。"
        )
    return finish(fields, columns, kind=BatchKind.LIST_ITEMS, key_names=("source", "external_no"))


def prepare_service_items(table: SourceTable, profile: Profile, _known: Known) -> Prepared:
    """Rows of process tables, keyed by number."""
    fields = FieldTable(table, profile)
    columns: dict[str, Sequence[Any]] = {
        "source": sources(fields),
        "external_no": _numbers(fields),
        "name": fields.text("name").tolist(),
        "mode": choice(fields, "mode", SERVICE_MODE, ServiceMode.IMMEDIATE.value),
        "removed_at": [None] * len(fields.table),
    }
    columns["initials"] = [initials(name) for name in columns["name"]]
    for name in ("content", "undertaker", "requirements", "materials"):
        if fields.has(name):
            columns[name] = fields.text(name).tolist()
    days = _hours(fields, "limit_days")
    columns["limit_days"] = days
    pairs = list(zip(columns["mode"], days, strict=True))
    bare = np.array([mode == ServiceMode.PROMISED and day is None for mode, day in pairs], dtype=bool)
    fields.refuse(bare, "mode", "承诺办没有写承诺时限", "请补上承诺时限（工作日）")
    return finish(fields, columns, kind=BatchKind.SERVICE_ITEMS, key_names=("source", "external_no"))


def class_prefix_words(known: Known) -> dict[str, str]:
    """Codes and names of 大类 (two digits) and 小类 (four)."""
    majors = {plain_word(one.major): one.code[:2] for one in known.classes}
    majors |= {one.code[:2]: one.code[:2] for one in known.classes}
    return {**majors, **known.class_words}


def _prefixes(fields: FieldTable, name: str, words: dict[str, str], advice: str) -> list[str]:
    if not fields.has(name):
        return [""] * len(fields.table)
    known = {**words, **{plain_word(word): "" for word in _EVERYTHING}}
    return [str(code) for code in fields.resolve(name, fields.word(name), known, empty="", advice=advice)]


def _numbers(fields: FieldTable) -> list[str]:
    numbers: pd.Series[str] = fields.key("external_no")
    bad = ~numbers.str.fullmatch(_NUMBER).to_numpy(dtype=bool) & (numbers != "").to_numpy(dtype=bool)
    fields.refuse(bad, "external_no", "“{value}”不能用作编号", "编号由文字、数字、点、短横和括号组成")
    return [fields.profile.number_prefix + number for number in numbers]


def _hours(fields: FieldTable, name: str) -> list[Any]:
    if not fields.has(name):
        return [None] * len(fields.table)
    values = fields.number(name)
    zero = np.array([value == 0 for value in values], dtype=bool)
    fields.refuse(zero, name, "时限为 0", "时限应大于 0，没有时限请留空")
    return values
