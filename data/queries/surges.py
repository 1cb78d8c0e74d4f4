"""Surges: far more events of a class in an area today than at this hour on the same weekday usually.

The one definition: rules ring by it (``data.rules.event_causes``), and the overview lists by it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.codes import minimal
from data.filter import Filter
from data.queries.conditions import where_clauses
from data.queries.days import day_start, days_before, local_day
from data.queries.tables import EVENT
from data.rules.in_force import worst_first
from data.rules.parameters import SurgeRule
from data.rules.store import RuleSpec
from data.vocabulary import CODE_LENGTH, Basis, Level

_COMMUNITY: Final = CODE_LENGTH[Level.COMMUNITY]
"""The deepest level at which a rule counts."""
_EVEN_IF_NONE: Final = 0.5
"""Usual is taken as at least this when its scatter is judged."""
Counts = dict[tuple[str, str], Counter[date]]
"""Area and class → local day → events."""
Place = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Surge:
    """``today`` events so far, against ``usual``: the median at this hour of the last same weekdays.

    ``values`` are those weekdays, oldest first, and today. ``where`` holds exactly today's events. ``rule``
    is the rule that says so; of several the one of the worst colour.
    """

    code: str
    class_code: str
    today: int
    usual: float
    values: tuple[int, ...]
    rule: RuleSpec
    where: Filter


def surges(*, session: Session, where: Filter, as_of: datetime, rules: Iterable[RuleSpec]) -> list[Surge]:
    """What surges today under a filter by these rules, most events above the usual first.

    A rule judges areas of its own level, as far as it holds there and they lie in the filter's areas. An
    area and class appears once. Basis, period and colours of the filter are replaced.
    """
    wanted = sorted((rule for rule in rules if isinstance(rule.parameters, SurgeRule)), key=worst_first)
    found: dict[Place, Surge] = {}
    for sources, alike in _by_sources(where, wanted).items():
        weeks = max(_limits(rule).weeks for rule in alike)
        points = [days_before(session, as_of, 7 * back) for back in range(weeks + 1)]
        days = [local_day(session, point) for point in points]
        today = where.changed(basis=Basis.REPORTED, start=days[0], end=days[0], colors=(), sources=sources)
        until = list(zip(days, points, strict=True))
        counts = _counts(session, today, as_of, until[:1])
        likely = {key for rule in alike for key, _ in _enough(rule, counts, days[0], today)}
        if not likely:
            continue
        before = today.changed(
            areas=minimal(tuple(code for code, _ in likely)),
            classes=minimal(tuple(class_code for _, class_code in likely)),
        )
        for key, by_day in _counts(session, before, as_of, until[1:]).items():
            counts[key].update(by_day)
        for rule in alike:
            for surge in _of_rule(rule, counts, days, today):
                found.setdefault((surge.code, surge.class_code), surge)
    return sorted(found.values(), key=lambda one: (one.usual - one.today, one.code, one.class_code))


def is_surge(today: int, usual: float, wanted: SurgeRule) -> bool:
    """Enough events, so many times the usual, and beyond chance: counts scatter by themselves, so
    ``usual + deviations √usual`` is exceeded, with usual taken as at least ½.
    """
    scattered = max(usual, _EVEN_IF_NONE)
    return (
        today >= wanted.minimum
        and today >= wanted.times * usual
        and today > scattered + wanted.deviations * math.sqrt(scattered)
    )


def _by_sources(where: Filter, rules: Iterable[RuleSpec]) -> dict[tuple[str, ...], list[RuleSpec]]:
    """Rules by the sources that each counts under the filter; those that meet the filter nowhere left out."""
    found: dict[tuple[str, ...], list[RuleSpec]] = defaultdict(list)
    for rule in rules:
        own = set(_limits(rule).sources)
        both = own & set(where.sources) if own and where.sources else own | set(where.sources)
        nothing_left = bool(own and where.sources and not both)
        if not nothing_left and (not where.areas or any(rule.meets(area) for area in where.areas)):
            found[tuple(sorted(both))].append(rule)
    return found


def _limits(rule: RuleSpec) -> SurgeRule:
    assert isinstance(rule.parameters, SurgeRule)  # noqa: S101  the callers chose such rules
    return rule.parameters


def _counts(session: Session, today: Filter, as_of: datetime, days: list[tuple[date, datetime]]) -> Counts:
    """By community (a shorter code stays as it is), class and day, each day up to this time of day."""
    where = today.changed(start=days[-1][0], end=days[0][0])
    area = func.substr(EVENT.c.code, 1, _COMMUNITY).label("area")
    rows = session.execute(
        select(area, EVENT.c.class_code, EVENT.c.reported_day, func.count())
        .where(
            *where_clauses(session, where, as_of),
            EVENT.c.reported_day.in_([day for day, _ in days]),
            or_(*(EVENT.c.reported_at.between(day_start(session, day), at) for day, at in days)),
        )
        .group_by("area", EVENT.c.class_code, EVENT.c.reported_day)
    )
    found: Counts = defaultdict(Counter)
    for code, class_code, day, events in rows:
        found[code, class_code][day] = events
    return found


def _folded(counts: Counts, level: str) -> Counts:
    """The same by areas of a level; events that lie in none of them are left out."""
    length = CODE_LENGTH[Level(level)]
    found: Counts = defaultdict(Counter)
    for (code, class_code), by_day in counts.items():
        if len(code) >= length:
            found[code[:length], class_code].update(by_day)
    return found


def _enough(
    rule: RuleSpec, counts: Counts, day: date, today: Filter
) -> Iterable[tuple[Place, Counter[date]]]:
    """Areas of the rule's level, and classes, with enough events on the day for the rule to look further."""
    wanted = _limits(rule)
    for (code, class_code), by_day in _folded(counts, wanted.level).items():
        lies_in = not today.areas or any(code.startswith(area) for area in today.areas)
        if by_day[day] >= wanted.minimum and lies_in and rule.holds_at(code):
            yield (code, class_code), by_day


def _of_rule(rule: RuleSpec, counts: Counts, days: Sequence[date], today: Filter) -> Iterable[Surge]:
    wanted = _limits(rule)
    for (code, class_code), by_day in _enough(rule, counts, days[0], today):
        values = tuple(by_day[day] for day in reversed(days[: wanted.weeks + 1]))
        usual = median(values[:-1])
        if is_surge(values[-1], usual, wanted):
            yield Surge(
                code=code, class_code=class_code, today=values[-1], usual=usual, values=values, rule=rule,
                where=today.changed(areas=(code,), classes=(class_code,)),
            )  # fmt: skip
