"""The prepared rows of events: kept column by column, looked at row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, overload

import numpy as np

from data.event_columns import Column, Moments


class EventRows(Sequence[dict[str, Any]]):
    """Rows that are made when asked for, of ``columns`` (as in ``data.event_columns``) of equal length."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns["source"])

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[row] for row in range(len(self))[index]]
        return {name: values[index] for name, values in self._plain.items()}

    def column(self, name: str) -> Sequence[Any]:
        """A field of all rows; None where the file does not speak about it."""
        values = self.columns.get(name)
        if values is None:
            return [None] * len(self)
        return _aware_all(values) if isinstance(values, np.ndarray) else values

    def names(self) -> list[tuple[str, ...]]:
        """Source and number of each row."""
        return list(zip(self.columns["source"], self.columns["external_no"], strict=True))

    def taken(self, rows: Sequence[int] | np.ndarray[Any, Any]) -> EventRows:
        """Only some of the rows, in the order of ``rows``."""
        wanted = np.asarray(rows, dtype=np.int64)
        numbers = wanted.tolist()
        return EventRows(
            {
                name: values[wanted] if isinstance(values, np.ndarray) else _picked(values, numbers)
                for name, values in self.columns.items()
            }
        )

    def by_report(self) -> EventRows:
        """All rows in the order of their reports, in which the tables take them fastest."""
        order = np.argsort(self.columns["reported_at"], kind="stable")
        return self if (order[1:] > order[:-1]).all() else self.taken(order)

    @cached_property
    def _plain(self) -> dict[str, Sequence[Any]]:
        return {
            name: _aware_all(values) if isinstance(values, np.ndarray) else values
            for name, values in self.columns.items()
        }


def _picked(values: Sequence[Any], rows: list[int]) -> list[Any]:
    return list(itemgetter(*rows)(values)) if len(rows) > 1 else [values[row] for row in rows]


def _aware_all(moments: Moments) -> list[datetime | None]:
    naive: list[datetime | None] = moments.tolist()
    return [None if moment is None else moment.replace(tzinfo=UTC) for moment in naive]
