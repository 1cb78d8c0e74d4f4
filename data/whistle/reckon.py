"""After the working calendar changed, calls that are still open are to be answered by other moments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import Calendars
from data.codes import prefix_range
from data.models import Whistle, WhistleLog
from data.models.base import column
from data.vocabulary import WhistleKind
from data.whistle.acts import Steps, steps_of

RECKON = "reckon"
_MOST_REASON = 512


def whistles_to_move(session: Session, area: str, calendars: Calendars) -> list[tuple[Whistle, Steps]]:
    """Open whistles under a code prefix whose ladder is another on these calendars. 应急处置 runs always."""
    low, high = prefix_range(area)
    query = select(Whistle).where(
        column(Whistle.done_at).is_(None),
        column(Whistle.kind) != WhistleKind.EMERGENCY.value,
        column(Whistle.code) >= low,
        column(Whistle.code) < high,
    )
    whistles = list(session.execute(query.order_by(column(Whistle.id))).scalars())
    by_code = calendars.grouped({whistle.code for whistle in whistles})
    found = []
    for whistle in whistles:
        steps = steps_of(kind=whistle.kind, blown_at=whistle.blown_at, calendar=by_code[whistle.code])
        if steps != Steps(whistle.half_at, whistle.respond_by, whistle.second_by):
            found.append((whistle, steps))
    return found


def move_whistles(session: Session, area: str, calendars: Calendars, *, at: datetime, reason: str) -> int:
    """Moves them, in the caller's write session; how many."""
    found = whistles_to_move(session, area, calendars)
    for whistle, steps in found:
        whistle.half_at, whistle.respond_by, whistle.second_by = (
            steps.half_at, steps.respond_by, steps.second_by,
        )  # fmt: skip
        session.add(whistle)
        session.add(
            WhistleLog(
                whistle_id=whistle.id or 0, at=at, actor="系统", action=RECKON, reason=reason[:_MOST_REASON]
            )
        )
    session.flush()
    return len(found)
