"""The map as folium elements: one canvas and one small class for each part, with its JavaScript file.

The files lie in ``dashboard/static/map`` and are served by ``dashboard.routes``. Nothing here depends on
data: the script is the same on every run, so that streamlit-folium mounts the map only once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from dashboard.assets import asset_url

_CORE_FILES: Final = ("core.js", "theme.js", "work.js", "places.js")


def _links(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, asset_url(name)) for name in names]


class MapCanvas(folium.Map):
    """The Leaflet map, with all of folium's own links replaced by ours.

    ``config`` are constants of the deployment, handed to the parts as ``OneMap.config``.
    """

    def __init__(self, *, config: Mapping[str, Any], location: tuple[float, float], zoom: int) -> None:
        super().__init__(
            location=location,
            zoom_start=zoom,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            min_zoom=4,
            max_zoom=20,
            zoom_snap=0.25,
            zoom_animation_threshold=6,
            wheel_px_per_zoom_level=90,
        )
        self.default_js = _links(
            [
                "vendor/leaflet/leaflet.js",
                "vendor/protomaps-leaflet/protomaps-leaflet.js",
                *(f"map/{name}" for name in _CORE_FILES),
            ]
        )
        self.default_css = _links(["vendor/leaflet/leaflet.css", "map/onemap.css"])
        self.add_child(_Start(config))

    def render(self, **_: Any) -> str:
        """Nothing to put into a page of folium's own: streamlit-folium takes script and links by itself.

        Skipping it saves some 40 ms a run, in which folium would compile a template for every link.
        """
        return ""


class _Start(folium.MacroElement):
    """Hands the Leaflet map and the constants to OneMap, before any part is added."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "OneMap.mount({{ this._parent.get_name() }}, {{ this.config|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.config = dict(config)


class MapPart(JSCSSMixin, Layer):
    """One part of the map. ``part`` is its name in JavaScript; ``files`` are the files it needs, in order."""

    part: str
    files: tuple[str, ...]
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "OneMap.add({{ this.part|tojson }}, {{ this.settings|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(name=self.part, overlay=True, control=False, show=False)
        self.settings = settings
        self.default_js = _links([f"map/{name}" for name in self.files])
        self.default_css: list[tuple[str, str]] = []

    def render(self, **_: Any) -> str:
        """As with the canvas: nothing to put into a page of folium's own."""
        return ""


class StatusPart(MapPart):
    """Loading, error and stale states."""

    part, files = "status", ("status.js",)


class BasemapPart(MapPart):
    """The configured base map: ``kind``, ``url``, ``key``."""

    part, files = "basemap", ("basemap.js",)


class ViewPart(MapPart):
    """Where the map looks."""

    part, files = "view", ("view.js",)


class AreasPart(MapPart):
    """Divisions coloured by a metric."""

    part, files = "areas", ("tiles.js", "raster.js", "areas.js")


class OverlayPart(MapPart):
    """The canvas on which the next four draw."""

    part, files = "overlay", ("overlay.js", "signs.js")


class HeatPart(MapPart):
    """Where events gather."""

    part, files = "heat", ("heat.js",)


class NamesPart(MapPart):
    """Names of divisions."""

    part, files = "names", ("names.js",)


class StationsPart(MapPart):
    """Service stations by kind, open or closed."""

    part, files = "stations", ("stations.js",)


class PointsPart(MapPart):
    """Events, clustered."""

    part, files = "points", ("points.js",)


class ControlsPart(MapPart):
    """Zoom buttons, layers, colouring, level, scale, notice."""

    part, files = "controls", ("controls.js",)


class DrawPart(MapPart):
    """The polygon to filter by."""

    part, files = "draw", ("draw.js",)


class LegendPart(MapPart):
    """Classes, units, numbers of areas, signs."""

    part, files = "legend", ("legend.js",)


class PointerPart(MapPart):
    """Clicks and hovering."""

    part, files = "pointer", ("pointer.js",)


class StreamPart(MapPart):
    """Learns that the data has changed."""

    part, files = "stream", ("stream.js",)


PARTS: Final[tuple[type[MapPart], ...]] = (
    ViewPart,
    AreasPart,
    OverlayPart,
    HeatPart,
    NamesPart,
    StationsPart,
    PointsPart,
    ControlsPart,
    PointerPart,
    DrawPart,
    LegendPart,
    StreamPart,
)
"""After status and base map, in the order in which states and clicks reach them: the view is placed before
anything is fetched, and when a click closes a polygon, the pointer still knows that one is drawn."""


class StateGroup(folium.FeatureGroup):
    """Carries the state to the mounted map: streamlit-folium evaluates its script whenever it differs."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = OneMap.setState({{ this.state_json }});"
        "{% endmacro %}"
    )

    def __init__(self, state_json: str) -> None:
        super().__init__(name="state", control=False, show=False)
        self.state_json = state_json


def build_map(
    *, config: Mapping[str, Any], basemap: Mapping[str, str], location: tuple[float, float], zoom: int
) -> MapCanvas:
    """A new map of all parts. ``location`` is latitude, longitude, as folium has it."""
    canvas = MapCanvas(config=config, location=location, zoom=zoom)
    StatusPart().add_to(canvas)
    BasemapPart(**basemap).add_to(canvas)
    for part in PARTS:
        part().add_to(canvas)
    return canvas
