"""The working calendar: which days and hours are worked, by area. Used by ``data.clock``."""

from __future__ import annotations

from data.calendar.errors import (
    BadDay,
    BadDayFile,
    BadHours,
    CalendarError,
    DayProblem,
    NothingToUndo,
    OutsideCalendar,
    StaleCalendar,
)
from data.calendar.hours import WARN_SHARE, WorkHours, parse_spans, spell_spans
from data.calendar.published import published_calendar
from data.calendar.read import Calendars, read_calendar, read_calendars
from data.calendar.work_calendar import Day, DayOrigin, WorkCalendar, notice_of_years

__all__ = [
    "WARN_SHARE",
    "BadDay",
    "BadDayFile",
    "BadHours",
    "CalendarError",
    "Calendars",
    "Day",
    "DayOrigin",
    "DayProblem",
    "NothingToUndo",
    "OutsideCalendar",
    "StaleCalendar",
    "WorkCalendar",
    "WorkHours",
    "notice_of_years",
    "parse_spans",
    "published_calendar",
    "read_calendar",
    "read_calendars",
    "spell_spans",
]
