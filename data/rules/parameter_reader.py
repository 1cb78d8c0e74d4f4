"""Reads the fields of a rule's parameters one at a time, and collects what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data.numbers import spelled


class FieldReader:
    """Reads one field at a time and collects what is wrong. ``titles``: what people call each field."""

    def __init__(self, given: Mapping[str, Any], titles: Mapping[str, str]) -> None:
        self._given = given
        self._titles = titles
        self.asked: set[str] = set()
        self.problems: list[str] = []

    def _get(self, name: str, default: Any) -> Any:
        self.asked.add(name)
        return self._given.get(name, default)

    def title(self, name: str) -> str:
        """The field as it stands on the form."""
        return f"“{self._titles.get(name, name)}”"

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.problems.append(f"{self.title(name)}应为数字")
        elif not low <= value <= high:
            self.problems.append(
                f"{self.title(name)}应在 {spelled(low)} 到 {spelled(high)} 之间，填的是 {spelled(value)}"
            )
        else:
            return float(value)
        return default

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        return int(self.number(name, default, low, high))

    def optional(self, name: str) -> float | None:
        return None if self._get(name, None) is None else self.number(name, 0.0, -1e9, 1e9)

    def text(self, name: str, default: str, allowed: frozenset[str] | None = None) -> str:
        value = self._get(name, default)
        if not isinstance(value, str) or len(value) > 64:
            self.problems.append(f"{self.title(name)}应为文字")
            return default
        if allowed is not None and value not in allowed:
            shown = "、".join(sorted(one for one in allowed if one))
            self.problems.append(f"{self.title(name)}不能是“{value}”，可用的是 {shown}")
        return value

    def texts(
        self, name: str, default: tuple[str, ...], allowed: frozenset[str] | None = None
    ) -> tuple[str, ...]:
        values = self._get(name, list(default))
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            self.problems.append(f"{self.title(name)}应为一列文字")
            return default
        if allowed is not None and (wrong := [one for one in values if one not in allowed]):
            self.problems.append(
                f"{self.title(name)}里没有“{wrong[0]}”，可用的是 {'、'.join(sorted(allowed))}"
            )
        return tuple(values)

    def each(self, name: str, titles: Mapping[str, str]) -> list[FieldReader]:
        values = self._get(name, [])
        if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
            self.problems.append(f"{self.title(name)}应为一列条目")
            return []
        return [
            FieldReader(one, {key: f"第 {place} 级：{title}" for key, title in titles.items()})
            for place, one in enumerate(values, start=1)
        ]

    def one(self, name: str, titles: Mapping[str, str]) -> FieldReader | None:
        value = self._get(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.problems.append(f"{self.title(name)}应为一组名称和值")
            return None
        return FieldReader(value, titles)
