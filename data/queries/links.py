"""其他渠道也有: cases of other sources that a case is linked to. 合并: those that were made one with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, select
from sqlmodel import Session

from data.models import EventLink
from data.queries.tables import EVENT
from data.vocabulary import Status

_LINK = EventLink.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class LinkedCase:
    """Another case that is, or may be, the same; ``merged_into``: the case that goes on in its place."""

    event_id: int
    source: str
    external_no: str
    title: str
    status: str
    reported_at: datetime
    merged_into: int | None


def linked_cases(*, session: Session, event_id: int) -> tuple[LinkedCase, ...]:
    """What may be the same, the earliest report first; voided and merged ones are left out."""
    later = select(_LINK.c.event_id).where(_LINK.c.other_id == event_id)
    others = select(_LINK.c.other_id).where(_LINK.c.event_id == event_id).union(later)
    return _cases(
        session,
        EVENT.c.id.in_(others),
        EVENT.c.id.not_in(_merged(event_id)),
        EVENT.c.status != Status.VOIDED.value,
    )


def merged_cases(*, session: Session, event_id: int) -> tuple[LinkedCase, ...]:
    """Those that were merged into it, and the one into which it was merged; the earliest report first."""
    return _cases(session, EVENT.c.id.in_(_merged(event_id)))


def _merged(event_id: int) -> CompoundSelect[int]:
    goes_on = select(EVENT.c.merged_into).where(EVENT.c.id == event_id, EVENT.c.merged_into.is_not(None))
    return select(EVENT.c.id).where(EVENT.c.merged_into == event_id).union_all(goes_on)


def _cases(session: Session, *conditions: ColumnElement[bool]) -> tuple[LinkedCase, ...]:
    columns = (EVENT.c.id, EVENT.c.source, EVENT.c.external_no, EVENT.c.title, EVENT.c.status)
    query = (
        select(*columns, EVENT.c.reported_at, EVENT.c.merged_into)
        .where(*conditions)
        .order_by(EVENT.c.reported_at, EVENT.c.id)
    )
    return tuple(
        LinkedCase(
            event_id=row.id,
            source=row.source,
            external_no=row.external_no,
            title=row.title,
            status=row.status,
            reported_at=row.reported_at,
            merged_into=row.merged_into,
        )
        for row in session.connection().execute(query)
    )
