"""Who has to handle a case: the most particular rule, else the class's own department."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from data.dispatch.negative import NegativeLine, refusal_for
from data.dispatch.tables import class_on, deciding, department_of, rules_for
from data.models import DispatchRule, EventClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """Where a case goes. ``department_code`` is '' where nobody is named: then a person has to choose.

    ``limit_hours`` None: 无时限. Hours count as ``clock_type`` says, a day as 24. ``basis`` says in Chinese
    why. ``refused_by``: the department is named, but the negative list forbids passing the case to it.
    ``contradiction``: numbers of the rules that name different departments or limits with equal right.
    """

    rule_id: int | None
    rule_number: int | None
    department_code: str
    limit_hours: float | None
    clock_type: str
    respond_hours: float | None
    basis: str
    refused_by: NegativeLine | None = None
    contradiction: tuple[int, ...] = ()


def decide(session: Session, *, class_code: str, code: str, on: date) -> Decision:
    """The department, limit and clock of a case of ``class_code`` in the division ``code`` ('' = 未落格).

    Of the rules that hold on the day, the longest class prefix decides, then the longest area prefix. Rules
    of the same rank that differ are a contradiction, and nobody is named. Without a rule the class decides.
    Equal tables give equal decisions, whatever the order of their rows. Reads no event.
    """
    found_class = class_on(session, class_code, on)
    rules = rules_for(session, class_code=class_code, code=code, on=on)
    if not rules:
        return _by_class(session, class_code, code, found_class)
    first = deciding(rules)
    if len({outcome(rule) for rule in first}) > 1:
        numbers = tuple(rule.number for rule in first)
        named = "、".join(map(str, numbers))
        return _nobody(
            found_class,
            f"派遣规则 {named} 的类别和区域相同，写的却不同，不能决定由谁办：请先改正规则",
            contradiction=numbers,
        )
    return _by_rule(session, class_code, code, first[0], found_class)


def outcome(rule: DispatchRule) -> tuple[object, ...]:
    """What a rule decides; two rules of equal rank contradict each other where it differs."""
    return rule.department_code, rule.limit_hours, rule.clock_type, rule.respond_hours


def _by_rule(
    session: Session, class_code: str, code: str, rule: DispatchRule, found_class: EventClass | None
) -> Decision:
    department = department_of(session, rule.department_code)
    if department is None:
        return _nobody(
            found_class, f"派遣规则 {rule.number} 指定的部门 {rule.department_code} 不存在：请改正规则"
        )
    own_limit = rule.limit_hours is not None
    limit = "时限按规则" if own_limit else "时限按类别"
    return Decision(
        rule_id=rule.id,
        rule_number=rule.number,
        department_code=department.code,
        limit_hours=rule.limit_hours if own_limit else _limit(found_class),
        clock_type=rule.clock_type if own_limit and rule.clock_type else _clock(found_class),
        respond_hours=rule.respond_hours,
        basis=f"派遣规则 {rule.number}（第 {rule.version} 版）指定由{department.name}办理，{limit}",
        refused_by=refusal_for(session, class_code=class_code, code=code, department=department),
    )


def _by_class(session: Session, class_code: str, code: str, found_class: EventClass | None) -> Decision:
    if found_class is None:
        return _nobody(
            None, f"没有适用的派遣规则，也没有代码为 {class_code} 的类别：请选定类别，或人工指定部门"
        )
    if not found_class.department_code:
        return _nobody(
            found_class,
            f"没有适用的派遣规则，类别“{found_class.minor}”也没有默认部门：请补上规则，或人工指定部门",
        )
    department = department_of(session, found_class.department_code)
    if department is None:
        return _nobody(
            found_class,
            f"类别“{found_class.minor}”的默认部门 {found_class.department_code} 不存在：请先接入该部门",
        )
    return Decision(
        rule_id=None,
        rule_number=None,
        department_code=department.code,
        limit_hours=found_class.limit_hours,
        clock_type=found_class.clock_type,
        respond_hours=None,
        basis=f"没有适用的派遣规则，按类别“{found_class.minor}”的默认部门，由{department.name}办理",
        refused_by=refusal_for(session, class_code=class_code, code=code, department=department),
    )


def _nobody(found_class: EventClass | None, basis: str, *, contradiction: tuple[int, ...] = ()) -> Decision:
    return Decision(
        rule_id=None,
        rule_number=None,
        department_code="",
        limit_hours=_limit(found_class),
        clock_type=_clock(found_class),
        respond_hours=None,
        basis=basis,
        contradiction=contradiction,
    )


def _limit(found_class: EventClass | None) -> float | None:
    return None if found_class is None else found_class.limit_hours


def _clock(found_class: EventClass | None) -> str:
    return "" if found_class is None else found_class.clock_type
