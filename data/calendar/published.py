"""Holidays and 调休 as the State Council publishes them, from the package ``chinesecalendar``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from chinese_calendar.constants import Holiday, holidays, workdays

from data.calendar.hours import DEFAULT_HOURS, WorkHours, parse_spans
from data.calendar.work_calendar import FIRST_DAY, Day, DayOrigin, WorkCalendar, build_calendar

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_SHORT: Final = {"中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "抗战胜利纪念日"}
DEFAULT: Final = WorkHours(valid_from=FIRST_DAY, spans=parse_spans(DEFAULT_HOURS))


@lru_cache(maxsize=1)
def published_days() -> Mapping[date, Day]:
    """Every day that a notice names: days off with the holiday's name, and weekend days that are worked."""
    names = {holiday.value: _SHORT.get(holiday.chinese, holiday.chinese) for holiday in Holiday}
    off = {
        day: Day(is_working=False, name=names[name], origin=DayOrigin.PUBLISHED)
        for day, name in holidays.items()
    }
    worked = {
        day: Day(is_working=True, name=f"{names[name]}调休", origin=DayOrigin.PUBLISHED)
        for day, name in workdays.items()
    }
    return MappingProxyType(dict(sorted((off | worked).items())))


@lru_cache(maxsize=1)
def published_years() -> frozenset[int]:
    """The years that the package knows, without a gap."""
    years = [day.year for day in published_days()]
    return frozenset(range(min(years), max(years) + 1))


@lru_cache(maxsize=8)
def published_calendar(timezone: ZoneInfo = _SHANGHAI) -> WorkCalendar:
    """The calendar of the published days and the default hours, without a database."""
    return build_calendar(
        timezone=timezone, days=published_days(), hours=(DEFAULT,), published_years=published_years()
    )
