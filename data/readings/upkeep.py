"""What the worker does for the readings: pages hear of new ones, and old ones go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Table, delete, func, select
from sqlalchemy.engine import Engine

from data.database import read_session, write_session
from data.models import Reading
from data.readings.weeks import earliest_kept

AT_ONCE: Final = 5_000
"""Old readings deleted in a transaction."""
_READING: Final[Table] = Reading.__table__  # type: ignore[attr-defined]
NEWEST: Final = select(func.max(_READING.c.id))
"""The number of the newest reading that came in: a sign that there is something to look at."""


def tell_pages(engine: Engine, *, told: int) -> int:
    """Counts one revision where readings came in after the one numbered ``told``; gives the newest number.

    A stream tells the pages only as often as this is called, not with every delivery.
    """
    with read_session(engine) as session:
        newest = session.execute(NEWEST).scalar() or 0
    if newest != told:
        with write_session(engine):
            pass
    return newest


def forget_old(engine: Engine, *, now: datetime | None = None) -> int:
    """Deletes readings beyond what is kept, slice by slice; returns how many. Weekly sums stay."""
    with read_session(engine) as session:
        before, gone = earliest_kept(session, now or datetime.now(UTC)), 0
    old = select(_READING.c.id).where(_READING.c.at < before).order_by(_READING.c.at).limit(AT_ONCE)
    while True:
        with read_session(engine) as session:
            if session.execute(old.limit(1)).first() is None:
                return gone
        with write_session(engine, announce=False) as session:
            found = session.connection().execute(delete(_READING).where(_READING.c.id.in_(old)))
            gone += found.rowcount
