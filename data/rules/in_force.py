"""Which rules hold where: what the evaluation, the overview and a card all ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from data.rules.parameters import OverdueLadder, Rung, climbs, rung_of
from data.rules.store import RuleSpec, list_rules
from data.time_left import TimeLeft
from data.vocabulary import RiskColor, Role, RuleKind

_SECONDS_AN_HOUR: Final = 3600
_WORST_FIRST: Final = list(RiskColor)


def rules_in_force(*, session: Session, kind: RuleKind, areas: tuple[str, ...] = ()) -> list[RuleSpec]:
    """The rules of a kind that hold somewhere in these areas (none: anywhere)."""
    return meeting(list_rules(session=session), kind, areas)


def meeting(rules: Iterable[RuleSpec], kind: RuleKind, areas: tuple[str, ...] = ()) -> list[RuleSpec]:
    """Of these rules those of a kind, enabled and readable, that hold somewhere in these areas."""
    return [
        rule
        for rule in rules
        if rule.kind is kind
        and rule.enabled
        and rule.parameters is not None
        and (not areas or any(rule.meets(area) for area in areas))
    ]


def holding_at(rules: Iterable[RuleSpec], kind: RuleKind, code: str) -> list[RuleSpec]:
    """Of these rules those of a kind that hold at a place, the one of the smallest area first."""
    found = [rule for rule in meeting(rules, kind) if rule.holds_at(code)]
    return sorted(found, key=lambda rule: (-len(rule.area), rule.id))


def worst_first(rule: RuleSpec) -> tuple[int, int]:
    """To sort by: of two rules that say the same of one place the one of the worse colour is shown."""
    return _WORST_FIRST.index(rule.color), rule.id


def hours_over(left: TimeLeft | None, *, due_at: datetime, as_of: datetime) -> float:
    """Hours past the deadline on the case's own clock; plain ones where none is noted."""
    return left.hours_over if left else (as_of - due_at).total_seconds() / _SECONDS_AN_HOUR


def rung_at(
    rules: Iterable[RuleSpec], *, code: str, due_at: datetime, as_of: datetime, left: TimeLeft | None
) -> tuple[RiskColor, Role | None] | None:
    """Colour and who answers for a case past its deadline, by the ladders that hold at its place. ``left`` is
    what its own clock says.

    Of several ladders the worst rung; None where none holds or its first rung is not reached.
    """
    hours = hours_over(left, due_at=due_at, as_of=as_of)
    reached: list[tuple[RuleSpec, Rung]] = [
        (rule, rung_of(rule.parameters, hours))
        for rule in holding_at(rules, RuleKind.OVERDUE_LADDER, code)
        if isinstance(rule.parameters, OverdueLadder) and climbs(rule.parameters, hours)
    ]
    if not reached:
        return None
    rule, rung = min(reached, key=lambda one: _WORST_FIRST.index(RiskColor(one[1].color)))
    owner = rung.owner or rule.owner
    return RiskColor(rung.color), Role(owner) if owner else None
