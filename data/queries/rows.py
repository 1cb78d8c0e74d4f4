"""One event as people see it in a list: names instead of codes, the colour and the hours left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from data.queries.conditions import color_of
from data.queries.names import class_names, department_names, place_names
from data.queries.tables import EVENT, Expression
from data.vocabulary import SlaColor, Status


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """``hours_left`` is None without limit or after the end; negative when overdue. Times are aware UTC.

    ``place_name`` reads 公平街道·惠民社区·03网格; 未落格 where the event lies in no division.
    ``department_name`` is '' where none is named.
    """

    id: int
    source: str
    external_no: str
    class_code: str
    class_name: str
    title: str
    address: str
    description: str
    code: str
    place_name: str
    status: Status
    department_code: str
    department_name: str
    handler: str
    reported_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    color: SlaColor
    hours_left: float | None
    supervised: bool
    flags: tuple[str, ...]
    lon: float | None
    lat: float | None


_PLAIN: Final = (
    "id", "source", "external_no", "class_code", "title", "address", "description", "code", "department_code",
    "handler", "reported_at", "due_at", "ended_at", "supervised", "lon", "lat",
)  # fmt: skip


def row_columns(as_of: datetime) -> list[Expression]:
    """What to select so that :func:`event_rows` can read it."""
    plain = [EVENT.c[name] for name in (*_PLAIN, "status", "flags")]
    return [*plain, color_of(as_of).label("color")]


def event_rows(session: Session, found: Sequence[Any], as_of: datetime) -> list[EventRow]:
    """The selected rows with names, in the same order."""
    classes = class_names(session)
    departments = department_names(session)
    places = place_names(session, {row.code for row in found})
    return [
        EventRow(
            **{name: getattr(row, name) for name in _PLAIN},
            class_name=classes.get(row.class_code, row.class_code),
            place_name=places[row.code],
            status=Status(row.status),
            department_name=departments.get(row.department_code, row.department_code),
            color=SlaColor(row.color),
            hours_left=_hours_left(row, as_of),
            flags=tuple(flag for flag in row.flags.split(",") if flag),
        )
        for row in found
    ]


def _hours_left(row: Any, as_of: datetime) -> float | None:
    if row.due_at is None or row.ended_at is not None:
        return None
    return float((row.due_at - as_of).total_seconds() / 3600.0)
