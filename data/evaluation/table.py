"""What the judgements of a period add up to: units by four sources, a weighted total, ranks that are fair.

A score is from 0 to 100. 群众评 counts each rated case closed in the period, 100 where the resident was
satisfied and 0 where not, beside the polls (居民测评) that were entered. All else is the mean of its entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Integer, Table, cast, func, select
from sqlalchemy.orm import Session

from data.codes import prefix_range
from data.evaluation.judge import WEIGHTS
from data.evaluation.periods import Period, month_of
from data.filter import Filter
from data.lifecycle.rules import LoopRules
from data.models import Evaluation
from data.numbers import read_numbers
from data.queries.conditions import where_clauses
from data.queries.days import local_day
from data.queries.names import in_force
from data.queries.tables import DEPARTMENT, DIVISION, EVENT, Expression
from data.vocabulary import CODE_LENGTH, Basis, EvaluationSource, Level, Mark

_EVALUATION: Final[Table] = Evaluation.__table__  # type: ignore[attr-defined]
MOST_ENTRIES: Final = 200


class UnitKind(StrEnum):
    """What is judged."""

    DEPARTMENT = "department"
    STREET = "street"
    COMMUNITY = "community"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What one source says of one unit: ``count`` judgements and their mean, None without any. ``cases`` of
    them are rated cases, ``satisfied`` of those content.
    """

    count: int = 0
    mean: float | None = None
    cases: int = 0
    satisfied: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitRow:
    """One unit. ``total`` weighs the sources that judged it; ``missing`` are those that have a weight and did
    not. ``rank`` 1 is the best; None below the minimum sample, or while a source is missing.
    """

    code: str
    name: str
    cells: Mapping[EvaluationSource, Cell] = field(hash=False)
    total: float | None
    sample: int
    missing: tuple[EvaluationSource, ...]
    rank: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationTable:
    """``problem``: why the period cannot be judged today, '' while it can."""

    period: Period
    kind: UnitKind
    rows: tuple[UnitRow, ...]
    rules: LoopRules
    problem: str


def evaluation_table(
    *, session: Session, where: Filter, as_of: datetime, period: Period, kind: UnitKind
) -> EvaluationTable:
    """Every unit of a kind (in the area in view), those with a rank first, then by code."""
    rules = read_numbers(session, LoopRules)
    names = _units(session, kind, where.focus)
    entered = _entered(session, period, kind)
    rated = _rated(session, period, kind, where.focus, as_of)
    rows = [
        _row(code, name, entered.get(code, {}), rated.get(code, (0, 0)), rules)
        for code, name in names.items()
    ]
    return EvaluationTable(
        period=period,
        kind=kind,
        rows=_ranked(rows, minimum=rules.evaluation_minimum),
        rules=rules,
        problem=period.problem(local_day(session, as_of), open_days=rules.evaluation_open_days),
    )


def weight_of(rules: LoopRules, source: EvaluationSource) -> float:
    """By how much a source counts in a total, in per cent."""
    found: float = getattr(rules, WEIGHTS[source])
    return found


def cases_behind(*, period: Period, kind: UnitKind, code: str, satisfied: bool = False) -> Filter:
    """The rated cases that 群众评 of a unit counts; with ``satisfied`` those that count 100."""
    marks = (Mark.RATED, Mark.SATISFIED) if satisfied else (Mark.RATED,)
    found = Filter(basis=Basis.CLOSED, start=period.start, end=period.end, marks=marks)
    if not code:
        return found
    return found.changed(**({"departments": (code,)} if kind is UnitKind.DEPARTMENT else {"areas": (code,)}))


def entries(
    *,
    session: Session,
    period: Period,
    department_code: str = "",
    area_code: str = "",
    source: EvaluationSource | None = None,
    counted_by: int | None = None,
    limit: int = MOST_ENTRIES,
) -> list[Evaluation]:
    """Every entry of a period, replaced and taken back ones too, the newest first; of a unit and of a source
    where they are given. With ``counted_by`` only what this person has entered and what still counts.
    """
    query = select(Evaluation).where(_EVALUATION.c.period == period.key)
    if department_code:
        query = query.where(_EVALUATION.c.department_code == department_code)
    if area_code:
        query = query.where(_EVALUATION.c.area_code == area_code)
    if source is not None:
        query = query.where(_EVALUATION.c.source == source.value)
    if counted_by is not None:
        query = query.where(_EVALUATION.c.staff_id == counted_by, _EVALUATION.c.replaced_at.is_(None))
    return list(session.execute(query.order_by(_EVALUATION.c.id.desc()).limit(limit)).scalars())


def newest_judged_month(*, session: Session, as_of: datetime) -> Period:
    """The newest month that anybody has judged; this one where nobody has."""
    today = month_of(local_day(session, as_of))
    months = func.length(_EVALUATION.c.period) == len(today.key)
    newest = select(func.max(_EVALUATION.c.period)).where(
        months, _EVALUATION.c.period <= today.key, _EVALUATION.c.period.not_like("%Q%")
    )
    key = session.execute(newest).scalar()
    return today if key is None else month_of(datetime.strptime(key, "%Y-%m").date())


def _units(session: Session, kind: UnitKind, focus: str) -> dict[str, str]:
    """Name by code."""
    if kind is UnitKind.DEPARTMENT:
        found = session.execute(select(DEPARTMENT.c.code, DEPARTMENT.c.name).order_by(DEPARTMENT.c.code))
        return {row.code: row.name for row in found}
    low, high = prefix_range(focus)
    query = select(DIVISION.c.code, DIVISION.c.short_name).where(
        DIVISION.c.level == kind.value, in_force(), DIVISION.c.code >= low, DIVISION.c.code < high
    )
    return {row.code: row.short_name for row in session.execute(query.order_by(DIVISION.c.code))}


def _entered(
    session: Session, period: Period, kind: UnitKind
) -> dict[str, dict[EvaluationSource, tuple[int, float]]]:
    """How many judgements count and what they add up to, by unit and source."""
    c = _EVALUATION.c
    unit = c.department_code if kind is UnitKind.DEPARTMENT else c.area_code
    columns = select(
        unit.label("unit"), c.source, func.count().label("many"), func.sum(c.score).label("points")
    )
    rows = columns.where(c.period == period.key, c.replaced_at.is_(None), unit != "").group_by(unit, c.source)
    found: dict[str, dict[EvaluationSource, tuple[int, float]]] = {}
    for row in session.execute(rows):
        found.setdefault(row.unit, {})[EvaluationSource(row.source)] = (row.many, row.points)
    return found


def _rated(
    session: Session, period: Period, kind: UnitKind, focus: str, as_of: datetime
) -> dict[str, tuple[int, int]]:
    """Rated cases and the content ones among them, by unit."""
    where = cases_behind(period=period, kind=kind, code="")
    unit: Expression = EVENT.c.department_code
    if kind is not UnitKind.DEPARTMENT:
        where = where.changed(areas=(focus,) if focus else ())
        unit = func.substr(EVENT.c.code, 1, CODE_LENGTH[Level(kind.value)])
    columns = select(
        unit.label("unit"), func.count().label("cases"),
        func.sum(cast(EVENT.c.satisfied, Integer)).label("satisfied"),
    )  # fmt: skip
    rows = session.execute(columns.where(*where_clauses(session, where, as_of)).group_by("unit"))
    return {row.unit: (row.cases, row.satisfied) for row in rows}


def _row(
    code: str,
    name: str,
    entered: Mapping[EvaluationSource, tuple[int, float]],
    rated: tuple[int, int],
    rules: LoopRules,
) -> UnitRow:
    cells = {}
    for source in EvaluationSource:
        many, points = entered.get(source, (0, 0.0))
        cases, satisfied = rated if source is EvaluationSource.PUBLIC else (0, 0)
        count = many + cases
        mean = (points + 100.0 * satisfied) / count if count else None
        cells[source] = Cell(count=count, mean=mean, cases=cases, satisfied=satisfied)
    weighed = [(weight_of(rules, source), cell.mean) for source, cell in cells.items()]
    known = [(weight, mean) for weight, mean in weighed if mean is not None and weight > 0]
    whole = sum(weight for weight, _ in known)
    return UnitRow(
        code=code,
        name=name,
        cells=cells,
        total=sum(weight * mean for weight, mean in known) / whole if whole else None,
        sample=sum(cell.count for cell in cells.values()),
        missing=tuple(one for one, cell in cells.items() if not cell.count and weight_of(rules, one) > 0),
    )


def _ranked(rows: Sequence[UnitRow], *, minimum: float) -> tuple[UnitRow, ...]:
    """Equal totals (as shown, to a tenth) share a rank."""
    fair = [row for row in rows if row.total is not None and row.sample >= minimum and not row.missing]
    shown = {row.code: round(row.total or 0.0, 1) for row in fair}
    ranks = {code: 1 + sum(other > total for other in shown.values()) for code, total in shown.items()}
    ordered = sorted(rows, key=lambda row: (ranks.get(row.code, len(rows) + 1), row.code))
    return tuple(replace(row, rank=ranks.get(row.code)) for row in ordered)
