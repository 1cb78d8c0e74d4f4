"""The tables as SQLAlchemy Core sees them: what the queries of this package select from."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Table
from sqlmodel import SQLModel

import data.models  # noqa: F401  registers the tables

Condition: TypeAlias = ColumnElement[bool]
Expression: TypeAlias = ColumnElement[Any]


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


EVENT: Final = _table("event")
EVENT_LOG: Final = _table("event_log")
EVENT_CLASS: Final = _table("event_class")
EVENT_ATTACHMENT: Final = _table("event_attachment")
DIVISION: Final = _table("division")
STATION: Final = _table("station")
DEPARTMENT: Final = _table("department")
STAFF: Final = _table("staff")
BATCH: Final = _table("import_batch")
REJECT: Final = _table("import_reject")
SOURCE_STATE: Final = _table("source_state")
DATA_STATE: Final = _table("data_state")
DISPATCH_RULE: Final = _table("dispatch_rule")
LIST_ITEM: Final = _table("list_item")
SERVICE_ITEM: Final = _table("service_item")
