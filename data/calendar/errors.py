"""What can be wrong with the working calendar. Each text is for people: the value and the way out.

CalendarError
├── OutsideCalendar   a moment that no calendar reaches
├── BadHours          working hours that cannot be understood or overlap
├── BadDay            an entry about a day that cannot be
├── BadDayFile        a file of days with lines that cannot be taken; nothing of it was kept
├── StaleCalendar     somebody changed the same day or hours after they were shown
└── NothingToUndo     the change does not exist, was taken back already, or later changes build on it
"""

from __future__ import annotations

from dataclasses import dataclass


class CalendarError(ValueError):
    """Root of the errors of the working calendar."""


class OutsideCalendar(CalendarError):
    """A moment before the first or after the last day that calendars hold."""


class BadHours(CalendarError):
    """Working hours that cannot be understood, overlap, or are empty."""


class BadDay(CalendarError):
    """A day, a name or an area that cannot be entered."""


class StaleCalendar(CalendarError):
    """The day or the hours were changed after they were shown."""


class NothingToUndo(CalendarError):
    """A change that cannot be taken back."""


@dataclass(frozen=True, slots=True)
class DayProblem:
    """One line that cannot be taken: its number in the file, the bad value, why, and what to do."""

    line: int
    value: str
    reason: str
    advice: str

    def __str__(self) -> str:
        return f"第 {self.line} 行“{self.value}”：{self.reason}。{self.advice}"


class BadDayFile(CalendarError):
    """A file of days that cannot be taken as a whole; ``problems`` names every bad line."""

    def __init__(self, message: str, problems: tuple[DayProblem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
