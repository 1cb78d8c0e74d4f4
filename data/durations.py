"""How a span of time is said in Chinese, the same in lists, cards, alerts and exports."""

from __future__ import annotations

from typing import Final

from data.labels import DASH
from data.time_left import TimeLeft
from data.vocabulary import ClockType

_MINUTES_A_DAY: Final = 24 * 60
_DAYS_WITH_HOURS: Final = 10
"""From so many days on nobody asks for the hours beside them."""


def duration_text(hours: float) -> str:
    """``3 小时 20 分``, ``2 天 4 小时``, ``45 分``; always positive, rounded down to minutes."""
    days, rest = divmod(_minutes(hours), _MINUTES_A_DAY)
    return _days_text(days, "天", rest // 60) if days else _hours_text(rest)


def time_left_text(left: TimeLeft | None, *, before: str = "剩", after: str = "超") -> str:
    """What is left on the case's own clock: ``剩 3 小时 20 分``, ``剩 20 分（工作时）``, ``剩 2 个工作日``.

    ``超 …`` once the deadline has passed; a dash without limit. ``before`` and ``after`` are the words to
    begin with.
    """
    if left is None:
        return DASH
    return f"{after if left.is_over else before} {_amount(left)}"


def _amount(left: TimeLeft) -> str:
    if left.clock_type == ClockType.WORKING_DAYS and left.days:
        return _days_text(left.days, "个工作日", _minutes(left.rest_hours) // 60)
    if left.clock_type not in (ClockType.WORKING_DAYS, ClockType.WORKING_HOURS):
        return duration_text(left.hours)
    return f"{_hours_text(_minutes(left.hours))}（工作时）"


def _minutes(hours: float) -> int:
    """Whole minutes; what is a second short by rounding is not taken for a minute less."""
    return round(abs(hours) * 3600) // 60


def _days_text(days: int, unit: str, hours: int) -> str:
    return f"{days} {unit} {hours} 小时" if hours and days < _DAYS_WITH_HOURS else f"{days} {unit}"


def _hours_text(minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} 分"
    return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
