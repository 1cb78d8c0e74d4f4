"""卡在哪个环节、哪个部门: the events of a Filter by stage of the loop and by department."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.filter import NOBODY, Filter
from data.labels import NO_DEPARTMENT
from data.queries.conditions import where_clauses
from data.queries.names import department_names
from data.queries.tables import EVENT
from data.vocabulary import STAGE_STATUSES, Stage, Status


@dataclass(frozen=True, kw_only=True)
class StuckRow:
    """One department, or those events that name none. ``where`` holds exactly its ``total`` events."""

    department_code: str
    name: str
    counts: Mapping[Stage, int]
    total: int
    where: Filter


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """``stages`` are those in which there is anything, in their order; ``rows`` have most first.

    Every event counts once: the rows add up to ``total``, and so do the stages, except for what was merged or
    voided and is asked for by name.
    """

    stages: tuple[Stage, ...]
    rows: tuple[StuckRow, ...]
    by_stage: Mapping[Stage, int]
    total: int


def stuck(*, session: Session, where: Filter, as_of: datetime) -> Stuck:
    """The table of a Filter, in one grouped statement."""
    columns = select(EVENT.c.department_code, EVENT.c.status, func.count())
    grouped = columns.where(*where_clauses(session, where, as_of))
    found: dict[str, Counter[Stage]] = {}
    totals, by_stage = Counter[str](), Counter[Stage]()
    for department, status, events in session.execute(
        grouped.group_by(EVENT.c.department_code, EVENT.c.status)
    ):
        totals[department] += events
        stage = stage_of(Status(status))
        if stage is not None:
            found.setdefault(department, Counter())[stage] += events
            by_stage[stage] += events
    names = department_names(session) | {"": NO_DEPARTMENT}
    rows = [
        StuckRow(
            department_code=code,
            name=names.get(code, code),
            counts=dict(found.get(code, {})),
            total=total,
            where=where.changed(departments=(code or NOBODY,)),
        )
        for code, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Stuck(
        stages=tuple(stage for stage in Stage if by_stage[stage]),
        rows=tuple(rows),
        by_stage=dict(by_stage),
        total=sum(totals.values()),
    )


def stage_of(status: Status) -> Stage | None:
    """The stage in which a status stands; None for 合并 and 作废, which are in none."""
    return next((stage for stage, statuses in STAGE_STATUSES.items() if status in statuses), None)
