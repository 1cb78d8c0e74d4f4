"""What judgements and rated cases add up to: worked out by hand for a district of three departments."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.evaluation import (
    EvaluationTable,
    UnitKind,
    UnitRow,
    cases_behind,
    evaluation_table,
    newest_judged_month,
    parse_period,
)
from data.evaluation.periods import month_of
from data.filter import Filter
from data.lifecycle import change_rule, evaluate
from data.models import Department, Division
from data.queries.events import list_events
from data.vocabulary import EvaluationSource
from tests.data.loop.world import COMMUNITY, PARKS, ROADS, at, furnish, report

AS_OF = at(48)
NOVEMBER = month_of(date(2026, 11, 1))
SELF, PEER = EvaluationSource.SELF, EvaluationSource.PEER
PUBLIC, THIRD = EvaluationSource.PUBLIC, EvaluationSource.THIRD_PARTY
WATER = "D03"


def rated(session: Session, number: int, *, satisfied: bool, hours: float = 2.0, **more: Any) -> None:
    """A case that its resident has judged."""
    more = {"department_code": ROADS, "code": COMMUNITY, **more}
    ended = at(hours)
    report(
        session, number, status="evaluated", ended_at=ended, solved=satisfied, satisfied=satisfied,
        rated_at=ended, **more,
    )  # fmt: skip


def say(session: Session, source: EvaluationSource, score: float, actor: str, **unit: Any) -> None:
    unit = unit or {"department_code": ROADS}
    evaluate(session, source=source, period=NOVEMBER.key, score=score, actor=actor, at=at(1), **unit)


@pytest.fixture
def judged(engine: Engine) -> Engine:
    """Roads: self 90, peers 80 and 70, third party 85, eight cases of which six content, and a poll of 95.
    Parks: self 100, and a case. Water: nothing.
    """
    furnish(engine)
    with write_session(engine) as session:
        session.add(Department(code=WATER, name="演示水务"))
        for code in (COMMUNITY, "510115001002"):
            session.add(
                Division(
                    code=code, valid_from=date(2023, 1, 1), level="community", name=code, short_name=code,
                    parent_code=code[:9],
                )
            )  # fmt: skip
        session.flush()
        for number in range(1, 9):
            rated(session, number, satisfied=number <= 6)
        rated(session, 9, satisfied=True, department_code=PARKS, code="510115001002")
        rated(session, 10, satisfied=False, hours=-30 * 24)  # closed in October
        report(session, 11, status="closed", ended_at=at(2), department_code=ROADS)  # not rated
        say(session, SELF, 90.0, "甲")
        say(session, PEER, 80.0, "乙")
        say(session, PEER, 60.0, "丙")
        say(session, PEER, 70.0, "丙")  # in place of 60
        say(session, THIRD, 85.0, "丁")
        say(session, PUBLIC, 95.0, "演示居民测评")
        say(session, SELF, 100.0, "戊", department_code=PARKS)
    return engine


def table_of(engine: Engine, kind: UnitKind = UnitKind.DEPARTMENT, area: str = "") -> EvaluationTable:
    where = Filter(areas=(area,) if area else ())
    with read_session(engine) as session:
        return evaluation_table(session=session, where=where, as_of=AS_OF, period=NOVEMBER, kind=kind)


def row_of(table: EvaluationTable, code: str) -> UnitRow:
    return next(row for row in table.rows if row.code == code)


def test_each_source_has_its_count_and_its_mean(judged: Engine) -> None:
    cells = row_of(table_of(judged), ROADS).cells

    assert (cells[SELF].count, cells[SELF].mean) == (1, 90.0)
    assert (cells[PEER].count, cells[PEER].mean) == (2, 75.0)
    assert (cells[THIRD].count, cells[THIRD].mean) == (1, 85.0)
    public = cells[PUBLIC]
    assert (public.count, public.cases, public.satisfied) == (9, 8, 6)
    assert public.mean == pytest.approx((6 * 100 + 95) / 9)


def test_the_total_weighs_the_sources_and_ranks_only_a_whole_and_large_enough_sample(judged: Engine) -> None:
    table = table_of(judged)
    roads, parks, water = (row_of(table, code) for code in (ROADS, PARKS, WATER))

    assert roads.total == pytest.approx(0.1 * 90 + 0.2 * 75 + 0.5 * 695 / 9 + 0.2 * 85)
    assert (roads.sample, roads.missing, roads.rank) == (13, (), 1)
    assert parks.total == pytest.approx((10 * 100 + 50 * 100) / 60)
    assert (parks.sample, parks.missing, parks.rank) == (2, (PEER, THIRD), None)
    assert (water.total, water.sample, water.rank) == (None, 0, None)
    assert [row.code for row in table.rows] == [ROADS, PARKS, WATER]


def test_below_the_minimum_sample_nobody_is_ranked_and_the_minimum_is_data(judged: Engine) -> None:
    with write_session(judged) as session:
        change_rule(session, key="evaluation_minimum", value=14, at=at(3), actor="演示甲")
    assert row_of(table_of(judged), ROADS).rank is None


def test_a_source_without_weight_is_neither_in_the_total_nor_missed(judged: Engine) -> None:
    with write_session(judged) as session:
        for source, value in ((SELF, 0), (PEER, 0), (PUBLIC, 100), (THIRD, 0)):
            change_rule(session, key=f"evaluation_{source}_weight", value=value, at=at(3), actor="演示甲")
    parks = row_of(table_of(judged), PARKS)

    assert (parks.total, parks.missing) == (100.0, ())


def test_equal_totals_share_a_rank(judged: Engine) -> None:
    with write_session(judged) as session:
        change_rule(session, key="evaluation_minimum", value=1, at=at(3), actor="演示甲")
        for source in (SELF, PEER, PUBLIC, THIRD):
            for unit in (PARKS, WATER):
                say(session, source, 100.0, "己", department_code=unit)
    ranks = {row.code: row.rank for row in table_of(judged).rows}

    assert ranks == {PARKS: 1, WATER: 1, ROADS: 3}


@pytest.mark.parametrize(("kind", "code"), [(UnitKind.DEPARTMENT, ROADS), (UnitKind.COMMUNITY, COMMUNITY)])
def test_the_cases_behind_a_number_are_as_many_as_it_says(judged: Engine, kind: UnitKind, code: str) -> None:
    cell = row_of(table_of(judged, kind), code).cells[PUBLIC]
    with read_session(judged) as session:
        found = [
            list_events(
                session=session,
                where=cases_behind(period=NOVEMBER, kind=kind, code=code, satisfied=satisfied),
                as_of=AS_OF,
            ).total
            for satisfied in (False, True)
        ]
    assert found == [cell.cases, cell.satisfied] == [8, 6]


def test_areas_are_those_of_the_kind_under_the_area_in_view(judged: Engine) -> None:
    codes = [row.code for row in table_of(judged, UnitKind.COMMUNITY, "510115001").rows]

    assert codes == [COMMUNITY, "510115001002"]
    assert table_of(judged, UnitKind.COMMUNITY, "510115002").rows == ()
    assert table_of(judged, UnitKind.STREET).rows == ()


def test_a_period_says_why_it_cannot_be_judged(judged: Engine) -> None:
    year = parse_period("2025")
    assert year is not None
    with read_session(judged) as session:
        old = evaluation_table(
            session=session, where=Filter(), as_of=AS_OF, period=year, kind=UnitKind.DEPARTMENT
        )
    assert table_of(judged).problem == ""
    assert "截止" in old.problem
    assert all(row.total is None for row in old.rows)


def test_the_newest_judged_month_is_shown_first_and_this_one_where_there_is_none(judged: Engine) -> None:
    with write_session(judged) as session:
        later = AS_OF + timedelta(days=70)
        assert newest_judged_month(session=session, as_of=later) == NOVEMBER
        before = AS_OF - timedelta(days=60)
        assert newest_judged_month(session=session, as_of=before).key == "2026-09"
        quarter = {"period": "2026-Q4", "department_code": ROADS, "actor": "庚", "at": at(1)}
        evaluate(session, source=SELF, score=1.0, **quarter)  # type: ignore[arg-type]
        assert newest_judged_month(session=session, as_of=later) == NOVEMBER


def test_an_empty_district_has_an_empty_table(engine: Engine) -> None:
    assert table_of(engine).rows == ()
