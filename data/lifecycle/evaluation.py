"""Judgements of departments and areas by the four sources of the papers: 自评、互评、群众评、第三方评."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Table, func, select, update
from sqlmodel import Session

from data.labels import EVALUATION_SOURCE
from data.lifecycle.errors import BadEvaluation
from data.models import Department, Division, Evaluation
from data.models.base import column
from data.vocabulary import EvaluationSource

_EVALUATION: Final[Table] = Evaluation.__table__  # type: ignore[attr-defined]
_PERIOD: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?")
LOWEST, HIGHEST = 0.0, 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """What one source says of one subject in a period: the mean of so many judgements."""

    department_code: str
    area_code: str
    source: str
    mean: float
    judgements: int


def evaluate(
    session: Session,
    *,
    source: EvaluationSource,
    period: str,
    score: float,
    actor: str,
    at: datetime,
    department_code: str = "",
    area_code: str = "",
    reason: str = "",
    staff_id: int | None = None,
    role: str = "",
) -> int:
    """Keeps one judgement of a department or an area; one by the same person of the same subject, source and
    period before it no longer counts, and stays to be seen. Returns its number. Who may judge whom is the
    rule of ``data.evaluation``.

    Raises:
        BadEvaluation: not exactly one subject, one that does not exist, a period or a score that is none.
    """
    if bool(department_code) == bool(area_code):
        raise BadEvaluation("评价的对象应是一个部门或一个区域，二者取一")
    _check_subject(session, department_code, area_code)
    if not _PERIOD.fullmatch(period):
        raise BadEvaluation(f"评价周期“{period}”不能用：写成 2026-11（月）、2026-Q4（季）或 2026（年）")
    if not LOWEST <= score <= HIGHEST:
        raise BadEvaluation(f"评分 {score:g} 不能用：应在 {LOWEST:g} 到 {HIGHEST:g} 之间")
    same = (
        _EVALUATION.c.source == source.value,
        _EVALUATION.c.period == period,
        _EVALUATION.c.department_code == department_code,
        _EVALUATION.c.area_code == area_code,
        _EVALUATION.c.actor == actor if staff_id is None else _EVALUATION.c.staff_id == staff_id,
        _EVALUATION.c.replaced_at.is_(None),
    )
    session.connection().execute(update(_EVALUATION).where(*same).values(replaced_at=at))
    row = Evaluation(
        source=source.value,
        department_code=department_code,
        area_code=area_code,
        period=period,
        score=score,
        reason=reason.strip(),
        actor=actor,
        at=at,
        staff_id=staff_id,
        role=role,
    )
    session.add(row)
    session.flush()
    if row.id is None:
        raise AssertionError("a flushed row has a number")
    return row.id


def judgements(session: Session, *, period: str, with_replaced: bool = False) -> Sequence[Evaluation]:
    """The judgements of a period in the order in which they came."""
    query = select(Evaluation).where(column(Evaluation.period) == period)
    if not with_replaced:
        query = query.where(column(Evaluation.replaced_at).is_(None))
    return list(session.execute(query.order_by(column(Evaluation.id))).scalars())


def scores(session: Session, *, period: str) -> list[Score]:
    """The mean of each source for each subject of a period. How sources weigh is for a person to say."""
    subject = (_EVALUATION.c.department_code, _EVALUATION.c.area_code, _EVALUATION.c.source)
    wanted = (
        select(*subject, func.avg(_EVALUATION.c.score).label("mean"), func.count().label("judgements"))
        .where(_EVALUATION.c.period == period, _EVALUATION.c.replaced_at.is_(None))
        .group_by(*subject)
    )
    order = list(EVALUATION_SOURCE)
    found = [Score(**row._mapping) for row in session.connection().execute(wanted)]
    return sorted(found, key=lambda one: (one.department_code, one.area_code, order.index(one.source)))


def _check_subject(session: Session, department_code: str, area_code: str) -> None:
    if department_code and session.get(Department, department_code) is None:
        raise BadEvaluation(f"没有代码为 {department_code} 的部门，请从部门表里选择")
    if area_code:
        wanted = select(column(Division.code)).where(
            column(Division.code) == area_code, column(Division.valid_to).is_(None)
        )
        if session.execute(wanted).first() is None:
            raise BadEvaluation(f"没有代码为 {area_code} 的区域，请重新选择")
