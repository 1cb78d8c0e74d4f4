"""Whatever the filter, every number agrees with a plain loop over the rows, and with every other number."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data.database import read_session
from data.filter import Filter
from data.queries.areas import Metric, area_table, area_values
from data.queries.clusters import TileRectangle, clusters, heat
from data.queries.events import count_events, iterate_events, list_events
from data.queries.explain import explain
from data.queries.kpis import kpi_row
from data.queries.trends import by_class, by_department, by_source
from data.vocabulary import Basis, Level, SlaColor, Status
from geo.cells import tile_of
from tests.data.queries.brute import color, matching
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import C1, C2, C3, G1, G2, MINUTE_SQUARE, S1, S2, D, build, event

pytestmark = pytest.mark.slow

OPEN_STATUSES = ("reported", "dispatched", "handling", "suspended", "checking")
ENDED_STATUSES = ("closed", "closed", "evaluated", "merged", "voided")


def _random_events(count: int) -> list[dict[str, Any]]:
    pick = random.Random(7)
    rows = []
    for number in range(1, count + 1):
        reported = -pick.uniform(0, 24 * 30)
        ended = pick.choice([None, reported + pick.uniform(-2, 100)])
        rows.append(
            event(
                number,
                reported=reported,
                due=pick.choice([None, reported + pick.choice([2, 24, 72, 400])]),
                ended=None if ended is None or ended > 0 else ended,
                status=pick.choice(OPEN_STATUSES if ended is None or ended > 0 else ENDED_STATUSES),
                code=pick.choice([G1, G2, C1, C2, C3, S1, S2, D, ""]),
                at=pick.choice(
                    [None, (103.81, 30.70), (pick.uniform(103.7, 104.0), pick.uniform(30.6, 30.8))]
                ),
                class_code=pick.choice(["0101", "0102", "0203"]),
                source=pick.choice(["patrol", "12345", "sensor"]),
                department=pick.choice(["D1", "D2", ""]),
                address=pick.choice(["", "示例路 1 号", "100%_ROAD"]),
            )
        )
    return rows


ROWS = _random_events(400)
TODAY = NOW.date()
polygons = st.sampled_from(
    [
        (),
        (),
        MINUTE_SQUARE,
        ((103.70, 30.60), (103.95, 30.62), (103.90, 30.78), (103.75, 30.70)),
        ((103.81, 30.60), (103.99, 30.60), (103.81, 30.80)),
    ]
)


def _few(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    basis = draw(st.sampled_from(list(Basis)))
    start = end = None
    if basis is not Basis.OPEN:
        first, length = draw(st.integers(0, 35)), draw(st.integers(0, 35))
        start = TODAY - timedelta(days=first)
        end = start + timedelta(days=length)
    areas = draw(st.sampled_from([(), (), (D,), (S1,), (G2,), (C1, S2), (G1, G2, S2), (C1, C2, C3)]))
    return Filter(
        basis=basis,
        start=start,
        end=end,
        areas=areas,
        classes=draw(st.sampled_from([(), (), ("01",), ("0203",), ("0102", "02")])),
        sources=draw(_few(["patrol", "12345", "nobody"])),
        statuses=draw(st.sampled_from([(), (), (), (Status.VOIDED,), (Status.CLOSED, Status.HANDLING)])),
        departments=draw(st.sampled_from([(), (), ("D1",), ("-", "D2"), ("D1", "D2")])),
        colors=draw(_few(list(SlaColor))),
        text=draw(st.sampled_from(["", "", "示例1", "%_road", "E00"])),
        polygon=draw(polygons),
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return build(Path(tmp_path_factory.mktemp("many")) / "many.db", ROWS)


def _quietly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),  # a failing filter is readable as it is
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@_quietly(200)
@given(where=filters())
def test_counts_list_areas_clusters_and_charts_agree_with_a_loop(many: Engine, where: Filter) -> None:
    rows = matching(ROWS, where, NOW)
    located = sum(row["lon"] is not None for row in rows)
    with read_session(many) as session:
        ask: dict[str, Any] = {"session": session, "where": where, "as_of": NOW}
        count = count_events(**ask)
        assert count.total == len(rows)
        assert (count.unlocated, count.unplaced) == (
            len(rows) - located,
            sum(row["code"] == "" for row in rows),
        )
        colors = Counter(color(row, NOW).value for row in rows)
        assert {each.value: getattr(count, each.value) for each in SlaColor} == {
            each.value: colors[each.value] for each in SlaColor
        }
        assert list_events(**ask, limit=1).total == len(rows)
        assert sorted(row.id for chunk in iterate_events(**ask, chunk=150) for row in chunk) == sorted(
            row["id"] for row in rows
        )
        for zoom in (9, 14, 18):
            found = clusters(**ask, zoom=zoom)
            assert sum(each.count for each in found) == located
            assert sum(each.overdue for each in found) == sum(
                row["lon"] is not None and color(row, NOW) is SlaColor.OVERDUE for row in rows
            )
        assert sum(cell.weight for cell in heat(**ask, zoom=13)) == located
        for level in (Level.STREET, Level.COMMUNITY, Level.GRID):
            table = area_table(**ask, level=level)
            assert table.total.total == len(rows)
            assert sum(row.total for row in table.rows) + table.unplaced.total == len(rows)
            values = area_values(**ask, level=level, metric=Metric.TOTAL).values
            assert values == {row.code: row.total for row in table.rows if row.total}
        for chart in (by_class, by_source, by_department):
            assert sum(each.count for each in chart(**ask)) == len(rows)


@_quietly(60)
@given(where=filters(), z=st.integers(8, 20))
def test_tiles_add_up_to_everything_located(many: Engine, where: Filter, z: int) -> None:
    x0, y0 = tile_of(103.69, 30.81, z=z)
    x1, y1 = tile_of(104.01, 30.59, z=z)
    middle = (x0 + x1) // 2
    halves = [(x0, middle), (middle + 1, x1)] if x1 > x0 else [(x0, x1)]
    with read_session(many) as session:
        ask: dict[str, Any] = {"session": session, "where": where, "as_of": NOW, "zoom": z}
        whole = sum(each.count for each in clusters(**ask))
        parts = [
            clusters(**ask, tiles=TileRectangle(z=z, x0=west, y0=y0, x1=east, y1=y1)) for west, east in halves
        ]
    assert sum(each.count for part in parts for each in part) == whole


@_quietly(60)
@given(where=filters())
def test_every_kpi_is_the_count_of_the_filter_that_a_click_sets(many: Engine, where: Filter) -> None:
    with read_session(many) as session:
        for kpi in kpi_row(session=session, where=where, as_of=NOW):
            rows = matching(ROWS, kpi.where, NOW)
            assert count_events(session=session, where=kpi.where, as_of=NOW).total == len(rows)
            assert explain(session=session, key=kpi.key, where=where, as_of=NOW).rows == len(rows)
            if kpi.key == "on_time_rate":
                assert (kpi.numerator, kpi.denominator) == (
                    sum(bool(row["in_time"]) for row in rows),
                    len(rows),
                )
            else:
                assert kpi.value == len(rows)


@_quietly(60)
@given(where=filters())
def test_earlier_values_are_what_a_loop_finds_at_that_time(many: Engine, where: Filter) -> None:
    where = where.changed(statuses=(), colors=())
    everything = where.changed(basis=Basis.OPEN, start=None, end=None)
    rows = [
        row
        for row in ROWS
        if row["status"] != "voided" and matching([row | {"ended_at": None}], everything, NOW)
    ]
    with read_session(many) as session:
        open_, new, overdue, soon, _ = kpi_row(session=session, where=where, as_of=NOW)
    for days in range(1, 14):
        at = NOW - timedelta(days=days)
        alive = [
            row for row in rows
            if row["reported_at"] <= at and (row["ended_at"] is None or row["ended_at"] > at)
        ]  # fmt: skip
        then = Counter(color(row | {"ended_at": None, "in_time": None}, at) for row in alive)
        assert open_.spark[-1 - days] == len(alive)
        assert (overdue.spark[-1 - days], soon.spark[-1 - days]) == (
            then[SlaColor.OVERDUE],
            then[SlaColor.SOON],
        )
        day = TODAY - timedelta(days=days)
        assert new.spark[-1 - days] == sum(
            row["reported_day"] == day and row["reported_at"] <= at for row in rows
        )
    assert (open_.yesterday, open_.last_week) == (open_.spark[-2], open_.spark[-8])
