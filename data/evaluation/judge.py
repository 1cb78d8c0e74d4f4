"""Who may judge whom (ours, after the papers' four sources), until when, and how an entry is taken back.

自评 is of one's own department or community; 互评 by departments, communities and streets, of others; 群众评
comes from residents alone; 第三方评 is entered by the command centre or a leader, who name the institution.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Table, select, update
from sqlmodel import Session

from data.evaluation.periods import Period, parse_period
from data.event_base import zone_of
from data.labels import EVALUATION_SOURCE, ROLE
from data.lifecycle import BadEvaluation, Person, change_rule, evaluate, read_rules
from data.manage.permission import Duty, refusal
from data.models import Evaluation
from data.vocabulary import EvaluationSource, Role

MOST_WORDS: Final = 500
JUDGES: Final[Mapping[EvaluationSource, frozenset[Role]]] = {
    EvaluationSource.SELF: frozenset({Role.DEPARTMENT, Role.COMMUNITY}),
    EvaluationSource.PEER: frozenset({Role.DEPARTMENT, Role.COMMUNITY, Role.STREET}),
    EvaluationSource.PUBLIC: frozenset(),
    EvaluationSource.THIRD_PARTY: frozenset({Role.DISPATCHER, Role.LEADER}),
}
WEIGHTS: Final[Mapping[EvaluationSource, str]] = {
    source: f"evaluation_{source.value}_weight" for source in EvaluationSource
}
"""The number of ``LoopRules`` by which a source counts."""
_EVALUATION: Final[Table] = Evaluation.__table__  # type: ignore[attr-defined]


def why_not_judged(
    person: Person, *, source: EvaluationSource, department_code: str = "", area_code: str = ""
) -> str:
    """The rule by which ``person`` may not judge a department or an area as ``source``; '' where they may."""
    name = EVALUATION_SOURCE[source]
    if source is EvaluationSource.PUBLIC:
        return f"{name}来自居民对案件的评价，不能手工填写"
    if person.staff_id is None or person.role not in JUDGES[source]:
        named = "、".join(text for role, text in ROLE.items() if role in JUDGES[source])
        return f"{name}由{named}填写，{person.name}的角色是{ROLE[person.role]}"
    own = _is_own(person, department_code, area_code)
    if source is EvaluationSource.SELF:
        return (
            ""
            if own
            else f"{name}只评自己的部门或社区，评别的单位请用{EVALUATION_SOURCE[EvaluationSource.PEER]}"
        )
    if own and source is EvaluationSource.PEER:
        return f"{name}只评别的单位，评自己请用{EVALUATION_SOURCE[EvaluationSource.SELF]}"
    if source is EvaluationSource.THIRD_PARTY and area_code and not person.covers(area_code):
        return f"{area_code} 不在{person.name}的责任区内，{name}请由上一级填写"
    return ""


def judge(
    session: Session,
    *,
    person: Person,
    source: EvaluationSource,
    period: str,
    score: float,
    at: datetime,
    department_code: str = "",
    area_code: str = "",
    reason: str = "",
) -> int:
    """One judgement by one person, in the caller's write session; a later one takes the place of theirs
    before, until the period closes. Returns its number.

    Raises:
        BadEvaluation: a rule refuses; its sentence is the error's text. Nothing was written.
    """
    refused = why_not_judged(person, source=source, department_code=department_code, area_code=area_code)
    if refused:
        raise BadEvaluation(refused)
    _open_period(session, period, at)
    words, rules = reason.strip(), read_rules(session)
    if len(words) > MOST_WORDS:
        raise BadEvaluation(f"说明有 {len(words)} 字，最多 {MOST_WORDS} 字，请缩短")
    if source is EvaluationSource.THIRD_PARTY and not words:
        raise BadEvaluation("第三方评请在说明里写明是哪家机构、依据什么")
    if score < rules.evaluation_pass and not words:
        raise BadEvaluation(f"评分 {score:g} 低于合格线 {rules.evaluation_pass:g} 分，请写明原因")
    return evaluate(
        session, source=source, period=period, score=score, actor=person.name, at=at,
        department_code=department_code, area_code=area_code, reason=words, staff_id=person.staff_id,
        role=person.role.value,
    )  # fmt: skip


def take_back(session: Session, *, evaluation_id: int, person: Person, at: datetime) -> Evaluation:
    """Takes one's own judgement back, in the caller's write session: the one that it replaced counts again.

    Raises:
        BadEvaluation: not theirs, counts no more, or its period has closed.
    """
    row = session.get(Evaluation, evaluation_id)
    if row is None:
        raise BadEvaluation(f"没有编号为 {evaluation_id} 的评价，请刷新后再试")
    if person.staff_id is None or row.staff_id != person.staff_id:
        raise BadEvaluation(f"这条评价是{row.actor}填写的，只能由本人撤销")
    if row.replaced_at is not None:
        raise BadEvaluation("这条评价已经撤销或被后来的代替，不能再撤销")
    _open_period(session, row.period, at)
    before = (
        select(_EVALUATION.c.id)
        .where(
            *(_EVALUATION.c[name] == getattr(row, name) for name in (
                "source", "period", "department_code", "area_code", "staff_id",
            )),
            _EVALUATION.c.withdrawn_at.is_(None),
            _EVALUATION.c.id < evaluation_id,
        )
        .order_by(_EVALUATION.c.id.desc())
        .limit(1)
    )  # fmt: skip
    connection = session.connection()
    restored = connection.execute(before).scalar()
    withdrawn = update(_EVALUATION).where(_EVALUATION.c.id == evaluation_id)
    connection.execute(withdrawn.values(replaced_at=at, withdrawn_at=at))
    if restored is not None:
        connection.execute(update(_EVALUATION).where(_EVALUATION.c.id == restored).values(replaced_at=None))
    session.refresh(row)
    return row


def set_weights(
    session: Session, *, weights: Mapping[EvaluationSource, float], person: Person, at: datetime
) -> None:
    """How much each source counts in a total, in the caller's write session. They add up to 100 %.

    Raises:
        BadEvaluation: not this person, or not 100 % together.
    """
    if refused := refusal(session, person, Duty.NUMBERS):
        raise BadEvaluation(refused)
    total = sum(weights.get(source, 0.0) for source in EvaluationSource)
    if abs(total - 100.0) > 1e-6 or min(weights.values()) < 0.0:
        raise BadEvaluation(f"四个权重合计是 {total:g}%，应为 100%，每个不小于 0")
    for source, value in weights.items():
        change_rule(session, key=WEIGHTS[source], value=value, at=at, actor=person.name)


def _is_own(person: Person, department_code: str, area_code: str) -> bool:
    if department_code:
        return person.department_code == department_code
    return bool(area_code) and person.division_code == area_code


def _open_period(session: Session, key: str, at: datetime) -> Period:
    """The period of a key while it may be judged. Raises BadEvaluation."""
    found = parse_period(key)
    if found is None:
        raise BadEvaluation(f"评价周期“{key}”不能用：写成 2026-11（月）、2026-Q4（季）或 2026（年）")
    today = at.astimezone(zone_of(session)).date()
    problem = found.problem(today, open_days=read_rules(session).evaluation_open_days)
    if problem:
        raise BadEvaluation(problem)
    return found
