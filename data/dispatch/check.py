"""Gaps and contradictions of the dispatch table: what would be left to nobody, or decided in two ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.dispatch.decide import outcome
from data.dispatch.negative import NegativeLine, department_level, lines_against
from data.dispatch.tables import classes_on, deciding_all, overlap, rules_on
from data.labels import CLOCK_TYPE, label
from data.models import Department, DispatchRule, Division, EventClass, ListItem, Staff
from data.models.base import column
from data.queries.names import place_names

SHOWN_AREAS: Final = 6


class ProblemKind(StrEnum):
    """What can be wrong, the worst first."""

    TIE = "tie"
    NO_DEPARTMENT = "no_department"
    UNKNOWN_DEPARTMENT = "unknown_department"
    REFUSED = "refused"
    NO_STAFF = "no_staff"
    LIMIT = "limit"
    UNKNOWN_PLACE = "unknown_place"


PROBLEM: Final[dict[str, str]] = {
    ProblemKind.TIE: "两条规则相同",
    ProblemKind.NO_DEPARTMENT: "无人负责",
    ProblemKind.UNKNOWN_DEPARTMENT: "部门不存在",
    ProblemKind.REFUSED: "负面清单不许",
    ProblemKind.NO_STAFF: "部门没有人员",
    ProblemKind.LIMIT: "时限与类别矛盾",
    ProblemKind.UNKNOWN_PLACE: "类别或区划不存在",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to mend: the numbers of the ``rules`` it is about, the prefixes of its ``areas``."""

    kind: ProblemKind
    text: str
    class_prefix: str = ""
    rules: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """What was checked and what was found, the worst first."""

    problems: tuple[Problem, ...]
    rules: int
    classes: int

    def count(self, kind: ProblemKind) -> int:
        return sum(problem.kind is kind for problem in self.problems)


def check(session: Session, on: date) -> CheckResult:
    """Everything that is wrong on a day: classes × areas without department, rules of equal right that
    differ or repeat each other, departments that do not exist, that the negative list keeps the cases from
    or that have nobody, limits longer than or counted otherwise than the class's, classes and divisions that
    do not exist. Reads no event.
    """
    rules, classes = rules_on(session, on), classes_on(session, on)
    query = select(column(Department.code), column(Department.name))
    departments: dict[str, str] = {row.code: row.name for row in session.execute(query)}
    found = [
        *_ties(rules),
        *_gaps(session, rules, classes, departments),
        *_unknown_departments(rules, classes, departments),
        *_refused(session, rules, classes),
        *_without_staff(session, rules, classes, departments),
        *_limits(rules, classes),
        *_unknown_places(session, rules, classes),
    ]
    order = list(ProblemKind)
    return CheckResult(
        problems=tuple(sorted(found, key=lambda one: order.index(one.kind))),
        rules=len(rules),
        classes=len(classes),
    )


def _ties(rules: Sequence[DispatchRule]) -> Iterable[Problem]:
    twins: dict[tuple[str, str], list[DispatchRule]] = defaultdict(list)
    for rule in rules:
        twins[rule.class_prefix, rule.area_prefix].append(rule)
    for (class_prefix, area), members in twins.items():
        if len(members) > 1:
            numbers = tuple(rule.number for rule in members)
            named = "、".join(map(str, numbers))
            differ = len({outcome(rule) for rule in members}) > 1
            end = "写的却不同，不能决定由谁办" if differ else "内容也相同，留一条即可"
            yield Problem(
                kind=ProblemKind.TIE, text=f"规则 {named} 的类别和区域相同，{end}",
                class_prefix=class_prefix, rules=numbers, areas=(area,),
            )  # fmt: skip


def _gaps(
    session: Session,
    rules: Sequence[DispatchRule],
    classes: Sequence[EventClass],
    departments: Collection[str],
) -> Iterable[Problem]:
    """Classes whose own department cannot take over, in the areas that no rule names."""
    open_classes = [one for one in classes if one.department_code not in departments]
    divisions = _Divisions(session)
    for one in open_classes:
        named = {
            rule.area_prefix
            for rule in rules
            if one.code.startswith(rule.class_prefix) and rule.department_code in departments
        }
        if areas := divisions.outside(named):
            where = divisions.say(areas)
            yield Problem(
                kind=ProblemKind.NO_DEPARTMENT,
                text=f"{one.code} {one.major}/{one.minor}：{where}没有责任部门",
                class_prefix=one.code,
                areas=areas,
            )


class _Divisions:
    """The divisions in force, opened level by level as far as a question needs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._children: dict[str, list[str]] = {}

    def outside(self, named: Collection[str]) -> tuple[str, ...]:
        """The largest areas that hold nothing of ``named``; ('',) where nothing at all is named."""
        if "" in named:
            return ()
        return tuple(self._outside("", named)) if named else ("",)

    def _outside(self, code: str, named: Collection[str]) -> Iterable[str]:
        for child in self._below(code):
            if child in named:
                continue
            if any(prefix.startswith(child) for prefix in named):
                yield from self._outside(child, named)
            else:
                yield child

    def _below(self, code: str) -> list[str]:
        if code not in self._children:
            query = select(column(Division.code)).where(
                column(Division.parent_code) == code, column(Division.valid_to).is_(None)
            )
            self._children[code] = sorted(self._session.execute(query).scalars())
        return self._children[code]

    def say(self, areas: tuple[str, ...]) -> str:
        if areas == ("",):
            return "全部区域"
        names = place_names(self._session, areas[:SHOWN_AREAS])
        listed = "、".join(names[code] for code in areas[:SHOWN_AREAS])
        return f"{listed}等 {len(areas)} 处" if len(areas) > SHOWN_AREAS else listed


def _unknown_departments(
    rules: Sequence[DispatchRule], classes: Sequence[EventClass], departments: Collection[str]
) -> Iterable[Problem]:
    for rule in rules:
        if rule.department_code not in departments:
            yield Problem(
                kind=ProblemKind.UNKNOWN_DEPARTMENT,
                text=f"规则 {rule.number} 指定的部门“{rule.department_code or '（空）'}”不存在",
                class_prefix=rule.class_prefix, rules=(rule.number,), areas=(rule.area_prefix,),
            )  # fmt: skip
    for one in classes:
        if one.department_code and one.department_code not in departments:
            yield Problem(
                kind=ProblemKind.UNKNOWN_DEPARTMENT,
                text=f"{one.code} {one.major}/{one.minor} 的默认部门“{one.department_code}”不存在",
                class_prefix=one.code,
            )


def _refused(
    session: Session, rules: Sequence[DispatchRule], classes: Sequence[EventClass]
) -> Iterable[Problem]:
    """Rules and classes that send cases where the negative list forbids it: dispatch refuses each of them."""
    found = {one.code: one for one in session.execute(select(Department)).scalars()}
    lines = {
        level: lines_against(session, level)
        for level in {department_level(one.kind) for one in found.values()}
    }

    def against(code: str) -> Iterable[tuple[ListItem, str]]:
        if (one := found.get(code)) is not None:
            for line in lines[department_level(one.kind)]:
                yield line, NegativeLine(number=line.external_no, text=line.text).says(one.name)

    for rule in rules:
        for line, said in against(rule.department_code):
            kind = overlap(rule.class_prefix, line.class_prefix)
            area = overlap(rule.area_prefix, line.area_prefix)
            if kind is not None and area is not None and rule in deciding_all(rules, kind, area):
                yield Problem(
                    kind=ProblemKind.REFUSED, text=f"规则 {rule.number} 派出的件会被拒绝：{said}",
                    class_prefix=kind, rules=(rule.number,), areas=(area,),
                )  # fmt: skip
    for own in classes:
        for line, said in against(own.department_code):
            if own.code.startswith(line.class_prefix) and not deciding_all(rules, own.code, line.area_prefix):
                yield Problem(
                    kind=ProblemKind.REFUSED, class_prefix=own.code,
                    text=f"{own.code} {own.major}/{own.minor} 默认派出的件会被拒绝：{said}",
                )  # fmt: skip


def _without_staff(
    session: Session,
    rules: Sequence[DispatchRule],
    classes: Sequence[EventClass],
    departments: Mapping[str, str],
) -> Iterable[Problem]:
    """Departments that cases are sent to and nobody of whom could accept one. Says nothing before the first
    person is there: then nobody acts at all.
    """
    staffed = set(session.execute(select(column(Staff.department_code)).distinct()).scalars())
    for code in sorted(departments.keys() - staffed) if staffed else ():
        by_rule = tuple(sorted(rule.number for rule in rules if rule.department_code == code))
        own = [one.code for one in classes if one.department_code == code]
        if by_rule or own:
            sent = [f"规则 {'、'.join(map(str, by_rule))}"] if by_rule else []
            more = f"等 {len(own)} 个" if len(own) > 1 else ""
            sent += [f"类别 {own[0]} {more}的默认部门"] if own else []
            yield Problem(
                kind=ProblemKind.NO_STAFF,
                text=f"{departments[code]}没有人员，派给它的件无人受理（{'；'.join(sent)}）。"
                "请接入该部门的人员，或改派别的部门",
                class_prefix=own[0] if own else "", rules=by_rule,
            )  # fmt: skip


def _limits(rules: Sequence[DispatchRule], classes: Sequence[EventClass]) -> Iterable[Problem]:
    """A rule may be stricter than the class, not laxer, and must count the same way (ours)."""
    for rule in rules:
        if rule.limit_hours is None:
            continue
        for one in classes:
            if one.code.startswith(rule.class_prefix) and (said := _limit_problem(rule, one)):
                yield Problem(
                    kind=ProblemKind.LIMIT,
                    text=f"规则 {rule.number} 对 {one.code} {one.minor}：{said}",
                    class_prefix=one.code, rules=(rule.number,), areas=(rule.area_prefix,),
                )  # fmt: skip


def _limit_problem(rule: DispatchRule, one: EventClass) -> str:
    if rule.limit_hours is None or one.limit_hours is None:
        return ""
    if rule.clock_type != one.clock_type:
        return f"按{label(CLOCK_TYPE, rule.clock_type)}计时，类别规定按{label(CLOCK_TYPE, one.clock_type)}"
    if rule.limit_hours > one.limit_hours:
        return f"时限 {rule.limit_hours:g} 小时，长于类别规定的 {one.limit_hours:g} 小时"
    return ""


def _unknown_places(
    session: Session, rules: Sequence[DispatchRule], classes: Sequence[EventClass]
) -> Iterable[Problem]:
    wanted = {rule.area_prefix for rule in rules if rule.area_prefix}
    query = select(column(Division.code)).where(
        column(Division.code).in_(sorted(wanted)), column(Division.valid_to).is_(None)
    )
    known = set(session.execute(query).scalars())
    for rule in rules:
        missing = []
        if rule.area_prefix and rule.area_prefix not in known:
            missing.append(f"区划 {rule.area_prefix}")
        if not any(one.code.startswith(rule.class_prefix) for one in classes):
            missing.append(f"类别 {rule.class_prefix or '（全部）'}")
        if missing:
            yield Problem(
                kind=ProblemKind.UNKNOWN_PLACE,
                text=f"规则 {rule.number} 所写的{'、'.join(missing)}不存在，不会用到",
                class_prefix=rule.class_prefix, rules=(rule.number,), areas=(rule.area_prefix,),
            )  # fmt: skip
