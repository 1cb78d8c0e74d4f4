"""On 200,000 events, no page and no route reads the events or their log from end to end.

Every page is run from the entry script and every route is asked, and each statement's plan is looked
at, along with its work: what is open and what a period holds may cost something, the past may not. Forms
and what is written stand in ``test_statement_plans_of_forms`` and ``test_statement_plans_of_writing``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.routing import Route

from dashboard import context
from dashboard.acting import token_of
from dashboard.app import app
from dashboard.routes.nowhere import Nowhere
from dashboard.state import LIST_TABS, LOOKS, PATHS, SELECTIONS, SETTINGS, TABS
from data.database import read_session, write_session
from data.evaluation import UnitKind
from data.intake.tokens import create_token
from data.lifecycle import Person
from data.manage.rules import RuleDraft, preview
from data.queries.areas import Metric
from data.readings.upkeep import forget_old, tell_pages
from data.vocabulary import AlertState, BatchKind, Level, Role, Stage, TokenScope
from data.whistle import STANDINGS
from geo.cells import tile_of
from geo.polyline import encode
from tests.dashboard.small_world import DISTRICT, EAST, NORTH, SOUTH, WEST
from tests.sql_recorder import Statement, recorded
from tests.whole.screens import Product
from tests.whole.test_statement_plans_of_forms import FORMS
from tests.whole.watching import EVENTS, OPEN_EVENTS, watched

pytestmark = pytest.mark.slow

MOST_STATEMENTS_A_PAGE = 80
"""63 were seen, for the overview under a polygon: each question first reads the events on its edge."""
MOST_STATEMENTS_A_ROUTE = 12
MOST_STATEMENTS_AN_EXPORT = 60
"""Exports are read in pieces of 2,000 rows, each with a few statements; the largest here has 15,000 rows."""
STREET, COMMUNITY, GRID = f"{DISTRICT}001", f"{DISTRICT}001001", f"{DISTRICT}001001001"
POLYGON = encode(((103.72, 30.63), (103.85, 30.64), (103.80, 30.75), (103.71, 30.70)))
MONTH = {"from": "2026-10-23", "to": "2026-11-21"}
ALL_PAGES = (
    "overview", "community", "events", "stations", "import_data", "quality", "dispatch", "lists",
    "loop", "performance", "alerts", "calendar", "evaluation", "whistle",
    "settings",
)  # fmt: skip

FILTERS: dict[str, dict[str, str]] = {
    "open": {},
    "open in a street": {"area": STREET},
    "open in two grids": {"area": f"{GRID},{DISTRICT}002002003"},
    "open in a polygon": {"poly": POLYGON},
    "open by everything else": {
        "class": "01,0203", "source": "12345,patrol", "status": "handling", "dept": "D01,D05",
        "color": "overdue,in_time",
    },
    "open with text": {"q": "事件12"},
    "reported": {"basis": "reported", **MONTH},
    "reported by a source in a community": {
        "basis": "reported", **MONTH, "source": "12345", "area": COMMUNITY,
    },
    "due in a polygon": {"basis": "due", **MONTH, "poly": POLYGON},
    "closed with text": {"basis": "closed", **MONTH, "q": "示例路"},
    "closed, voided ones too": {"basis": "closed", **MONTH, "status": "closed,voided"},
    "closed on a day long ago": {"basis": "closed", "from": "2025-12-01", "to": "2025-12-01"},
}  # fmt: skip
VIEWS: dict[str, dict[str, str]] = {
    "event": {"sel": "event:199500"},
    "old event": {"sel": "event:4711"},
    "no event": {"sel": "event:999999999"},
    "station": {"sel": "station:1"},
    "area": {"sel": f"area:{COMMUNITY}"},
    **{f"tab {tab}": {"tab": tab} for tab in TABS},
    **{f"order {order}": {"order": order, "p": "7"} for order in ("urgent", "reported", "due")},
    **{f"metric {metric}": {"metric": metric, "level": "grid"} for metric in Metric},
    "heat": {"layers": "heat", "paint": "class"},
}
OTHERS: list[tuple[str, dict[str, str]]] = [
    *[("community", {"area": area}) for area in (DISTRICT, STREET, COMMUNITY, GRID)],
    *[("community", {"area": COMMUNITY, "basis": basis, **MONTH}) for basis in ("reported", "due", "closed")],
    *[("overview", {"alert": kind}) for kind in ("overdue", "soon", "surge", "repeat")],
    *[("overview", {"sort": sort}) for sort in ("overdue", "rate", "per_1000", "name")],
    *[("quality", {"queue": queue}) for queue in ("unplaced", "unlocated", "marked")],
    ("quality", {"batch": "40"}),
    ("quality", {"batch": "3", "queue": "marked"}),
    *[("import_data", {"step": kind.value}) for kind in BatchKind if kind is not BatchKind.DEMO],
    *[
        ("overview", {"rank": "grids", "sort": sort, **where})
        for sort in ("total", "per_1000")
        for where in FILTERS.values()
    ],
    ("community", {"rank": "grids", "area": STREET}),
    ("overview", {"alert": "overdue", "poly": POLYGON, "rank": "grids"}),
    ("stations", {"kind": "street_centre", "now": "open"}),
    ("dispatch", {"class": "01", "area": STREET}),
    ("dispatch", {"rule": "new"}),
    *[("lists", {"list": kind, "q": "示例"}) for kind in LIST_TABS],
    ("lists", {"list": "negative", "item": "new"}),
    *[("loop", {"lane": stage.value}) for stage in Stage],
    *[("loop", where) for where in FILTERS.values()],
    ("loop", {"sel": "event:199500"}),
    *[("performance", where) for where in ({}, {"area": STREET}, {"week": "2026-10-26"}, {"own": "new"})],
    *[("performance", {"look": look, **where}) for look in LOOKS for where in ({}, {"area": STREET})],
    *[("performance", {"cell": f"{key}:{STREET}"}) for key in ("on_time", "satisfied", "garbage_late")],
    *[("alerts", where) for where in ({}, {"area": STREET}, {"risk": "red"}, {"ring": "1"}, {"rule": "1"})],
    *[("alerts", {"state": state.value}) for state in AlertState],
    *[("evaluation", {"units": units, **where}) for units in UnitKind for where in ({}, {"area": STREET})],
    ("evaluation", {"unit": "D01", "by": "public", "period": "2026-10"}),
    *[
        ("whistle", where)
        for where in ({}, {"area": STREET}, {"dept": "D01"}, {"q": "示例"}, {"basis": "reported", **MONTH})
    ],
    *[("whistle", {"standing": standing}) for standing in STANDINGS],
    *[("whistle", {"whistle": key}) for key in ("1", "2", "999", "new")],
    ("whistle", {"whistle": "new", "event": "199500"}),
    *[("settings", {"set": tab}) for tab in SETTINGS],
    *[("calendar", where) for where in ({}, {"year": "2027"}, {"day": "2026-10-01"}, {"area": STREET})],
]


def ran(large: Product, page: str, /, **params: str) -> list[Statement]:
    def run() -> None:
        shown = large.page(page, **params)
        assert not shown.app.exception
        assert "出错" not in shown.text
        assert "网址参数" not in shown.text
        here = re.escape(PATHS[page])
        assert re.search(rf'href="{here}(\?[^"]*)?" aria-current="page"', shown.html)

    statements = watched(large, run)
    assert len(statements) <= MOST_STATEMENTS_A_PAGE
    return statements


def answered(large: Product, path: str, **params: str) -> list[Statement]:
    def ask() -> None:
        answer = large.client.get(path, params={"at": large.now.isoformat(), **params})
        assert answer.status_code == 200, answer.text[:500]

    statements = watched(large, ask)
    most = MOST_STATEMENTS_AN_EXPORT if "export" in path else MOST_STATEMENTS_A_ROUTE
    assert len(statements) <= most
    return statements


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("page", ["overview", "community", "events", "stations"])
def test_a_page_scans_nothing_under_any_filter(large: Product, page: str, where: str) -> None:
    assert ran(large, page, **FILTERS[where])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page", ["overview", "events", "community", "stations"])
def test_a_page_scans_nothing_in_any_view(large: Product, page: str, view: str) -> None:
    area = {"area": COMMUNITY} if page == "community" else {}
    assert ran(large, page, **area, **VIEWS[view])


@pytest.mark.parametrize(("page", "params"), OTHERS)
def test_a_page_scans_nothing_with_its_own_parameters(
    large: Product, page: str, params: dict[str, str]
) -> None:
    assert ran(large, page, **params)


def test_every_page_is_among_those_that_were_run() -> None:
    files = {path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py")} - {"__init__"}
    with_filter = {"overview", "community", "events", "stations"}
    assert files == set(ALL_PAGES) == with_filter | {page for page, _ in OTHERS}
    assert {view["sel"].split(":")[0] for view in VIEWS.values() if "sel" in view} == set(SELECTIONS)


def tiles(z: int) -> dict[str, str]:
    (x0, y0), (x1, y1) = tile_of(WEST, NORTH, z=z), tile_of(EAST, SOUTH, z=z)
    return {"z": str(z), "x0": str(x0), "y0": str(y0), "x1": str(x1), "y1": str(y1)}


Answers = dict[str, list[dict[str, str]]]
FILTERED: Answers = {
    "/onemap/points": [tiles(z) for z in (9, 12, 14)],
    "/onemap/heat": [tiles(z) for z in (9, 12, 14)],
    "/onemap/values": [{"level": level, "metric": metric} for level in Level for metric in Metric],
    "/onemap/explain": [{"metric": metric} for metric in Metric],
    "/onemap/export.csv": [{}],
    "/onemap/export.xlsx": [{}],
    "/onemap/stations": [{}, {"kind": "street_centre"}],
    "/onemap/whistles.csv": [{}, {"standing": "agenda"}],
}
"""Routes that take the Filter, with their own parameters."""
SEARCHES = ["N00004711", "N0000", "示例事件12", "示例1街道", "slbm", "510115001", "%", "小类0203", "x" * 50]
NO_STATEMENTS = {
    "/onemap/assets/{version}/{name:path}",
    "/onemap/tiles/{name}.pmtiles",
    "/onemap/basemap.pmtiles",
    "/onemap/openapi.json",
    "/onemap/api",
}
"""Routes that give files and documents."""
INTAKE = "/onemap/intake/events"
READINGS = "/onemap/api/readings"
PHOTOS = "/onemap/attachments/{digest}.jpg"
LIVE = {"/onemap/search", "/onemap/people", "/onemap/health", "/onemap/stream"}


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("path", FILTERED)
def test_a_route_scans_nothing_under_any_filter(large: Product, path: str, where: str) -> None:
    for params in FILTERED[path]:
        assert answered(large, path, **FILTERS[where], **params)


@pytest.mark.parametrize("text", SEARCHES)
def test_a_search_scans_nothing(large: Product, text: str) -> None:
    assert answered(large, "/onemap/search", q=text)


@pytest.mark.parametrize("text", ["", "派遣", "示例1街道"])
def test_looking_for_a_person_scans_nothing(large: Product, text: str) -> None:
    assert answered(large, "/onemap/people", text=text)


LOOP: list[dict[str, str]] = [
    *FILTERS.values(),
    {"wait": "feedback"},
    {"lane": "rate", "p": "7"},
    {"pick": "all"},
    {"lane": "all", "pick": "all", "area": STREET},
    {"sel": "event:199500"},
    {"sel": "event:199500", "move": "supervise"},
    {"sel": "event:199501", "move": "feedback"},
    {"sel": "event:4711", "move": "appeal"},
]


@pytest.mark.parametrize("view", LOOP)
@pytest.mark.parametrize("person", [(1, "网格员·示例01"), (2, "派遣员·示例02"), (3, "市政·示例03")])
def test_the_loop_scans_nothing_whoever_acts(
    large: Product, person: tuple[int, str], view: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(Person(name=person[1], role=Role.DISPATCHER, staff_id=person[0]))
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token)
    assert ran(large, "loop", **view)


@pytest.mark.parametrize("act", ["arrive", "finish", "return", "undo", "withdraw"])
def test_a_whistle_scans_nothing_for_the_department_that_acts(
    large: Product, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(Person(name="市政·示例03", role=Role.DEPARTMENT, staff_id=3))
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token)
    assert ran(large, "whistle", whistle="1", act=act, unit="D01")


def test_health_and_the_stream_scan_nothing(large: Product) -> None:
    from dashboard.routes.revisions import _read_revision

    assert answered(large, "/onemap/health")
    assert watched(large, _read_revision)


def test_files_are_served_without_a_statement(large: Product) -> None:
    tiles_file = next((large.var_dir / "tiles").glob("*.pmtiles"))
    with recorded(context.engine()) as statements:
        assert large.client.get(f"/onemap/tiles/{tiles_file.name}").status_code == 200
        assert large.client.get("/onemap/assets/x/icon.png").status_code == 200
        assert large.client.get("/onemap/basemap.pmtiles").status_code == 404
        assert large.client.get("/onemap/openapi.json").status_code == 200
        assert large.client.get("/onemap/api").status_code == 200
    assert statements == []


def test_a_photo_is_found_by_its_hash(large: Product) -> None:
    def ask() -> None:
        assert large.client.get(PHOTOS.replace("{digest}", "0" * 64)).status_code == 404

    assert watched(large, ask)


def test_a_case_that_another_system_brings_in_is_taken_in_without_a_scan(large: Product) -> None:
    with write_session(context.engine()) as session:
        token = create_token(session, name="示例平台", source="shuzi", settings=context.settings())
    case = {"external_no": "SL-1", "class": "0102", "title": "示例", "status": "处置中",
            "reported_at": "2026-11-20 08:00", "lon": 103.8, "lat": 30.7}  # fmt: skip
    answers = []

    def post() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answers.append(large.client.post(INTAKE, json=[case], headers=headers))

    assert watched(large, post)
    assert [answer.status_code for answer in answers] == [200], answers[0].text


def test_readings_that_sensors_send_are_kept_without_a_scan_and_told_to_pages_and_rules(
    large: Product,
) -> None:
    with write_session(context.engine()) as session:
        token = create_token(
            session, name="示例河道", source="sensor", settings=context.settings(), scope=TokenScope.READINGS
        )
    at = datetime.now(UTC) - timedelta(minutes=5)
    body = [
        {"sensor": f"S{number}", "count": "水体浊度", "value": 5, "at": at.isoformat(), "code": COMMUNITY,
         "external_no": str(number)}
        for number in range(50)
    ]  # fmt: skip
    answers = []

    def post() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answers.append(large.client.post(READINGS, json=body, headers=headers))

    assert watched(large, post)
    assert watched(large, post)
    assert [answer.json()["new"] for answer in answers] == [50, 0], answers[0].text
    assert watched(large, lambda: tell_pages(context.engine(), told=0))
    assert watched(large, lambda: forget_old(context.engine()))

    def look_for_causes() -> None:
        limits = {"count": "water_turbidity", "above": 4, "for_minutes": 1}
        draft = RuleDraft(
            kind="sensor_limit", name="示例", parameters=limits, color="yellow", owner="community"
        )
        with read_session(context.engine()) as session:
            assert preview(session, draft, as_of=at).total == 0, "no reading has lasted a minute"

    asked = [one for one in watched(large, look_for_causes) if "asked" in one.sql]
    assert len(asked) == 1, "one statement for all sensors beyond the limit"


def test_no_route_that_is_served_is_forgotten() -> None:
    """Beside the start pages, in which Streamlit runs the pages, and the answer to unknown addresses."""
    start = {*(path.removeprefix(".") for path in PATHS.values()), *(f"/{name}" for name in PATHS)}
    served = {
        (method, route.path)
        for route in app._user_routes
        if isinstance(route, Route) and not isinstance(route, Nowhere) and route.path not in start
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }
    assert all(isinstance(route, Route) for route in app._user_routes)
    reading = {("GET", path) for path in (*FILTERED, *LIVE, *NO_STATEMENTS, PHOTOS)}
    assert served == reading | {("POST", INTAKE), ("POST", READINGS)} | set(FORMS)


def test_a_click_on_the_map_scans_nothing(large: Product) -> None:
    from dashboard.map import MapMessage

    shown = large.page()
    layers = ("areas", "points", "stations")
    for n, zoom in enumerate((11, 14, 18), start=1):
        click_at = MapMessage(
            event="click", n=n, lon=103.8, lat=30.7, zoom=zoom, tolerance_px=22, level="street", layers=layers
        )
        shown.map.messages.append(click_at)
        assert watched(large, shown.app.run)
    assert not shown.app.exception


def test_the_overview_s_work_is_for_what_is_open_and_a_month_and_not_for_the_history(large: Product) -> None:
    """A hundred machine instructions a row that a statement is about, and not 200,000 rows of them."""
    rows = {"ix_event_open": OPEN_EVENTS, "ix_event_reported": 31 * EVENTS // 400}
    statements = ran(large, "overview") + answered(large, "/onemap/points", **tiles(12))
    for index, count in rows.items():
        using = [found for found in statements if any(index in line for line in found.plan)]
        assert len(using) >= 3
        heaviest = max(using, key=lambda found: found.work[0])
        assert heaviest.work[0] <= 100 * count / 1000, heaviest
    assert sum(found.work[0] for found in statements) <= 100 * EVENTS / 1000 / 2
