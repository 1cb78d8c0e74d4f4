"""The limit of a case in words, and what its calendar does not know yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import read_calendar
from data.labels import CLOCK_TYPE, label
from data.queries.tables import EVENT
from data.vocabulary import ClockType

_DAYS: Final = frozenset({ClockType.WORKING_DAYS, ClockType.CALENDAR_DAYS})


@dataclass(frozen=True, kw_only=True)
class LimitLine:
    """``text``: 4 个工作时, 2 个工作日. ``notice``: the deadline's year is not published yet; else ''."""

    text: str
    notice: str


def limit_line(*, session: Session, event_id: int) -> LimitLine | None:
    """The limit in force of one case; None where none is noted. Extensions and pauses are not in it."""
    columns = (EVENT.c.limit_hours, EVENT.c.clock_type, EVENT.c.due_at, EVENT.c.ended_at, EVENT.c.code)
    row = session.execute(select(*columns).where(EVENT.c.id == event_id)).one_or_none()
    if row is None or row.limit_hours is None or row.clock_type not in set(ClockType):
        return None
    count = row.limit_hours / 24 if row.clock_type in _DAYS else row.limit_hours
    notice = ""
    if row.ended_at is None:
        notice = read_calendar(session, area_code=row.code).notice_of(row.due_at, row.clock_type)
    return LimitLine(text=f"{count:g} 个{label(CLOCK_TYPE, row.clock_type)}", notice=notice)
