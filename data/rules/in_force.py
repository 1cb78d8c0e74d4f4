"""Which rules hold where: what the evaluation, the overview and a card all ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from data.rules.parameters import OverdueLadder, Rung, rung_of
from data.rules.store import RuleSpec, list_rules
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


def rung_at(
    rules: Iterable[RuleSpec], *, code: str, due_at: datetime, as_of: datetime
) -> tuple[RiskColor, Role | None] | None:
    """Colour and who answers for a case past its deadline, by the ladders that hold at its place.

    Of several ladders the worst rung; None where none holds or its first rung is not reached.
    """
    hours = (as_of - due_at).total_seconds() / _SECONDS_AN_HOUR
    reached: list[tuple[RuleSpec, Rung]] = [
        (rule, rung_of(rule.parameters, hours))
        for rule in holding_at(rules, RuleKind.OVERDUE_LADDER, code)
        if isinstance(rule.parameters, OverdueLadder) and hours > rule.parameters.rungs[0].hours
    ]
    if not reached:
        return None
    rule, rung = min(reached, key=lambda one: _WORST_FIRST.index(RiskColor(one[1].color)))
    owner = rung.owner or rule.owner
    return RiskColor(rung.color), Role(owner) if owner else None
