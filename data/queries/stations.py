"""Service stations as capacity: open now, counters, items, what happens around them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.labels import STATION_KIND, label
from data.opening_hours import Hours, HoursError, parse_hours
from data.queries.area_card import PathStep
from data.queries.conditions import in_areas, where_clauses
from data.queries.days import zone_of
from data.queries.events import rows_of
from data.queries.names import place_names, places_of
from data.queries.rows import EventRow
from data.queries.tables import EVENT, STATION, Condition

NEARBY_M: Final = 300.0
NEARBY_LIMIT: Final = 10
_METRES_A_DEGREE: Final = 111_320.0
_PLAIN: Final = (
    "id", "kind", "name", "code", "address", "phone", "hours", "counters", "staff_count", "area_m2",
    "lon", "lat",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StationRow:
    """``open_now`` is None where the hours are unknown; ``opens_next`` is set where it is closed."""

    id: int
    kind: str
    kind_label: str
    name: str
    code: str
    place_name: str
    address: str
    phone: str
    hours: str
    hours_text: str
    open_now: bool | None
    opens_next: datetime | None
    counters: int | None
    staff_count: int | None
    area_m2: float | None
    items: tuple[str, ...]
    lon: float | None
    lat: float | None


@dataclass(frozen=True, kw_only=True)
class StationCard:
    """``nearby``: the nearest of the ``nearby_count`` open events within about 300 m, nearest first.
    ``serves``: divisions of the catchment.
    """

    row: StationRow
    serves: list[PathStep]
    nearby: list[EventRow]
    nearby_count: int


def list_stations(
    *, session: Session, areas: tuple[str, ...] = (), kinds: tuple[str, ...] = (), open_at: datetime
) -> list[StationRow]:
    """Stations under the areas, of the kinds (all where empty), in the order of kind and name."""
    wanted = select(STATION).where(*stations_in(areas=areas, kinds=kinds))
    rows = session.execute(wanted.order_by(STATION.c.name, STATION.c.id)).all()
    order = {kind: place for place, kind in enumerate(STATION_KIND)}
    found = _station_rows(session, rows, open_at)
    return sorted(found, key=lambda row: order.get(row.kind, len(order)))


def stations_in(*, areas: tuple[str, ...], kinds: tuple[str, ...]) -> list[Condition]:
    """Conditions on ``station``: under the areas, of the kinds; an empty tuple restricts nothing."""
    conditions = in_areas(areas, STATION.c.code)
    if kinds:
        conditions.append(STATION.c.kind.in_(kinds))
    return conditions


def station_card(*, session: Session, station_id: int, at: datetime) -> StationCard | None:
    """The card of one station; None where there is no such station."""
    station = session.execute(select(STATION).where(STATION.c.id == station_id)).one_or_none()
    if station is None:
        return None
    (row,) = _station_rows(session, [station], at)
    codes = [code for code in _texts(station.serves) if code]
    known = places_of(session, codes)
    serves = [PathStep(code=place.code, name=place.name, level=place.level) for place in known.values()]
    near = _nearby(session, row, at)
    return StationCard(
        row=row,
        serves=sorted(serves, key=lambda step: step.code),
        nearby=rows_of(session, near[:NEARBY_LIMIT], at),
        nearby_count=len(near),
    )


def _station_rows(session: Session, stations: Iterable[Any], at: datetime) -> list[StationRow]:
    stations = list(stations)
    places = place_names(session, {station.code for station in stations})
    # Most stations keep one of a few spellings of hours.
    hours: dict[str, Hours | None] = {}
    for station in stations:
        if station.hours not in hours:
            hours[station.hours] = _hours(session, station.hours)
    return [
        StationRow(
            **{name: getattr(station, name) for name in _PLAIN},
            kind_label=label(STATION_KIND, station.kind),
            place_name=places[station.code],
            items=tuple(_texts(station.items)),
            **_opening(hours[station.hours], station.hours, at),
        )
        for station in stations
    ]


def _hours(session: Session, text: str) -> Hours | None:
    """What the text means; None where there is none or it cannot be understood: shown as it is."""
    try:
        return parse_hours(text, timezone=zone_of(session)) if text.strip() else None
    except HoursError:
        return None


def _opening(hours: Hours | None, text: str, at: datetime) -> dict[str, Any]:
    if hours is None:
        return {"hours_text": text, "open_now": None, "opens_next": None}
    is_open = hours.is_open(at)
    opens_next = None if is_open else hours.next_change(at)
    return {"hours_text": hours.describe(), "open_now": is_open, "opens_next": opens_next}


def _texts(listed: str) -> list[str]:
    found = json.loads(listed or "[]")
    return [str(each) for each in found] if isinstance(found, list) else []


def _nearby(session: Session, row: StationRow, at: datetime) -> list[int]:
    """Open events within 300 m, by their distance: those of a square around, then the far ones left out."""
    if row.lon is None or row.lat is None:
        return []
    north = NEARBY_M / _METRES_A_DEGREE
    east = north / max(0.01, math.cos(math.radians(row.lat)))
    corners = ((-east, -north), (east, -north), (east, north), (-east, north))
    square = tuple((row.lon + x, row.lat + y) for x, y in corners)
    columns = select(EVENT.c.id, EVENT.c.lon, EVENT.c.lat)
    found = session.execute(columns.where(*where_clauses(session, Filter(polygon=square), at))).all()

    def distance_m(event: Any) -> float:
        return _METRES_A_DEGREE * math.hypot((event.lon - row.lon) * north / east, event.lat - row.lat)

    within = sorted((distance_m(event), event.id) for event in found if distance_m(event) <= NEARBY_M)
    return [event_id for _, event_id in within]
