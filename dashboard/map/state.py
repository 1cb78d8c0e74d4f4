"""What Python tells the map: a few hundred bytes, the same shape as ``OneMap.state`` in the browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dashboard.state import DEFAULT_LAYERS

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees, CGCS2000."""
Ranges = Mapping[str, tuple[tuple[int, int], ...]]
"""Level → half-open ranges of tile indexes. A code prefix is one range, since indexes follow the codes."""

_COORDINATE_DIGITS: Final = 6


@dataclass(frozen=True, kw_only=True)
class MapTiles:
    """The baked divisions: the archive's name without suffix, its extent, the zooms at which levels begin."""

    name: str
    bounds: Bounds
    level_zooms: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "bounds": _rounded(self.bounds), "levelZooms": dict(self.level_zooms)}


@dataclass(frozen=True, kw_only=True)
class MapFocus:
    """The areas in focus: where they lie, their level (they are outlined), what belongs to them by level."""

    bounds: Bounds
    level: str
    ranges: Ranges

    def to_json(self) -> dict[str, Any]:
        ranges = {level: [list(pair) for pair in pairs] for level, pairs in self.ranges.items()}
        return {"bounds": _rounded(self.bounds), "level": self.level, "ranges": ranges}


@dataclass(frozen=True, kw_only=True)
class MapSelection:
    """What has its card open. An area (level and tile index) is outlined; an event or station is ringed."""

    kind: str
    key: str
    lon: float | None = None
    lat: float | None = None
    level: str | None = None
    tile_index: int | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.kind, "key": self.key}
        if self.lon is not None and self.lat is not None:
            found |= {"lon": round(self.lon, _COORDINATE_DIGITS), "lat": round(self.lat, _COORDINATE_DIGITS)}
        if self.level is not None and self.tile_index is not None:
            found |= {"level": self.level, "i": self.tile_index}
        return found


@dataclass(frozen=True, kw_only=True)
class MapTarget:
    """A flight to a point and zoom, or to bounds. ``n`` differs each time, so that one may be repeated."""

    n: int
    lon: float | None = None
    lat: float | None = None
    zoom: int | None = None
    bounds: Bounds | None = None

    def to_json(self) -> dict[str, Any]:
        if self.bounds is not None:
            return {"n": self.n, "bounds": _rounded(self.bounds)}
        if self.lon is None or self.lat is None:
            raise ValueError("MapTarget needs bounds or a position")
        return {"n": self.n, "lon": self.lon, "lat": self.lat, "zoom": self.zoom or 17}


@dataclass(frozen=True, kw_only=True)
class MapState:
    """Everything the map shows. ``query`` is ``Filter.to_query()``; colours are judged at ``at``.

    ``polygon`` holds (lon, lat) pairs without a closing vertex. ``class_names``: 大类 code and name.
    """

    query: str = ""
    at: datetime | None = None
    revision: int = 0
    level: str = "auto"
    metric: str = "open"
    color_by: str = "sla"
    layers: tuple[str, ...] = DEFAULT_LAYERS
    station_kinds: tuple[str, ...] = ()
    focus: MapFocus | None = None
    selection: MapSelection | None = None
    fly_to: MapTarget | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    theme: str = "light"
    demo: bool = False
    tiles: MapTiles | None = None
    class_names: tuple[tuple[str, str], ...] = field(default=())

    def to_json(self) -> str:
        """One line of JSON, keys as in ``static/map/core.js``."""
        state = {
            "query": self.query,
            "at": self.at.isoformat() if self.at else "",
            "revision": self.revision,
            "level": self.level,
            "metric": self.metric,
            "colorBy": self.color_by,
            "layers": list(self.layers),
            "stationKinds": list(self.station_kinds),
            "focus": self.focus.to_json() if self.focus else None,
            "selection": self.selection.to_json() if self.selection else None,
            "flyTo": self.fly_to.to_json() if self.fly_to else None,
            "draw": {"polygon": [list(corner) for corner in self.polygon]} if self.polygon else None,
            "theme": self.theme,
            "demo": self.demo,
            "tiles": self.tiles.to_json() if self.tiles else None,
            "classNames": [list(pair) for pair in self.class_names],
        }
        return json.dumps(state, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _rounded(bounds: Bounds) -> list[float]:
    return [round(value, _COORDINATE_DIGITS) for value in bounds]
