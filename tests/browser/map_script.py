"""A page with nothing but the map, for the browser tests. Its URL says what the map is told."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import streamlit as st

from dashboard import context
from dashboard.map import MapFocus, MapSelection, MapState, MapTarget, MapTiles, mount_map
from data.database import current_moment, read_session
from data.filter import parse_filter
from tests.dashboard.small_world import EAST, NORTH, NOW, SOUTH, WEST

st.set_page_config(layout="wide")
params = st.query_params.to_dict()
with read_session(context.engine()) as session:
    moment = current_moment(session, now=NOW)
tiles = next((context.settings().tiles_dir).glob("divisions-*.pmtiles")).stem
color = st.radio(
    "color",
    ["", "overdue", "soon"],
    horizontal=True,
    format_func=lambda key: {"": "全部", "overdue": "超期", "soon": "临期"}[key],
)
if color:
    params["color"] = color
fly = st.session_state.setdefault("fly", 0)
if st.button("fly"):
    st.session_state.fly += 1
heard = st.session_state.setdefault("heard", [])
state = MapState(
    query=parse_filter(params).to_query(),
    at=NOW,
    revision=moment.revision,
    level=params.get("level", "auto"),
    metric=params.get("metric", "total"),
    layers=tuple(params.get("layers", "areas,points,stations,names").split(",")),
    theme=params.get("theme", "light"),
    demo=True,
    tiles=MapTiles(
        name=tiles, bounds=(WEST, SOUTH, EAST, NORTH), level_zooms={"street": 0, "community": 13, "grid": 14}
    ),
    focus=MapFocus(
        bounds=(WEST, SOUTH, (WEST + EAST) / 2, (SOUTH + NORTH) / 2),
        level="street",
        ranges={"street": ((0, 1),)},
    )
    if "focus" in params
    else None,
    selection=MapSelection(kind="area", key="510115001", level="street", tile_index=0)
    if "sel" in params
    else None,
    fly_to=MapTarget(n=st.session_state.fly, lon=103.8, lat=30.7, zoom=16) if st.session_state.fly else None,
)
message = mount_map(state=state, key="map", height=int(os.environ.get("MAP_HEIGHT", "760")))
if message is not None:
    heard.append(message)
st.text("\n".join(f"{one.event} {one.lon:.5f} {one.lat:.5f} {len(one.polygon)}" for one in heard))
st.text(f"runs {datetime.now(UTC).timestamp()}")
