"""The map in a page: what it is told follows from the screen, what it tells becomes a change of the URL."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard.ask import ask
from dashboard.map import MapFocus, MapMessage, MapSelection, MapState, MapTarget, MapTiles, mount_map
from dashboard.navigation import FOLLOWED_AGAIN
from dashboard.state import LAYERS, Screen
from dashboard.theme import current_theme
from data.codes import level_of
from data.filter import Filter
from data.queries.areas import Metric
from data.queries.pick import LEVEL_ZOOMS, Picked, pick
from data.queries.reference import DrawnDivisions, drawn_divisions, event_classes, place_of
from data.vocabulary import Basis, Level

CARD_ZOOM: Final = 17
CLUSTER_STEP: Final = 2
HEIGHT_PX: Final = 640
"""Until the page's own style says how high the map is."""
_PICK_LAYERS: Final = {"points": "events", "stations": "stations", "areas": "areas"}


def show_map(screen: Screen) -> None:
    """The map of this screen; one act of a person on it changes the URL and runs the page again."""
    with st.container(key="om-map"):
        message = mount_map(state=map_state(screen), key="district", height=HEIGHT_PX)
    if message is not None:
        _act(screen, message)


def map_state(screen: Screen) -> MapState:
    """Everything that the map shows of this screen."""
    where, view = screen.where, screen.view
    metric = view.metric
    if where.basis is not Basis.OPEN and metric == Metric.OPEN:
        metric = Metric.TOTAL
    focus, selection = _focus(screen), _selection(screen)
    whole: DrawnDivisions = ask(screen, drawn_divisions, prefixes=("",))
    tiles = None
    if whole.tiles and whole.bounds:
        tiles = MapTiles(
            name=whole.tiles.removesuffix(".pmtiles"),
            bounds=whole.bounds,
            level_zooms={str(level): zoom for level, zoom in LEVEL_ZOOMS.items()},
        )
    majors = {option.code[:2]: option.major for option in ask(screen, event_classes)}
    return MapState(
        query=where.to_query(),
        at=screen.as_of,
        revision=screen.moment.revision,
        level=view.level,
        metric=metric,
        color_by=view.paint,
        layers=view.layers,
        station_kinds=view.station_kinds,
        focus=focus,
        selection=selection,
        fly_to=_flight(screen, focus, selection),
        polygon=where.polygon,
        theme=current_theme(),
        demo=screen.is_demo,
        tiles=tiles,
        class_names=tuple(majors.items()),
    )


def _focus(screen: Screen) -> MapFocus | None:
    areas = screen.where.areas
    if not areas:
        return None
    drawn: DrawnDivisions = ask(screen, drawn_divisions, prefixes=areas)
    level = level_of(areas[0])
    if drawn.bounds is None or level is None:
        return None
    return MapFocus(bounds=drawn.bounds, level=level, ranges=drawn.ranges)


def _selection(screen: Screen) -> MapSelection | None:
    kind, key = screen.view.sel_kind, screen.view.sel_key
    if not kind:
        return None
    place = ask(screen, place_of, kind=kind, key=key)
    if place is None:
        return None
    return MapSelection(
        kind=kind, key=key, lon=place.lon, lat=place.lat, level=place.level, tile_index=place.tile_index
    )


def _flight(screen: Screen, focus: MapFocus | None, selection: MapSelection | None) -> MapTarget | None:
    """Fly to a card or a polygon that was opened elsewhere than on the map; once, until another one is.

    The same link followed again flies again, to the areas in focus too: the map was moved meanwhile.
    """
    memory: dict[str, Any] = st.session_state.setdefault("_om_flight", {"n": 0, "seen": None, "target": None})
    polygon = screen.where.polygon
    seen = (selection.kind, selection.key) if selection else polygon or None
    again = st.session_state.pop(FOLLOWED_AGAIN, False)
    if seen == memory["seen"] and not again:
        return memory["target"]  # type: ignore[no-any-return]
    memory["seen"] = seen
    number = memory["n"] + 1
    target = None
    if selection is not None and selection.lon is not None:
        if selection.kind == "area":
            place = ask(screen, place_of, kind="area", key=selection.key)
            target = MapTarget(n=number, bounds=place.bounds) if place and place.bounds else None
        else:
            target = MapTarget(n=number, lon=selection.lon, lat=selection.lat, zoom=CARD_ZOOM)
    elif selection is None and polygon:
        lons, lats = [corner[0] for corner in polygon], [corner[1] for corner in polygon]
        target = MapTarget(n=number, bounds=(min(lons), min(lats), max(lons), max(lats)))
    elif again and focus is not None:
        target = MapTarget(n=number, bounds=focus.bounds)
    if target is not None:
        memory |= {"n": number, "target": target}
    return memory["target"]  # type: ignore[no-any-return]


def _act(screen: Screen, message: MapMessage) -> None:
    if message.event == "click":
        picked = _pick(screen, message)
        if picked is not None:
            _open(screen, picked, message)
    elif message.event == "draw":
        _stay()
        st.session_state["_om_flight"]["seen"] = message.polygon or None
        _go(screen, where=screen.where.changed(polygon=message.polygon))
    elif message.event == "choose":
        _choose(screen, message)
    # "revision" asks for nothing more: the run that brought it shows the newest data already.


def _pick(screen: Screen, message: MapMessage) -> Picked | None:
    shown = message.layers if message.layers is not None else screen.view.layers
    level = message.level if message.level in set(Level) else None
    return pick(
        session=screen.session,
        lon=message.lon,
        lat=message.lat,
        zoom=message.zoom,
        tolerance_px=message.tolerance_px,
        where=screen.where,
        as_of=screen.as_of,
        layers=frozenset(_PICK_LAYERS[name] for name in shown if name in _PICK_LAYERS),
        level=Level(level) if level else None,
        station_kinds=screen.view.station_kinds,
    )


def _open(screen: Screen, picked: Picked, message: MapMessage) -> None:
    """An area drills and opens its card, an event or station opens its card where it is; several events
    bring the map nearer. The page of one area is its card already.
    """
    if picked.kind == "area":
        kind, key = ("", "") if screen.page == "community" else ("area", picked.key)
        st.session_state["_om_flight"]["seen"] = (kind, key) if kind else None
        _go(screen, where=screen.where.changed(areas=(picked.key,)), sel_kind=kind, sel_key=key)
    elif picked.kind == "cluster":
        memory = st.session_state["_om_flight"]
        number = memory["n"] + 1
        zoom = min(19, round(message.zoom) + CLUSTER_STEP)
        memory |= {"n": number, "target": MapTarget(n=number, lon=picked.lon, lat=picked.lat, zoom=zoom)}
        st.rerun()
    else:
        st.session_state["_om_flight"]["seen"] = (picked.kind, picked.key)
        _go(screen, sel_kind=picked.kind, sel_key=picked.key)


def _choose(screen: Screen, message: MapMessage) -> None:
    chosen: dict[str, Any] = {}
    if message.level is not None:
        chosen["level"] = message.level
    if message.metric in set(Metric):
        chosen["metric"] = message.metric
    if message.color_by is not None:
        chosen["paint"] = message.color_by
    if message.layers is not None:
        chosen["layers"] = tuple(name for name in LAYERS if name in message.layers)
    if chosen:
        _go(screen, **chosen)


def _stay() -> None:
    """The person is looking at the place already: what is opened next does not fly."""
    st.session_state.setdefault("_om_flight", {"n": 0, "seen": None, "target": None})


def _go(screen: Screen, *, where: Filter | None = None, **view_changes: Any) -> None:
    st.query_params.from_dict(screen.params(where=where, **view_changes))
    st.rerun()
