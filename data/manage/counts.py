"""Named counts over some classes or sources, as a district defines them: which are 垃圾 is its data.

A saved definition holds for every week: the events that are there are counted anew in the same session.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table
from sqlmodel import Session

from data.counted import PROACTIVE_SOURCES
from data.indicators.counts import BASE_COUNTS, NamedCount, named_counts
from data.indicators.formula import FormulaError, parse
from data.indicators.store import all_measures
from data.labels import SOURCE
from data.lifecycle import Person
from data.manage.changes import TABLES, RowChange, Subject, refuse_stale, stored, write_change
from data.manage.errors import BadSetting
from data.manage.permission import Duty, require
from data.models import CountDefinition
from data.roll_up import recompute_definition
from data.rules.order import SOURCE as ORDER_SOURCE
from data.rules.parameters import ThresholdNow
from data.rules.store import list_rules

_CLASS: Final = re.compile(r"\d{2}(\d{2})?", re.ASCII)
_TABLE: Final[Table] = TABLES[Subject.COUNT]
_LONGEST: Final = {
    name: int(getattr(_TABLE.c[name].type, "length", 0)) for name in ("label", "classes", "sources")
}
_BASES: Final = {count.name: count for count in BASE_COUNTS}


def list_counts(*, session: Session) -> list[NamedCount]:
    """The counts over some classes or sources: those that can be changed."""
    return [count for count in named_counts(session=session).values() if count.is_narrow]


def add_count(
    session: Session,
    *,
    label: str,
    base: str,
    classes: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    person: Person | None,
    at: datetime,
) -> str:
    """Defines a count that formulas may use; returns its name.

    Raises:
        NotAllowed: role or area do not reach the whole district.
        BadSetting: a label that is taken or cannot stand in a formula, no such count beneath, no such class.
    """
    acting = require(session, person, Duty.INDICATORS)
    label = label.strip()
    name = name_of(label)
    problems = [*label_problems(session, name, label), *_problems(base, classes, sources)]
    if problems:
        raise BadSetting(tuple(problems))
    session.add(CountDefinition(name=name, label=label, base=base, **_spelled(classes, sources)))
    said = f"新增指标项“{label}”：{_BASES[base].label}，{_words(classes, sources)}"
    _keep(session, name, None, said, acting, at)
    return name


def change_count(
    session: Session,
    *,
    name: str,
    classes: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    seen: int,
    person: Person | None,
    at: datetime,
) -> NamedCount:
    """Counts other classes and sources under the same name, in every week.

    Raises:
        NotAllowed, StaleSetting: as their names say.
        BadSetting: no such count, the same as before, neither class nor source, no such class.
    """
    acting = require(session, person, Duty.INDICATORS)
    old = next((count for count in list_counts(session=session) if count.name == name), None)
    if old is None:
        raise BadSetting((f"没有编号为“{name}”的指标项：请刷新后再试",))
    refuse_stale(session, Subject.COUNT, name, seen=seen, name=f"“{old.label}”")
    problems = [*_problems(old.base, classes, sources), *_orders_in(session, name, classes, sources)]
    if problems:
        raise BadSetting(tuple(problems))
    if (set(old.classes), set(old.sources)) == (set(classes), set(sources)):
        raise BadSetting((f"“{old.label}”的类别和来源没有改动，没有保存",))
    before = stored(session, Subject.COUNT, name=name)
    is_this = _TABLE.c.name == name
    session.connection().execute(_TABLE.update().where(is_this).values(**_spelled(classes, sources)))
    was, now = _words(old.classes, old.sources), _words(classes, sources)
    _keep(session, name, before, f"指标项“{old.label}”：{was} 改为 {now}", acting, at)
    return next(count for count in list_counts(session=session) if count.name == name)


def keep_change(
    session: Session, name: str, before: dict[str, Any] | None, what: str, acting: Person, at: datetime
) -> None:
    """Logs what was written of a count."""
    session.flush()
    after = stored(session, Subject.COUNT, name=name)
    write_change(
        session, subject=Subject.COUNT, key=name, rows=[RowChange(before=before, after=after)], what=what,
        actor=acting.name, at=at,
    )  # fmt: skip


def _keep(
    session: Session, name: str, before: dict[str, Any] | None, what: str, acting: Person, at: datetime
) -> None:
    """Logs what was written and counts the events anew."""
    keep_change(session, name, before, what, acting, at)
    recompute_definition(session, name)


def name_of(label: str) -> str:
    """The name of a count that a district calls so."""
    return "own_" + hashlib.sha256(label.encode()).hexdigest()[:12]


def label_problems(session: Session, name: str, label: str) -> list[str]:
    """What is wrong with a label: it cannot stand in a formula, or is taken."""
    if not label:
        return [f"名称没有填写：应为 1 到 {_LONGEST['label']} 个汉字或字母，不含空格和符号"]
    try:
        can_be_called = len(label) <= _LONGEST["label"] and parse(label, {label: name}).names == (name,)
    except FormulaError:
        can_be_called = False
    if not can_be_called:
        return [f"名称“{label}”不能用在公式里：应为 1 到 {_LONGEST['label']} 个汉字或字母，不含空格和符号"]
    if any(label in (count.label, count.name) for count in named_counts(session=session).values()):
        return [f"已有名为“{label}”的指标项，请换一个名称"]
    return []


def _problems(base: str, classes: tuple[str, ...], sources: tuple[str, ...]) -> list[str]:
    problems = []
    if base not in _BASES:
        problems.append(f"没有“{base}”这个数，可用的是 {'、'.join(count.label for count in BASE_COUNTS)}")
    if not classes and not sources:
        problems.append("请至少选一个类别或来源；不限类别和来源的数，公式里直接可用")
    if wrong := [code for code in classes if not _CLASS.fullmatch(code)]:
        problems.append(f"类别代码“{wrong[0]}”不对：应为 2 位（大类）或 4 位（小类）数字")
    if base == "proactive" and (wrong := sorted(set(sources) - PROACTIVE_SOURCES)):
        known = "、".join(SOURCE[source] for source in sorted(PROACTIVE_SOURCES))
        problems.append(f"主动发现只数来源为{known}的事件，不能再选别的来源")
    if wrong := [name for name, text in _spelled(classes, sources).items() if len(text) > _LONGEST[name]]:
        what = "类别" if wrong[0] == "classes" else "来源"
        problems.append(f"选的{what}太多，存不下：请改选大类或分成两项")
    return problems


def _orders_in(session: Session, name: str, classes: tuple[str, ...], sources: tuple[str, ...]) -> list[str]:
    """Why the count would count the orders that its own indicator brings about: each would call for more."""
    users = {
        each.key for each in all_measures(session=session) if each.formula and name in each.formula.names
    }
    given = [rule.parameters for rule in list_rules(session=session)]
    orders = {
        one.order.class_code
        for one in given
        if isinstance(one, ThresholdNow) and one.order is not None and one.indicator in users
    }
    if sources and ORDER_SOURCE not in sources:
        return []
    return [
        f"所选类别包含整改指令的类别 {code}：指标越线后下达的指令会被再数一遍，请改选小类，不含 {code}"
        for code in sorted(orders)
        if not classes or code.startswith(classes)
    ]


def _spelled(classes: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, Any]:
    return {"classes": ",".join(sorted(set(classes))), "sources": ",".join(sorted(set(sources)))}


def _words(classes: tuple[str, ...], sources: tuple[str, ...]) -> str:
    parts = [f"类别 {'、'.join(sorted(classes))}"] if classes else []
    parts += [f"来源 {'、'.join(SOURCE.get(one, one) for one in sorted(sources))}"] if sources else []
    return "，".join(parts)
