"""What each item of a profile may be: a number where a word belongs is named before any row is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from data.imports.errors import ProfileProblem

_TEXTS: Final = (
    "title",
    "kind",
    "source",
    "number_prefix",
    "crs",
    "timezone",
    "encoding",
    "swapped",
    "sheet",
)
_WORDS: Final = ("constants", "fallback")


def check_types(name: str, data: Mapping[str, Any]) -> None:
    """Passes where every item is of its type and every date format can be used.

    Raises:
        ProfileProblem: names the item, its value and what it should be.
    """
    for key in _TEXTS:
        _need(name, key, data.get(key, ""), str, "带引号的文字")
    row = data.get("header_row", 0)
    if not isinstance(row, int) or isinstance(row, bool) or row < 0:
        raise _wrong(name, "header_row", row, "不小于 0 的整数（0 为自动查找）")
    for table in _WORDS:
        for key, value in _table(name, table, data).items():
            _need(name, f"{table}.{key}", value, str, "带引号的文字")
    for field, headers in _table(name, "columns", data).items():
        for header in headers if isinstance(headers, list) else [headers]:
            _need(name, f"columns.{field}", header, str, "带引号的文字，或一组文字")
    for field in _table(name, "values", data):
        for word, ours in _table(name, field, data["values"], "values.").items():
            _need(name, f"values.{field}.{word}", ours, str, "带引号的文字")
    _check_formats(name, data.get("date_formats", []))


def _check_formats(name: str, formats: Any) -> None:
    _need(name, "date_formats", formats, list, '一组文字，例如 ["%d.%m.%Y"]')
    for form in formats:
        _need(name, "date_formats", form, str, '一组文字，例如 ["%d.%m.%Y"]')
        try:
            if "%z" in form.lower():
                raise ValueError(form)
            pd.to_datetime(pd.Series(["-"]), format=form, errors="coerce")
        except (ValueError, TypeError) as error:
            raise _wrong(
                name, "date_formats", form, "日期格式，例如 %Y-%m-%d %H:%M（时区用 timezone 写）"
            ) from error


def _table(name: str, key: str, data: Mapping[str, Any], within: str = "") -> Mapping[str, Any]:
    found = data.get(key, {})
    _need(name, f"{within}{key}", found, dict, "一张表")
    table: Mapping[str, Any] = found
    return table


def _need(name: str, key: str, value: Any, kind: type, wanted: str) -> None:
    if not isinstance(value, kind):
        raise _wrong(name, key, value, wanted)


def _wrong(name: str, key: str, value: Any, wanted: str) -> ProfileProblem:
    return ProfileProblem(f"接入方案“{name}”的 {key} = {str(value)[:60]!r} 不对：应为{wanted}。")
