"""What a file has become before anything is compared or written: our rows, and all that was noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.imports.event_rows import EventRows
from data.imports.mapping import FieldTable
from data.imports.positions import Positions
from data.vocabulary import BatchKind

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Rows ready for their table, each with only the fields that the file speaks about.

    ``keys`` identifies each row in its table; ``lines`` where it stood. Row k of all sequences is one row.
    ``repeats`` counts rows left out because an equal one with the same key stands earlier.
    """

    kind: BatchKind
    fields: FieldTable
    rows: Sequence[Row]
    keys: Sequence[tuple[str, ...]]
    lines: Sequence[int]
    repeats: int = 0
    positions: Positions | None = None
    warnings: Sequence[str] = field(default_factory=tuple)

    @property
    def total(self) -> int:
        return self.fields.table.rows_total

    def column(self, name: str) -> Sequence[Any]:
        """A field of all rows; None where the file does not speak about it."""
        if isinstance(self.rows, EventRows):
            return self.rows.column(name)
        return [row.get(name) for row in self.rows]


def settle_duplicates(
    fields: FieldTable,
    rows: Sequence[Row],
    keys: Sequence[tuple[str, ...]],
    positions: Sequence[int],
    *,
    key_field: str,
) -> tuple[list[int], int]:
    """Which of the rows stay, and how many were dropped as equal repeats.

    Of equal rows with one key the first stays. Rows that share a key and differ are all refused, since
    nobody can tell which one is true; each names the lines of the others. ``positions`` are rows of
    ``fields``.
    """
    if len(set(keys)) == len(keys):
        return list(range(len(keys))), 0
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    kept: list[int] = []
    repeats = 0
    refused: dict[int, str] = {}
    for key, members in groups.items():
        if all(_equal(rows[index], rows[members[0]]) for index in members[1:]):
            kept.append(members[0])
            repeats += len(members) - 1
            continue
        lines = {index: int(fields.table.lines[positions[index]]) for index in members}
        for index in members:
            others = "、".join(str(line) for other, line in lines.items() if other != index)
            refused[positions[index]] = f"编号 {key[-1]} 与第 {others} 行相同，但内容不同"
    mask = fields.alive & False
    mask[list(refused)] = True
    fields.refuse(mask, key_field, lambda row: refused[row], "请保留正确的一行，删去其余的，再接入")
    return sorted(kept), repeats


def _equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in {*one, *other} if name != "line")
