"""Rules as data: read, check, change, switch off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session, col, select

from data.codes import level_of
from data.models import ResponsePlan, Rule
from data.rules.errors import RuleError
from data.rules.parameters import Parameters, read_parameters
from data.vocabulary import RiskColor, Role, RuleKind

_COLORS: Final = frozenset(RiskColor)
_ROLES: Final = frozenset({"", *Role})


@dataclass(frozen=True, kw_only=True)
class RuleSpec:
    """A rule with its parameters read. ``problem``: why it cannot be evaluated."""

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
    problem: str = ""

    def holds_at(self, code: str) -> bool:
        """Whether the rule judges the area or place of this code."""
        return code.startswith(self.area)

    def meets(self, area: str) -> bool:
        """Whether the rule holds somewhere in this area."""
        return self.area.startswith(area) or self.holds_at(area)


def list_rules(*, session: PlainSession) -> list[RuleSpec]:
    """Every rule that was not removed, in the order of their numbers."""
    kept = select(Rule).where(col(Rule.removed).is_(False)).order_by(col(Rule.id))
    return [_spec(row) for row in session.execute(kept).scalars()]


def _spec(row: Rule) -> RuleSpec:
    parameters, problem = None, ""
    try:
        parameters = read_parameters(row.kind, row.parameters)
    except RuleError as error:
        problem = str(error)
    return RuleSpec(
        id=row.id or 0, kind=RuleKind(row.kind), name=row.name, parameters=parameters,
        parameters_text=row.parameters, color=RiskColor(row.color), owner=row.owner, area=row.area,
        enabled=row.enabled, version=row.version, origin=row.origin, notify=row.notify,
        problem=problem,
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
    actor: str,
    at: datetime,
    rule_id: int | None = None,
) -> int:
    """Keeps a new rule, or changes one (its version grows); returns its number.

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
    row = Rule(kind=kind, name="", color=color) if rule_id is None else session.get(Rule, rule_id)
    if row is None or row.removed:
        problems.append(f"没有编号为 {rule_id} 的规则")
    elif row.kind != kind:
        problems.append("规则的种类不能更改，请另建一条")
    if problems or row is None:
        raise RuleError(tuple(problems))
    row.name, row.parameters, row.color, row.owner = name.strip(), parameters, color, owner
    row.area, row.enabled, row.changed_at, row.changed_by = area, enabled, at, actor
    row.notify = notify
    row.version = 1 if rule_id is None else row.version + 1
    session.add(row)
    session.flush()
    return row.id or 0


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
    if owner is not None and owner not in _ROLES:
        problems.append(f"没有“{owner}”这个角色")
    if problems:
        raise RuleError(tuple(problems))
    row.meaning, row.actions, row.within_hours = meaning.strip(), actions.strip(), within_hours
    row.drill_days = row.drill_days if drill_days is None else drill_days
    row.owner = row.owner if owner is None else owner
    session.add(row)
    session.flush()
