"""The calendars of a database: published days, over them what people entered, by area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.calendar.hours import WorkHours, parse_spans
from data.calendar.published import DEFAULT, published_days, published_years
from data.calendar.work_calendar import Day, DayOrigin, WorkCalendar, build_calendar
from data.models import CalendarDay, CalendarHours, DataState
from data.models.base import column

HOLIDAYS_A_YEAR: Final = 13
"""Statutory days off (《全国年节及纪念日放假办法》, from 2025 on): a notice never gives fewer."""
_FIXED: Final = ((1, 1), (5, 1), (10, 1))
"""元旦, 劳动节 and 国庆节 are off by law in every year."""

DayRow = tuple[str, date, bool, str, bool, str, int]
HoursRow = tuple[str, date, str, float]


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendar of every area; ``days`` and ``hours`` are the entries in force, by area prefix."""

    timezone: ZoneInfo
    days: tuple[DayRow, ...]
    hours: tuple[HoursRow, ...]

    def of(self, code: str) -> WorkCalendar:
        """The calendar at a division; '' : everywhere. A longer area prefix goes before a shorter one."""
        return _built(
            self.timezone,
            tuple(row for row in self.days if code.startswith(row[0])),
            tuple(row for row in self.hours if code.startswith(row[0])),
        )

    def grouped(self, codes: Iterable[str]) -> Mapping[str, WorkCalendar]:
        """The calendar of each of many codes; areas without entries of their own share one."""
        prefixes = sorted({row[0] for row in self.days} | {row[0] for row in self.hours})
        found: dict[tuple[str, ...], WorkCalendar] = {}
        by_code = {}
        for code in set(codes):
            above = tuple(prefix for prefix in prefixes if code.startswith(prefix))
            if above not in found:
                found[above] = self.of(code)
            by_code[code] = found[above]
        return by_code


def read_calendars(session: Session) -> Calendars:
    """All entries in force, in three short statements."""
    connection = session.connection()
    zone = connection.execute(select(column(DataState.timezone)).where(column(DataState.id) == 1))
    days = (
        CalendarDay.area_prefix, CalendarDay.day, CalendarDay.is_working, CalendarDay.name,
        CalendarDay.is_official, CalendarDay.note, CalendarDay.id,
    )  # fmt: skip
    hours = (
        CalendarHours.area_prefix,
        CalendarHours.valid_from,
        CalendarHours.spans,
        CalendarHours.warn_share,
    )
    return Calendars(
        timezone=ZoneInfo(zone.scalar_one()),
        days=tuple(
            tuple(row)
            for row in connection.execute(
                select(*map(column, days))
                .where(column(CalendarDay.replaced_by).is_(None))
                .order_by(column(CalendarDay.area_prefix), column(CalendarDay.day))
            )
        ),
        hours=tuple(
            tuple(row)
            for row in connection.execute(
                select(*map(column, hours))
                .where(column(CalendarHours.replaced_by).is_(None))
                .order_by(column(CalendarHours.area_prefix), column(CalendarHours.valid_from))
            )
        ),
    )


def read_calendar(session: Session, *, area_code: str = "") -> WorkCalendar:
    """The working calendar at a division, as entered by now. Equal entries give the same calendar again."""
    return read_calendars(session).of(area_code)


@lru_cache(maxsize=32)
def _built(timezone: ZoneInfo, days: tuple[DayRow, ...], hours: tuple[HoursRow, ...]) -> WorkCalendar:
    found = dict(published_days())
    official = set(published_years())
    entered: dict[int, set[date]] = {}
    for area_prefix, day, is_working, name, is_official, note, entry_id in days:
        origin = DayOrigin.OFFICIAL if is_official else DayOrigin.LOCAL
        found[day] = Day(is_working, name, origin, note, area_prefix, entry_id)
        if is_official and not is_working:
            entered.setdefault(day.year, set()).add(day)
    official |= {year for year, off in entered.items() if is_complete(year, off)}
    return build_calendar(
        timezone=timezone, days=found, hours=_by_day(hours), published_years=frozenset(official)
    )


def is_complete(year: int, off: set[date]) -> bool:
    """Whether these days off can be a whole year's notice: no year has fewer, and three of them are fixed."""
    return len(off) >= HOLIDAYS_A_YEAR and {date(year, month, day) for month, day in _FIXED} <= off


def _by_day(rows: tuple[HoursRow, ...]) -> tuple[WorkHours, ...]:
    """The hours of one area from entries of it and of areas above: from each day on, the closest area's."""
    begins = sorted({DEFAULT.valid_from, *(row[1] for row in rows)})
    found = [DEFAULT]
    for begin in begins:
        running = [row for row in rows if row[1] <= begin]
        if not running:
            continue
        _, _, spans, share = max(running, key=lambda row: (len(row[0]), row[1]))
        hours = WorkHours(valid_from=begin, spans=parse_spans(spans), warn_share=share)
        if (hours.spans, hours.warn_share) != (found[-1].spans, found[-1].warn_share):
            found.append(hours)
    return tuple(found)
