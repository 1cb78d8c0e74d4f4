"""疑似重复: the same class, near in place and time. Suggested or named by number, never merged by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, or_, select
from sqlmodel import Session

from data.lifecycle.rules import LoopRules, read_rules
from data.models import Event, SourceState
from data.vocabulary import CODE_LENGTH, Level
from geo.cell_ranges import tile_rectangle_ranges
from geo.cells import tile_of
from geo.measure import distance_m, metres_per_degree

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_SOURCE: Final[Table] = SourceState.__table__  # type: ignore[attr-defined]
_ZOOM: Final = 17
"""A tile is about 260 m wide at 30° latitude: the largest circle of the rules meets a few dozen."""
MOST: Final = 20
MOST_LOOKED_AT: Final = 500
"""Cases around a position, of its class and days. More than that share a position that stands for "unknown",
and each new one would be compared with all of them."""


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
    rows = session.connection().execute(wanted.limit(MOST_LOOKED_AT)).all()
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


def cases_numbered(session: Session, *, number: str) -> list[int]:
    """Ids of the cases with that number, in any case of letters: one a source at most, by source.

    Source by source, since the index over (source, number) begins with the source.
    """
    spelled = {number.strip(), number.strip().upper(), number.strip().lower()} - {""}
    sources = session.connection().execute(select(_SOURCE.c.source)).scalars().all()
    wanted = select(_EVENT.c.id).where(_EVENT.c.source.in_(sources), _EVENT.c.external_no.in_(spelled))
    return list(session.connection().execute(wanted.order_by(_EVENT.c.source, _EVENT.c.id)).scalars())


def why_not_the_same(
    row: Mapping[str, Any],
    other: Mapping[str, Any],
    *,
    rules: LoopRules,
    class_name: Callable[[str], str],
) -> str | None:
    """The rule by which two cases cannot be one: class, time, place. None where they can be."""
    number = other["external_no"]
    if row["class_code"] != other["class_code"]:
        return (
            f"{number} 是“{class_name(other['class_code'])}”，这件是“{class_name(row['class_code'])}”："
            "类别相同的件才能合并"
        )
    hours = abs((other["reported_at"] - row["reported_at"]) / timedelta(hours=1))
    if hours > rules.duplicate_hours:
        return f"两件上报相隔 {hours:.0f} 小时，超过 {rules.duplicate_hours:g} 小时，不能合并到 {number}"
    metres = _metres(row, other)
    if metres is None:
        if _same_place(row["code"], other["code"]):
            return None
        return f"{number} 和这件有一件没有坐标，又不在同一社区或网格，看不出是同一处，不能合并"
    if metres > rules.duplicate_distance_m:
        return f"两件相距 {metres:,.0f} 米，超过 {rules.duplicate_distance_m:g} 米，不能合并到 {number}"
    return None


def _metres(row: Mapping[str, Any], other: Mapping[str, Any]) -> float | None:
    if None in (row["lon"], row["lat"], other["lon"], other["lat"]):
        return None
    return float(distance_m([row["lon"]], [row["lat"]], to_lon=other["lon"], to_lat=other["lat"])[0])


def _same_place(code: str, other: str) -> bool:
    """Whether one lies in the other, a community at least (ours: what a caller tells has no position)."""
    short, long = sorted((code, other), key=len)
    return len(short) >= CODE_LENGTH[Level.COMMUNITY] and long.startswith(short)


def _cells_around(lon: float, lat: float, radius_m: float) -> list[ColumnElement[bool]]:
    east_m, north_m = metres_per_degree(lat)
    east, north = radius_m / float(east_m), radius_m / float(north_m)
    x0, y0 = tile_of(lon - east, lat + north, z=_ZOOM)
    x1, y1 = tile_of(lon + east, lat - north, z=_ZOOM)
    ranges = tile_rectangle_ranges(_ZOOM, x0, y0, x1, y1)
    return [(_EVENT.c.cell >= low) & (_EVENT.c.cell < high) for low, high in ranges]
