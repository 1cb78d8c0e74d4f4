"""The logs beside that of the events: whistles, contacts that were shown, alerts, lists, dispatch, calendar.

The first two are chained (``data.whistle.verify``, ``data.reporting.contacts``); the others carry no hashes.
What can be seen of those is whether something was taken out, or a row changed without its log: numbers
without a gap, each step where the one before it ended, the last where the row stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Table, select, text
from sqlmodel import Session

from data.event_verify import Fault, FaultKind
from data.models import Alert, AlertLog, DispatchRule, ListItem, ListItemLog, ServiceItem
from data.reporting import verify_reveals
from data.whistle import verify_whistles

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_ALERT_LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
_DISPATCH: Final[Table] = DispatchRule.__table__  # type: ignore[attr-defined]
_LIST_LOG: Final[Table] = ListItemLog.__table__  # type: ignore[attr-defined]
_LISTED: Final[dict[str, Table]] = {
    "list_item": ListItem.__table__,  # type: ignore[attr-defined]
    "service_item": ServiceItem.__table__,  # type: ignore[attr-defined]
}
_SUBJECT: Final = {"list_item": "清单条目", "service_item": "办理流程"}


def verify_other_logs(session: Session) -> list[Fault]:
    """Everything wrong with these logs; an empty list: all is well."""
    found = (verify_whistles, verify_reveals, _alerts, _lists, _dispatch, _references)
    return [Fault(0, 0, FaultKind.OTHER_LOG, said) for look in found for said in look(session)]


def _alerts(session: Session) -> Iterator[str]:
    connection = session.connection()
    standing = {row.id: row.state for row in connection.execute(select(_ALERT.c.id, _ALERT.c.state))}
    steps = select(_ALERT_LOG.c.alert_id, _ALERT_LOG.c.from_state, _ALERT_LOG.c.to_state)
    rows = connection.execute(steps.order_by(_ALERT_LOG.c.alert_id, _ALERT_LOG.c.id))
    for alert_id, entries in groupby(rows, key=lambda row: row.alert_id):
        at = ""
        for number, entry in enumerate(entries, start=1):
            if entry.from_state != at:
                yield f"预警 {alert_id} 的第 {number} 条记录不接在前一条之后：中间的记录被删改过"
            at = entry.to_state
        state = standing.pop(alert_id, at)
        if state != at:
            yield f"预警 {alert_id} 现在是 {state}，按记录应是 {at}"
    for alert_id in standing:
        yield f"预警 {alert_id} 一条记录也没有"


def _lists(session: Session) -> Iterator[str]:
    connection = session.connection()
    known = {name: set(connection.execute(select(table.c.id)).scalars()) for name, table in _LISTED.items()}
    rows = connection.execute(
        select(_LIST_LOG.c.subject, _LIST_LOG.c.subject_id, _LIST_LOG.c.seq).order_by(
            _LIST_LOG.c.subject, _LIST_LOG.c.subject_id, _LIST_LOG.c.seq
        )
    )
    for (subject, number), entries in groupby(rows, key=lambda row: (row.subject, row.subject_id)):
        named = f"{_SUBJECT.get(subject, subject)} {number}"
        yield from _gaps(f"{named} 的改动记录", entries, "seq")
        if number not in known.get(subject, ()):
            yield f"{named} 有改动记录，却没有这一条"


def _dispatch(session: Session) -> Iterator[str]:
    wanted = (_DISPATCH.c.number, _DISPATCH.c.version, _DISPATCH.c.valid_to)
    rows = session.connection().execute(select(*wanted).order_by(_DISPATCH.c.number, _DISPATCH.c.version))
    for number, entries in groupby(rows, key=lambda row: row.number):
        versions = list(entries)
        yield from _gaps(f"派遣规则 {number} 的版本", versions, "version")
        for row in versions[:-1]:
            if row.valid_to is None:
                yield f"派遣规则 {number} 的第 {row.version} 版没有终止日期，而后面还有新的一版"


def _gaps(named: str, entries: Any, attribute: str) -> Iterator[str]:
    expected = 1
    for entry in entries:
        found = getattr(entry, attribute)
        if found != expected:
            yield f"{named}在第 {found} 之前缺了 {found - expected} 条"
        expected = found + 1


def _references(session: Session) -> Iterator[str]:
    """Rows that name a row which is gone: an edit of the calendar, a batch. PostgreSQL allows none."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for table, row, other, _ in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"表 {table} 的第 {row} 行指向表 {other} 里已经不在的一行：那一行被删过"
