"""参数: the numbers of the loop, of alerts and of statistics, as a person reads and changes them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from data.conventions import CONVENTION_SPECS, Conventions
from data.lifecycle import Person
from data.lifecycle.rules import SPECS, LoopRules
from data.manage.changes import TABLES, RowChange, Subject, newest, refuse_stale, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require
from data.models import LoopRule
from data.numbers import NumberSpec, spelled
from data.vocabulary import EvaluationSource

GROUPS: Final[dict[str, tuple[type[Any], dict[str, NumberSpec]]]] = {
    "闭环": (LoopRules, SPECS),
    "统计与预警": (Conventions, CONVENTION_SPECS),
}
_ALL: Final = {key: spec for _, specs in GROUPS.values() for key, spec in specs.items()}
_WEIGHTS: Final = tuple(f"evaluation_{source.value}_weight" for source in EvaluationSource)
"""Of 考评: together 100 %."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberLine:
    """One number; ``seen`` is its newest change, which a form hands back."""

    key: str
    group: str
    spec: NumberSpec
    default: float
    value: float
    changed_at: datetime | None
    changed_by: str
    seen: int

    @property
    def is_own(self) -> bool:
        """Whether the district changed it from its default."""
        return self.value != self.default


def list_numbers(*, session: Session) -> list[NumberLine]:
    """Every number in its group, in the order in which they are declared."""
    rows = {row.key: row for row in session.connection().execute(select(TABLES[Subject.NUMBER]))}
    found = []
    for group, (numbers, specs) in GROUPS.items():
        defaults = {one.name: float(one.default) for one in fields(numbers)}  # type: ignore[arg-type]
        for key, spec in specs.items():
            row = rows.get(key)
            found.append(
                NumberLine(
                    key=key, group=group, spec=spec, default=defaults[key],
                    value=row.value if row else defaults[key], changed_at=row.changed_at if row else None,
                    changed_by=row.actor if row else "", seen=newest(session, Subject.NUMBER, key),
                )
            )  # fmt: skip
    return found


def change_number(
    session: Session, *, key: str, value: float, seen: int, person: Person | None, at: datetime, reason: str
) -> int:
    """Puts a number in force for the whole district; returns the number of the change.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: no such number, out of its bounds, the same as before, or no reason.
    """
    acting = require(session, person, Duty.NUMBERS)
    spec = _ALL.get(key)
    if spec is None:
        raise BadSetting((f"没有“{key}”这个参数：请刷新后再试",))
    if problem := spec.problem(value):
        raise BadSetting((problem,))
    if not reason.strip():
        raise BadSetting((f"修改“{spec.label}”要写明理由",))
    refuse_stale(session, Subject.NUMBER, key, seen=seen, name=f"“{spec.label}”")
    line = next(one for one in list_numbers(session=session) if one.key == key)
    if line.value == value:
        raise BadSetting((f"“{spec.label}”本来就是 {spec.text(value)}，没有保存",))
    _refuse_lone_weight(session, key, value)
    before = stored(session, Subject.NUMBER, key=key)
    session.merge(LoopRule(key=key, value=value, changed_at=at, actor=acting.name))
    session.flush()
    after = stored(session, Subject.NUMBER, key=key)
    return write_change(
        session, subject=Subject.NUMBER, key=key, rows=[RowChange(before=before, after=after)],
        what=f"{spec.label}：{spelled(line.value)} 改为 {spec.text(value)}", actor=acting.name, at=at,
        reason=reason.strip(),
    )  # fmt: skip


def _refuse_lone_weight(session: Session, key: str, value: float) -> None:
    """Raises BadSetting where one weight of 考评 alone would take the four from 100 %."""
    if key not in _WEIGHTS:
        return
    weights = {one.key: one.value for one in list_numbers(session=session) if one.key in _WEIGHTS}
    total = sum((weights | {key: value}).values())
    if abs(total - 100.0) > 1e-6:
        raise BadSetting((f"四个权重合计会是 {total:g}%，应为 100%：请在“考评”页一起改",))
