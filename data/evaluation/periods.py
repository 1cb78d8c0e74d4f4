"""Periods of 考评: a month, a quarter or a year of local days, and until when they may be judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_KEY: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?", re.ASCII)
_MONTHS, _QUARTERS, _YEARS = 12, 4, 2
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """``key`` is 2026-11, 2026-Q4 or 2026; both days are included."""

    key: str
    start: date
    end: date

    @property
    def label(self) -> str:
        """2026 年 11 月, 2026 年第 4 季度, 2026 年."""
        year, _, part = self.key.partition("-")
        if part.startswith("Q"):
            return f"{year} 年第 {part[1:]} 季度"
        return f"{year} 年 {int(part)} 月" if part else f"{year} 年"

    def closes_on(self, open_days: float) -> date:
        """The last day on which it may be judged."""
        return self.end + timedelta(days=int(open_days))

    def problem(self, today: date, *, open_days: float) -> str:
        """Why it cannot be judged on a day; '' where it can."""
        if today < self.start:
            return f"{self.label}还没有开始，从 {self.start} 起可以评"
        closes = self.closes_on(open_days)
        return f"{self.label}的考评已于 {closes} 截止，不能再评或更改" if today > closes else ""


def parse_period(key: str) -> Period | None:
    """The period of a key; None where it spells none."""
    found = _KEY.fullmatch(key)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year = int(found[1])
    if found[2]:
        return _months(key, year, int(found[2]), 1)
    if found[3]:
        return _months(key, year, 3 * int(found[3]) - 2, 3)
    return _months(key, year, 1, 12)


def month_of(day: date) -> Period:
    """The month of a day."""
    return _months(f"{day:%Y-%m}", day.year, day.month, 1)


def recent_periods(today: date) -> list[Period]:
    """What a person chooses from, the newest first: months, then quarters, then years."""
    months = [month_of(today)]
    while len(months) < _MONTHS:
        months.append(month_of(months[-1].start - timedelta(days=1)))
    quarters = [
        _months(_quarter_key(one.start), one.start.year, (one.start.month - 1) // 3 * 3 + 1, 3)
        for one in months
    ]
    distinct = list({one.key: one for one in quarters}.values())[:_QUARTERS]
    years = [_months(str(today.year - back), today.year - back, 1, 12) for back in range(_YEARS)]
    return [*months, *distinct, *years]


def _quarter_key(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _months(key: str, year: int, first: int, count: int) -> Period:
    last = first + count - 1
    after = date(year + last // 12, last % 12 + 1, 1)
    return Period(key=key, start=date(year, first, 1), end=after - timedelta(days=1))
