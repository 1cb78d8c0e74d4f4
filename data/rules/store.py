"""Rules as data: read, check, change, switch off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session, col, select

from data.codes import level_of
from data.models import ResponsePlan, Rule
from data.queries.names import place_names
from data.rules.errors import RuleError
from data.rules.parameters import Parameters, read_parameters
from data.vocabulary import RiskColor, Role, RuleKind

_COLORS: Final = frozenset(RiskColor)
_ROLES: Final = frozenset({"", *Role})
APART: Final = frozenset(RuleKind) - {RuleKind.SYSTEM_FAILURE}
"""Kinds of rules that an area may set otherwise for itself: the system is one for all."""


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A rule that stands in the place of a wider one in ``area``; not ``enabled``: there is none there."""

    rule_id: int
    area: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class RuleSpec:
    """A rule with its parameters read. ``problem``: why it cannot be evaluated.

    ``replaces``: the rule in whose place it stands; None too where that one was removed. ``replaced_by``:
    what stands in its own place in parts of its area.
    """

    id: int
    kind: RuleKind
    name: str
    parameters: Parameters | None
    parameters_text: str
    color: RiskColor
    owner: str
    area: str
    enabled: bool
    version: int
    origin: str
    notify: bool = True
    with_plan: bool = False
    problem: str = ""
    replaces: int | None = None
    replaced_by: tuple[Replacement, ...] = ()

    def replaced_at(self, code: str) -> Replacement | None:
        """What stands in its place there; None where nothing does."""
        return next((one for one in self.replaced_by if code.startswith(one.area)), None)

    def holds_at(self, code: str) -> bool:
        """Whether the rule judges the area or place of this code. A wider area it judges as a whole."""
        return code.startswith(self.area) and self.replaced_at(code) is None

    def meets(self, area: str) -> bool:
        """Whether the rule holds somewhere in this area."""
        return self.area.startswith(area) or self.holds_at(area)


def list_rules(*, session: PlainSession) -> list[RuleSpec]:
    """Every rule that was not removed, in the order of their numbers."""
    kept = select(Rule).where(col(Rule.removed).is_(False)).order_by(col(Rule.id))
    rows = session.execute(kept).scalars().all()
    return [_spec(row, rows) for row in rows]


def replacements(
    rows: Iterable[Rule], *, rule_id: int | None, area: str, root: int | None
) -> tuple[Replacement, ...]:
    """Which of these rules stand in the place of one with this number, area and ``root`` (what it replaces).

    Those of one root stand for one another too: in a part of a part the rule of the smallest area holds.
    """
    found = [
        Replacement(rule_id=row.id or 0, area=row.area, enabled=row.enabled)
        for row in rows
        if row.replaces is not None
        and row.id != rule_id
        and row.area.startswith(area)
        and (row.replaces == rule_id if root is None else row.replaces == root and row.area != area)
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.area), one.area)))


def _spec(row: Rule, rows: Sequence[Rule]) -> RuleSpec:
    parameters, problem = None, ""
    try:
        parameters = read_parameters(row.kind, row.parameters)
    except RuleError as error:
        problem = str(error)
    return RuleSpec(
        id=row.id or 0, kind=RuleKind(row.kind), name=row.name, parameters=parameters,
        parameters_text=row.parameters, color=RiskColor(row.color), owner=row.owner, area=row.area,
        enabled=row.enabled, version=row.version, origin=row.origin, notify=row.notify,
        with_plan=row.with_plan,
        problem=problem, replaces=row.replaces if row.replaces in {one.id for one in rows} else None,
        replaced_by=replacements(rows, rule_id=row.id, area=row.area, root=row.replaces),
    )  # fmt: skip


def save_rule(
    session: Session,
    *,
    kind: str,
    name: str,
    parameters: str,
    color: str,
    owner: str,
    area: str = "",
    enabled: bool = True,
    notify: bool = True,
    with_plan: bool = False,
    actor: str,
    at: datetime,
    rule_id: int | None = None,
    replaces: int | None = None,
) -> int:
    """Keeps a new rule, or changes one (its version grows); returns its number.

    A new rule may stand in the place of another one in its area (``replaces``); that stays so.

    Raises:
        RuleError: everything that is wrong, at once.
    """
    problems: list[str] = []
    try:
        read_parameters(kind, parameters)
    except RuleError as error:
        problems += error.problems
    if not name.strip() or len(name) > 64:
        problems.append("规则名称应为 1 到 64 个字")
    if color not in _COLORS:
        problems.append(f"没有“{color}”这种颜色，应为 {'、'.join(_COLORS)}")
    if owner not in _ROLES:
        problems.append(f"没有“{owner}”这个角色")
    try:
        level_of(area)
    except ValueError as error:
        problems.append(str(error))
    if kind == RuleKind.SYSTEM_FAILURE and area:
        problems.append("系统故障不分区域，只在一个区域不会提醒：请选择全区")
    row = Rule(kind=kind, name="", color=color) if rule_id is None else session.get(Rule, rule_id)
    if row is None or row.removed:
        problems.append(f"没有编号为 {rule_id} 的规则")
    elif row.kind != kind:
        problems.append("规则的种类不能更改，请另建一条")
    else:
        if replaces is not None and rule_id is None:
            row.replaces = root_of(session, replaces)
        problems += _misplaced(session, row, kind=kind, area=area)
    if problems or row is None:
        raise RuleError(tuple(problems))
    row.name, row.parameters, row.color, row.owner = name.strip(), parameters, color, owner
    row.area, row.enabled, row.changed_at, row.changed_by = area, enabled, at, actor
    row.notify, row.with_plan = notify, with_plan
    row.version = 1 if rule_id is None else row.version + 1
    session.add(row)
    session.flush()
    return row.id or 0


def root_of(session: Session, rule_id: int) -> int:
    """The rule in whose place one stands that stands in the place of this one: never itself a replacement."""
    row = session.get(Rule, rule_id)
    return rule_id if row is None or row.replaces is None else row.replaces


def _misplaced(session: Session, row: Rule, *, kind: str, area: str) -> list[str]:
    """Why the rule cannot stand in the place of another one there, or around those that stand in its own."""
    family = select(Rule).where(col(Rule.removed).is_(False), col(Rule.id) != (row.id or 0))
    if row.replaces is None:
        standing = family.where(col(Rule.replaces) == (row.id or 0))
        outside = [one for one in session.exec(standing) if not _lies_inside(one.area, area)]
        names = place_names(session, {one.area for one in outside})
        return [f"{names[one.area]}已另行设定这条规则：它的区域要比{names[one.area]}大" for one in outside]
    root = session.get(Rule, row.replaces)
    if root is None or (root.removed and row.id is None):
        return [f"没有编号为 {row.replaces} 的规则，可能已删除：请刷新后再试"]
    problems = []
    if kind not in APART:
        problems.append(f"“{root.name}”不分区域，不能为一个区域另行设定")
    if root.kind != kind:
        problems.append(f"只能用同一种类的规则替代“{root.name}”")
    if not root.removed and not _lies_inside(area, root.area):
        problems.append(f"替代“{root.name}”的规则只管其中一部分：请选择比它小的区域")
    if session.exec(family.where(col(Rule.replaces) == row.replaces, col(Rule.area) == area)).first():
        problems.append(f"这个区域已另行设定过“{root.name}”：请修改那一条")
    return problems


def _lies_inside(area: str, wider: str) -> bool:
    return area.startswith(wider) and area != wider


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a risk level asks for, of whom, within how many hours, and how often it is drilled."""

    color: RiskColor
    name: str
    meaning: str
    actions: str
    within_hours: float | None
    drill_days: int
    owner: str
    origin: str


def response_plans(*, session: Session) -> list[Plan]:
    """The plan of each risk level, red first."""
    found = [
        Plan(
            color=RiskColor(row.color), name=row.name, meaning=row.meaning, actions=row.actions,
            within_hours=row.within_hours, drill_days=row.drill_days, owner=row.owner, origin=row.origin,
        )
        for row in session.exec(select(ResponsePlan))
    ]  # fmt: skip
    return sorted(found, key=lambda plan: list(RiskColor).index(plan.color))


def save_plan(
    session: Session,
    *,
    color: str,
    meaning: str,
    actions: str,
    within_hours: float | None,
    drill_days: int | None = None,
    owner: str | None = None,
) -> None:
    """Changes the plan of a risk level; None keeps how often it is drilled and who answers for it.

    Raises:
        RuleError: no such level, or everything in it that cannot be.
    """
    row = session.get(ResponsePlan, color)
    if row is None:
        raise RuleError((f"没有“{color}”这一级风险",))
    problems = []
    if not actions.strip() or len(actions) > 512 or len(meaning) > 128:
        problems.append("响应措施应为 1 到 512 个字，适用情形不超过 128 个字")
    if within_hours is not None and not 0 < within_hours <= 8784:
        problems.append(f"时限 {within_hours} 小时不对，应大于 0、不超过一年")
    if drill_days is not None and not 1 <= drill_days <= 366:
        problems.append(f"演练间隔 {drill_days} 天不对，应为 1 到 366 天")
    if owner is not None and owner not in _ROLES - {""}:
        problems.append(f"没有“{owner}”这个角色" if owner else "处置预案要有人负责：请选择")
    if problems:
        raise RuleError(tuple(problems))
    row.meaning, row.actions, row.within_hours = meaning.strip(), actions.strip(), within_hours
    row.drill_days = row.drill_days if drill_days is None else drill_days
    row.owner = row.owner if owner is None else owner
    session.add(row)
    session.flush()
