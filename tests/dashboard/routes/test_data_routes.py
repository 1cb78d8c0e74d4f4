"""Values, points, heat, stations, search: one Filter, one moment, numbers that add up, problems in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard import context
from data.database import write_session
from geo.cells import tile_of
from tests.dashboard.small_world import EAST, NORTH, NOW, SOUTH, WEST, World
from tests.sql_recorder import recorded

AT = {"at": NOW.isoformat()}


def _rectangle(z: int) -> dict[str, int]:
    x0, y0 = tile_of(WEST, NORTH, z=z)
    x1, y1 = tile_of(EAST, SOUTH, z=z)
    return {"z": z, "x0": x0, "y0": y0, "x1": x1, "y1": y1}


def _get(client: TestClient, route: str, **params: Any) -> dict[str, Any]:
    response = client.get(f"/onemap/{route}", params={**AT, **params})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize(
    ("level", "count"), [("district", 1), ("street", 4), ("community", 16), ("grid", 64)]
)
def test_values_have_one_mark_for_every_area_of_the_level(client: TestClient, level: str, count: int) -> None:
    answer = _get(client, "values", level=level, metric="total")
    assert (answer["level"], answer["metric"], answer["count"]) == (level, "total", count)
    assert len(answer["classes"]) == count
    assert set(answer["classes"]) <= set("012345n")
    assert sum(entry["areas"] for entry in answer["legend"]) == count
    assert answer["as_of"] == NOW.isoformat()


@pytest.mark.parametrize("z", [4, 8, 11, 14])
def test_the_clusters_of_all_tiles_hold_every_located_event(client: TestClient, world: World, z: int) -> None:
    answer = _get(client, "points", **_rectangle(z))
    located = sum(row["cell"] is not None for row in world.events)
    assert answer["shown"] == located == sum(cluster[2] for cluster in answer["clusters"])
    assert answer["total"] == len(world.events)
    assert answer["unlocated"] == len(world.events) - located


def test_every_choice_of_colours_is_answered_from_one_reading_and_adds_up_to_all(client: TestClient) -> None:
    moment = (NOW + timedelta(seconds=1)).isoformat()  # of which no other test has asked
    points = {**_rectangle(12), "at": moment}
    values = {"level": "grid", "metric": "total", "at": moment}
    with recorded(context.engine()) as first:
        whole = _get(client, "points", **points)
        _get(client, "values", **values)
    with recorded(context.engine()) as later:
        parts = [
            _get(client, "points", **points, color=color)
            for color in ("overdue", "soon", "suspended", "in_time,no_limit")
        ]
        _get(client, "values", **values, color="overdue")
    assert 0 not in [part["shown"] for part in parts]
    assert sum(part["shown"] for part in parts) == whole["shown"]
    assert sum(part["total"] for part in parts) == whole["total"]
    assert [len([each for each in found if "FROM event" in each.sql]) for found in (first, later)] == [3, 0]


def test_a_cluster_says_how_many_of_it_are_overdue_soon_and_suspended(
    client: TestClient, world: World
) -> None:
    clusters = _get(client, "points", **_rectangle(12))["clusters"]
    located = [row for row in world.events if row["cell"] is not None]
    expected = {
        "overdue": sum(row["external_no"][-1] in "01" for row in located),
        "soon": sum(row["external_no"][-1] in "23" for row in located),
        "suspended": sum(row["external_no"][-1] == "4" for row in located),
    }
    found = {
        name: sum(cluster[k] for cluster in clusters)
        for k, name in ((3, "overdue"), (4, "soon"), (5, "suspended"))
    }
    assert found == expected


def test_a_single_event_carries_its_id_and_class_and_a_crowd_does_not(client: TestClient) -> None:
    clusters = _get(client, "points", **_rectangle(13))["clusters"]
    singles = [cluster for cluster in clusters if cluster[2] == 1]
    assert singles
    assert all(cluster[6] > 0 and len(cluster[7]) == 4 for cluster in singles)
    assert all(cluster[6:8] == [0, ""] for cluster in clusters if cluster[2] > 1)


def test_a_single_event_carries_its_colour(client: TestClient) -> None:
    clusters = _get(client, "points", **_rectangle(13))["clusters"]
    singles = [cluster for cluster in clusters if cluster[2] == 1]
    for _, _, _, overdue, soon, suspended, _, _, color, done_late in singles:
        counted = {"overdue": overdue, "soon": soon, "suspended": suspended, "done_late": done_late}
        assert counted.get(color, 1) == 1
        assert sum(counted.values()) == int(color in counted)


def test_the_filter_reaches_values_points_and_heat_alike(client: TestClient, world: World) -> None:
    codes = [row["code"] for row in world.events if row["cell"] is not None]
    wanted = sum(code.startswith("510115001") for code in codes)
    points = _get(client, "points", area="510115001", **_rectangle(12))
    heat = _get(client, "heat", area="510115001", **_rectangle(12))
    assert points["shown"] == wanted == sum(cell[2] for cell in heat["cells"])


def test_an_answer_names_the_revision_that_it_was_read_at(client: TestClient, world: World) -> None:
    before = _get(client, "values", level="street")["revision"]
    with write_session(world.engine):
        pass
    assert _get(client, "values", level="street")["revision"] == before + 1
    assert _get(client, "points", **_rectangle(10))["revision"] == before + 1


def test_stations_stand_with_their_kind_and_whether_they_are_open_if_registered(client: TestClient) -> None:
    stations = _get(client, "stations")["stations"]
    assert [(station[3], station[4], station[5]) for station in sorted(stations)] == [
        ("street_centre", 1, "示例站点0"),
        ("self_service", None, "示例站点1"),
    ]
    only = _get(client, "stations", kind="street_centre")["stations"]
    assert [station[5] for station in only] == ["示例站点0"]


def test_the_colours_of_the_areas_are_explained_apart_from_their_values(
    client: TestClient, world: World
) -> None:
    answer = _get(client, "explain", metric="total", area="510115001")
    assert answer["title"] == "事件总数"
    assert "符合当前筛选" in answer["formula"]
    assert any("示例1街道" in condition for condition in answer["conditions"])
    assert answer["rows"] == sum(row["code"].startswith("510115001") for row in world.events)
    assert "formula" not in _get(client, "values", level="street")


def test_search_finds_a_street_by_its_name(client: TestClient) -> None:
    hits = _get(client, "search", q="示例2街道")["hits"]
    assert hits[0]["kind"] == "division"
    assert hits[0]["key"] == "510115002"
    assert _get(client, "search", q="")["hits"] == []


@pytest.mark.parametrize(
    ("route", "params", "words"),
    [
        ("values", {"level": "moon"}, "level=moon"),
        ("values", {"level": "grid", "metric": "luck"}, "metric=luck"),
        ("values", {"level": "grid", "area": "51"}, "area=51"),
        ("values", {"level": "grid", "at": "yesterday"}, "at=yesterday"),
        ("values", {"level": "grid", "at": "2026-11-21T08:30:00"}, "at=2026-11-21T08:30:00"),
        ("explain", {"metric": "luck"}, "metric=luck"),
        ("points", {}, "z="),
        ("points", {"z": 99, "x0": 0, "y0": 0, "x1": 0, "y1": 0}, "z=99"),
        ("points", {"z": 2, "x0": 0, "y0": 0, "x1": 4, "y1": 0}, "x1=4"),
        ("points", {"z": 5, "x0": 3, "y0": 0, "x1": 2, "y1": 0}, "起点不能大于终点"),
        ("points", {"z": 12, "x0": 0, "y0": 0, "x1": 4000, "y1": 4000}, "太大"),
        ("heat", {"z": "-1", "x0": 0, "y0": 0, "x1": 0, "y1": 0}, "z=-1"),
        ("stations", {"kind": "castle"}, "kind=castle"),
        ("search", {"q": "长" * 51}, "最长 50 个字"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_in_words(
    client: TestClient, route: str, params: dict[str, Any], words: str
) -> None:
    response = client.get(f"/onemap/{route}", params=params)
    assert response.status_code == 400
    assert words in "；".join(response.json()["problems"])


def test_every_answer_is_for_this_origin_only_and_not_kept(client: TestClient) -> None:
    headers = client.get("/onemap/values", params={"level": "street"}).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_only_reading_is_possible(client: TestClient) -> None:
    assert client.post("/onemap/values", params={"level": "street"}).status_code == 405
