"""Counts that are entered or measured, as a district defines them: name, unit, and what a week is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Table
from sqlmodel import Session

from data.indicators.counts import NamedCount, named_counts
from data.labels import WEEKLY
from data.lifecycle import Person
from data.manage.changes import TABLES, Subject, refuse_stale, stored
from data.manage.counts import keep_change, label_problems, name_of
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require
from data.models import CountDefinition
from data.vocabulary import Weekly

LONGEST_UNIT: Final = 8
_TABLE: Final[Table] = TABLES[Subject.COUNT]


def list_reading_counts(*, session: Session) -> list[NamedCount]:
    """The counts that are entered or measured."""
    return [count for count in named_counts(session=session).values() if count.is_reading]


def add_reading_count(
    session: Session, *, label: str, unit: str, weekly: str, person: Person | None, at: datetime
) -> str:
    """Defines a count that people enter, sensors send, formulas call and rules watch; returns its name.

    ``weekly``: what the readings of a week make (``Weekly``); those that add up do so over areas too.

    Raises:
        NotAllowed: role or area do not reach the whole district.
        BadSetting: a label that is taken or cannot stand in a formula, no unit, no such way of a week.
    """
    acting = require(session, person, Duty.INDICATORS)
    label, unit = label.strip(), unit.strip()
    name = name_of(label)
    problems = label_problems(session, name, label)
    if not 1 <= len(unit) <= LONGEST_UNIT or not unit.isprintable():
        said = f"单位“{unit[:20]}”不能用" if unit else "单位没有填写"
        problems.append(f"{said}：应为 1 到 {LONGEST_UNIT} 个字，如 NTU、米、件")
    if weekly not in set(Weekly):
        problems.append(f"请选择一周怎样取，可用的是 {'、'.join(WEEKLY.values())}")
    if problems:
        raise BadSetting(tuple(problems))
    aggregate = "sum" if weekly == Weekly.SUM else "exact"
    session.add(CountDefinition(name=name, label=label, unit=unit, weekly=weekly, aggregate=aggregate))
    keep_change(
        session, name, None, f"新增填报或监测的指标项“{label}”（{unit}），一周取{WEEKLY[weekly]}", acting, at
    )
    return name


def change_reading_count(
    session: Session, *, name: str, weekly: str, seen: int, person: Person | None, at: datetime
) -> NamedCount:
    """Makes its weeks, past ones too, in another way: the sums of each are kept, so nothing is counted anew.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: no such count, the same as before, or between adding up and the rest: what was entered at
            several levels would count twice.
    """
    acting = require(session, person, Duty.INDICATORS)
    old = next((count for count in list_reading_counts(session=session) if count.name == name), None)
    if old is None:
        raise BadSetting((f"没有编号为“{name}”的指标项：请刷新后再试",))
    refuse_stale(session, Subject.COUNT, name, seen=seen, name=f"“{old.label}”")
    if weekly not in set(Weekly) or weekly == old.weekly:
        raise BadSetting((f"“{old.label}”一周怎样取没有改动，没有保存",))
    if Weekly.SUM in (weekly, old.weekly):
        raise BadSetting(("相加的指标项各级合计，与其他取法不能互改：请另建一项",))
    before = stored(session, Subject.COUNT, name=name)
    session.connection().execute(_TABLE.update().where(_TABLE.c.name == name).values(weekly=weekly))
    said = f"指标项“{old.label}”：一周取{WEEKLY[old.weekly]} 改为 取{WEEKLY[weekly]}"
    keep_change(session, name, before, said, acting, at)
    return named_counts(session=session)[name]
