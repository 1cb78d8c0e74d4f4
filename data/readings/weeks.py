"""The weekly sums of readings: kept with every delivery, and made anew from the readings by ``recount``.

Sums are whole millionths, so that the order in which readings come makes no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_
from sqlmodel import Session

from data.bulk import insert_rows
from data.counted import COMMUNITY_LENGTH, monday_of
from data.models import Reading, ReadingWeek
from data.queries.days import day_start, local_day, zone_of
from data.vocabulary import Weekly

KEPT_WEEKS: Final = 53
"""Readings are kept for so many weeks beside the running one (ours): also the same week a year ago."""
_READING: Final[Table] = Reading.__table__  # type: ignore[attr-defined]
_WEEK: Final[Table] = ReadingWeek.__table__  # type: ignore[attr-defined]
_MILLION: Final = 1_000_000
_AT_ONCE: Final = 200

Key = tuple[str, date, str]
"""Community (or what lies above it), Monday, name of the count."""


@dataclass(frozen=True, slots=True)
class WeekSums:
    """What the readings of a week come to; ``total`` in millionths."""

    readings: int
    total: int
    highest: float
    last_value: float
    last_at: datetime

    def with_later(self, other: WeekSums) -> WeekSums:
        """Together with readings that came in after these: of two at one moment the later one is the last."""
        last = other if other.last_at >= self.last_at else self
        return WeekSums(
            self.readings + other.readings, self.total + other.total, max(self.highest, other.highest),
            last.last_value, last.last_at,
        )  # fmt: skip

    def value(self, weekly: str) -> Fraction:
        """What the week makes, as the definition of its count says."""
        if weekly == Weekly.MEAN:
            return Fraction(self.total, self.readings * _MILLION)
        if weekly == Weekly.MAX:
            return Fraction(str(self.highest))
        if weekly == Weekly.LAST:
            return Fraction(str(self.last_value))
        return Fraction(self.total, _MILLION)


WrongWeek: TypeAlias = tuple[Key, WeekSums | None, WeekSums | None]
"""A week, what is kept of it, and what its readings come to."""


def sums_in(row: Any) -> WeekSums:
    """The sums that a row of the table holds."""
    return WeekSums(row.readings, int(row.total), row.highest, row.last_value, row.last_at)


def sum_up(readings: Iterable[Any], zone: ZoneInfo) -> dict[Key, WeekSums]:
    """Readings by week, given in the order in which they came in (``code, at, name, value``)."""
    found: dict[Key, WeekSums] = {}
    for one in readings:
        key = one.code[:COMMUNITY_LENGTH], monday_of(one.at.astimezone(zone).date()), one.name
        alone = WeekSums(1, round(one.value * _MILLION), one.value, one.value, one.at)
        found[key] = found[key].with_later(alone) if key in found else alone
    return found


def is_entered(code: str, entered: Collection[str]) -> bool:
    """Whether people entered the week of an area, of one around it or of one in it: then theirs counts."""
    return any(code.startswith(one) or one.startswith(code) for one in entered)


def add_to_weeks(session: Session, readings: Iterable[Any]) -> None:
    """Adds new readings to what is kept of their weeks, in the caller's write session."""
    new = sum_up(readings, zone_of(session))
    connection, keys = session.connection(), list(new)
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        its = tuple_(_WEEK.c.code, _WEEK.c.week, _WEEK.c.name).in_(part)
        kept = {
            (row.code, row.week, row.name): sums_in(row)
            for row in connection.execute(select(_WEEK).where(its))
        }
        if kept:
            connection.execute(delete(_WEEK).where(its))
        together = {key: kept[key].with_later(new[key]) if key in kept else new[key] for key in part}
        insert_rows(connection, _WEEK, [_row(key, sums) for key, sums in together.items()])


def earliest_kept(session: Session, now: datetime) -> datetime:
    """Readings before this moment are neither taken in nor kept: a local Monday, so that weeks are whole."""
    return day_start(session, monday_of(local_day(session, now)) - timedelta(weeks=KEPT_WEEKS))


def from_readings(session: Session) -> dict[Key, WeekSums]:
    """All weeks anew from the readings that are kept. Reads every one of them."""
    wanted = select(_READING.c.code, _READING.c.at, _READING.c.name, _READING.c.value).where(_kept(session))
    rows = session.connection().execute(
        wanted.order_by(_READING.c.id), execution_options={"yield_per": 10_000}
    )
    return sum_up(rows, zone_of(session))


def kept_weeks(session: Session) -> dict[Key, WeekSums]:
    """What is kept of the weeks whose readings are kept too."""
    wanted = select(_WEEK).where(_WEEK.c.week >= first_whole_week(session))
    return {(row.code, row.week, row.name): sums_in(row) for row in session.connection().execute(wanted)}


def first_whole_week(session: Session) -> date:
    """The Monday from which on readings are kept; the last of all days where there is none."""
    first = session.connection().execute(select(func.min(_READING.c.at)).where(_kept(session))).scalar_one()
    return date.max if first is None else monday_of(first.astimezone(zone_of(session)).date())


def _kept(session: Session) -> ColumnElement[bool]:
    """Earlier ones go in slices: of their weeks a part may be left."""
    return _READING.c.at >= earliest_kept(session, datetime.now(UTC))


def replace_weeks(session: Session, anew: Mapping[Key, WeekSums]) -> None:
    """Writes ``anew`` in place of what is kept of these weeks; earlier ones stay."""
    connection = session.connection()
    connection.execute(delete(_WEEK).where(_WEEK.c.week >= first_whole_week(session)))
    insert_rows(connection, _WEEK, [_row(key, sums) for key, sums in anew.items()])


def wrong_weeks(session: Session, anew: Mapping[Key, WeekSums]) -> Iterator[WrongWeek]:
    """Where what is kept differs from ``anew``, by key."""
    kept = kept_weeks(session)
    for key in sorted(kept.keys() | anew.keys()):
        if kept.get(key) != anew.get(key):
            yield key, kept.get(key), anew.get(key)


def _row(key: Key, sums: WeekSums) -> dict[str, Any]:
    code, week, name = key
    return {
        "code": code, "week": week, "name": name, "readings": sums.readings, "total": str(sums.total),
        "highest": sums.highest, "last_value": sums.last_value, "last_at": sums.last_at,
    }  # fmt: skip
