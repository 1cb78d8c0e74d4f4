"""其他渠道也有: the cases of other sources that a case is linked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from data.models import EventLink
from data.queries.tables import EVENT
from data.vocabulary import Status

_LINK = EventLink.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class LinkedCase:
    """``is_merged``: people have said that it is the same, by merging one of the two into the other."""

    event_id: int
    source: str
    external_no: str
    title: str
    status: str
    reported_at: datetime
    is_merged: bool


def linked_cases(*, session: Session, event_id: int) -> tuple[LinkedCase, ...]:
    """The other cases, the earliest report first; voided ones are left out."""
    later = select(_LINK.c.event_id).where(_LINK.c.other_id == event_id)
    others = select(_LINK.c.other_id).where(_LINK.c.event_id == event_id).union(later)
    own = select(EVENT.c.merged_into).where(EVENT.c.id == event_id).scalar_subquery()
    query = (
        select(
            EVENT.c.id, EVENT.c.source, EVENT.c.external_no, EVENT.c.title, EVENT.c.status,
            EVENT.c.reported_at, EVENT.c.merged_into, own.label("own_merged_into"),
        )
        .where(EVENT.c.id.in_(others), EVENT.c.status != Status.VOIDED.value)
        .order_by(EVENT.c.reported_at, EVENT.c.id)
    )  # fmt: skip
    return tuple(
        LinkedCase(
            event_id=row.id,
            source=row.source,
            external_no=row.external_no,
            title=row.title,
            status=row.status,
            reported_at=row.reported_at,
            is_merged=event_id == row.merged_into or row.id == row.own_merged_into,
        )
        for row in session.connection().execute(query)
    )
