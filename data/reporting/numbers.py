"""Numbers of reports: one row a source and local day counts them, under the write lock.

Two processes cannot be given the same: the write session holds the lock from its first moment, and the
events' unique (source, number) stands behind it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Table, insert, select, update
from sqlmodel import Session

from data.event_base import zone_of
from data.models import Event, ReportCounter

LETTERS: Final[dict[str, str]] = {"patrol": "XC", "resident": "JM", "superior": "SJ"}
OTHER_LETTERS: Final = "SB"
_COUNTER: Final[Table] = ReportCounter.__table__  # type: ignore[attr-defined]
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]


def next_number(session: Session, *, source: str, at: datetime) -> str:
    """The next number of a source on the local day, as ``XC20261122-0001``, in the caller's write session.

    A number that an import has already brought is passed over.
    """
    day = at.astimezone(zone_of(session)).date()
    this = (_COUNTER.c.source == source) & (_COUNTER.c.day == day)
    connection = session.connection()
    last: int | None = connection.execute(select(_COUNTER.c.last).where(this)).scalar()
    number = (last or 0) + 1
    while _taken(session, source, text := f"{LETTERS.get(source, OTHER_LETTERS)}{day:%Y%m%d}-{number:04d}"):
        number += 1
    if last is None:
        connection.execute(insert(_COUNTER).values(source=source, day=day, last=number))
    else:
        connection.execute(update(_COUNTER).where(this).values(last=number))
    return text


def _taken(session: Session, source: str, number: str) -> bool:
    wanted = select(_EVENT.c.id).where(_EVENT.c.source == source, _EVENT.c.external_no == number)
    return session.connection().execute(wanted).first() is not None
