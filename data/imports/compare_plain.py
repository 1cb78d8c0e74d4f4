"""Rows of plain tables (all but events) against what is there; every change is noted so that it can be
undone.

Divisions and event classes have versions: a change closes the version in force and opens another today,
unless the one in force began today.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Table, and_, bindparam, select, update
from sqlmodel import Session

from data.bulk import insert_rows
from data.imports.list_lines import line_changes
from data.imports.prepared import Prepared, Row
from data.models import (
    Department,
    Division,
    EventClass,
    ImportChange,
    ListItem,
    ServiceItem,
    Staff,
    Station,
)
from data.vocabulary import BatchKind

_CHUNK: Final = 900
_CHANGE: Final[Table] = ImportChange.__table__  # type: ignore[attr-defined]
TABLES: Final[dict[str, Table]] = {
    str(model.__tablename__): model.__table__  # type: ignore[union-attr]
    for model in (Department, Division, EventClass, ListItem, ServiceItem, Staff, Station)
}
_OF_KIND: Final[dict[BatchKind, type[Any]]] = {
    BatchKind.DIVISIONS: Division,
    BatchKind.STATIONS: Station,
    BatchKind.DEPARTMENTS: Department,
    BatchKind.EVENT_CLASSES: EventClass,
    BatchKind.STAFF: Staff,
    BatchKind.LIST_ITEMS: ListItem,
    BatchKind.SERVICE_ITEMS: ServiceItem,
}


@dataclass(kw_only=True)
class PlainChanges:
    """What a file would do to one table. ``changed`` pairs the stored row with the fields that differ."""

    table: Table
    new: list[Row] = field(default_factory=list)
    changed: list[tuple[Mapping[str, Any], dict[str, Any]]] = field(default_factory=list)
    same: int = 0

    @property
    def is_versioned(self) -> bool:
        return "valid_from" in self.table.c

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the file says and does not hold yet, in Chinese."""
        proposed = sum("proposal" in changes for _, changes in self.changed)
        if not proposed:
            return ()
        return (f"{proposed} 条现行条目的内容与文件不同：列为修改待审，公示之后才生效，此前照原样执行。",)

    def apply(self, session: Session, *, batch_id: int, today: date) -> None:
        """Write everything, in the caller's write session."""
        connection = session.connection()
        fresh = [self._full(row, batch_id, today) for row in self.new]
        notes = [self._note(batch_id, row, before=None) for row in fresh]
        updates: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for stored, changes in self.changed:
            values = changes
            if self.is_versioned and stored["valid_from"] < today:
                fresh.append({**stored, **changes, "valid_from": today, "batch_id": batch_id})
                notes.append(self._note(batch_id, fresh[-1], before=None))
                values = {"valid_to": today}
            notes.append(self._note(batch_id, stored, before=stored))
            key = {f"key_{name}": stored[name] for name in key_names(self.table)}
            updates[tuple(values)].append({**key, **{f"new_{name}": value for name, value in values.items()}})
        is_row = and_(*(self.table.c[name] == bindparam(f"key_{name}") for name in key_names(self.table)))
        for names, rows in updates.items():
            new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
            connection.execute(update(self.table).where(is_row).values(new), rows)
        insert_rows(connection, self.table, fresh)
        insert_rows(connection, _CHANGE, notes)

    def _full(self, row: Row, batch_id: int, today: date) -> Row:
        started = {"valid_from": today, "valid_to": None} if self.is_versioned else {}
        return {**_defaults(self.table), **started, **row, "batch_id": batch_id}

    def _note(
        self, batch_id: int, row: Mapping[str, Any], *, before: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        return {
            "batch_id": batch_id,
            "table_name": self.table.name,
            "row_key": spelled({name: row[name] for name in key_names(self.table)}),
            "before_json": "" if before is None else spelled(before),
        }


def key_names(table: Table) -> tuple[str, ...]:
    """The columns by which people know a row: its code (and version), or its source and number."""
    if "code" not in table.primary_key:
        return ("source", "external_no")
    return tuple(column.name for column in table.primary_key)


def compare_plain(session: Session, prepared: Prepared) -> PlainChanges:
    """Each prepared row against the stored row of its key (of the version in force)."""
    table: Table = _OF_KIND[prepared.kind].__table__
    found = PlainChanges(table=table)
    differing = line_changes if prepared.kind is BatchKind.LIST_ITEMS else _differing
    names = [name for name in key_names(table) if name != "valid_from"]
    stored = _stored(session, table, names, prepared.keys)
    for row, key in zip(prepared.rows, prepared.keys, strict=True):
        known = stored.get(tuple(key))
        if known is None:
            found.new.append(row)
            continue
        changes = differing(known, row)
        if changes:
            found.changed.append((known, changes))
        else:
            found.same += 1
    return found


def _differing(known: Mapping[str, Any], said: Row) -> dict[str, Any]:
    return {name: value for name, value in said.items() if known[name] != value}


def _stored(
    session: Session, table: Table, names: Sequence[str], keys: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], Mapping[str, Any]]:
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    last = table.c[names[-1]]
    for chunk in _chunks(sorted({key[-1] for key in keys})):
        query = select(table).where(last.in_(chunk))
        if "valid_to" in table.c:
            query = query.where(table.c.valid_to.is_(None))
        for row in session.connection().execute(query).mappings():
            found[tuple(row[name] for name in names)] = dict(row)
    return found


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _defaults(table: Table) -> Row:
    """Every column but the number of the row: empty text where null is not allowed, else None."""
    plain = {"items": "[]", "serves": "[]"}
    return {
        column.name: plain.get(column.name, "" if not column.nullable else None)
        for column in table.c
        if column.name != "id"
    }


def spelled(row: Mapping[str, Any]) -> str:
    """A row of a plain table as JSON; bytes as hex, days and moments as ISO."""
    return json.dumps(
        {name: _plain(value) for name, value in row.items()}, ensure_ascii=False, sort_keys=True
    )


def unspelled(text: str, table: Table) -> dict[str, Any]:
    """The inverse of :func:`spelled`."""
    row: dict[str, Any] = json.loads(text)
    for name, value in row.items():
        kind = table.c[name].type.python_type
        if value is not None and kind is bytes:
            row[name] = bytes.fromhex(value)
        elif value is not None and kind is date:
            row[name] = date.fromisoformat(value)
        elif value is not None and kind is datetime:
            row[name] = datetime.fromisoformat(value)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value
