"""挂账 ends by itself."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, Table, func, select
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle.act import make_move
from data.lifecycle.errors import MoveRefused
from data.lifecycle.person import SYSTEM
from data.models import Event, EventLog
from data.vocabulary import Move, Status

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_logger: Final = logging.getLogger(__name__)
_AT_ONCE: Final = 200
"""Cases in one write session: others wait for it."""


def resume_due(engine: Engine, *, as_of: datetime) -> int:
    """Resumes every case whose 挂账 was to end by ``as_of``; returns how many. Twice does no more than once.

    Each resumes at the moment at which it was to, however late this runs, unless something was written to its
    log since: then right after that. What a source suspended without saying until when stays with the source.
    A case whose deadline no clock can reckon stays suspended, and the server's log says so.
    """
    done, stuck = 0, set[int]()
    while True:
        with read_session(engine) as session:
            if not session.connection().execute(_due(as_of, stuck).limit(1)).all():
                return done
        with write_session(engine) as session:
            newest = select(func.max(_LOG.c.at)).where(_LOG.c.event_id == _EVENT.c.id).scalar_subquery()
            rows = session.connection().execute(_due(as_of, stuck).add_columns(newest.label("last_at")))
            for row in rows.all():
                try:
                    _resume(session, row)
                    done += 1
                except MoveRefused as refusal:
                    _logger.warning("事件 %s 未能自动恢复：%s", row.id, refusal)
                    stuck.add(row.id)


def _resume(session: Session, row: Row[Any]) -> None:
    make_move(
        session,
        event_id=row.id,
        seen_seq=row.seq,
        move=Move.RESUME,
        person=SYSTEM,
        at=max(row.suspended_until, row.last_at),
        fields={"reason": "挂账到期，自动恢复"},
    )


def _due(as_of: datetime, stuck: set[int]) -> Select[tuple[int, int, datetime]]:
    return (
        select(_EVENT.c.id, _EVENT.c.seq, _EVENT.c.suspended_until)
        .where(
            _EVENT.c.suspended_until.is_not(None),
            _EVENT.c.suspended_until <= as_of,
            _EVENT.c.status == Status.SUSPENDED.value,
            _EVENT.c.id.not_in(stuck),
        )
        .order_by(_EVENT.c.suspended_until, _EVENT.c.id)
        .limit(_AT_ONCE)
    )
