"""疑似重复: the same class, near in place and time. Suggested, never merged by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Table, or_, select
from sqlmodel import Session

from data.lifecycle.rules import LoopRules, read_rules
from data.models import Event
from geo.cell_ranges import tile_rectangle_ranges
from geo.cells import tile_of
from geo.measure import distance_m, metres_per_degree

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_ZOOM: Final = 17
"""A tile is about 260 m wide at 30° latitude: the largest circle of the rules meets a few dozen."""
MOST: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """An open case that may be the same. ``seq`` is what a merge has to have seen of the *other* case."""

    event_id: int
    seq: int
    source: str
    external_no: str
    title: str
    status: str
    reported_at: datetime
    distance_m: float
    hours_apart: float


def suggest_duplicates(
    session: Session,
    *,
    class_code: str,
    lon: float | None,
    lat: float | None,
    reported_at: datetime,
    event_id: int | None = None,
    rules: LoopRules | None = None,
) -> list[Duplicate]:
    """Open cases of the class around a position in degrees, reported about that time; the nearest first.

    For a case that is there (``event_id``, which is left out) as for one that is just being typed. Without a
    position nothing is suggested. Reads the cells around through one index, whatever the history.
    """
    if lon is None or lat is None:
        return []
    numbers = rules or read_rules(session)
    apart = timedelta(hours=numbers.duplicate_hours)
    wanted = select(_EVENT).where(
        _EVENT.c.ended_at.is_(None),
        or_(*_cells_around(lon, lat, numbers.duplicate_distance_m)),
        _EVENT.c.class_code == class_code,
        _EVENT.c.reported_at.between(reported_at - apart, reported_at + apart),
        _EVENT.c.id != (event_id or 0),
    )
    rows = session.connection().execute(wanted).all()
    if not rows:
        return []
    distances = distance_m([row.lon for row in rows], [row.lat for row in rows], to_lon=lon, to_lat=lat)
    found = [
        Duplicate(
            event_id=row.id,
            seq=row.seq,
            source=row.source,
            external_no=row.external_no,
            title=row.title,
            status=row.status,
            reported_at=row.reported_at,
            distance_m=float(metres),
            hours_apart=abs((row.reported_at - reported_at) / timedelta(hours=1)),
        )
        for row, metres in zip(rows, distances.tolist(), strict=True)
        if metres <= numbers.duplicate_distance_m
    ]
    return sorted(found, key=lambda one: (one.distance_m, one.hours_apart, one.event_id))[:MOST]


def _cells_around(lon: float, lat: float, radius_m: float) -> list[ColumnElement[bool]]:
    east_m, north_m = metres_per_degree(lat)
    east, north = radius_m / float(east_m), radius_m / float(north_m)
    x0, y0 = tile_of(lon - east, lat + north, z=_ZOOM)
    x1, y1 = tile_of(lon + east, lat - north, z=_ZOOM)
    ranges = tile_rectangle_ranges(_ZOOM, x0, y0, x1, y1)
    return [(_EVENT.c.cell >= low) & (_EVENT.c.cell < high) for low, high in ranges]
