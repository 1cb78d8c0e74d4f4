"""What a click on the map meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.codes import LEVELS
from data.filter import Filter
from data.queries.clusters import SINGLE_ZOOM, Cluster, TileRectangle, clusters, clusters_side_log2, in_tiles
from data.queries.conditions import where_clauses
from data.queries.events import Order, ordering
from data.queries.names import in_force
from data.queries.stations import stations_in
from data.queries.tables import DIVISION, EVENT, STATION
from data.vocabulary import Level
from geo.cells import BITS, tile_of

ALL_LAYERS: Final = frozenset({"events", "stations", "areas"})
LEVEL_ZOOMS: Final = {Level.STREET: 0, Level.COMMUNITY: 13, Level.GRID: 15}
"""From which zoom the map shows a level unless one is pinned."""
_TILE_PX: Final = 256.0


@dataclass(frozen=True, kw_only=True)
class Picked:
    """``kind``: event, station, cluster or area; ``key``: id as text, code of an area, '' for a cluster.

    A cluster stands for ``count`` events: the map should fly nearer. An event with a ``count`` above 1 is the
    most urgent of several at one place, too near each other to be told apart by flying nearer.
    """

    kind: str
    key: str
    lon: float
    lat: float
    count: int


def pick(
    *,
    session: Session,
    lon: float,
    lat: float,
    zoom: float,
    tolerance_px: float,
    where: Filter,
    as_of: datetime,
    layers: frozenset[str] = ALL_LAYERS,
    level: Level | None = None,
    station_kinds: tuple[str, ...] = (),
) -> Picked | None:
    """Event before station before area of ``level`` (that of the zoom by default) at a position in degrees.

    Only what is drawn is picked: events clustered as at this zoom, stations in the areas of ``where`` and of
    ``station_kinds`` (all where empty).
    """
    click = _Click(lon, lat, zoom, tolerance_px)
    found = None
    if "events" in layers:
        found = _event(session, click, where, as_of)
    if found is None and "stations" in layers:
        found = _station(session, click, where.areas, station_kinds)
    if found is None and "areas" in layers:
        found = _area(session, click, level or level_of_zoom(zoom))
    return found


def level_of_zoom(zoom: float) -> Level:
    """Streets, then communities, then grids."""
    return next((level for level, begins in reversed(LEVEL_ZOOMS.items()) if zoom >= begins), Level.STREET)


@dataclass(frozen=True)
class _Click:
    lon: float
    lat: float
    zoom: float
    tolerance_px: float

    @property
    def east_deg(self) -> float:
        """The tolerance as degrees of longitude."""
        return self.tolerance_px * 360.0 / (_TILE_PX * math.pow(2.0, self.zoom))

    @property
    def north_deg(self) -> float:
        """The tolerance as degrees of latitude."""
        return self.east_deg * max(0.01, math.cos(math.radians(self.lat)))

    def distance(self, lon: float, lat: float) -> float:
        """In tolerances: up to 1 is a hit."""
        east, north = (lon - self.lon) / self.east_deg, (lat - self.lat) / self.north_deg
        return float((east**2 + north**2) ** 0.5)


def _event(session: Session, click: _Click, where: Filter, as_of: datetime) -> Picked | None:
    zoom = max(0, math.floor(click.zoom))
    cell_zoom = min(BITS, zoom + clusters_side_log2(zoom))
    west, north = tile_of(click.lon - click.east_deg, click.lat + click.north_deg, z=cell_zoom)
    east, south = tile_of(click.lon + click.east_deg, click.lat - click.north_deg, z=cell_zoom)
    # The middle of a cluster lies in its own cell, so the cells within the tolerance hold all that count.
    tiles = TileRectangle(z=cell_zoom, x0=west, y0=north, x1=east, y1=south)
    found = clusters(session=session, where=where, as_of=as_of, zoom=zoom, tiles=tiles)
    near = [(click.distance(each.lon, each.lat), place) for place, each in enumerate(found)]
    if not near or min(near)[0] > 1.0:
        return None
    return _picked(session, found[min(near)[1]], where, as_of, zoom, cell_zoom)


def _picked(
    session: Session, cluster: Cluster, where: Filter, as_of: datetime, zoom: int, cell_zoom: int
) -> Picked:
    event_id = cluster.event_id
    if event_id is None and zoom >= SINGLE_ZOOM:
        x, y = tile_of(cluster.lon, cluster.lat, z=cell_zoom)
        cell = in_tiles(where, TileRectangle(z=cell_zoom, x0=x, y0=y, x1=x, y1=y))
        keys = select(EVENT.c.id).where(*where_clauses(session, where, as_of), *cell)
        event_id = session.execute(keys.order_by(*ordering(Order.URGENT)).limit(1)).scalar_one_or_none()
    return Picked(
        kind="cluster" if event_id is None else "event",
        key="" if event_id is None else str(event_id),
        lon=cluster.lon,
        lat=cluster.lat,
        count=cluster.count,
    )


def _station(
    session: Session, click: _Click, areas: tuple[str, ...], kinds: tuple[str, ...]
) -> Picked | None:
    columns = select(STATION.c.id, STATION.c.lon, STATION.c.lat)
    rows = session.execute(
        columns.where(
            *stations_in(areas=areas, kinds=kinds),
            STATION.c.lon.between(click.lon - click.east_deg, click.lon + click.east_deg),
            STATION.c.lat.between(click.lat - click.north_deg, click.lat + click.north_deg),
        )
    ).all()
    hits = sorted((click.distance(row.lon, row.lat), row.id, row.lon, row.lat) for row in rows)
    if not hits or hits[0][0] > 1.0:
        return None
    _, station_id, lon, lat = hits[0]
    return Picked(kind="station", key=str(station_id), lon=lon, lat=lat, count=1)


def _area(session: Session, click: _Click, level: Level) -> Picked | None:
    """Down from the district, level by level, as far as ``level``: only one area's children are looked at."""
    code = None
    for step in LEVELS[: LEVELS.index(level) + 1]:
        below = _containing(session, click, step, code)
        if below is None:
            break
        code = below
    return None if code is None else Picked(kind="area", key=code, lon=click.lon, lat=click.lat, count=1)


def _containing(session: Session, click: _Click, level: Level, parent: str | None) -> str | None:
    within = DIVISION.c.level == level.value if parent is None else DIVISION.c.parent_code == parent
    columns = select(DIVISION.c.code, DIVISION.c.geometry).where(
        within,
        in_force(),
        DIVISION.c.min_lon <= click.lon,
        DIVISION.c.max_lon >= click.lon,
        DIVISION.c.min_lat <= click.lat,
        DIVISION.c.max_lat >= click.lat,
        DIVISION.c.geometry.is_not(None),
    )
    point = shapely.Point(click.lon, click.lat)
    for row in session.execute(columns.order_by(DIVISION.c.code)):
        if shapely.intersects(shapely.from_wkb(row.geometry), point):
            return str(row.code)
    return None
