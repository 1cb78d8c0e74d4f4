"""按期结案率: which events it is computed over, and which of them were in time.

Denominator: events whose deadline fell in the period, except suspended, merged and voided ones and those
still open before their deadline. Numerator: those of them that ended in time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.conventions import read_conventions
from data.filter import Filter
from data.models import Indicator
from data.queries.days import local_day, monday
from data.vocabulary import Basis, SlaColor, Status

JUDGED: Final = (SlaColor.DONE, SlaColor.DONE_LATE, SlaColor.OVERDUE)
"""Colours of events about which the deadline has spoken."""
ON_TIME: Final = "on_time"
"""The indicator that is this rate by the week."""
_INDICATOR: Final[Table] = Indicator.__table__  # type: ignore[attr-defined]


def minimum_sample(*, session: Session, as_of: datetime) -> int:
    """The rate over fewer events is shown but not ranked or coloured: what the indicator in force says, so
    that 效能 and the overview agree; where it is switched off, ``Conventions.minimum_sample``.
    """
    versions = select(_INDICATOR.c.valid_from, _INDICATOR.c.minimum_sample, _INDICATOR.c.enabled)
    newest = versions.where(_INDICATOR.c.key == ON_TIME).order_by(_INDICATOR.c.valid_from.desc())
    today = local_day(session, as_of)
    in_force = next((row for row in session.execute(newest) if row.valid_from <= today), None)
    if in_force is not None and in_force.enabled:
        return int(in_force.minimum_sample)
    return round(read_conventions(session=session).minimum_sample)


def rate_filter(session: Session, where: Filter, as_of: datetime) -> Filter:
    """The denominator of this week, Monday to today. Other fields than basis, period and colours stay.

    Days still to come are left out: of the events due then only those that ended early are decided, and
    counting them would make every Monday look good.
    """
    today = local_day(session, as_of)
    return judgeable(where).changed(basis=Basis.DUE, start=monday(today), end=today, colors=JUDGED)


def judgeable(where: Filter) -> Filter:
    """The filter without 作废, which a rate never counts, not even where the filter asks for it."""
    kept = tuple(status for status in where.statuses if status is not Status.VOIDED)
    if where.statuses and not kept:
        kept = (Status.MERGED,)  # no deadline is counted for those either: nothing is left
    return where.changed(statuses=kept)


def is_judged(color: str, in_time: bool | None) -> bool:
    """Whether an event counts in a denominator; ended events without limit do not."""
    return color == SlaColor.OVERDUE or (color in JUDGED and in_time is not None)
