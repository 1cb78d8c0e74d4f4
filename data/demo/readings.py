"""What no event of the demo says: weekly readings of the indicators, and monthly judgements by four sources.

A reading is there once its week is over, a judgement some days after its month. All of it is invented, says
so, and follows from the seed and the week or month alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Table, delete, select
from sqlmodel import Session

from data.bulk import insert_rows
from data.counted import monday_of
from data.demo import facts
from data.demo.world import World
from data.models import Department, Division, Evaluation, IndicatorReading
from data.vocabulary import EvaluationSource, Level

SOURCE: Final = "演示数据"
ACTOR: Final = "系统"
_READING: Final[Table] = IndicatorReading.__table__  # type: ignore[attr-defined]
_EVALUATION: Final[Table] = Evaluation.__table__  # type: ignore[attr-defined]
_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]
_DEPARTMENT: Final[Table] = Department.__table__  # type: ignore[attr-defined]
_ENTERED_AT: Final = time(9, 0)
_JUDGED_ON_DAY: Final = 5
_LAX_EVERY: Final = 30
"""Beside the slack communities, each so many-th does not visit everybody."""
_RIVER_EVERY: Final = 12
_JUDGES: Final = (
    (EvaluationSource.SELF, 1, 4.0), (EvaluationSource.PEER, 2, 0.0), (EvaluationSource.PUBLIC, 1, -2.0),
    (EvaluationSource.THIRD_PARTY, 1, -1.0),
)  # fmt: skip
"""Source, how many of it judge each subject, and by how many points they are kinder than the others."""
_JUDGE_NAMES: Final = {
    EvaluationSource.SELF: "演示自评", EvaluationSource.PEER: "演示互评",
    EvaluationSource.PUBLIC: "演示居民测评", EvaluationSource.THIRD_PARTY: "演示第三方机构",
}  # fmt: skip
Row = dict[str, Any]


def write_readings(
    session: Session, world: World, *, since: datetime, until: datetime, zone: ZoneInfo
) -> None:
    """Writes what was entered or judged after ``since`` up to ``until``, in the caller's write session.

    What somebody has entered for the same place and week stays.
    """
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    weeks = [
        monday
        for back in range((monday_of(last) - monday_of(first)).days // 7 + 1)
        if since < _at(monday := monday_of(last) - timedelta(weeks=back), zone) <= until
    ]
    connection = session.connection()
    for monday in weeks:
        week = monday - timedelta(weeks=1)
        there = connection.execute(select(_READING.c.code, _READING.c.name).where(_READING.c.week == week))
        known = {(row.code, row.name) for row in there}
        found = [
            {"code": code, "week": week, "name": name, "value": value, "source": SOURCE, "actor": ACTOR,
             "entered_at": _at(monday, zone)}
            for code, name, value in _week(world, week)
            if (code, name) not in known
        ]  # fmt: skip
        insert_rows(connection, _READING, found)
    judged = [row for month in _months(first, last) for row in _month(world, month, zone)]
    insert_rows(connection, _EVALUATION, [row for row in judged if since < row["at"] <= until])


def remove_readings(session: Session, *, batch_id: int | None) -> None:
    """Deletes readings and judgements of the demo's places and departments, those made for practice too."""
    places = select(_DIVISION.c.code).where(_DIVISION.c.batch_id == batch_id)
    departments = select(_DEPARTMENT.c.code).where(_DEPARTMENT.c.batch_id == batch_id)
    connection = session.connection()
    connection.execute(delete(_READING).where(_READING.c.code.in_(places)))
    connection.execute(delete(_EVALUATION).where(_EVALUATION.c.area_code.in_(places)))
    connection.execute(delete(_EVALUATION).where(_EVALUATION.c.department_code.in_(departments)))


def _at(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _ENTERED_AT, tzinfo=zone)


def _week(world: World, week: date) -> Iterator[tuple[str, str, float]]:
    """(area code, name of the count, value) of one week."""
    rng = np.random.default_rng([world.seed, 51, week.toordinal()])
    for place, (code, residents) in enumerate(world.residents_of(Level.COMMUNITY)):
        slack = code in world.qualities.slack
        lax = slack or place % _LAX_EVERY == _LAX_EVERY - 1
        visits = 4 + residents // 800
        yield code, "visits_due", float(visits)
        yield code, "visits_done", float(visits - (rng.integers(1, 3) if lax else 0))
        disputes = int(rng.poisson(5.0)) + 1
        yield code, "disputes_accepted", float(disputes)
        yield code, "disputes_settled", float(disputes - rng.binomial(disputes, 0.14 if slack else 0.012))
        served = int(rng.integers(40, 160))
        yield code, "wait_served", float(served)
        yield code, "wait_minutes", round(served * rng.uniform(*((12.5, 16.0) if slack else (5.0, 10.5))), 1)
        if place % _RIVER_EVERY == 0:
            yield code, "water_turbidity", round(rng.uniform(2.0, 8.0), 1)  # ``sensors`` has the muddy one


def _months(first: date, last: date) -> Iterator[date]:
    """The first days of the months before the one of ``last``, back to the one before ``first``'s, which
    may be judged after ``first``.
    """
    month = last.replace(day=1)
    while month >= first.replace(day=1):
        month = (month - timedelta(days=1)).replace(day=1)
        yield month


def _month(world: World, month: date, zone: ZoneInfo) -> Iterator[Row]:
    """The judgements of one month: each department and street, by each of the four sources."""
    rng = np.random.default_rng([world.seed, 52, month.toordinal()])
    judged_on = (month + timedelta(days=31)).replace(day=_JUDGED_ON_DAY)
    subjects = [(department.code, "") for department in facts.departments()]
    subjects += [("", street.code) for street in facts.streets()]
    for department, area in subjects:
        worth = 88.0 + 4.0 * rng.standard_normal() - 60.0 * world.qualities.late_by(department)
        for source, judges, kinder in _JUDGES:
            for judge in range(1, judges + 1):
                score = round(float(np.clip(worth + kinder + 2.5 * rng.standard_normal(), 55.0, 100.0)), 1)
                yield {
                    "source": source.value, "department_code": department, "area_code": area,
                    "period": f"{month:%Y-%m}", "score": score, "reason": "演示评分", "replaced_at": None,
                    "actor": f"{_JUDGE_NAMES[source]}{judge:02d}", "at": _at(judged_on, zone),
                }  # fmt: skip
