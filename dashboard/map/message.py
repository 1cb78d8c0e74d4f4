"""What the map tells Python. It comes from a browser: every field is checked, and nonsense is dropped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dashboard.state import LAYERS, LEVELS, PAINTS
from geo.polyline import MAX_VERTICES

EVENTS: Final = ("click", "draw", "choose", "revision")
_CHOICES: Final = {"level": LEVELS, "colorBy": PAINTS}


@dataclass(frozen=True, kw_only=True)
class MapMessage:
    """One message. ``n`` grows, so that the same click twice is two messages.

    * ``click``: lon, lat (degrees, CGCS2000), zoom, tolerance_px, the level and layers shown.
    * ``draw``: polygon of (lon, lat) without closing vertex; empty when the range was cleared.
    * ``choose``: made in the map's own controls: some of level, metric, color_by, layers (else None).
    * ``revision``: the data is newer than the state.
    """

    event: str
    n: int
    lon: float = 0.0
    lat: float = 0.0
    zoom: float = 0.0
    tolerance_px: float = 0.0
    level: str | None = None
    metric: str | None = None
    color_by: str | None = None
    layers: tuple[str, ...] | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    revision: int = 0


def read_message(value: object) -> MapMessage | None:
    """The message in one dictionary from the browser, or None when it is not one."""
    if not isinstance(value, Mapping):
        return None
    event, number = value.get("event"), value.get("n")
    if event not in EVENTS or not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return None
    base = MapMessage(event=str(event), n=number)
    reader = {"click": _click, "draw": _draw, "choose": _choose, "revision": _revision}[base.event]
    return reader(base, value)


def newest_message(value: object, *, after: int) -> MapMessage | None:
    """What a component's value says that has not been heard (``n`` > ``after``), as one message.

    The newest click, polygon or choice wins over a mere new revision; choices made meanwhile are not lost
    but gathered into one.
    """
    raw = value.get("messages") if isinstance(value, Mapping) else None
    if not isinstance(raw, list):
        return None
    heard = [message for message in map(read_message, raw) if message is not None and message.n > after]
    if not heard:
        return None
    heard.sort(key=lambda message: message.n)
    acts = [message for message in heard if message.event != "revision"]
    if not acts:
        return heard[-1]
    found = acts[-1]
    for earlier in reversed(acts[:-1]):
        if earlier.event == "choose" and found.event == "choose":
            found = _gathered(earlier, found)
    return replace(found, n=heard[-1].n)


def _gathered(earlier: MapMessage, later: MapMessage) -> MapMessage:
    def pick(name: str) -> Any:
        value = getattr(later, name)
        return value if value is not None else getattr(earlier, name)

    return replace(later, **{name: pick(name) for name in ("level", "metric", "color_by", "layers")})


def _click(base: MapMessage, value: Mapping[str, Any]) -> MapMessage | None:
    lon, lat = _number(value.get("lon"), -180, 180), _number(value.get("lat"), -90, 90)
    zoom, tolerance = _number(value.get("zoom"), 0, 24), _number(value.get("tolerance_px"), 0, 64)
    if lon is None or lat is None or zoom is None or tolerance is None:
        return None
    return replace(
        base,
        lon=lon,
        lat=lat,
        zoom=zoom,
        tolerance_px=tolerance,
        level=_choice("level", value.get("level")),
        layers=_layers(value.get("layers")),
    )


def _draw(base: MapMessage, value: Mapping[str, Any]) -> MapMessage | None:
    corners = value.get("polygon")
    if corners is None:
        return base
    if not isinstance(corners, list) or not 3 <= len(corners) <= MAX_VERTICES:
        return None
    polygon = []
    for corner in corners:
        if not isinstance(corner, list) or len(corner) != 2:
            return None
        lon, lat = _number(corner[0], -180, 180), _number(corner[1], -90, 90)
        if lon is None or lat is None:
            return None
        polygon.append((lon, lat))
    return replace(base, polygon=tuple(polygon))


def _choose(base: MapMessage, value: Mapping[str, Any]) -> MapMessage | None:
    choice = value.get("choice")
    if not isinstance(choice, Mapping):
        return None
    metric = choice.get("metric")
    return replace(
        base,
        level=_choice("level", choice.get("level")),
        metric=metric if isinstance(metric, str) and metric.isidentifier() and len(metric) <= 32 else None,
        color_by=_choice("colorBy", choice.get("colorBy")),
        layers=_layers(choice.get("layers")),
    )


def _revision(base: MapMessage, value: Mapping[str, Any]) -> MapMessage | None:
    revision = value.get("revision")
    if not isinstance(revision, int) or isinstance(revision, bool) or revision < 0:
        return None
    return replace(base, revision=revision)


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if low <= value <= high else None


def _choice(name: str, value: object) -> str | None:
    return value if isinstance(value, str) and value in _CHOICES[name] else None


def _layers(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(name for name in LAYERS if name in value)
