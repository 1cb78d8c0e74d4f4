"""Rules over single events: every open one of the named classes rings at once (发生即预警)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.filter import Filter
from data.labels import SOURCE, label
from data.queries.conditions import where_clauses
from data.queries.names import class_names, place_names
from data.queries.tables import EVENT
from data.rules.found import Cause
from data.rules.parameters import EventClass
from data.rules.store import RuleSpec

_COLUMNS: Final = (
    EVENT.c.id, EVENT.c.code, EVENT.c.class_code, EVENT.c.title, EVENT.c.external_no, EVENT.c.source
)  # fmt: skip


def of_classes(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """Open events of these classes and sources, 挂账 among them: they are not over yet."""
    wanted = rule.parameters
    assert isinstance(wanted, EventClass)  # noqa: S101  the kind decides the type
    where = Filter(
        areas=(rule.area,) if rule.area else (),
        classes=tuple(sorted(wanted.classes)),
        sources=tuple(sorted(wanted.sources)),
    )
    conditions = where_clauses(session, where, as_of)
    if wanted.urgency:
        conditions.append(EVENT.c.urgency == wanted.urgency)
    # Put in order here: an order by number would be a walk over all events.
    rows = sorted(session.execute(select(*_COLUMNS).where(*conditions)).all(), key=lambda row: row.id)
    places, classes = place_names(session, {row.code for row in rows}), class_names(session)
    causes = []
    for row in rows:
        name = classes.get(row.class_code, row.class_code)
        here = Filter(areas=(row.code,) if row.code else (), classes=(row.class_code,))
        causes.append(
            Cause(
                key=f"event:{row.id}",
                code=row.code,
                color=rule.color,
                owner=rule.owner,
                title=f"{places[row.code]} {name}：{row.title}"[:128],
                detail=f"{row.external_no} {name}，来源 {label(SOURCE, row.source)}，尚未办结",
                evidence={
                    "formula": "这些类别的事件，一发生即响，办结、作废或改为别的类别后解除",
                    "event_id": row.id,
                    "query": here.to_query(),
                },
                area_where=where,
            )
        )
    return causes
