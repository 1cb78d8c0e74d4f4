"""Whistles as they stand at a moment, each with its rung; and what each department scored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from data.codes import prefix_range
from data.models import Whistle, WhistleDepartment
from data.models.base import column
from data.queries.names import department_names
from data.vocabulary import LadderColor
from data.whistle.ladder import Called, Rung, WhistleFacts, ladder

_SEVERITY = (LadderColor.RED, LadderColor.YELLOW, LadderColor.BLUE)


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleLine:
    """One whistle with its departments and its rung."""

    whistle: Whistle
    departments: tuple[WhistleDepartment, ...]
    rung: Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartmentScore:
    """What streets gave one department: the mean of ``count`` scores."""

    department_code: str
    mean: float
    count: int


def open_whistles(*, session: Session, as_of: datetime, area: str = "") -> list[WhistleLine]:
    """Whistles not yet done under a code prefix, the highest rung first, then the nearest time to respond."""
    low, high = prefix_range(area)
    query = select(Whistle).where(
        column(Whistle.done_at).is_(None), column(Whistle.code) >= low, column(Whistle.code) < high
    )
    whistles = list(session.execute(query.order_by(column(Whistle.respond_by))).scalars())
    lines = _lines(session, whistles, as_of)
    return sorted(lines, key=lambda line: (_SEVERITY.index(line.rung.color), line.whistle.respond_by))


def whistle_line(*, session: Session, whistle_id: int, as_of: datetime) -> WhistleLine | None:
    """One whistle; None when there is none of this number."""
    whistle = session.get(Whistle, whistle_id)
    return None if whistle is None else _lines(session, [whistle], as_of)[0]


def department_scores(*, session: Session) -> list[DepartmentScore]:
    """Scores by department, by its code; departments without a score are left out."""
    score = column(WhistleDepartment.score)
    code = column(WhistleDepartment.department_code)
    query = select(code, func.avg(score), func.count(score)).where(score.is_not(None))
    rows = session.execute(query.group_by(code).order_by(code))
    return [DepartmentScore(department_code=key, mean=float(mean), count=count) for key, mean, count in rows]


def facts_of(whistle: Whistle, departments: list[WhistleDepartment], names: dict[str, str]) -> WhistleFacts:
    """A stored whistle as the ladder reads it."""
    return WhistleFacts(
        half_at=whistle.half_at,
        respond_by=whistle.respond_by,
        second_by=whistle.second_by,
        done_at=whistle.done_at,
        called=[
            Called(
                name=names.get(one.department_code, one.department_code),
                arrived_at=one.arrived_at,
                returned_count=one.returned_count,
            )
            for one in departments
        ],
    )


def _lines(session: Session, whistles: list[Whistle], as_of: datetime) -> list[WhistleLine]:
    numbers = [whistle.id for whistle in whistles]
    query = select(WhistleDepartment).where(column(WhistleDepartment.whistle_id).in_(numbers))
    order = (column(WhistleDepartment.leads).desc(), column(WhistleDepartment.department_code))
    called: dict[int, list[WhistleDepartment]] = defaultdict(list)
    for one in session.execute(query.order_by(*order)).scalars():
        called[one.whistle_id].append(one)
    names = department_names(session)
    return [
        WhistleLine(
            whistle=whistle,
            departments=tuple(called[whistle.id or 0]),
            rung=ladder(facts_of(whistle, called[whistle.id or 0], names), as_of),
        )
        for whistle in whistles
    ]
