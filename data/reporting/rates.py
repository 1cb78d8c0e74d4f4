"""How often residents report: counted by grid and by address within an hour of the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, delete, insert, select, update
from sqlmodel import Session

from data.event_base import zone_of
from data.lifecycle.rules import read_rules
from data.models import ReportRate
from data.reporting.errors import TooManyReports
from data.secret import sign

_RATE: Final[Table] = ReportRate.__table__  # type: ignore[attr-defined]
_HOUR: Final = timedelta(hours=1)


def check_rate(session: Session, *, secret: bytes, grid: str, address: str, at: datetime) -> None:
    """Passes while a grid and an address have reported less than they may this hour. Writes nothing.

    Raises:
        TooManyReports
    """
    rules = read_rules(session)
    for key, most, who in (
        (f"grid:{grid}", rules.grid_reports_an_hour, "本网格"),
        (_address_key(session, secret, address, at), rules.address_reports_an_hour, "您所在的网络"),
    ):
        wanted = select(_RATE.c.reports).where(_RATE.c.key == key, _RATE.c.hour == _hour(at))
        if (session.connection().execute(wanted).scalar() or 0) >= most:
            left = _HOUR - (at - _hour(at))
            raise TooManyReports(
                f"{who}这一小时内已收到 {most:.0f} 件上报，为防误报暂停接收，"
                f"请 {max(1, round(left / timedelta(minutes=1)))} 分钟后再试。紧急情况请拨打 12345",
                retry_seconds=int(left.total_seconds()) + 1,
            )


def count_report(session: Session, *, secret: bytes, grid: str, address: str, at: datetime) -> None:
    """Counts one report, in the write session that holds it. What was counted a day ago is removed.

    Raises:
        TooManyReports
    """
    check_rate(session, secret=secret, grid=grid, address=address, at=at)
    connection, hour = session.connection(), _hour(at)
    connection.execute(delete(_RATE).where(_RATE.c.hour < hour - timedelta(days=1)))
    for key in (f"grid:{grid}", _address_key(session, secret, address, at)):
        this = (_RATE.c.key == key) & (_RATE.c.hour == hour)
        counted = connection.execute(update(_RATE).where(this).values(reports=_RATE.c.reports + 1))
        if not counted.rowcount:
            connection.execute(insert(_RATE).values(key=key, hour=hour, reports=1))


def _address_key(session: Session, secret: bytes, address: str, at: datetime) -> str:
    """The address as no one can read it; another one every day."""
    return f"from:{sign(secret, 'address', str(at.astimezone(zone_of(session)).date()), address)}"


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
