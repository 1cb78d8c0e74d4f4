"""Surges: far more events of a class in a community today than on this weekday usually."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.alert_limits import AlertLimits, read_alert_limits
from data.queries.conditions import where_clauses
from data.queries.days import day_start, days_before, local_day
from data.queries.tables import EVENT
from data.vocabulary import CODE_LENGTH, Basis, Level

STANDARD: Final = AlertLimits()


@dataclass(frozen=True, kw_only=True)
class Surge:
    """``today`` events so far, against ``usual``: the mean up to this time over the last same weekdays."""

    code: str
    class_code: str
    today: int
    usual: float
    lon: float | None
    lat: float | None
    where: Filter


def surges(*, session: Session, where: Filter, as_of: datetime) -> list[Surge]:
    """Communities and classes that surge today, most events above the usual first.

    With the numbers that ship, a surge is at least 4 events today; at least three times the usual number
    (+200 %, the field's example of a yellow risk); and more than three standard deviations above it, as
    counts scatter by themselves (``usual + 3 √usual``, with usual taken as at least ½). The numbers are
    those of ``AlertLimits``. Basis, period and colours are replaced.
    """
    limits = read_alert_limits(session=session)
    weeks = int(limits.surge_weeks)
    points = [days_before(session, as_of, 7 * back) for back in range(weeks + 1)]
    days = [local_day(session, point) for point in points]
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    middle: dict[tuple[str, str], tuple[float | None, float | None]] = {}
    for row in _counts(session, where, as_of, list(zip(days, points, strict=True))):
        key = row.area, row.class_code
        found[key][row.reported_day] = row.events
        if row.reported_day == days[0]:
            middle[key] = row.lon, row.lat
    surging = [
        _surge(where, key, middle[key], by_day[days[0]], usual, days[0])
        for key, by_day in found.items()
        if days[0] in by_day and is_surge(by_day[days[0]], usual := _usual(by_day, days[0], weeks), limits)
    ]
    return sorted(surging, key=lambda surge: (surge.usual - surge.today, surge.code, surge.class_code))


def is_surge(today: int, usual: float, limits: AlertLimits = STANDARD) -> bool:
    """The rule above."""
    scattered = max(usual, 0.5)
    return (
        today >= limits.surge_minimum
        and today >= limits.surge_times * usual
        and today > scattered + limits.surge_deviations * math.sqrt(scattered)
    )


def _usual(by_day: dict[date, int], today: date, weeks: int) -> float:
    return sum(events for day, events in by_day.items() if day != today) / weeks


def _counts(session: Session, where: Filter, as_of: datetime, days: list[tuple[date, datetime]]) -> list[Any]:
    today, first = days[0][0], days[-1][0]
    inner = where.changed(basis=Basis.REPORTED, start=first, end=today, colors=())
    length = CODE_LENGTH[Level.COMMUNITY]
    columns = select(
        func.substr(EVENT.c.code, 1, length).label("area"),
        EVENT.c.class_code,
        EVENT.c.reported_day,
        func.count().label("events"),
        func.avg(EVENT.c.lon).label("lon"),
        func.avg(EVENT.c.lat).label("lat"),
    ).where(
        *where_clauses(session, inner, as_of),
        or_(*(EVENT.c.reported_at.between(day_start(session, day), at) for day, at in days)),
        func.length(EVENT.c.code) >= length,
    )
    return list(session.execute(columns.group_by("area", EVENT.c.class_code, EVENT.c.reported_day)))


def _surge(
    where: Filter,
    key: tuple[str, str],
    middle: tuple[float | None, float | None],
    events: int,
    usual: float,
    today: date,
) -> Surge:
    code, class_code = key
    lon, lat = middle
    rows = where.changed(
        basis=Basis.REPORTED, start=today, end=today, colors=(), areas=(code,), classes=(class_code,)
    )
    return Surge(code=code, class_code=class_code, today=events, usual=usual, lon=lon, lat=lat, where=rows)
