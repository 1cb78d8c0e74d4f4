"""How a span of time is said in Chinese, the same in lists, cards and alerts."""

from __future__ import annotations

from typing import Final

_MINUTES_A_DAY: Final = 24 * 60


def duration_text(hours: float) -> str:
    """``3 小时 20 分``, ``2 天 4 小时``, ``45 分``; always positive, rounded down to minutes."""
    minutes = int(abs(hours) * 60)
    days, rest = divmod(minutes, _MINUTES_A_DAY)
    if days:
        return f"{days} 天 {rest // 60} 小时" if rest >= 60 and days < 10 else f"{days} 天"
    whole, minutes = divmod(rest, 60)
    if whole:
        return f"{whole} 小时 {minutes} 分" if minutes else f"{whole} 小时"
    return f"{minutes} 分"
