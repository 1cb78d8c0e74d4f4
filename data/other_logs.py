"""The logs beside that of the events: whistles, contacts that were shown, and what people changed.

Each is a chain of its own (``data.whistle.verify``, ``data.reporting.contacts``, ``data.chain``). Here stands
what a chain does not say of itself: whether the rows that a log speaks of are there and as it left them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby, pairwise
from typing import Final

from sqlalchemy import Table, select, text
from sqlmodel import Session

from data.calendar.edit import told_clear, told_undo
from data.chain import LOGS, verify_chains
from data.event_verify import Fault, FaultKind
from data.models import (
    Alert,
    AlertLog,
    CalendarChange,
    CalendarDay,
    CalendarHours,
    DispatchRule,
    ListItem,
    ListItemLog,
    ServiceItem,
)
from data.reporting import verify_reveals
from data.whistle import verify_whistles

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_ALERT_LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
_DAY: Final[Table] = CalendarDay.__table__  # type: ignore[attr-defined]
_HOURS: Final[Table] = CalendarHours.__table__  # type: ignore[attr-defined]
_EDIT: Final[Table] = CalendarChange.__table__  # type: ignore[attr-defined]
_DISPATCH: Final[Table] = DispatchRule.__table__  # type: ignore[attr-defined]
_LIST_LOG: Final[Table] = ListItemLog.__table__  # type: ignore[attr-defined]
_LISTED: Final[dict[str, Table]] = {
    "list_item": ListItem.__table__,  # type: ignore[attr-defined]
    "service_item": ServiceItem.__table__,  # type: ignore[attr-defined]
}
_SUBJECT: Final = {"list_item": "清单条目", "service_item": "办理流程"}


def verify_other_logs(session: Session) -> list[Fault]:
    """Everything wrong with these logs; an empty list: all is well."""
    chains = (verify_whistles, verify_reveals, verify_chains)
    rows = (_alerts, _lists, _dispatch, _calendar, _references)
    return [Fault(0, 0, FaultKind.OTHER_LOG, said) for look in (*chains, *rows) for said in look(session)]


def _alerts(session: Session) -> Iterator[str]:
    connection = session.connection()
    standing = {row.id: row.state for row in connection.execute(select(_ALERT.c.id, _ALERT.c.state))}
    steps = select(_ALERT_LOG.c.alert_id, _ALERT_LOG.c.to_state).order_by(_ALERT_LOG.c.id)
    last = {row.alert_id: row.to_state for row in connection.execute(steps)}
    for alert_id, state in standing.items():
        if alert_id not in last:
            yield f"预警 {alert_id} 一条记录也没有"
        elif state != last[alert_id]:
            yield f"预警 {alert_id} 现在是 {state}，按记录应是 {last[alert_id]}"


def _lists(session: Session) -> Iterator[str]:
    connection = session.connection()
    known = {name: set(connection.execute(select(table.c.id)).scalars()) for name, table in _LISTED.items()}
    wanted = select(_LIST_LOG.c.subject, _LIST_LOG.c.subject_id).distinct()
    for subject, number in connection.execute(wanted.order_by(_LIST_LOG.c.subject, _LIST_LOG.c.subject_id)):
        if number not in known.get(subject, ()):
            yield f"{_SUBJECT.get(subject, subject)} {number} 有改动记录，却没有这一条"


def _dispatch(session: Session) -> Iterator[str]:
    """The one column of a version that is set later follows from the version after it."""
    wanted = (_DISPATCH.c.number, _DISPATCH.c.version, _DISPATCH.c.valid_from, _DISPATCH.c.valid_to)
    rows = session.connection().execute(select(*wanted).order_by(_DISPATCH.c.number, _DISPATCH.c.version))
    for number, entries in groupby(rows, key=lambda row: row.number):
        versions = list(entries)
        for row, after in pairwise(versions):
            if row.valid_to != after.valid_from:
                until = f"应到 {after.valid_from} 为止，现为 {row.valid_to}"
                yield f"派遣规则 {number} 的第 {row.version} 版{until}"
        if versions[-1].valid_to is not None:
            yield f"派遣规则 {number} 的最新一版有终止日期，被改过"


def _calendar(session: Session) -> Iterator[str]:
    """Which entries are in force no chain covers: it follows from what the edits say that they did."""
    edits = session.connection().execute(select(_EDIT.c.id, _EDIT.c.area_prefix, _EDIT.c.what)).all()
    known = {told_undo(edit.id): edit.id for edit in edits}
    heads = [(edit.what.partition("：")[0] + "：", edit.id) for edit in edits]
    undo_of = {known[head]: number for head, number in heads if head in known}
    said: dict[tuple[str, str], set[int]] = defaultdict(set)
    for edit in edits:
        if edit.id not in undo_of:
            said[edit.area_prefix, edit.what].add(edit.id)
    for table, day in ((_DAY, _DAY.c.day), (_HOURS, _HOURS.c.valid_from)):
        columns = (table.c[name] for name in ("id", "area_prefix", "change_id", "replaced_by"))
        rows = session.connection().execute(select(*columns, day.label("day")).order_by(table.c.id)).all()
        touched: dict[tuple[str, date], set[int]] = defaultdict(set)
        for row in rows:
            touched[row.area_prefix, row.day] |= {row.change_id} - undo_of.keys()
            if table is _DAY:
                touched[row.area_prefix, row.day] |= said[row.area_prefix, told_clear(row.day)]
        for row in rows:
            ends = {one for one in touched[row.area_prefix, row.day] if one > row.change_id}
            ends |= {undo_of[row.change_id]} if row.change_id in undo_of else set()
            place = LOGS[table.name].row.format(id=row.id, day=row.day, valid_from=row.day)
            if row.replaced_by is None and ends:
                yield f"{place}仍在生效，按后来的改动应已失效"
            elif row.replaced_by is not None and row.replaced_by not in ends:
                yield f"{place}标为被改动 {row.replaced_by} 替换，那次改动却没有动过这一天"


def _references(session: Session) -> Iterator[str]:
    """Rows that name a row which is gone: an edit of the calendar, a batch. PostgreSQL allows none."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for table, row, other, _ in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"表 {table} 的第 {row} 行指向表 {other} 里已经不在的一行：那一行被删过"
