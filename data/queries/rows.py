"""One event as people see it in a list: names instead of codes, the colour and the hours left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy.orm import Session

from data.calendar import Calendars, read_calendars
from data.calendar.published import published_years
from data.durations import time_left_text
from data.labels import NO_DEPARTMENT, SLA_COLOR
from data.queries.conditions import color_of
from data.queries.names import class_names, department_names, place_names
from data.queries.tables import EVENT, Expression
from data.time_left import TimeLeft, times_left
from data.vocabulary import SlaColor, Status


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """``left`` is what the case's own clock has left, None where none runs; ``is_judged``: handed back, and
    whether in time is decided: ``clock`` then counts on, else it is ``left``. ``unknown_year``: that of a
    deadline which still counts, where the area's holidays of that year are not known. Times are aware UTC.

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
    left: TimeLeft | None
    clock: TimeLeft | None
    unknown_year: int | None
    is_judged: bool
    supervised: bool
    flags: tuple[str, ...]
    lon: float | None
    lat: float | None

    @property
    def hours_left(self) -> float | None:
        """Hours on the case's own clock; negative when overdue."""
        return None if self.left is None else self.left.hours

    @property
    def in_charge(self) -> str:
        """Department and person who have the case."""
        return " · ".join(part for part in (self.department_name, self.handler) if part) or NO_DEPARTMENT


_PLAIN: Final = (
    "id", "source", "external_no", "class_code", "title", "address", "description", "code", "department_code",
    "handler", "reported_at", "due_at", "ended_at", "supervised", "lon", "lat",
)  # fmt: skip


_DAY: Final = timedelta(days=1)
"""The local year of a moment is that of the day before or after it, wherever the clocks stand."""
_OF_CLOCK: Final = ("status", "status_since", "in_time", "clock_type")


def row_columns(as_of: datetime) -> list[Expression]:
    """What to select so that :func:`event_rows` can read it."""
    plain = [EVENT.c[name] for name in (*_PLAIN, *_OF_CLOCK, "flags")]
    return [*plain, color_of(as_of).label("color")]


def event_rows(session: Session, found: Sequence[Any], as_of: datetime) -> list[EventRow]:
    """The selected rows with names, in the same order."""
    classes = class_names(session)
    departments = department_names(session)
    places = place_names(session, {row.code for row in found})
    calendars = cache(lambda: read_calendars(session))
    clocks = times_left(found, as_of=as_of, calendars=calendars, judged=True)
    unknown = _unknown_years(found, calendars)
    return [
        EventRow(
            **{name: getattr(row, name) for name in _PLAIN},
            class_name=classes.get(row.class_code, row.class_code),
            place_name=places[row.code],
            status=Status(row.status),
            department_name=departments.get(row.department_code, row.department_code),
            color=SlaColor(row.color),
            left=clock if row.in_time is None else None,
            clock=clock,
            unknown_year=year,
            is_judged=row.ended_at is None and row.in_time is not None,
            flags=tuple(flag for flag in row.flags.split(",") if flag),
        )
        for row, clock, year in zip(found, clocks, unknown, strict=True)
    ]


def _unknown_years(found: Sequence[Any], calendars: Callable[[], Calendars]) -> list[int | None]:
    """Of each case without an end; calendars are asked only for deadlines beyond what the package knows."""
    published = published_years()
    years: list[int | None] = [None] * len(found)
    for number, row in enumerate(found):
        if row.due_at is None or row.ended_at is not None:
            continue
        if not {(row.due_at - _DAY).year, (row.due_at + _DAY).year} <= published:
            years[number] = calendars().of(row.code).unknown_year(row.due_at, row.clock_type)
    return years


def left_text(row: EventRow, *, before: str = "剩", after: str = "超") -> str:
    """剩 3 小时 20 分, 超 2 个工作日, on the case's own clock; where none runs why: 无时限, 挂账, 已结."""
    if row.is_judged:
        return f"已反馈，{SLA_COLOR[row.color]}"
    if row.ended_at is not None or row.color is SlaColor.SUSPENDED or row.left is None:
        return SLA_COLOR[row.color]
    return time_left_text(row.left, before=before, after=after)
