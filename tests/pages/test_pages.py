"""Each page from the entry script: with data, without data, with a nonsense address, without a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dashboard.map import MapMessage
from data.vocabulary import StationKind
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.pages.conftest import Opener

WITH_FILTER = ["overview", "community", "events", "loop", "stations"]
ALL = [*WITH_FILTER, "import_data", "quality", "dispatch", "lists"]
STREET = f"{DISTRICT}001"


def overdue(world: World) -> int:
    return sum(row["due_at"] < NOW and row["status"] != "suspended" for row in world.events)


@pytest.mark.parametrize("page", ALL)
def test_a_page_opens_without_an_error(page: str, opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener(page)

    assert not shown.app.exception
    assert "出错" not in shown.text
    assert 'aria-current="page"' in shown.html


@pytest.mark.parametrize("page", WITH_FILTER)
def test_every_page_counts_the_same_events_under_the_same_filter(
    page: str, opener: Opener, world: World
) -> None:
    expected = sum(row["code"].startswith(STREET) for row in world.events)

    assert opener(page, area=STREET).total == expected


def test_the_figures_of_the_overview_are_those_of_a_plain_count(opener: Opener, world: World) -> None:
    kpis = opener().kpis

    assert len(kpis) == 5
    assert kpis["open"] == len(world.events)
    assert kpis["overdue"] == overdue(world)


def test_the_areas_of_the_ranking_add_up_to_the_total(opener: Opener, world: World) -> None:
    by_area = opener().counts("data-code")

    assert sum(by_area.values()) == len(world.events)
    assert by_area[STREET] == sum(row["code"].startswith(STREET) for row in world.events)


def test_the_events_without_position_are_one_click_away_as_the_same_number(
    opener: Opener, world: World
) -> None:
    without = sum(row["cell"] is None for row in world.events)

    shown = opener()

    assert without > 0
    assert any("missing=position" in href and href.startswith("./events") for href in shown.links)
    assert opener("events", missing="position").total == without


def test_the_events_above_the_streets_are_the_row_of_the_ranking_without_area(
    opener: Opener, world: World
) -> None:
    unplaced = sum(len(row["code"]) < len(STREET) for row in world.events)

    assert opener("events", missing="code").total == unplaced
    assert opener("events", missing="code", area=STREET).total == sum(
        row["code"] == STREET for row in world.events
    )


def test_a_colour_chip_narrows_the_filter_and_keeps_the_area(opener: Opener, world: World) -> None:
    shown = opener(area=STREET)
    href = next(link for link in shown.links if "color=overdue" in link and f"area={STREET}" in link)

    narrowed = opener(area=STREET, color="overdue")

    assert href.startswith("./?")
    assert narrowed.total == sum(
        row["code"].startswith(STREET) and row["due_at"] < NOW and row["status"] != "suspended"
        for row in world.events
    )


def test_the_map_is_told_the_filter_moment_and_focus_of_the_screen(opener: Opener, world: World) -> None:
    shown = opener(area=STREET, color="overdue")
    state = shown.map.states[-1]

    assert state.query == f"area={STREET}&color=overdue"
    assert state.at == NOW
    assert state.focus is not None
    assert state.focus.level == "street"
    assert state.focus.ranges["grid"] == ((0, world.grids // 4),)
    assert state.fly_to is None


def test_a_click_on_an_area_of_the_map_drills_into_it_and_opens_its_card(
    opener: Opener, world: World
) -> None:
    shown = opener(layers="areas")
    west, south, east, north = world.bounds
    at = (west + (east - west) * 0.9, south + (north - south) * 0.9)
    click = MapMessage(
        event="click", n=1, lon=at[0], lat=at[1], zoom=11, tolerance_px=4, level="street", layers=("areas",)
    )

    shown.map.messages.append(click)
    shown.app.run()

    assert shown.param("area") == f"{DISTRICT}004"
    assert shown.param("sel") == f"area:{DISTRICT}004"
    assert "示例4街道" in shown.text
    assert 'data-card="area"' in shown.html
    assert shown.counts("data-code")  # what lies below it stays in view
    assert shown.map.states[-1].fly_to is None  # the map goes to what is in focus


@pytest.mark.parametrize(
    ("page", "area", "shows"),
    [
        *[(page, "", "division station event class") for page in ("overview", "events", "stations")],
        ("community", STREET, "division station event class"),
        ("community", "", "division class"),
        ("loop", "", "division class event"),
        ("performance", "", "division"),
        *[(page, "", "") for page in ("settings", "lists", "import_data", "quality")],
    ],
)
def test_the_search_box_says_which_hits_its_page_can_show(
    page: str, area: str, shows: str, opener: Opener, world: World
) -> None:
    assert world.grids
    shown = opener(page, **({"area": area} if area else {}))

    assert f'data-shows="{shows}"' in shown.html


def test_a_polygon_drawn_on_the_map_becomes_part_of_the_address(opener: Opener, world: World) -> None:
    shown = opener()
    west, south, east, north = world.bounds
    half = (west + east) / 2
    corners = ((west - 0.1, south - 0.1), (half, south - 0.1), (half, north + 0.1), (west - 0.1, north + 0.1))

    shown.map.messages.append(MapMessage(event="draw", n=1, polygon=corners))
    shown.app.run()

    inside = sum(row["lon"] is not None and row["lon"] < half for row in world.events)
    assert shown.total == inside
    assert shown.param("poly")


def test_a_choice_in_the_map_s_own_controls_is_kept_in_the_address(opener: Opener, world: World) -> None:
    assert world.grids
    shown = opener()

    shown.map.messages.append(
        MapMessage(event="choose", n=1, level="grid", metric="overdue", layers=("areas",))
    )
    shown.app.run()

    assert shown.param("level") == "grid"
    assert shown.param("metric") == "overdue"
    assert shown.param("layers") == "areas"
    assert shown.map.states[-1].level == "grid"


def test_a_selected_event_opens_its_card_and_escape_leads_back(opener: Opener, world: World) -> None:
    assert world.events
    shown = opener(sel="event:7")

    assert 'data-card="event"' in shown.html
    assert "谁在办" in shown.text
    assert "办理过程" in shown.text
    assert "data-escape" in shown.html
    assert shown.map.states[-1].selection is not None


def test_what_soon_means_names_the_share_that_an_area_can_change_and_not_a_fixed_quarter(
    opener: Opener, world: World
) -> None:
    assert world.events
    html = opener(sel="event:7").html + opener().html + opener("overview", metric="soon").html

    assert html.count("临期比例（默认四分之一") >= 3
    assert html.count("四分之一") == html.count("默认四分之一")


def test_a_selection_that_is_gone_says_so(opener: Opener, world: World) -> None:
    assert world.events
    assert "没有事件 999999" in opener(sel="event:999999").text


def test_the_list_shows_a_hundred_rows_a_page_and_every_event_once(opener: Opener, world: World) -> None:
    pages = [opener("events", p=str(page)).listed() for page in range(1, 6)]

    assert [len(rows) for rows in pages] == [100, 100, 100, 100, 0]
    assert len({key for rows in pages for key in rows}) == len(world.events)


def test_the_export_links_carry_the_filter_and_the_moment(opener: Opener, world: World) -> None:
    assert world.events
    exports = [link for link in opener("events", color="overdue").links if "export" in link]

    assert [link.split("?")[0] for link in exports] == ["./onemap/export.csv", "./onemap/export.xlsx"]
    assert all("color=overdue" in link and "at=2026-11-21T02%3A00%3A00" in link for link in exports)


def test_the_community_page_without_an_area_offers_every_community(opener: Opener, world: World) -> None:
    assert world.events
    links = opener("community").links

    communities = {
        link for link in links if link.startswith("./community?area=") and len(link.split("=")[1]) == 12
    }
    assert len(communities) == 16


def test_stations_can_be_narrowed_to_those_open_now(opener: Opener, world: World) -> None:
    assert world.events
    everyone, open_now = opener("stations"), opener("stations", now="open")

    assert "示例站点0" in open_now.text
    assert "示例站点1" in everyone.text
    assert "示例站点1" not in open_now.text


def test_the_map_shows_the_station_kinds_that_the_list_shows(opener: Opener, world: World) -> None:
    assert world.events
    every = ",".join(StationKind)
    shown = opener("stations", kind=every)

    assert shown.map.states[-1].station_kinds == tuple(StationKind)
    assert opener("stations", kind="micro_point").map.states[-1].station_kinds == ("micro_point",)
    assert opener("stations").map.states[-1].station_kinds == ()


@pytest.mark.parametrize("page", WITH_FILTER)
def test_an_empty_database_leads_to_the_way_in(page: str, opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    shown = opener(page)

    assert not shown.app.exception
    assert "欢迎使用一图统览" in shown.text
    assert "区划边界" in shown.text


def test_the_quality_page_of_an_empty_database_says_that_nothing_came_in(
    opener: Opener, empty_database: Path
) -> None:
    assert empty_database.is_file()
    assert "还没有接入过数据" in opener("quality").text


@pytest.mark.parametrize("page", WITH_FILTER)
def test_a_nonsense_address_computes_nothing_and_names_every_problem(
    page: str, opener: Opener, world: World
) -> None:
    assert world.events
    shown = opener(page, color="red", area="51", level="moon")

    assert "color=red" in shown.text
    assert "area=51" in shown.text
    assert "level=moon" in shown.text
    assert shown.text.count("去掉这一项") == 3
    assert "清除筛选" in shown.text
    assert "data-total" not in shown.html
    assert "data-kpi" not in shown.html


def test_dropping_one_bad_parameter_keeps_the_good_ones(opener: Opener, world: World) -> None:
    assert world.events
    shown = opener(color="red", area=STREET)

    assert f"./?area={STREET}" in shown.links


@pytest.mark.parametrize("page", ALL)
def test_a_database_that_is_none_shows_where_and_what_to_do(
    page: str, opener: Opener, tmp_path: Path
) -> None:
    (tmp_path / "onemap.db").write_bytes(
        b"this is not a database, but it is long enough to be read as one" * 20
    )
    shown = opener(page)

    assert not shown.app.exception
    assert "数据库不能使用" in shown.text
    assert "onemap.db" in shown.text
    assert "Traceback" not in shown.text


def test_a_database_without_tables_says_that_it_has_to_be_migrated(opener: Opener) -> None:
    shown = opener()

    assert "数据库不能使用" in shown.text
    assert not shown.app.exception


def test_an_unexpected_error_shows_a_number_that_the_log_has_too(
    opener: Opener, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert world.events

    def broken(**_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("dashboard.panels.kpi_row.kpi_row", broken)
    shown = opener()

    number = shown.text.split("错误编号 ")[1][:6]
    assert number in caplog.text
    assert "secret detail" not in shown.text
    assert not shown.app.exception


def test_data_is_escaped_wherever_it_is_shown(opener: Opener, world: World, tmp_path: Path) -> None:
    assert world.events
    attack = "<img src=x onerror=alert(1)>"
    with sqlite3.connect(tmp_path / "onemap.db") as connection:
        connection.execute("update event set title = ?, handler = ?, address = ?", (attack, attack, attack))
        connection.execute("update division set name = ?, short_name = ?", (attack, attack))
        connection.execute("update station set name = ?", (attack,))
    connection.close()

    for page in ALL:
        html = opener(page, sel="event:7").html if page in WITH_FILTER else opener(page).html
        assert "<img src=x" not in html
    assert "&lt;img src=x" in opener("events").html


def test_the_moment_stays_while_the_data_does_not_change(opener: Opener, world: World) -> None:
    assert world.events
    shown = opener()
    first = shown.map.states[-1].at
    shown.app.run()

    assert shown.map.states[-1].at == first == NOW
