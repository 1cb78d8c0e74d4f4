"""A delivery of readings: judged outside the lock, written in short transactions, answered row by row.

Deliveries may come again, in whole or in part: what is there already changes nothing. They leave no batch,
since a stream would leave thousands a day, and tell no page by themselves (``upkeep`` does, in its time).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.engine import Engine

from data.database import read_session, write_session
from data.imports.publish import refuse_demo
from data.imports.rejects import Reject
from data.readings.judge import judge, load_known
from data.readings.keep import keep
from data.readings.read import Cells, Rows, read_csv, read_json

AT_ONCE: Final = 2_000
"""Rows a transaction: others write between two of them, and a killed delivery goes on where it stopped."""
NAME: Final = "接口（CSV）"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a delivery, by line. Every row is in exactly one of the three."""

    total: int
    new: list[int]
    same: list[int]
    refused: list[Reject]


def take_request(engine: Engine, *, body: bytes, is_json: bool, source: str) -> dict[str, Any]:
    """Takes one request in and says what became of each row.

    Raises:
        IntakeProblem, ImportProblem: the request as a whole cannot be used; nothing is written.
        DatabaseProblem: the database is locked, read-only or unusable.
    """
    rows = read_json(body) if is_json else read_csv(body, name=NAME)
    return _answer(rows, take_rows(engine, rows, source=source))


def take_rows(engine: Engine, rows: Rows, *, source: str, now: datetime | None = None) -> Taken:
    """Takes rows in, ``AT_ONCE`` in a transaction; each row as a whole or not at all.

    Raises:
        DemoPresent: the demo is still in.
        DatabaseProblem: as its name says; what was written before it stays, and may be sent again.
    """
    taken = Taken(total=rows.total, new=[], same=[], refused=list(rows.refused))
    for part in _parts(rows.good):
        at = now or datetime.now(UTC)
        with read_session(engine) as session:
            refuse_demo(session)
            known = load_known(session, part, source=source, now=at)
        judged, refused = judge(part, known)
        taken.refused.extend(refused)
        if not judged:
            continue
        with write_session(engine, announce=False) as session:
            refuse_demo(session)
            kept = keep(session, judged, source=source, now=at)
        taken.new.extend(kept.new)
        taken.same.extend(kept.same)
        taken.refused.extend(kept.refused)
    taken.refused.sort(key=lambda one: one.line)
    return taken


def _parts(rows: Sequence[Cells]) -> Iterator[Sequence[Cells]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _answer(rows: Rows, taken: Taken) -> dict[str, Any]:
    numbers = {row.line: row.cells.get("external_no", "") for row in rows.good}
    results = dict.fromkeys(taken.new, "new") | dict.fromkeys(taken.same, "same")
    told: dict[int, dict[str, Any]] = {
        line: {"row": line, "result": result} for line, result in results.items()
    }
    for one in taken.refused:
        told[one.line] = {
            "row": one.line, "result": "refused", "field": one.field, "value": one.value,
            "reason": one.reason, "advice": one.advice,
        }  # fmt: skip
        numbers.setdefault(one.line, one.row.get("external_no", ""))
    return {
        "total": rows.total,
        "new": len(taken.new),
        "same": len(taken.same),
        "refused": len(taken.refused),
        "rows": [
            told[line] | ({"external_no": numbers[line]} if numbers.get(line) else {})
            for line in sorted(told)
        ],
    }
