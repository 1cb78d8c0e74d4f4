"""The dispatch table in words, for people: one line a rule, and every version of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlmodel import Session

from data.dispatch.edit import RuleDraft, draft_of
from data.dispatch.rehearse import limit_text
from data.dispatch.tables import versions_of
from data.models import DispatchRule
from data.models.base import column
from data.queries.names import class_names, department_names, place_names

EVERY_CLASS = "全部类别"
EVERY_AREA = "全部区域"


class RuleState(StrEnum):
    IN_FORCE = "in_force"
    COMING = "coming"
    WITHDRAWN = "withdrawn"
    PAST = "past"


RULE_STATE: dict[str, str] = {
    RuleState.IN_FORCE: "现行",
    RuleState.COMING: "未生效",
    RuleState.WITHDRAWN: "已停用",
    RuleState.PAST: "已过去",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLine:
    """One version of a rule in words. ``coming`` is the first day of a version that is to follow, or None.

    ``same_as`` is the number of the oldest version that says the same, for one that was restored.
    """

    number: int
    version: int
    class_prefix: str
    class_name: str
    area_prefix: str
    area_name: str
    department_code: str
    department: str
    limit: str
    respond: str
    state: RuleState
    withdrawn: bool
    valid_from: date
    valid_to: date | None
    note: str
    actor: str
    created_at: datetime
    coming: date | None = None
    same_as: int | None = None


def rule_lines(
    *, session: Session, on: date, areas: tuple[str, ...] = (), classes: tuple[str, ...] = ()
) -> list[RuleLine]:
    """Each rule as it stands on a day, by class and area; withdrawn ones last.

    ``areas`` and ``classes`` keep the rules that can apply there: those for a part of it, and those that
    contain it. Nothing is kept out of sight otherwise.
    """
    query = select(DispatchRule).where(
        or_(column(DispatchRule.valid_to).is_(None), column(DispatchRule.valid_to) > on)
    )
    by_number: dict[int, list[DispatchRule]] = {}
    for rule in session.execute(query.order_by(column(DispatchRule.version))).scalars():
        by_number.setdefault(rule.number, []).append(rule)
    shown = {number: _standing(found, on) for number, found in by_number.items()}
    names = _Names(session, list(shown.values()))
    lines = []
    for number, rule in shown.items():
        newest = by_number[number][-1]
        coming = newest.valid_from if newest is not rule and newest.valid_from > on else None
        if _touches(rule.area_prefix, areas) and _touches(rule.class_prefix, classes):
            lines.append(names.line(rule, on, coming=coming))
    return sorted(lines, key=_order)


def rule_versions(*, session: Session, number: int, on: date) -> list[RuleLine]:
    """Every version of one rule, the newest first; empty when there is no such rule."""
    versions = versions_of(session, number)
    names = _Names(session, versions)
    first: dict[tuple[RuleDraft, bool], int] = {}
    for version in reversed(versions):
        first.setdefault((draft_of(version), version.withdrawn), version.version)
    lines = [names.line(version, on) for version in versions]
    same = [first[draft_of(version), version.withdrawn] for version in versions]
    return [
        replace(line, same_as=oldest) if oldest < line.version else line
        for line, oldest in zip(lines, same, strict=True)
    ]


def _standing(versions: list[DispatchRule], on: date) -> DispatchRule:
    """The version that holds on the day, else the one that begins first."""
    holding = [one for one in versions if one.valid_from <= on]
    return holding[-1] if holding else versions[0]


def _touches(prefix: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(one.startswith(prefix) or prefix.startswith(one) for one in wanted)


def _order(line: RuleLine) -> tuple[object, ...]:
    return line.state is RuleState.WITHDRAWN, line.class_prefix, line.area_prefix, line.number


class _Names:
    """The words for the codes of some rules, read once."""

    def __init__(self, session: Session, rules: list[DispatchRule]) -> None:
        self._classes = class_names(session)
        self._places = place_names(session, {rule.area_prefix for rule in rules if rule.area_prefix})
        self._departments = department_names(session)

    def line(self, rule: DispatchRule, on: date, *, coming: date | None = None) -> RuleLine:
        prefix, area = rule.class_prefix, rule.area_prefix
        return RuleLine(
            number=rule.number,
            version=rule.version,
            class_prefix=prefix,
            class_name=self._classes.get(prefix, prefix) if prefix else EVERY_CLASS,
            area_prefix=area,
            area_name=self._places.get(area, area) if area else EVERY_AREA,
            department_code=rule.department_code,
            department=self._departments.get(rule.department_code, rule.department_code),
            limit="按类别" if rule.limit_hours is None else limit_text(rule.limit_hours, rule.clock_type),
            respond="" if rule.respond_hours is None else limit_text(rule.respond_hours, rule.clock_type),
            state=_state(rule, on),
            withdrawn=rule.withdrawn,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
            note=rule.note,
            actor=rule.actor,
            created_at=rule.created_at,
            coming=coming,
        )


def _state(rule: DispatchRule, on: date) -> RuleState:
    if rule.valid_to is not None and rule.valid_to <= on:
        return RuleState.PAST
    if rule.withdrawn and rule.valid_from <= on:
        return RuleState.WITHDRAWN
    return RuleState.COMING if rule.valid_from > on else RuleState.IN_FORCE
