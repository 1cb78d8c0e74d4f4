"""What the map tells is checked field by field; what it is told is small, stable and plain."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import streamlit_folium
from hypothesis import given
from hypothesis import strategies as st

from dashboard.map.layers import StateGroup, build_map
from dashboard.map.message import newest_message, read_message
from dashboard.map.state import MapFocus, MapSelection, MapState, MapTarget, MapTiles

CLICK = {
    "event": "click",
    "lon": 103.8,
    "lat": 30.7,
    "zoom": 14,
    "tolerance_px": 22,
    "level": "grid",
    "layers": ["areas"],
    "n": 5,
}


def test_a_click_is_a_position_with_a_tolerance() -> None:
    message = read_message(CLICK)
    assert message is not None
    assert (message.event, message.lon, message.lat, message.zoom, message.tolerance_px, message.n) == (
        "click", 103.8, 30.7, 14.0, 22.0, 5,
    )  # fmt: skip
    assert (message.level, message.layers) == ("grid", ("areas",))


@pytest.mark.parametrize(
    "change",
    [
        {"lon": 181},
        {"lat": "30"},
        {"lat": float("nan")},
        {"zoom": None},
        {"tolerance_px": 900},
        {"n": 0},
        {"n": True},
        {"event": "hack"},
    ],
)
def test_a_click_with_a_senseless_field_is_dropped(change: dict[str, Any]) -> None:
    assert read_message({**CLICK, **change}) is None


def test_a_polygon_needs_three_to_a_hundred_corners_of_two_numbers() -> None:
    draw = {"event": "draw", "n": 1}
    triangle = [[103.8, 30.7], [103.9, 30.7], [103.85, 30.8]]
    read = read_message({**draw, "polygon": triangle})
    assert read is not None
    assert read.polygon == ((103.8, 30.7), (103.9, 30.7), (103.85, 30.8))
    for bad in (triangle[:2], triangle * 34, [[1, 2], [3, 4], [5]], [[1, 2], [3, 4], ["x", 6]], "corners"):
        assert read_message({**draw, "polygon": bad}) is None


def test_a_cleared_polygon_is_an_empty_one() -> None:
    read = read_message({"event": "draw", "n": 1, "polygon": None})
    assert read is not None
    assert read.polygon == ()


def test_a_message_is_heard_once() -> None:
    value = {"messages": [CLICK]}
    first = newest_message(value, after=0)
    assert first is not None
    assert newest_message(value, after=first.n) is None


def test_an_act_wins_over_a_mere_revision_that_came_after_it() -> None:
    value = {"messages": [CLICK, {"event": "revision", "revision": 9, "n": 6}]}
    message = newest_message(value, after=0)
    assert message is not None
    assert (message.event, message.n) == ("click", 6)


def test_choices_made_in_quick_succession_are_gathered() -> None:
    value = {
        "messages": [
            {"event": "choose", "choice": {"metric": "overdue"}, "n": 1},
            {"event": "choose", "choice": {"layers": ["heat", "nonsense"]}, "n": 2},
            {"event": "choose", "choice": {"level": "grid"}, "n": 3},
        ]
    }
    message = newest_message(value, after=0)
    assert message is not None
    assert (message.metric, message.layers, message.level, message.color_by) == (
        "overdue",
        ("heat",),
        "grid",
        None,
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda part: (
            st.lists(part, max_size=4)
            | st.dictionaries(
                st.sampled_from(["event", "n", "messages", "polygon", "lon", "choice"]), part, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_value_from_a_browser_raises(value: Any) -> None:
    newest_message(value, after=0)
    read_message(value)
    assert newest_message({"messages": [value]}, after=10**15) is None


def test_a_full_state_is_one_line_of_less_than_a_kilobyte() -> None:
    state = MapState(
        query="area=510115001&color=overdue",
        at=datetime(2026, 11, 21, 8, 30, tzinfo=UTC),
        revision=12,
        focus=MapFocus(bounds=(103.7, 30.6, 103.9, 30.8), level="street", ranges={"street": ((0, 1),)}),
        selection=MapSelection(
            kind="area", key="510115001", lon=103.8, lat=30.7, level="street", tile_index=0
        ),
        fly_to=MapTarget(n=1, lon=103.8, lat=30.7, zoom=16),
        polygon=((103.8, 30.7), (103.9, 30.7), (103.85, 30.8)),
        tiles=MapTiles(
            name="divisions-000000000000", bounds=(103.7, 30.6, 103.9, 30.8), level_zooms={"street": 0}
        ),
    )
    text = state.to_json()
    assert "\n" not in text
    assert len(text) < 1024
    read = json.loads(text)
    assert read["selection"] == {
        "kind": "area",
        "key": "510115001",
        "lon": 103.8,
        "lat": 30.7,
        "level": "street",
        "i": 0,
    }
    assert read["flyTo"] == {"n": 1, "lon": 103.8, "lat": 30.7, "zoom": 16}


def _component_arguments(state: str) -> dict[str, str]:
    """Script and state as streamlit-folium sends them."""
    canvas = build_map(config={"root": "/onemap"}, basemap={"kind": "none"}, location=(30.7, 103.8), zoom=11)
    script = streamlit_folium._get_map_string(canvas)
    group = streamlit_folium._get_feature_group_string(StateGroup(state), map=canvas)
    header = streamlit_folium._get_header(canvas)
    return {"script": script, "group": group, "header": header}


def test_the_script_is_the_same_for_every_state_so_that_the_map_is_mounted_once() -> None:
    one, other = _component_arguments('{"query":"a"}'), _component_arguments('{"query":"b"}')
    assert one["script"] == other["script"]
    assert one["group"] != other["group"]
    assert streamlit_folium.generate_js_hash(one["script"], "map") == streamlit_folium.generate_js_hash(
        other["script"], "map"
    )


def test_the_state_reaches_the_browser_as_it_is() -> None:
    state = MapState(query="q=%7B%7B%27x%27%7D%7D_map_1").to_json()
    assert f"OneMap.setState({state});" in _component_arguments(state)["group"]


def test_nothing_in_the_map_names_another_machine() -> None:
    arguments = _component_arguments("{}")
    assert "http" not in arguments["script"]
    assert "//" not in arguments["header"]
    canvas = build_map(config={}, basemap={}, location=(30.7, 103.8), zoom=11)
    links = [
        url
        for part in [canvas, *canvas._children.values()]
        for _, url in [*getattr(part, "default_js", []), *getattr(part, "default_css", [])]
    ]
    assert all(url.startswith("/onemap/assets/") for url in links)
