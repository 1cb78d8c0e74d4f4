"""After the working calendar changed, calls that are still open are to be answered by other moments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import Calendars
from data.codes import prefix_range
from data.lifecycle import SYSTEM, LoopRules
from data.models import Whistle
from data.models.base import column
from data.numbers import numbers_at
from data.whistle.blow import Steps, steps_of
from data.whistle.log import Step, append, log_of, number_of
from data.whistle_vocabulary import WhistleAct, WhistleKind


def whistles_to_move(session: Session, area: str, calendars: Calendars) -> list[tuple[Whistle, Steps]]:
    """Open whistles under a code prefix whose ladder is another on these calendars. 应急处置 runs always.

    Its numbers are those that held when it was blown.
    """
    low, high = prefix_range(area)
    query = select(Whistle).where(
        column(Whistle.done_at).is_(None),
        column(Whistle.kind) != WhistleKind.EMERGENCY.value,
        column(Whistle.code) >= low,
        column(Whistle.code) < high,
    )
    whistles = list(session.execute(query.order_by(column(Whistle.id))).scalars())
    by_code = calendars.grouped({whistle.code for whistle in whistles})
    numbers = numbers_at(session, LoopRules, {whistle.blown_at for whistle in whistles})
    found = []
    for whistle in whistles:
        steps = steps_of(
            kind=whistle.kind, blown_at=whistle.blown_at, calendar=by_code[whistle.code],
            numbers=numbers[whistle.blown_at],
        )  # fmt: skip
        if steps != Steps(whistle.half_at, whistle.respond_by, whistle.second_by):
            found.append((whistle, steps))
    return found


def move_whistles(session: Session, area: str, calendars: Calendars, *, at: datetime, reason: str) -> int:
    """Moves them by their logs, in the caller's write session; how many."""
    found = whistles_to_move(session, area, calendars)
    for whistle, steps in found:
        newest = log_of(session, number_of(whistle))[-1].at
        moments = {
            "half_at": steps.half_at, "respond_by": steps.respond_by, "second_by": steps.second_by,
        }  # fmt: skip
        step = Step(
            act=WhistleAct.RECKON, at=max(at, newest), actor=SYSTEM.name, reason=reason, changes={"": moments}
        )
        append(session, whistle, step)
    return len(found)
