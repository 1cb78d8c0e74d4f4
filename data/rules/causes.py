"""What rules find: causes. Each kind of rule has one function that gives all that hold at a moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from data.conventions import read_conventions
from data.labels import RISK_COLOR
from data.numbers import spelled
from data.queries.names import place_names
from data.rules.class_causes import of_classes
from data.rules.event_causes import overdue, repeated, surges
from data.rules.found import Cause
from data.rules.indicator_causes import threshold_now, two_weeks_worse
from data.rules.sensor_causes import sensor_limit, why_over
from data.rules.store import RuleSpec
from data.rules.system_causes import system_failures
from data.rules.whistle_causes import whistle_ladder
from data.vocabulary import CODE_LENGTH, Level, RiskColor, RuleKind

_CLEARLY_FEWER: Final = 0.8
_SHOWN: Final = 5
_STREET: Final = CODE_LENGTH[Level.STREET]

Finder = Callable[..., list[Cause]]
FINDERS: Final[dict[RuleKind, Finder]] = {
    RuleKind.TWO_WEEKS_WORSE: two_weeks_worse,
    RuleKind.THRESHOLD_NOW: threshold_now,
    RuleKind.SURGE: surges,
    RuleKind.REPEAT: repeated,
    RuleKind.OVERDUE_LADDER: overdue,
    RuleKind.SENSOR_LIMIT: sensor_limit,
    RuleKind.WHISTLE_LADDER: whistle_ladder,
    RuleKind.EVENT_CLASS: of_classes,
    RuleKind.SYSTEM_FAILURE: system_failures,
}


WHY_OVER: Final[dict[RuleKind, Callable[..., str]]] = {RuleKind.SENSOR_LIMIT: why_over}
"""Where a kind of rule knows more than one sentence for an alert that is over: the one that holds."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The causes of a rule, bounded by ``cap``. ``total``: how many there are; ``summarised``: areas stand
    for them.
    """

    causes: list[Cause] = field(default_factory=list)
    total: int = 0
    summarised: bool = False
    cap: int = 0


def find(session: Session, rule: RuleSpec, as_of: datetime, *, was_summarised: bool = False) -> Found:
    """Every cause of a rule at ``as_of``; more than ``Conventions.alert_cap`` are summed up by street.

    ``was_summarised``: they stay so until they are clearly fewer, or a number that swings around the cap
    would ring the same causes again and again.
    """
    cap = round(read_conventions(session=session).alert_cap)
    causes = FINDERS[rule.kind](session, rule, as_of)
    causes = [cause for cause in causes if rule.holds_at(cause.code)]
    if len(causes) <= cap * (_CLEARLY_FEWER if was_summarised else 1):
        return Found(causes=causes, total=len(causes), cap=cap)
    summed = _summaries(session, rule, causes, cap=cap)
    return Found(causes=summed, total=len(causes), summarised=True, cap=cap)


def _summaries(session: Session, rule: RuleSpec, causes: Sequence[Cause], *, cap: int) -> list[Cause]:
    """One cause a street (where a code is shorter, that code), as urgent as the worst of it."""
    groups: dict[str, list[Cause]] = defaultdict(list)
    for cause in causes:
        groups[cause.code[:_STREET]].append(cause)
    order, names = list(RiskColor), place_names(session, set(groups))
    found = []
    for code, alike in sorted(groups.items()):
        worst = min(alike, key=lambda cause: order.index(cause.color))
        colors = Counter(cause.color for cause in alike)
        counted = "、".join(f"{RISK_COLOR[color]} {colors[color]} 起" for color in order if colors[color])
        evidence: dict[str, Any] = {
            "summary": len(alike),
            "examples": [cause.title for cause in alike[:_SHOWN]],
        }
        if worst.area_where is not None and code:
            evidence["query"] = worst.area_where.changed(areas=(code,)).to_query()
        found.append(
            replace(
                worst,
                key=f"area:{code}",
                code=code,
                title=f"{names[code]} {rule.name} {len(alike)} 起",
                detail=f"起数太多（以 {spelled(cap)} 起为限），按街道合并提醒：{counted}",
                evidence=evidence,
            )
        )
    return found
