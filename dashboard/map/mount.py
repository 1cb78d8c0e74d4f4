"""Mounts the map in a page: one call, the state in, at most one message out."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from dashboard.assets import STATIC_DIR, asset_version
from dashboard.context import basemap, settings
from dashboard.map.layers import StateGroup, build_map
from dashboard.map.message import MapMessage, newest_message
from dashboard.map.metrics import METRICS
from dashboard.map.state import MapState
from data.labels import DEMO_NOTICE
from data.vocabulary import StationKind

STATION_GLYPHS: Final[dict[str, str]] = {
    StationKind.STREET_CENTRE: "街",
    StationKind.COMMUNITY_CENTRE: "社",
    StationKind.SERVICE_STATION: "便",
    StationKind.SOCIAL_WORK: "工",
    StationKind.SERVICE_POINT: "办",
    StationKind.PARTY_CENTRE: "党",
    StationKind.RED_STATION: "红",
    StationKind.MICRO_POINT: "微",
    StationKind.SELF_SERVICE: "自",
}
_START: Final = (30.70, 103.83)
_START_ZOOM: Final = 11


def mount_map(*, state: MapState, key: str, height: int) -> MapMessage | None:
    """Show the map with ``state``; the message that a person's act on the map sent, once, else None.

    ``key`` names the map within the session: a map of the same key stays mounted from run to run, and only
    the state travels. ``height`` is in pixels.
    """
    canvas = build_map(config=_config(), basemap=_basemap(), location=_START, zoom=_START_ZOOM)
    value: Any = st_folium(
        canvas,
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=StateGroup(state.to_json()),
        render=False,
    )
    heard = f"_map_heard_{key}"
    message = newest_message(value, after=st.session_state.get(heard, 0))
    if message is not None:
        st.session_state[heard] = message.n
    return message


@cache
def _config() -> dict[str, Any]:
    return {
        "version": asset_version(static_dir=STATIC_DIR),
        "root": "/onemap",
        "timeZone": settings().timezone.key,
        "demoNotice": DEMO_NOTICE,
        "stationGlyphs": STATION_GLYPHS,
        "metrics": METRICS,
        "basemapLayers": basemap().layers,
        "basemapMaxZoom": basemap().max_zoom,
    }


@cache
def _basemap() -> dict[str, str]:
    chosen = settings()
    url = chosen.basemap_url if chosen.basemap == "xyz" else ""
    return {"kind": chosen.basemap, "url": url, "key": chosen.basemap_key}
