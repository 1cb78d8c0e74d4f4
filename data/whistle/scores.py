"""How departments answer whistles: arrived in time, finished, and what streets gave them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from data.codes import prefix_range
from data.conventions import read_conventions
from data.filter import Filter
from data.lifecycle import read_rules
from data.models import Whistle, WhistleDepartment
from data.models.base import column
from data.queries.days import day_start
from data.queries.names import department_names


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartmentScore:
    """One department: ``in_time`` of ``judged`` (has come, or its time is over), ``done`` of ``whistles``,
    the mean of ``scored`` scores. ``rank`` None: too few were judged (``Conventions``).
    """

    code: str
    name: str
    whistles: int
    judged: int
    in_time: int
    done: int
    scored: int
    mean: float | None
    rank: int | None = None


def department_scores(*, session: Session, where: Filter, as_of: datetime) -> list[DepartmentScore]:
    """Every department that was called under the Filter's areas, period and text, the ranked first.

    Ranked by the share that came in time, then by the mean score; equal ones share a rank. Withdrawn whistles
    are left out.
    """
    if where.start and where.end:
        start = day_start(session, where.start)
        end = day_start(session, where.end + timedelta(days=1))
    else:
        start, end = (
            as_of - timedelta(days=read_rules(session).whistle_scored_days),
            as_of + timedelta(days=1),
        )
    conditions = [
        column(Whistle.blown_at) >= start, column(Whistle.blown_at) < end,
        column(Whistle.withdrawn).is_(False),
    ]  # fmt: skip
    if where.areas:
        code = column(Whistle.code)
        ranges = (prefix_range(area) for area in where.areas)
        conditions.append(or_(*(and_(code >= low, code < high) for low, high in ranges)))
    if where.text:
        conditions.append(column(Whistle.subject).contains(where.text, autoescape=True))
    if where.departments:
        conditions.append(column(WhistleDepartment.department_code).in_(where.departments))
    query = select(WhistleDepartment, Whistle.respond_by).join(  # type: ignore[call-overload]
        Whistle, column(Whistle.id) == column(WhistleDepartment.whistle_id)
    )
    by_code: dict[str, list[tuple[WhistleDepartment, datetime]]] = defaultdict(list)
    for called, respond_by in session.execute(query.where(*conditions)):
        by_code[called.department_code].append((called, respond_by))
    names = department_names(session)
    scores = [_score(code, names.get(code, code), found, as_of) for code, found in by_code.items()]
    return _ranked(scores, fewest=round(read_conventions(session=session).minimum_sample))


def _score(
    code: str, name: str, found: list[tuple[WhistleDepartment, datetime]], as_of: datetime
) -> DepartmentScore:
    points = [called.score for called, _ in found if called.score is not None]
    return DepartmentScore(
        code=code, name=name, whistles=len(found),
        judged=sum(called.arrived_at is not None or respond_by < as_of for called, respond_by in found),
        in_time=sum(called.arrived_at is not None and called.arrived_at <= by for called, by in found),
        done=sum(called.done_at is not None for called, _ in found),
        scored=len(points), mean=sum(points) / len(points) if points else None,
    )  # fmt: skip


def _ranked(scores: list[DepartmentScore], *, fewest: int) -> list[DepartmentScore]:
    def key(one: DepartmentScore) -> tuple[float, float]:
        return (-one.in_time / one.judged, -(one.mean or 0.0))

    fit = sorted((one for one in scores if one.judged >= fewest), key=lambda one: (key(one), one.code))
    keys = [key(one) for one in fit]
    ranked = [replace(one, rank=1 + keys.index(key(one))) for one in fit]
    rest = sorted((one for one in scores if one.judged < fewest), key=lambda one: one.code)
    return ranked + rest
