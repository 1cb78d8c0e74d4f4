"""The same kind of event at the same place, again and again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Integer, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.conditions import where_clauses
from data.queries.days import local_day
from data.queries.names import class_names, place_names
from data.queries.places import PLACE_SHIFT, place_range
from data.queries.polygons import compiled
from data.queries.tables import EVENT, Expression
from data.rules.in_force import holding_at, meeting, worst_first
from data.rules.parameters import RepeatRule
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import Basis, RuleKind, Status

_MICRO_DEG: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """``count`` events of one class within about 40 m in ``days`` days, ``open`` of them still open.

    ``where`` holds exactly them: reported in these days, of the class, inside a box around their positions.
    ``event_id`` is the newest, ``code`` the area of most of them, ``place`` names the place for good;
    ``rule`` is the rule that says so, of several the one of the worst colour.
    """

    rule: RuleSpec
    place: int
    class_code: str
    class_name: str
    place_name: str
    code: str
    lon: float
    lat: float
    count: int
    open: int
    last_reported_at: datetime
    event_id: int
    days: int
    where: Filter


@dataclass(frozen=True, kw_only=True)
class Nth:
    """第几次: an event is the ``number``-th of its class at its place within ``days`` days up to it.

    ``later`` more were reported there in as many days after it, up to now. ``where`` holds exactly the
    ``total`` events of both.
    """

    number: int
    later: int
    days: int
    where: Filter

    @property
    def total(self) -> int:
        return self.number + self.later


def repeats(*, session: Session, where: Filter, as_of: datetime, limit: int = 20) -> list[Repeat]:
    """Places with repeats by the rules in force, most first.

    Basis, period and colours of ``where`` are replaced; a drawn polygon chooses places by their middle.
    """
    rules = meeting(list_rules(session=session), RuleKind.REPEAT, where.areas)
    return all_repeats(session=session, where=where, as_of=as_of, rules=rules)[:limit]


def all_repeats(
    *, session: Session, where: Filter, as_of: datetime, rules: Iterable[RuleSpec]
) -> list[Repeat]:
    """Every such place by these rules, most first; each place and class once."""
    found: dict[tuple[int, str], tuple[RuleSpec, Any, Filter]] = {}
    by_days: dict[int, list[RuleSpec]] = defaultdict(list)
    for rule in sorted(rules, key=worst_first):
        by_days[_limits(rule).days].append(rule)
    for days, alike in by_days.items():
        today = local_day(session, as_of)
        start = today - timedelta(days=days - 1)
        inner = where.changed(basis=Basis.REPORTED, start=start, end=today, colors=(), polygon=())
        minimum = min(_limits(rule).minimum for rule in alike)
        for row in session.execute(_grouped(session, inner, as_of, minimum=minimum)):
            saying = next((one for one in alike if _is_enough(one, row)), None)
            if saying is None or not _is_in(where, row):
                continue
            before = found.get((row.place, row.class_code))
            if before is None or worst_first(saying) < worst_first(before[0]):
                found[row.place, row.class_code] = saying, row, inner
    return _named(session, sorted(found.values(), key=lambda one: _most_first(one[1]), reverse=True))


def _limits(rule: RuleSpec) -> RepeatRule:
    assert isinstance(rule.parameters, RepeatRule)  # noqa: S101  the callers chose such rules
    return rule.parameters


def _is_enough(rule: RuleSpec, row: Any) -> bool:
    return rule.holds_at(row.code) and row.events >= _limits(rule).minimum


def _most_first(row: Any) -> tuple[int, datetime, int]:
    return row.events, row.last_reported_at, row.event_id


def _named(session: Session, found: list[tuple[RuleSpec, Any, Filter]]) -> list[Repeat]:
    classes = class_names(session)
    places = place_names(session, {row.code for _, row, _ in found})
    return [
        Repeat(
            rule=rule,
            place=row.place,
            class_code=row.class_code,
            class_name=classes.get(row.class_code, row.class_code),
            place_name=places[row.code],
            code=row.code,
            lon=row.lon,
            lat=row.lat,
            count=row.events,
            open=row.still_open,
            last_reported_at=row.last_reported_at,
            event_id=row.event_id,
            days=_limits(rule).days,
            where=inner.changed(classes=(row.class_code,), polygon=_box(row)),
        )
        for rule, row, inner in found
    ]


def nth_time(*, session: Session, event_id: int, as_of: datetime) -> Nth | None:
    """Which time it is, by the rule of the smallest area in force at its place.

    None without such a rule, without a position, and for what was voided: that was no event.
    """
    names = ("id", "code", "class_code", "cell", "reported_at", "reported_day")
    own = session.execute(
        select(*(EVENT.c[name] for name in names)).where(
            EVENT.c.id == event_id, EVENT.c.cell.is_not(None), EVENT.c.status != Status.VOIDED.value
        )
    ).one_or_none()
    if own is None:
        return None
    rules = holding_at(list_rules(session=session), RuleKind.REPEAT, own.code)
    if not rules:
        return None
    days = _limits(rules[0]).days
    start, last = (own.reported_day + sign * timedelta(days=days - 1) for sign in (-1, 1))
    end = max(own.reported_day, min(local_day(session, as_of), last))
    low, high = place_range(own.cell)
    not_after = or_(
        EVENT.c.reported_at < own.reported_at,
        and_(EVENT.c.reported_at == own.reported_at, EVENT.c.id <= own.id),
    )
    row = session.execute(
        select(
            func.count().label("events"), func.sum(cast(not_after, Integer)).label("number"), *_extent()
        ).where(
            EVENT.c.cell >= low,
            EVENT.c.cell < high,
            EVENT.c.reported_day.between(start, end),
            EVENT.c.class_code == own.class_code,
            EVENT.c.status != Status.VOIDED.value,
        )
    ).one()
    rows = Filter(basis=Basis.REPORTED, start=start, end=end, classes=(own.class_code,), polygon=_box(row))
    return Nth(number=row.number, later=row.events - row.number, days=days, where=rows)


def _extent() -> list[Expression]:
    return [
        *(func.min(EVENT.c[name]).label(f"min_{name}") for name in ("lon", "lat")),
        *(func.max(EVENT.c[name]).label(f"max_{name}") for name in ("lon", "lat")),
    ]


def _grouped(session: Session, inner: Filter, as_of: datetime, *, minimum: int) -> Any:
    """A row for each place and class, in one statement. A place on a border belongs to the area that has most
    of its cases, of equal ones to the last by code; only there are they counted by area.
    """
    events = func.count()
    last = func.max(EVENT.c.reported_at, type_=EVENT.c.reported_at.type)
    shift = literal(PLACE_SHIFT, Integer)
    wanted = (*where_clauses(session, inner, as_of), EVENT.c.cell.is_not(None))
    found = (
        select(
            EVENT.c.cell.bitwise_rshift(shift).label("place"),
            EVENT.c.class_code,
            events.label("events"),
            func.sum(cast(EVENT.c.ended_at.is_(None), Integer)).label("still_open"),
            last.label("last_reported_at"),
            func.max(EVENT.c.id).label("event_id"),
            func.min(EVENT.c.code).label("first_code"),
            func.max(EVENT.c.code).label("last_code"),
            *(func.avg(EVENT.c[name]).label(name) for name in ("lon", "lat")),
            *_extent(),
        )
        .where(*wanted)
        .group_by("place", EVENT.c.class_code)
        .having(events >= minimum)
        .subquery("found")
    )
    of, near = found.c, EVENT.alias("near")
    there = select(near.c.id).where(
        near.c.cell >= of.place.bitwise_lshift(shift), near.c.cell < (of.place + 1).bitwise_lshift(shift)
    )
    main_code = (
        select(EVENT.c.code)
        .where(*wanted, EVENT.c.class_code == of.class_code, EVENT.c.id.in_(there.correlate(found)))
        .group_by(EVENT.c.code)
        .order_by(events.desc(), EVENT.c.code.desc())
        .limit(1)
        .correlate(found)
        .scalar_subquery()
    )
    return select(found, case((of.first_code == of.last_code, of.last_code), else_=main_code).label("code"))


def _is_in(where: Filter, row: Any) -> bool:
    return not where.polygon or bool(compiled(where.polygon).contains([row.lon], [row.lat])[0])


def _box(row: Any) -> tuple[tuple[float, float], ...]:
    """A box around the positions, in the millionths of a degree that a URL can spell."""
    west, south = (math.floor(value * _MICRO_DEG) - 1 for value in (row.min_lon, row.min_lat))
    east, north = (math.ceil(value * _MICRO_DEG) + 1 for value in (row.max_lon, row.max_lat))
    corners = ((west, south), (east, south), (east, north), (west, north))
    return tuple((x / _MICRO_DEG, y / _MICRO_DEG) for x, y in corners)
