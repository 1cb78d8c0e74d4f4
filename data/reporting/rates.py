"""How often residents report and look after their cases: counted by grid, address and receipt within an hour
of the clock. An address that names receipts nobody has may do so a few times only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, delete, insert, select, update
from sqlmodel import Session

from data.event_base import zone_of
from data.lifecycle.rules import read_rules
from data.models import ReportRate, ReportReceipt
from data.reporting.errors import TooMany, TooManyLooks, TooManyReports
from data.reporting.tokens import hash_of, typed_receipt
from data.secret import sign

_RATE: Final[Table] = ReportRate.__table__  # type: ignore[attr-defined]
_RECEIPT: Final[Table] = ReportReceipt.__table__  # type: ignore[attr-defined]
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Limit:
    """At most so many under a key; ``words`` say what there were ``{most}`` of, and what is paused."""

    key: str
    most: float
    words: str


def check_rate(session: Session, *, secret: bytes, grid: str, address: str, at: datetime) -> None:
    """Passes while a grid and an address have reported less than they may this hour. Writes nothing.

    Raises:
        TooManyReports
    """
    _check(session, _of_reports(session, secret, grid, address, at), at, TooManyReports)


def count_report(session: Session, *, secret: bytes, grid: str, address: str, at: datetime) -> None:
    """Counts one report, in the write session that holds it. What was counted a day ago is removed.

    Raises:
        TooManyReports
    """
    limits = _of_reports(session, secret, grid, address, at)
    _check(session, limits, at, TooManyReports)
    _count(session, limits, at)


def check_look(session: Session, *, secret: bytes, receipt: str, address: str, at: datetime) -> None:
    """Passes while an address and a receipt were asked for less than they may be this hour, and the address
    has not named too many receipts that nobody has. Writes nothing.

    Raises:
        TooManyLooks: whether or not there is such a receipt.
    """
    _check(session, _of_looks(session, secret, receipt, address, at), at, TooManyLooks)


def count_look(session: Session, *, secret: bytes, receipt: str, address: str, at: datetime) -> None:
    """Counts that somebody opened the case of a receipt, or judged it, in the caller's write session.

    Raises:
        TooManyLooks
    """
    limits = _of_looks(session, secret, receipt, address, at)
    _check(session, limits, at, TooManyLooks)
    of_address, misses, of_receipt = limits
    wanted = select(_RECEIPT.c.event_id).where(_RECEIPT.c.receipt_hash == hash_of(typed_receipt(receipt)))
    known = session.execute(wanted).first() is not None
    _count(session, [of_address, of_receipt if known else misses], at)


def _of_reports(session: Session, secret: bytes, grid: str, address: str, at: datetime) -> list[_Limit]:
    rules = read_rules(session)
    words = "这一小时内已收到 {most:.0f} 件上报，为防误报暂停接收"
    return [
        _Limit(f"grid:{grid}", rules.grid_reports_an_hour, f"本网格{words}"),
        _Limit(
            f"from:{_hidden(session, secret, address, at)}", rules.address_reports_an_hour,
            f"您所在的网络{words}",
        ),
    ]  # fmt: skip


def _of_looks(session: Session, secret: bytes, receipt: str, address: str, at: datetime) -> list[_Limit]:
    rules, hidden = read_rules(session), _hidden(session, secret, address, at)
    return [
        _Limit(
            f"look:{hidden}", rules.address_looks_an_hour,
            "您所在的网络这一小时内已查询 {most:.0f} 次，暂停查询",
        ),
        _Limit(
            f"miss:{hidden}", rules.address_misses_an_hour,
            "您所在的网络这一小时内已有 {most:.0f} 次查不到的回执号，为防猜测暂停查询",
        ),
        _Limit(
            f"case:{sign(secret, 'look', typed_receipt(receipt))}", rules.receipt_looks_an_hour,
            "这个回执号这一小时内已打开 {most:.0f} 次，暂停查询",
        ),
    ]  # fmt: skip


def _check(session: Session, limits: Iterable[_Limit], at: datetime, error: type[TooMany]) -> None:
    for limit in limits:
        wanted = select(_RATE.c.reports).where(_RATE.c.key == limit.key, _RATE.c.hour == _hour(at))
        if (session.connection().execute(wanted).scalar() or 0) >= limit.most:
            left = _HOUR - (at - _hour(at))
            raise error(
                f"{limit.words.format(most=limit.most)}，"
                f"请 {max(1, round(left / timedelta(minutes=1)))} 分钟后再试。紧急情况请拨打 12345",
                retry_seconds=int(left.total_seconds()) + 1,
            )


def _count(session: Session, limits: Iterable[_Limit], at: datetime) -> None:
    connection, hour = session.connection(), _hour(at)
    connection.execute(delete(_RATE).where(_RATE.c.hour < hour - timedelta(days=1)))
    for limit in limits:
        this = (_RATE.c.key == limit.key) & (_RATE.c.hour == hour)
        counted = connection.execute(update(_RATE).where(this).values(reports=_RATE.c.reports + 1))
        if not counted.rowcount:
            connection.execute(insert(_RATE).values(key=limit.key, hour=hour, reports=1))


def _hidden(session: Session, secret: bytes, address: str, at: datetime) -> str:
    """The address as no one can read it; another one every day."""
    return sign(secret, "address", str(at.astimezone(zone_of(session)).date()), address)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
