"""Conventions that a district changes as data: numbers with unit, bounds and origin, kept in ``loop_rule``.

A group of numbers is a frozen dataclass whose fields are made by :func:`number`; only what was changed from
its default stands in the table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.models import LoopRule, SettingChange
from data.models.base import column

T = TypeVar("T")
_TABLE: Final[Table] = LoopRule.__table__  # type: ignore[attr-defined]
SUBJECT: Final = "number"
"""What the log of changes calls a number."""


@dataclass(frozen=True, slots=True)
class NumberSpec:
    """What a person is told about a number: its name, unit, bounds and origin; ``whole``: no fractions;
    ``note``: what it is for, or from when on it holds.
    """

    label: str
    unit: str
    lowest: float
    highest: float
    origin: str
    whole: bool = False
    note: str = ""

    def text(self, value: float) -> str:
        """A value with its unit: ``10,000 件``."""
        return f"{spelled(value)} {self.unit}"

    @property
    def bounds(self) -> str:
        """What may be filled in: ``1–10,000 件``."""
        return f"{spelled(self.lowest)}–{self.text(self.highest)}"

    def problem(self, value: float) -> str:
        """Why a value cannot be; '' where it can."""
        if not math.isfinite(value) or not self.lowest <= value <= self.highest:
            bounds = f"应在 {spelled(self.lowest)} 到 {spelled(self.highest)} 之间"
            return f"{self.label}不能是 {self.text(value)}：{bounds}"
        if self.whole and value != int(value):
            return f"{self.label}不能是 {self.text(value)}：应为整数"
        return ""


def spelled(value: float) -> str:
    """A number as people read it: ``10,000``, ``0.5``."""
    return f"{value:,.12g}"


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


def numbers_at(session: Session, group: type[T], moments: Collection[datetime]) -> dict[datetime, T]:
    """The numbers that were in force at each of these moments: those of now, with what was changed since
    taken back by the log of changes.
    """
    if not moments:
        return {}
    log = select(column(SettingChange.at), column(SettingChange.rows)).where(
        column(SettingChange.subject) == SUBJECT, column(SettingChange.at) > min(moments)
    )
    changes = session.execute(log.order_by(column(SettingChange.id).desc())).all()
    defaults, now = group(), read_numbers(session, group)
    found = {}
    for moment in moments:
        values = {one.name: getattr(now, one.name) for one in fields(now)}  # type: ignore[arg-type]
        for before, after in (
            (row["before"], row["after"]) for at, rows in changes if at > moment for row in json.loads(rows)
        ):
            key = (before or after)["key"]
            if key in values:
                values[key] = before["value"] if before else getattr(defaults, key)
        found[moment] = group(**values)
    return found
