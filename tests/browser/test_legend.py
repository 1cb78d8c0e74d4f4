"""The legend: every colour is explained, and what is not known has a look of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.map_server import MapPage, map_page, serve_map
from tests.dashboard.small_world import World, build_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = build_world(tmp_path_factory.mktemp("legend"), grids=8, events=200)
    yield built
    built.engine.dispose()


@pytest.fixture
def map_(browser: Browser, world: World) -> Iterator[MapPage]:
    with serve_map(world.var_dir) as base, map_page(browser, base) as page:
        yield page
        assert page.outside == []
        assert page.complaints == []


def test_the_colours_say_how_they_are_computed_and_over_how_many_events(map_: MapPage, world: World) -> None:
    map_.open("?level=street")
    assert map_.js("document.querySelector('.onemap-explanation')") is None
    map_.js("document.querySelector('.onemap-explain').click()")
    map_.until("() => document.querySelector('.onemap-explanation')")
    told = map_.js("document.querySelector('.onemap-explanation').innerText")
    assert "每个区域内符合当前筛选" in told
    assert f"{len(world.events)} 件" in told
    map_.js("OneMap.setState({ ...OneMap.state, query: 'area=510115001' }) && undefined")
    own = sum(row["code"].startswith("510115001") for row in world.events)
    map_.until(
        "(text) => document.querySelector('.onemap-explanation')?.innerText.includes(text)", f"{own} 件"
    )
    map_.js("document.querySelector('.onemap-explain').click()")
    assert map_.js("document.querySelector('.onemap-explanation')") is None


def test_a_station_without_registered_hours_is_neither_open_nor_closed(map_: MapPage) -> None:
    map_.open("?layers=stations")
    assert sorted(map_.js("OneMap.part('stations').list.map((station) => String(station[4]))")) == [
        "1",
        "null",
    ]
    legend = map_.js("document.querySelector('.onemap-legend').innerText")
    assert "站点，开放时间未登记" in legend
