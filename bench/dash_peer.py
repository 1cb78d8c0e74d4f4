"""The strongest peer: dash-leaflet used well. GeoJSON by URL, colours by ``hideout``, clusters in the client.

A filter change sends the classes of the grids through ``hideout`` and a new URL for the events.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import dash_leaflet as dl
from dash import Dash, Input, Output, dcc, html
from flask import Response, request, send_file

from bench.colours import CLASSES, COLORS, class_of_count, count_by_grid

DATA = Path(os.environ["BENCH_DATA"])
VIEW = json.loads((DATA / "view.json").read_text("utf-8"))
EVENTS = json.loads((DATA / "events.json").read_text("utf-8"))["events"]


def shown(colors: list[str]) -> list[dict[str, Any]]:
    return [event for event in EVENTS if not colors or event["color"] in colors]


def hideout(colors: list[str]) -> dict[str, Any]:
    counts = count_by_grid(shown(colors), VIEW["grids"])
    return {"classes": "".join(str(class_of_count(count)) for count in counts), "colors": CLASSES}


app = Dash(__name__, assets_folder=str(Path(__file__).with_name("static") / "dash"))


@app.server.route("/grids.geojson")
def grids() -> Response:
    return send_file(DATA / "grids.geojson", mimetype="application/geo+json", max_age=3600)


@app.server.route("/events.geojson")
def events() -> Response:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [event["lon"], event["lat"]]},
            "properties": {"c": event["color"]},
        }
        for event in shown(request.args.getlist("color"))
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    return Response(body, mimetype="application/geo+json")


app.layout = html.Div(
    [
        dcc.Checklist(list(COLORS), [], id="colors", inline=True),
        dl.Map(
            [
                dl.GeoJSON(
                    id="grids",
                    url="/grids.geojson",
                    style={"variable": "bench.style"},
                    hideout=hideout([]),
                ),
                dl.GeoJSON(
                    id="events", url="/events.geojson", cluster=True, superClusterOptions={"radius": 64}
                ),
            ],
            center=VIEW["center"],
            zoom=VIEW["zoom"],
            preferCanvas=True,
            style={"width": VIEW["width"], "height": VIEW["height"]},
        ),
    ]
)


@app.callback(
    Output("grids", "hideout"),
    Output("events", "url"),
    Input("colors", "value"),
    prevent_initial_call=True,
)
def change(colors: list[str]) -> tuple[dict[str, Any], str]:
    query = urlencode({"color": colors}, doseq=True)
    return hideout(colors), f"/events.geojson?{query}"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), debug=False)
