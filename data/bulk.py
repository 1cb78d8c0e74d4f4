"""Inserts of many rows without the work that SQLAlchemy does for each: several times as fast on SQLite."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, Connection, Date, Select, String, Table, cast, func, insert, literal, select

from data.models.base import UtcDateTime

_PLAIN: Final = re.compile(r"[\w .:+-]*").fullmatch
"""Texts that SQL can hold between quotes as they are."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns, at least two."""
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        connection.execute(insert(table), list(rows))
        return
    names = list(rows[0])
    spellings = [
        (position, spell) for position, name in enumerate(names) if (spell := _spelling(table, name))
    ]
    take = itemgetter(*names)
    connection.exec_driver_sql(_statement(table, names), [_spelled(take(row), spellings) for row in rows])


def insert_columns(
    connection: Connection, table: Table, columns: Mapping[str, Sequence[Any] | NDArray[np.datetime64]]
) -> None:
    """Inserts rows given column by column, at least one row and two columns, all of one length.

    Moments (UTC) may be an array ``datetime64[us]``, days one of ``datetime64[D]``; NaT is None.
    """
    if connection.dialect.name != "sqlite":
        rows = zip(*(_objects(values) for values in columns.values()), strict=True)
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    stored = {name: _stored(values) for name, values in columns.items()}
    same = {name: literal for name, values in stored.items() if (literal := _same(values)) is not None}
    if len(same) > len(stored) - 2:  # a statement for many rows keeps some parameters
        same = {}
    rows = zip(*(values for name, values in stored.items() if name not in same), strict=True)
    connection.exec_driver_sql(_statement(table, list(stored), same), list(rows))


def refusable(connection: Connection) -> AbstractContextManager[object]:
    """Around an insert that the table may refuse: the transaction can be asked why. SQLite takes back the one
    statement by itself; PostgreSQL answers nothing more, unless it can go back to a savepoint.
    """
    return nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()


def listed(connection: Connection, values: Sequence[str]) -> Select[tuple[str]]:
    """A subquery of texts, for ``IN``: one parameter however many they are, and nothing to do for each."""
    spelled = json.dumps(values, ensure_ascii=False)
    if connection.dialect.name == "sqlite":
        return select(func.json_each(spelled).table_valued("value").c.value)
    # A text first: as JSON its type would quote it a second time.
    return select(func.json_array_elements_text(cast(literal(spelled, String()), JSON)).column_valued())


def _same(values: Sequence[Any]) -> str | None:
    """The one value of all rows as SQL writes it, which costs nothing for each row; None: no such value."""
    first = values[0]
    if values.count(first) < len(values):
        return None
    if first is None:
        return "NULL"
    if isinstance(first, int):
        return str(int(first))
    if isinstance(first, bytes):
        return f"X'{first.hex()}'"
    return f"'{first}'" if isinstance(first, str) and _PLAIN(first) else None


def _statement(table: Table, names: Sequence[str], literals: Mapping[str, str] = MappingProxyType({})) -> str:
    places = ",".join(literals.get(name, "?") for name in names)
    return f"INSERT INTO {table.name} ({','.join(names)}) VALUES ({places})"  # noqa: S608  our own columns


def _objects(values: Sequence[Any] | NDArray[np.datetime64]) -> Sequence[Any]:
    if not isinstance(values, np.ndarray):
        return values
    plain: list[Any] = values.astype(object).tolist()
    return [value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for value in plain]


def _stored(values: Sequence[Any] | NDArray[np.datetime64]) -> Sequence[Any]:
    """Values as SQLite stores them: what :func:`_spelling` gives for each, for all at once."""
    if not isinstance(values, np.ndarray):
        return values
    if len(values) > 1 and _is_same(values):
        return list(_stored(values[:1])) * len(values)
    texts = np.datetime_as_string(values)
    if len(texts) and np.datetime_data(values.dtype)[0] == "us":
        texts.view("U1").reshape(len(texts), -1)[:, len("2026-11-21")] = " "
    found: list[Any] = texts.tolist()
    for row in np.flatnonzero(np.isnat(values)):
        found[row] = None
    return found


def _is_same(values: NDArray[np.datetime64]) -> bool:
    return bool((values == values[0]).all() or np.isnat(values).all())


Spelling = Callable[[Any], str]


def _spelling(table: Table, name: str) -> Spelling | None:
    """How SQLite stores a column's values, where the driver does not know: as the column's own type does."""
    kind = table.c[name].type
    if isinstance(kind, UtcDateTime):
        return _spell_moment
    return date.isoformat if isinstance(kind, Date) else None


def _spell_moment(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _spelled(row: tuple[Any, ...], spellings: list[tuple[int, Spelling]]) -> tuple[Any, ...]:
    values = list(row)
    for position, spell in spellings:
        value = values[position]
        if value is not None:
            values[position] = spell(value)
    return tuple(values)
