"""No query reads a large table from end to end, whatever the basis: every statement's plan is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from data.database import Moment, open_engine, read_session
from data.export import export_csv
from data.filter import Filter
from data.queries import alerts, areas, clusters, events, explain, kpis, pick, quality, repeats, trends
from data.queries.search import search
from data.queries.stations import list_stations
from data.vocabulary import Basis, Level, SlaColor, Status
from tests.data.queries.synthetic import NOW, build
from tests.sql_recorder import Statement, recorded, scans

TODAY = NOW.date()
MONTH: dict[str, Any] = {"start": TODAY - timedelta(days=29), "end": TODAY}
POLYGON = ((103.72, 30.63), (103.85, 30.64), (103.80, 30.75), (103.70, 30.70))
TILES = clusters.TileRectangle(z=12, x0=3228, y0=1675, x1=3230, y1=1678)

FILTERS: dict[str, Filter] = {
    "open": Filter(),
    "open in areas": Filter(areas=("510115001", "510115003")),
    "open in many areas": Filter(areas=tuple(f"510115001001{number:03}" for number in range(1, 51))),
    "open in a polygon": Filter(polygon=POLYGON),
    "open by source, class, department, status": Filter(
        sources=("12345",), classes=("0101",), departments=("D03",), statuses=(Status.HANDLING,)
    ),
    "open by colour": Filter(colors=(SlaColor.OVERDUE,)),
    "open with text": Filter(text="示例事件12"),
    "reported": Filter(basis=Basis.REPORTED, **MONTH),
    "reported by source and area": Filter(
        basis=Basis.REPORTED, **MONTH, sources=("12345",), areas=("510115001",)
    ),
    "due": Filter(basis=Basis.DUE, **MONTH),
    "closed": Filter(basis=Basis.CLOSED, **MONTH),
    "closed in a polygon with text": Filter(basis=Basis.CLOSED, **MONTH, polygon=POLYGON, text="示例"),
}
Query = Callable[[Session, Filter], Any]


def _list(order: events.Order) -> Query:
    return lambda s, w: events.list_events(session=s, where=w, as_of=NOW, order=order)


def _values(metric: areas.Metric) -> Query:
    return lambda s, w: areas.area_values(session=s, where=w, as_of=NOW, level=Level.GRID, metric=metric)


def _queue(queue: Callable[..., quality.Queue], batch: int | None) -> Callable[[Session], Any]:
    return lambda s: queue(session=s, as_of=NOW, batch_id=batch)


QUERIES: dict[str, Query] = {
    "count": lambda s, w: events.count_events(session=s, where=w, as_of=NOW),
    **{f"list by {order}": _list(order) for order in events.Order},
    "clusters": lambda s, w: clusters.clusters(session=s, where=w, as_of=NOW, zoom=12),
    "clusters in tiles": lambda s, w: clusters.clusters(session=s, where=w, as_of=NOW, zoom=12, tiles=TILES),
    "heat": lambda s, w: clusters.heat(session=s, where=w, as_of=NOW, zoom=12, tiles=TILES),
    "table": lambda s, w: areas.area_table(session=s, where=w, as_of=NOW, parent="510115"),
    **{f"values of {metric}": _values(metric) for metric in areas.Metric},
    "kpis": lambda s, w: kpis.kpi_row(session=s, where=w, as_of=NOW),
    "alerts": lambda s, w: alerts.alert_list(session=s, where=w, as_of=NOW),
    "repeats": lambda s, w: repeats.repeats(session=s, where=w, as_of=NOW),
    "by day": lambda s, w: trends.by_day(session=s, where=w, as_of=NOW),
    "by class": lambda s, w: trends.by_class(session=s, where=w, as_of=NOW),
    "pick": lambda s, w: pick.pick(
        session=s, lon=103.8, lat=30.7, zoom=14, tolerance_px=22, where=w, as_of=NOW
    ),
    "explain": lambda s, w: explain.explain(session=s, key="metric:overdue", where=w, as_of=NOW),
    "export": lambda s, w: list(export_csv(s, where=w, moment=Moment(NOW, 1))),
}
pytestmark = pytest.mark.sqlite
OTHERS: dict[str, Callable[[Session], Any]] = {
    "card": lambda s: events.event_card(session=s, event_id=4711, as_of=NOW),
    "area card": lambda s: areas.area_card(session=s, code="510115001", as_of=NOW),
    "search a number": lambda s: search(session=s, text="N00004711"),
    "search a name": lambda s: search(session=s, text="区划001"),
    "stations": lambda s: list_stations(session=s, open_at=NOW),
    **{
        f"{queue.__name__} of {batch}": _queue(queue, batch)
        for queue in (quality.unplaced, quality.unlocated, quality.marked)
        for batch in (None, 1)
    },
}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("large") / "large.db"
    build(path, events=20_000, open_events=2_000, grids=500)
    return open_engine(f"sqlite:///{path}")


def _assert_searches(engine: Engine, ask: Callable[[Session], Any]) -> list[Statement]:
    with recorded(engine) as statements, read_session(engine) as session:
        ask(session)
    assert statements
    assert [(found.plan, found.sql) for found in scans(statements)] == []
    return statements


@pytest.mark.parametrize("basis", FILTERS)
@pytest.mark.parametrize("query", QUERIES)
def test_no_statement_scans(large: Engine, basis: str, query: str) -> None:
    _assert_searches(large, lambda session: QUERIES[query](session, FILTERS[basis]))


@pytest.mark.parametrize("query", OTHERS)
def test_no_statement_without_filter_scans(large: Engine, query: str) -> None:
    _assert_searches(large, OTHERS[query])


def test_open_events_are_read_through_a_partial_index_and_periods_through_their_own(large: Engine) -> None:
    used = {
        "open": "ix_event_open_code (code>",
        "open in a polygon": "ix_event_open_cell (cell>",
        "open by source, class, department, status": "ix_event_open_code (code>",
        "reported by source and area": "ix_event_reported (reported_day>",
        "due": "ix_event_due (due_day>",
        "closed": "ix_event_ended (ended_day>",
    }
    for basis, index in used.items():
        statements = _assert_searches(large, lambda s, basis=basis: QUERIES["count"](s, FILTERS[basis]))  # type: ignore[misc]
        assert f"USING COVERING INDEX {index}" in statements[-1].plan[0], basis


def test_a_kpi_row_takes_a_handful_of_statements(large: Engine) -> None:
    assert len(_assert_searches(large, lambda session: QUERIES["kpis"](session, Filter()))) <= 6


def test_the_recorder_notices_a_scan(large: Engine) -> None:
    with recorded(large) as statements, large.connect() as connection:
        connection.execute(text("SELECT count(*) FROM event WHERE title = 'x'"))
        connection.execute(text("SELECT count(*) FROM event_log"))
        connection.execute(text("SELECT count(*) FROM event_class"))
    assert ["event_class" in found.sql for found in scans(statements)] == [False, False]
