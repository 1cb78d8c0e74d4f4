"""What an import did, in numbers that add up: total = new + changed + same + rejected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Rows of one file.

    ``unplaced`` (has a position, lies in no division), ``unlocated`` (no position) and ``marked`` are of the
    rows taken, so parts of new + changed + same. ``same`` includes equal repeats within the file.
    """

    total: int
    new: int
    changed: int
    same: int
    rejected: int
    unplaced: int = 0
    unlocated: int = 0
    marked: int = 0

    def __post_init__(self) -> None:
        if self.total != self.new + self.changed + self.same + self.rejected:
            raise AssertionError(f"rows do not add up: {self}")


@dataclass(frozen=True, kw_only=True)
class ImportResult(Counts):
    """The same, for a batch that was published."""

    batch_id: int
    warnings: tuple[str, ...] = ()
