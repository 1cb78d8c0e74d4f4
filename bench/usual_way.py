"""The usual way: streamlit-folium with GeoJson for the grids and MarkerCluster for the events.

Started by the bench with ``streamlit run``; the data folder comes in ``BENCH_DATA``. Leaflet and the
cluster plugin are served from this machine, so that nothing waits for a network.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import folium
import streamlit as st
from folium.plugins import MarkerCluster
from streamlit_folium import st_folium

from bench.colours import CLASSES, COLORS, class_of_count, count_by_grid

ASSETS = "/app/static/vendor/"


def local(names: list[str]) -> list[tuple[str, str]]:
    return [(name, ASSETS + name) for name in names]


folium.Map.default_js = local(["leaflet.js"])
folium.Map.default_css = local(["leaflet.css"])
MarkerCluster.default_js = local(["leaflet.markercluster.js"])
MarkerCluster.default_css = local(["MarkerCluster.css", "MarkerCluster.Default.css"])


@st.cache_data
def read(name: str) -> dict:
    return json.loads((Path(os.environ["BENCH_DATA"]) / name).read_text("utf-8"))


st.set_page_config(layout="wide")
view, grids, events = read("view.json"), read("grids.geojson"), read("events.json")
colors = [color for color in COLORS if st.checkbox(color)]
shown = [event for event in events["events"] if not colors or event["color"] in colors]
counts = count_by_grid(shown, view["grids"])

chart = folium.Map(
    location=view["center"], zoom_start=view["zoom"], tiles=None, maxZoom=18, prefer_canvas=True
)
folium.GeoJson(
    grids,
    style_function=lambda feature: {
        "fillColor": CLASSES[class_of_count(counts[feature["properties"]["i"]])],
        "color": "#55617A",
        "weight": 0.5,
        "fillOpacity": 0.7,
    },
).add_to(chart)
cluster = MarkerCluster().add_to(chart)
for event in shown:
    folium.Marker([event["lat"], event["lon"]]).add_to(cluster)
st_folium(chart, width=view["width"], height=view["height"], returned_objects=[])
