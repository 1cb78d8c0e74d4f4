"""Local days: in which zone a day begins, and the day and week of a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from data.settings import read_settings


@lru_cache(maxsize=1)
def zone() -> ZoneInfo:
    """The zone of this deployment (``ONEMAP_TIMEZONE``), read once."""
    return read_settings().timezone


def local_day(at: datetime) -> date:
    """The local day of an aware moment."""
    return at.astimezone(zone()).date()


def day_start(day: date) -> datetime:
    """The moment at which a local day begins, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone()).astimezone(UTC)


def monday(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def days_before(at: datetime, days: int) -> datetime:
    """The same local time of day, some days earlier, in UTC."""
    return (at.astimezone(zone()) - timedelta(days=days)).astimezone(UTC)
