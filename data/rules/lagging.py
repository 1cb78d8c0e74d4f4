"""连续几周不达标: what the rules of that kind ring about, and how far each value is from its baseline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.codes import level_of
from data.indicators.store import Measure, all_measures
from data.models import Alert, Rule
from data.queries.conditions import in_areas
from data.queries.names import place_names
from data.vocabulary import Level, RuleKind

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_RULE: Final[Table] = Rule.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class Lag:
    """One area whose indicator was worse than its baseline in each of ``weeks`` (Mondays, oldest first).

    ``values``, ``numerators`` and ``samples`` are of these weeks; ``baseline`` and ``gap`` of the last one.
    ``gap`` is in the unit of the indicator (percentage points for %), never negative.
    """

    alert_id: int
    code: str
    level: Level | None
    place_name: str
    measure: Measure
    weeks: tuple[date, ...]
    values: tuple[float, ...]
    numerators: tuple[float | None, ...]
    samples: tuple[float | None, ...]
    baseline: float | None
    gap: float


@dataclass(frozen=True, kw_only=True)
class Lags:
    """By indicator in their order, communities before streets, the widest gap first.

    ``merged`` alerts stand for many areas of a street and are not taken apart here.
    """

    rows: tuple[Lag, ...]
    merged: int

    @property
    def communities(self) -> int:
        """How many different communities are among the rows."""
        return len({row.code for row in self.rows if row.level is Level.COMMUNITY})


def lags(*, session: Session, areas: tuple[str, ...] = ()) -> Lags:
    """Of these areas (empty: all), whatever people have done with the alerts, while the cause lasts."""
    found = (
        session.connection()
        .execute(
            select(_ALERT.c.id, _ALERT.c.code, _ALERT.c.evidence)
            .join(_RULE, _RULE.c.id == _ALERT.c.rule_id)
            .where(
                _ALERT.c.active_key.is_not(None),
                _ALERT.c.is_drill.is_(False),
                _RULE.c.kind == RuleKind.TWO_WEEKS_WORSE.value,
                *in_areas(areas, _ALERT.c.code),
            )
        )
        .all()
    )
    known = {measure.key: measure for measure in all_measures(session=session)}
    order = {key: place for place, key in enumerate(known)}
    places = place_names(session, {row.code for row in found})
    evidence = [(row, json.loads(row.evidence)) for row in found]
    rows = [
        _lag(row, given, known[given["indicator"]], places[row.code])
        for row, given in evidence
        if given.get("indicator") in known and given.get("values")
    ]
    rows.sort(key=lambda lag: (order[lag.measure.key], lag.level is not Level.COMMUNITY, -lag.gap, lag.code))
    return Lags(rows=tuple(rows), merged=len(found) - len(rows))


def _lag(row: Any, given: Mapping[str, Any], measure: Measure, place: str) -> Lag:
    baseline = given.get("baseline")
    return Lag(
        alert_id=row.id,
        code=row.code,
        level=level_of(row.code),
        place_name=place,
        measure=measure,
        weeks=tuple(date.fromisoformat(week) for week in given["weeks"]),
        values=tuple(given["values"]),
        numerators=tuple(given["numerators"]),
        samples=tuple(given["samples"]),
        baseline=baseline,
        gap=gap(measure, given["values"][-1], baseline),
    )


def gap(measure: Measure, value: float, baseline: float | None) -> float:
    """How far a value that is worse lies from its baseline, or from the nearer edge of its band."""
    if measure.direction == "band":
        low, high = measure.band_low, measure.band_high
        return max(0.0, (low or 0.0) - value, value - (high if high is not None else value))
    return abs(value - baseline) if baseline is not None else 0.0
