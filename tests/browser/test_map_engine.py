"""The map in a real browser: what it draws, what it tells, and that nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Route

from data.database import write_session
from geo.gcj02 import gcj02_from_cgcs2000
from tests.browser.map_server import MapPage, map_page, serve_map
from tests.dashboard.small_world import EAST, NORTH, SOUTH, WEST, World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = build_world(tmp_path_factory.mktemp("map"))
    yield built
    built.engine.dispose()


@pytest.fixture(scope="module")
def base(world: World) -> Iterator[str]:
    with serve_map(world.var_dir) as address:
        yield address


@pytest.fixture
def map_(browser: Browser, base: str) -> Iterator[MapPage]:
    with map_page(browser, base) as page:
        yield page
        assert page.outside == []
        assert page.complaints == []


def _open(world: World, **fields: object) -> int:
    return sum(all(row[name] == value for name, value in fields.items()) for row in world.events)


def test_the_map_shows_every_area_and_every_located_event(map_: MapPage, world: World) -> None:
    map_.open("?level=grid")
    shown = map_.debug()
    assert shown["areas"]["level"] == "grid"
    assert shown["areas"]["count"] == world.grids
    located = sum(row["cell"] is not None for row in world.events)
    assert shown["points"]["shown"] == located
    assert shown["points"]["total"] == len(world.events)
    assert shown["points"]["unlocated"] == len(world.events) - located
    colors = map_.js(
        """() => { const seen = new Set();
        for (const canvas of document.querySelectorAll(".onemap-tile")) {
          const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          for (const pixel of new Uint32Array(image.data.buffer)) seen.add(pixel); }
        return seen.size; }"""
    )
    assert colors > 20


def test_the_area_under_every_grids_centre_is_that_grid(map_: MapPage, world: World) -> None:
    map_.open("?level=grid&layers=areas")
    names = map_.js(
        """() => { const areas = OneMap.part("areas"), size = OneMap.map.getSize(), wrong = [];
        let looked = 0;
        const frame = OneMap.squareToPixels();
        for (const [i, label] of areas.names.get("grid")) {
          const point = L.point(label.x * frame.side - frame.west, label.y * frame.side - frame.north);
          if (point.x < 0 || point.y < 0 || point.x >= size.x || point.y >= size.y) continue;
          looked += 1;
          if (areas.at(point)?.i !== i) wrong.push(i);
        }
        return { looked, wrong }; }"""
    )
    assert names == {"looked": world.grids, "wrong": []}


def test_a_filter_changes_the_map_in_place(map_: MapPage, world: World) -> None:
    map_.open("?level=grid")
    map_.js("window.stillTheSame = true")
    before = map_.debug()["applied"]
    map_.page.get_by_text("超期", exact=True).first.click()
    map_.until("(before) => OneMap.applied > before", before)
    map_.idle()
    shown = map_.debug()
    overdue = sum(
        row["due_at"] < row["reported_at"] or row["external_no"][-1] in "01" for row in world.events
    )
    assert shown["points"]["total"] == overdue
    assert map_.js("window.stillTheSame") is True
    assert map_.js("window.feature_group.length") == 1


def test_a_filter_is_shown_before_python_answers_and_python_has_the_last_word(
    map_: MapPage, world: World
) -> None:
    map_.open("?level=grid")
    state = map_.debug()["state"]
    map_.js("OneMap.expect('color=overdue')")
    map_.idle()
    assert map_.debug()["points"]["total"] < len(world.events)
    map_.js("(state) => OneMap.setState(state) && undefined", state)
    map_.idle()
    assert map_.debug()["state"]["query"] == ""
    assert map_.debug()["points"]["total"] == len(world.events)


def test_the_same_place_clicked_twice_is_told_twice(map_: MapPage) -> None:
    map_.open("?layers=areas")
    for times in (1, 2):
        map_.click(*MIDDLE)
        map_.page.wait_for_function(
            "(times) => (document.body.innerText.match(/click 1/g) || []).length === times", arg=times
        )
    lines = map_.heard("click")
    assert len(lines) == 2
    lon, lat = (float(word) for word in lines[0].split()[1:3])
    assert (lon, lat) == pytest.approx(MIDDLE, abs=0.0005)


def test_a_click_on_a_cluster_comes_nearer_and_tells_nothing(map_: MapPage) -> None:
    map_.open()
    cluster = map_.js("OneMap.part('points').answer.clusters.filter((c) => c[2] > 1).pop()")
    before = map_.debug()["zoom"]
    map_.click(cluster[0], cluster[1])
    map_.until("(before) => OneMap.map.getZoom() === before + 2", before)
    map_.idle()
    assert map_.debug()["messages"] == []


def test_python_can_make_the_map_fly(map_: MapPage) -> None:
    map_.open()
    map_.page.get_by_role("button", name="fly").click()
    map_.until("OneMap.map.getZoom() === 16")
    map_.idle()
    center = map_.debug()["center"]
    assert (center["lng"], center["lat"]) == pytest.approx((103.8, 30.7), abs=0.0005)
    assert map_.debug()["areas"]["level"] == "grid"


def test_a_drawn_polygon_is_told_and_can_be_cleared(map_: MapPage) -> None:
    map_.open("?layers=areas")
    corners = [(103.80, 30.68), (103.86, 30.68), (103.83, 30.73)]
    map_.frame.get_by_role("button", name="画一个范围来筛选").click()
    for corner in [*corners, corners[0]]:
        map_.click(*corner)
        map_.page.wait_for_timeout(120)
    map_.page.wait_for_function("document.body.innerText.includes('draw')")
    polygon = map_.debug()["messages"][-1]["polygon"]
    assert np.allclose(polygon, corners, atol=0.0006)
    assert map_.heard("draw")[-1].endswith(" 3")
    assert map_.debug()["draw"]["shown"] is True
    map_.frame.get_by_role("button", name="清除画的范围").click()
    map_.until("OneMap.debug().messages.at(-1).polygon === null")
    assert map_.debug()["draw"]["shown"] is False


def test_escape_gives_up_drawing_and_nothing_is_told(map_: MapPage) -> None:
    map_.open("?layers=areas")
    map_.frame.get_by_role("button", name="画一个范围来筛选").click()
    map_.click(103.80, 30.68)
    assert map_.debug()["draw"] == {"drawing": True, "corners": 1, "shown": False}
    map_.page.keyboard.press("Escape")
    assert map_.debug()["draw"]["drawing"] is False
    assert map_.debug()["messages"] == []


def test_a_finger_reaches_further_than_a_mouse(browser: Browser, base: str) -> None:
    with map_page(browser, base, width=820, height=1180, has_touch=True) as map_:
        map_.open("?layers=areas")
        map_.page.touchscreen.tap(*map_.at(*MIDDLE))
        map_.until("OneMap.debug().messages.length === 1")
        assert map_.debug()["messages"][0]["tolerance_px"] == 22
        heights = map_.js("[...document.querySelectorAll('.onemap-button')].map((b) => b.offsetHeight)")
        assert min(height for height in heights if height) >= 44


def test_a_layer_chosen_on_the_map_is_shown_at_once_and_told(map_: MapPage) -> None:
    map_.open()
    map_.frame.get_by_text("热力", exact=True).click()
    map_.idle()
    shown = map_.debug()
    assert shown["heat"]["cells"] > 0
    assert shown["messages"][-1]["choice"] == {"layers": ["areas", "points", "stations", "heat", "names"]}


def test_new_data_is_told_to_python_and_shown_at_its_revision(map_: MapPage, world: World) -> None:
    map_.open()
    before = map_.debug()["areas"]["revision"]
    with write_session(world.engine):
        pass
    map_.until("(before) => OneMap.debug().areas.revision > before", before)
    map_.idle()
    shown = map_.debug()
    assert (
        shown["areas"]["revision"] == shown["points"]["revision"] == shown["state"]["revision"] == before + 1
    )
    assert shown["status"]["text"] == ""


def test_a_late_answer_never_replaces_a_newer_one(map_: MapPage) -> None:
    map_.open("?layers=areas")

    def delay_the_first(route: Route) -> None:
        if "metric=overdue" in route.request.url:
            map_.page.wait_for_timeout(600)
        route.continue_()

    map_.page.route("**/onemap/values*", delay_the_first)
    map_.js("() => { OneMap.choose({ metric: 'overdue' }); OneMap.choose({ metric: 'soon' }); }")
    map_.idle()
    map_.page.wait_for_timeout(1000)
    assert map_.debug()["areas"]["metric"] == "soon"


def test_a_refused_request_is_shown_with_a_way_to_retry(browser: Browser, base: str) -> None:
    with map_page(browser, base) as map_:
        map_.open("?layers=areas")
        refuse = {"status": 503, "content_type": "application/json", "body": '{"problems":["数据库正忙"]}'}
        map_.page.route("**/onemap/values*", lambda route: route.fulfill(**refuse))
        map_.js("OneMap.choose({ metric: 'overdue' })")
        map_.idle()
        assert map_.debug()["status"]["text"] == "数据库正忙重试"
        assert map_.debug()["areas"]["metric"] == "total"  # the old picture stays
        map_.page.unroute("**/onemap/values*")
        map_.frame.get_by_role("button", name="重试").click()
        map_.idle()
        assert map_.debug()["status"] == {"text": "", "failures": []}
        assert map_.debug()["areas"]["metric"] == "overdue"


def test_the_dark_theme_reaches_the_frame(map_: MapPage) -> None:
    map_.open("?theme=dark")
    color = map_.js("getComputedStyle(OneMap.map.getContainer()).backgroundColor")
    assert color == "rgb(11, 21, 38)"


def test_the_browser_shifts_to_gcj02_by_the_same_numbers_as_python(map_: MapPage) -> None:
    map_.open()
    places = np.array([(103.83, 30.70), (116.397, 39.909), (121.47, 31.23), (87.6, 43.8)])
    lon, lat = gcj02_from_cgcs2000(places[:, 0], places[:, 1])
    there = map_.js("(places) => places.map(([x, y]) => OneMap.places.toGcj02(x, y))", places.tolist())
    assert np.allclose(there, np.column_stack([lon, lat]), atol=1e-9)
    back = map_.js("(places) => places.map(([x, y]) => OneMap.places.fromGcj02(x, y))", there)
    assert np.allclose(back, places, atol=1e-9)


def test_on_an_amap_base_map_areas_and_clicks_keep_their_true_places(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    picture = bytes.fromhex(
        "47494638396101000100800000ffffff00000021f90400000000002c00000000010001000002024401003b"
    )
    with serve_map(world.var_dir, ONEMAP_BASEMAP="amap") as base, map_page(browser, base) as map_:
        map_.page.context.route(
            "**autonavi**", lambda route: route.fulfill(body=picture, content_type="image/gif")
        )
        map_.open("?level=grid&layers=areas")
        assert map_.outside
        assert all("autonavi.com" in url for url in map_.outside)
        moved = map_.js("OneMap.places.shown(103.8, 30.7)")
        assert moved == pytest.approx(
            [float(v) for v in np.ravel(gcj02_from_cgcs2000(np.array([103.8]), np.array([30.7])))]
        )
        map_.click(103.8, 30.7)
        map_.page.wait_for_function("document.body.innerText.includes('click')")
        lon, lat = (float(word) for word in map_.heard("click")[0].split()[1:3])
        assert (lon, lat) == pytest.approx((103.8, 30.7), abs=0.0005)
        wrong = map_.js(
            """() => { const areas = OneMap.part("areas"), frame = OneMap.squareToPixels(); let wrong = 0;
            for (const [i, label] of areas.names.get("grid")) {
              const x = label.x * frame.side - frame.west, y = label.y * frame.side - frame.north;
              const at = areas.at(L.point(x, y));
              if (at && at.i !== i) wrong += 1; }
            return wrong; }"""
        )
        assert wrong == 0
        map_.page.screenshot(path=tmp_path / "amap.png")


@pytest.mark.shared_data
def test_a_local_base_map_of_any_scheme_is_drawn(browser: Browser, world: World, shared_data: Path) -> None:
    archive = shared_data / "jinan_roads_z6-13.pmtiles"
    with (
        serve_map(world.var_dir, ONEMAP_BASEMAP="pmtiles", ONEMAP_BASEMAP_URL=str(archive)) as base,
        map_page(browser, base) as map_,
    ):
        map_.open("?layers=points")
        map_.js("OneMap.map.setView([36.65, 117.0], 16, { animate: false })")
        map_.idle()
        map_.page.wait_for_timeout(1500)
        drawn = map_.js(
            """() => [...document.querySelectorAll(".leaflet-onemap-base-pane canvas")].filter((canvas) => {
              const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(image.data.buffer)).size > 10; }).length"""
        )
        assert drawn > 0
        assert map_.outside == []
        assert map_.complaints == []
