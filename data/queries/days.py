"""Local days: in which zone a day begins, and the day and week of a moment.

The database says whose days its day columns are (``data_state.timezone``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.queries.tables import DATA_STATE

_ZONE: Final = "onemap_zone"
_DEFAULT: Final = "Asia/Shanghai"


def zone_of(session: Session) -> ZoneInfo:
    """The zone of this database, read once a session."""
    zone = session.info.get(_ZONE)
    if not isinstance(zone, ZoneInfo):
        zone = ZoneInfo(session.execute(select(DATA_STATE.c.timezone)).scalar_one_or_none() or _DEFAULT)
        session.info[_ZONE] = zone
    return zone


def local_day(session: Session, at: datetime) -> date:
    """The local day of an aware moment."""
    return at.astimezone(zone_of(session)).date()


def day_start(session: Session, day: date) -> datetime:
    """The moment at which a local day begins, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone_of(session)).astimezone(UTC)


def days_before(session: Session, at: datetime, days: int) -> datetime:
    """The same local time of day, some days earlier, in UTC."""
    return (at.astimezone(zone_of(session)) - timedelta(days=days)).astimezone(UTC)


def monday(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())
