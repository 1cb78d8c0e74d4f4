"""Lines of lists and rows of process tables that people changed by hand after a batch brought them in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Table, and_, select
from sqlmodel import Session

from data.imports.compare_plain import TABLES, unspelled
from data.models import ImportBatch, ListItem, ListItemLog, ServiceItem
from data.models.base import column

_LOGGED: Final = frozenset(str(model.__tablename__) for model in (ListItem, ServiceItem))


def edited_since(session: Session, batch_id: int, changes: Iterable[Any]) -> set[tuple[str, str]]:
    """Of the rows that a batch changed, as (table, key), those with a later entry in their own log."""
    published = session.get_one(ImportBatch, batch_id).published_at
    found: set[tuple[str, str]] = set()
    for change in changes:
        if change.table_name not in _LOGGED or published is None:
            continue
        table: Table = TABLES[change.table_name]
        key = unspelled(change.row_key, table)
        is_row = and_(*(table.c[name] == value for name, value in key.items()))
        later = (
            select(column(ListItemLog.id))
            .join(table, table.c.id == column(ListItemLog.subject_id))
            .where(is_row, column(ListItemLog.subject) == change.table_name)
            .where(column(ListItemLog.at) >= published)
        )
        if session.execute(later.limit(1)).first() is not None:
            found.add((change.table_name, change.row_key))
    return found
