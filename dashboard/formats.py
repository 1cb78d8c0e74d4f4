"""How numbers, times and durations are written for people. Pure functions; times come in aware UTC."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.labels import DASH


def number(value: float | None, *, digits: int = 0) -> str:
    """``12,345``; a dash for nothing."""
    return DASH if value is None else f"{value:,.{digits}f}"


def rate(part: int | None, whole: int | None) -> str:
    """``93.4%``; a dash where there is nothing to divide by."""
    return DASH if part is None or not whole else f"{100 * part / whole:.1f}%"


def moment_text(at: datetime | None, *, zone: ZoneInfo, now: datetime) -> str:
    """``11-21 08:30`` in local time, with the year only when it differs from that of ``now``."""
    if at is None:
        return DASH
    local = at.astimezone(zone)
    pattern = "%m-%d %H:%M" if local.year == now.astimezone(zone).year else "%Y-%m-%d %H:%M"
    return local.strftime(pattern)


def clock_text(at: datetime, *, zone: ZoneInfo) -> str:
    """``08:30:12`` in local time."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def day_text(day: date, *, today: date) -> str:
    """``11-21``, with the year only when it differs."""
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d")


def ago_text(at: datetime, *, now: datetime) -> str:
    """``刚刚``, ``45 分前``, ``3 小时前``, ``2 天前``."""
    minutes = int((now - at).total_seconds() / 60)
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes} 分前"
    hours = minutes // 60
    return f"{hours} 小时前" if hours < 24 else f"{hours // 24} 天前"
