"""Values of indicators by week and area: from the roll-up, equal to the rows that a click leads to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.counted import BASES
from data.database import read_session, write_session
from data.event_log import Advance, Entry, append
from data.filter import Filter, parse_filter
from data.indicators.counts import (
    BASE_COUNTS,
    NamedCount,
    named_counts,
    rows_of,
)
from data.indicators.reader import Cell
from data.indicators.store import IndicatorError, Measure, drafted, enter_readings, measures, save, switch
from data.indicators.table import IndicatorTable, cell_rows, indicator_table, preview
from data.indicators.values import last_weeks, read_counts
from data.queries.events import count_events
from data.queries.kpis import kpi_row
from tests.data.core.events import MOVE_TO, first

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Friday noon in Shanghai; the running week began on 16 November."""
LAST_WEEK = date(2026, 11, 9)
EAST, WEST = "510115001002", "510115001001"


def life(number: int, *, due_at: datetime, hours: float | None, **changes: object) -> Advance:
    """A case that ends so many hours before (−) or after its deadline, or stays open (None)."""
    reported_at = due_at - timedelta(hours=4)
    fields: dict[str, Any] = {"due_at": due_at, "reported_at": reported_at, "code": WEST, **changes}
    status = fields.pop("status", "closed")
    rest: dict[str, Any] = {
        name: fields.pop(name) for name in ("solved", "satisfied", "reworked_count") if name in fields
    }  # fmt: skip
    entries = list(first(number, **fields).entries)
    if hours is not None:
        at = due_at + timedelta(hours=hours)
        changes = {"status": status, **rest}
        entries.append(Entry(action=MOVE_TO[status], at=at, actor="演示甲", changes=changes))
    return Advance(entries=entries)


@pytest.fixture
def weeks_of_cases(small_district: Engine) -> Engine:
    """Three weeks in two communities: on time, late, open, suspended, merged, voided, answered, reworked."""
    advances = []
    for number in range(180):
        due_at = NOW - timedelta(days=21 - number % 24, hours=number % 5)
        kind = number % 9
        hours = {0: 2.0, 1: -1.0, 2: None, 3: -2.0, 4: 1.0, 5: -3.0, 6: -1.0, 7: -1.0, 8: -2.0}[kind]
        status = {3: "suspended", 4: "merged", 5: "voided"}.get(kind, "closed")
        answers: dict[str, object] = (
            {"solved": number % 2 == 0, "satisfied": number % 4 == 0} if kind > 6 else {}
        )
        advances.append(
            life(
                number, due_at=due_at, hours=hours, status=status, code=WEST if number % 3 else EAST,
                class_code=("0102", "0201", "0703")[number % 3], reworked_count=int(kind == 6),
                respond_by=due_at - timedelta(hours=3), source=("patrol", "12345")[number % 2],
                accepted_at=due_at - timedelta(hours=2 + number % 3), **answers,
            )
        )  # fmt: skip
    with write_session(small_district) as session:
        append(session, advances)
    return small_district


def counted(session: Session, count: NamedCount, code: str, week: date) -> int:
    found = read_counts(
        session=session, counts=[count], under=code, length=len(code), weeks=[week], as_of=NOW
    )
    return int(found.get((code, week), {}).get(count.name, 0))


def test_every_count_of_events_is_the_number_of_its_rows(weeks_of_cases: Engine) -> None:
    """For every area, complete week and count: the roll-up, the Filter's rows and the Filter from its URL."""
    seen: set[str] = set()
    with read_session(weeks_of_cases) as session:
        for count in named_counts(session=session).values():
            for week in last_weeks(LAST_WEEK, 2):
                for code in ("510115", "510115001", EAST, WEST):
                    where = rows_of(count, code=code, start=week, end=week + timedelta(days=6))
                    if where is None:
                        assert count.is_reading
                        continue
                    rows = count_events(session=session, where=where, as_of=NOW).total
                    assert counted(session, count, code, week) == rows, (count.name, code, week)
                    assert parse_filter(where.to_params()) == where
                    seen |= {count.name} if rows else set()
    assert {count.name for count in BASE_COUNTS} <= seen


def test_due_counts_of_the_running_week_are_those_of_the_rows_up_to_today(weeks_of_cases: Engine) -> None:
    monday, today = date(2026, 11, 16), date(2026, 11, 20)
    with read_session(weeks_of_cases) as session:
        for count in [each for each in BASE_COUNTS if BASES[each.base] == "due_day"]:
            where = rows_of(count, code="510115", start=monday, end=today)
            assert where is not None
            rows = count_events(session=session, where=where, as_of=NOW).total
            assert counted(session, count, "510115", monday) == rows, count.name
        (rate,) = [kpi for kpi in kpi_row(session=session, where=Filter(), as_of=NOW) if kpi.unit == "%"]
        table = indicator_table(session=session, parent="", as_of=NOW, week=monday)
    cell = cell_of(table.total.cells, "on_time")

    assert table.running
    assert (cell.now.numerator, cell.now.sample) == (rate.numerator, rate.denominator)


def cell_of(cells: tuple[Cell, ...], key: str) -> Cell:
    return next(cell for cell in cells if cell.measure.key == key)


def test_a_table_by_hand(small_district: Engine) -> None:
    """West: 10 due, 9 in time (90 %, as good as the baseline). East: 10 due, 8 in time (worse). Ranked."""
    due_at = NOW - timedelta(weeks=1)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=due_at, hours=1 if n < 1 else -1, code=WEST) for n in range(10)])
        append(session, [life(20 + n, due_at=due_at, hours=1 if n < 2 else -1, code=EAST) for n in range(10)])
        append(session, [life(50, due_at=due_at - timedelta(weeks=1), hours=-1, code=EAST)])
    with read_session(small_district) as session:
        table = indicator_table(session=session, parent="510115001", as_of=NOW)

    assert (table.week, table.running, table.has_last_year) == (LAST_WEEK, False, False)
    west, east = (cell_of(row.cells, "on_time") for row in table.rows)
    assert [row.name for row in table.rows] == ["惠民社区", "文武社区"]
    assert (west.now.value, west.now.numerator, west.now.sample, west.now.worse, west.rank) == (
        90,
        9,
        10,
        False,
        1,
    )
    assert (east.now.value, east.now.worse, east.rank) == (80, True, 2)
    assert (east.before, west.before, west.last_year) == (100, None, None)
    assert cell_of(table.total.cells, "on_time").now.value == 85
    assert cell_of(table.total.cells, "visits").now.value is None


def test_last_year_is_the_same_week_52_weeks_before(small_district: Engine) -> None:
    """West: 4 due a year ago, 3 in time (75 %); this time 2 of 2. East had none then."""
    due_at = NOW - timedelta(weeks=1)
    a_year_ago = due_at - timedelta(weeks=52)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=a_year_ago, hours=1 if n < 1 else -1, code=WEST) for n in range(4)])
        append(session, [life(10 + n, due_at=due_at, hours=-1, code=WEST) for n in range(2)])
        append(session, [life(20, due_at=due_at, hours=-1, code=EAST)])
    with read_session(small_district) as session:
        table = indicator_table(session=session, parent="510115001", as_of=NOW)

    west, east = (cell_of(row.cells, "on_time") for row in table.rows)
    assert table.has_last_year
    assert (west.now.value, west.last_year) == (100, 75)
    assert (east.now.value, east.last_year) == (100, None)
    assert cell_of(table.total.cells, "on_time").last_year == 75


def test_below_the_minimum_sample_there_is_a_value_but_no_rank_and_no_judgement(
    small_district: Engine,
) -> None:
    due_at = NOW - timedelta(weeks=1)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=due_at, hours=1, code=WEST) for n in range(9)])
        append(session, [life(20 + n, due_at=due_at, hours=1, code=EAST) for n in range(10)])
    with read_session(small_district) as session:
        west, east = (
            cell_of(row.cells, "on_time")
            for row in indicator_table(session=session, parent="510115001", as_of=NOW).rows
        )

    assert (west.now.value, west.now.enough, west.now.worse, west.rank) == (0, False, None, None)
    assert (east.now.enough, east.now.worse, east.rank) == (True, True, 1)


def test_the_running_week_has_values_and_no_ranks(small_district: Engine) -> None:
    due_at = NOW - timedelta(days=2)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=due_at, hours=1 if n < 1 else -1, code=WEST) for n in range(10)])
        append(session, [life(20 + n, due_at=due_at, hours=1 if n < 2 else -1, code=EAST) for n in range(10)])
    with read_session(small_district) as session:
        running = indicator_table(session=session, parent="510115001", as_of=NOW, week=date(2026, 11, 16))
        over = indicator_table(
            session=session, parent="510115001", as_of=NOW + timedelta(weeks=1), week=date(2026, 11, 16)
        )

    def ranks(table: IndicatorTable) -> list[tuple[float | None, int | None]]:
        cells = [cell_of(row.cells, "on_time") for row in table.rows]
        return [(cell.now.value, cell.rank) for cell in cells]

    assert ranks(running) == [(90, None), (80, None)]
    assert ranks(over) == [(90, 1), (80, 2)]


def test_a_value_whose_sample_nobody_knows_is_judged_and_not_ranked(small_district: Engine) -> None:
    day = date(2026, 11, 11)
    with write_session(small_district) as session:
        enter_readings(
            session, readings=[("arrival_minutes", WEST, day, 8), ("arrival_minutes", EAST, day, 30)],
            source="", actor="演示甲", at=NOW,
        )  # fmt: skip
    with read_session(small_district) as session:
        table = indicator_table(session=session, parent="510115001", as_of=NOW)

    west, east = (cell_of(row.cells, "arrival") for row in table.rows)
    assert [(cell.now.value, cell.now.worse, cell.rank) for cell in (west, east)] == [
        (8, False, None), (30, True, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "ranks", "enough"),
    [
        ("100 − 100 × 按期结案 ÷ 应结", [None, 1], [False, True]),
        ("应结 − 按期结案", [None, None], [True, True]),
    ],
)
def test_an_own_formula_is_ranked_by_the_smallest_count_that_it_divides_by(
    small_district: Engine, formula: str, ranks: list[int | None], enough: list[bool]
) -> None:
    """Nine cases in the west, ten in the east; ten are asked for."""
    due_at = NOW - timedelta(weeks=1)
    with write_session(small_district) as session:
        append(session, [life(n, due_at=due_at, hours=1, code=WEST) for n in range(9)])
        append(session, [life(20 + n, due_at=due_at, hours=1, code=EAST) for n in range(10)])
        own = save(session, drafted(session=session, name="演示", formula=formula, baseline=5, unit="分"))
        table = indicator_table(session=session, parent="510115001", as_of=NOW)

    cells = [cell_of(row.cells, own.key) for row in table.rows]
    assert [cell.rank for cell in cells] == ranks
    assert [cell.now.enough for cell in cells] == enough


def test_a_cell_leads_to_its_numerator_and_denominator(weeks_of_cases: Engine) -> None:
    with read_session(weeks_of_cases) as session:
        table = indicator_table(session=session, parent="510115001", as_of=NOW)
        seen = 0
        for row in table.rows:
            for cell in row.cells:
                parts = cell_rows(
                    session=session, measure=cell.measure, code=row.code, week=table.week, as_of=NOW
                )
                rows = [
                    count_events(session=session, where=where, as_of=NOW).total for _, where in parts if where
                ]
                if cell.now.value is not None:
                    assert rows == [cell.now.numerator, cell.now.sample], cell.measure.name
                    seen += 1
    assert seen >= 12


def test_readings_are_summed_or_stand_for_their_own_area_only(small_district: Engine) -> None:
    day = date(2026, 11, 11)
    with write_session(small_district) as session:
        enter_readings(
            session,
            readings=[
                ("wait_minutes", WEST, day, 90), ("wait_served", WEST, day, 10),
                ("wait_minutes", EAST, day, 150.5), ("wait_served", EAST, day, 10),
                ("arrival_minutes", WEST, day, 8),
            ],
            source="窗口叫号系统", actor="演示甲", at=NOW,
        )  # fmt: skip
    with read_session(small_district) as session:
        table = indicator_table(session=session, parent="510115001", as_of=NOW)

    west, east = table.rows
    assert cell_of(table.total.cells, "waiting").now.value == 12.025
    assert cell_of(table.total.cells, "waiting").now.worse is True
    assert cell_of(west.cells, "waiting").now.value == 9
    assert cell_of(west.cells, "arrival").now.value == 8
    assert cell_of(east.cells, "arrival").now.value is None
    assert cell_of(table.total.cells, "arrival").now.value is None


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (("reported", WEST, LAST_WEEK, 1.0), "不是可以填报"),
        (("visits_due", "51011", LAST_WEEK, 1.0), "位数不对"),
        (("visits_due", WEST, LAST_WEEK, -1.0), "不小于 0"),
        (("visits_due", WEST, LAST_WEEK, float("nan")), "不小于 0"),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(
    engine: Engine, reading: tuple[str, str, date, float], said: str
) -> None:
    with write_session(engine) as session, pytest.raises(IndicatorError, match=said):
        enter_readings(session, readings=[reading], source="", actor="演示甲", at=NOW)


def test_a_street_sees_what_its_own_indicator_would_have_been_and_keeps_it(weeks_of_cases: Engine) -> None:
    with write_session(weeks_of_cases) as session:
        own = drafted(
            session=session, name="热线占比", formula="(上报 − 主动发现) ÷ 上报", direction="down",
            baseline=50, area="510115001", minimum_sample=5,
        )  # fmt: skip
        values = preview(session=session, measure=own, areas=["510115001", WEST], as_of=NOW)
        assert [len(each) for each in values.values()] == [26, 26]
        assert [value.value is None for value in values["510115001"]] == [True] * 23 + [False] * 3
        save(session, own)
        table = indicator_table(session=session, parent="510115001", as_of=NOW)
        elsewhere = indicator_table(session=session, parent="510115002", as_of=NOW)

    assert cell_of(table.total.cells, own.key).now == values["510115001"][-1]
    assert own.key not in {measure.key for measure in elsewhere.measures}


def test_a_new_version_is_in_force_from_its_week_on(engine: Engine) -> None:
    with write_session(engine) as session:
        own = drafted(session=session, name="一", formula="结案 / 上报", valid_from=date(2026, 11, 2))
        save(session, own)
        newer = drafted(
            session=session, name="一", formula="结案 / 应结", key=own.key, valid_from=date(2026, 11, 16)
        )
        save(session, newer)

        def formula_on(day: date) -> str:
            found: list[Measure] = measures(session=session, on=day)
            return next(each.formula_text for each in found if each.key == own.key)

        texts = [formula_on(day) for day in (date(2026, 1, 1), date(2026, 11, 8), date(2026, 11, 20))]
        switch(session, key=own.key, enabled=False, on=date(2026, 11, 23))
        kept = {each.key for each in measures(session=session, on=date(2026, 11, 20))}
        gone = {each.key for each in measures(session=session, on=date(2026, 11, 23))}

    assert texts == ["结案 / 上报", "结案 / 上报", "结案 / 应结"]
    assert own.key in kept - gone


def test_an_indicator_that_makes_no_sense_is_refused_with_every_problem(engine: Engine) -> None:
    with read_session(engine) as session:
        with pytest.raises(IndicatorError) as refused:
            drafted(
                session=session, name="", formula="办结量 / 应结", direction="band", band_low=5, band_high=1,
                weeks=99,
            )  # fmt: skip
        with pytest.raises(IndicatorError, match="总是同一个数"):
            drafted(session=session, name="一", formula="1 / 2")
        with pytest.raises(IndicatorError, match="普通的数"):
            drafted(session=session, name="一", formula="结案 / 上报", baseline=float("inf"))
    assert [problem[:6] for problem in refused.value.problems] == [
        "公式里的“办",
        "指标名称应为",
        "区间下限 5",
        "合并周数应为",
    ]


def test_the_shipped_indicators_can_all_be_computed(engine: Engine) -> None:
    with read_session(engine) as session:
        found = measures(session=session)

    assert len(found) == 12
    assert [measure.problem for measure in found] == [""] * 12
