"""Conventions that a district changes as data: numbers with unit, bounds and origin, kept in ``loop_rule``.

A group of numbers is a frozen dataclass whose fields are made by :func:`number`; only what was changed from
its default stands in the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.models import LoopRule

T = TypeVar("T")
_TABLE: Final[Table] = LoopRule.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class NumberSpec:
    """What a person is told about a number: its name, unit, bounds and origin; ``whole``: no fractions."""

    label: str
    unit: str
    lowest: float
    highest: float
    origin: str
    whole: bool = False

    def problem(self, value: float) -> str:
        """Why a value cannot be; '' where it can."""
        if not math.isfinite(value) or not self.lowest <= value <= self.highest:
            bounds = f"应在 {self.lowest:g} 到 {self.highest:g} 之间"
            return f"{self.label}不能是 {value:,.12g} {self.unit}：{bounds}"
        if self.whole and value != int(value):
            return f"{self.label}不能是 {value:g} {self.unit}：应为整数"
        return ""


def number(default: float, spec: NumberSpec) -> Any:
    """A field of a group of numbers."""
    return field(default=default, metadata={"spec": spec})


def specs_of(group: type[Any]) -> dict[str, NumberSpec]:
    """What is told about each number of a group, by key."""
    return {one.name: one.metadata["spec"] for one in fields(group)}


def read_numbers(session: Session, group: type[T]) -> T:
    """The numbers in force: what the district changed, and the defaults for the rest."""
    keys = specs_of(group)
    rows = session.connection().execute(select(_TABLE.c.key, _TABLE.c.value))
    return group(**{row.key: row.value for row in rows if row.key in keys})
