"""Events on the map: clustered by cell key for the tiles in view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import Integer, Row, func, literal, select
from sqlalchemy.orm import Session

from data.clock import sla_color_number_sql
from data.filter import Filter
from data.queries.conditions import where_clauses
from data.queries.polygons import bounding, within_ranges
from data.queries.tables import EVENT, Condition
from data.vocabulary import Basis, SlaColor
from geo.cell_ranges import Range, tile_rectangle_ranges
from geo.cells import BITS, deinterleave, tile_shift

SINGLE_ZOOM: Final = 17
"""From this zoom on events share a cluster only where they lie in one cell of 4 pixels."""
_CLUSTER_SIDE_LOG2: Final = 2
_SINGLE_SIDE_LOG2: Final = 6
_HEAT_SIDE_LOG2: Final = 4
_MAX_RANGES: Final = 64
_COLORS: Final = tuple(SlaColor)
_COUNTED: Final = (SlaColor.OVERDUE, SlaColor.SOON, SlaColor.DONE_LATE, SlaColor.SUSPENDED)
"""Colours of which a cluster gives the number, the most pressing first."""


@dataclass(frozen=True, kw_only=True)
class TileRectangle:
    """Map tiles ``x0..x1`` × ``y0..y1`` at zoom ``z``, both ends included, y growing southward."""

    z: int
    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Events in one cell: the mean of their positions and how many they are.

    ``event_id`` and ``class_code`` are set where ``count`` is 1. ``color`` is the commonest of the colours
    that have no number of their own here, so that of a single event; where there is none, the most pressing.
    """

    lon: float
    lat: float
    count: int
    overdue: int
    soon: int
    suspended: int
    done_late: int
    event_id: int | None
    class_code: str
    color: SlaColor


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    lon: float
    lat: float
    weight: int


class Part(NamedTuple):
    """Events of one colour in one cell."""

    place: int
    color: SlaColor
    events: int
    lon: float
    lat: float
    event_id: int
    class_code: str


P = TypeVar("P", Part, Row[Any])


def clusters(
    *, session: Session, where: Filter, as_of: datetime, zoom: int, tiles: TileRectangle | None = None
) -> list[Cluster]:
    """Clusters of about 64 pixels at ``zoom``; from zoom 17 on only events at one place share a cluster.

    Without ``tiles`` all located events. Over tiles that do not overlap the counts add up exactly, if the
    tiles are not deeper than a cluster (their zoom at most ``zoom + 2``).

    Raises:
        ValueError: tiles that do not exist or are too deep, or corners the wrong way round.
    """
    parts = cluster_parts(session=session, where=where, as_of=as_of, zoom=zoom, tiles=tiles)
    return merged(parts, colors=where.colors)


def cluster_parts(
    *, session: Session, where: Filter, as_of: datetime, zoom: int, tiles: TileRectangle | None = None
) -> list[Part]:
    """The same places with their colours apart, of all colours whatever ``where`` asks for.

    One reading answers every choice of colours: :func:`merged`. Raises as :func:`clusters`.
    """
    cell_zoom = _cell_zoom(zoom, clusters_side_log2(zoom), tiles)
    parts = _grouped(session, replace(where, colors=()), as_of, tile_shift(cell_zoom), tiles)
    return _in_tiles(parts, cell_zoom, tiles)


def merged(parts: Iterable[Part], *, colors: tuple[SlaColor, ...] = ()) -> list[Cluster]:
    """One cluster a place, of the parts in ``colors`` (none: of all)."""
    wanted = frozenset(colors) or frozenset(SlaColor)
    found: dict[int, _Sum] = {}
    for part in parts:
        if part.color in wanted:
            found.setdefault(part.place, _Sum()).add(part)
    return [total.cluster() for _, total in sorted(found.items())]


def clusters_side_log2(zoom: int) -> int:
    """How many levels below the zoom a cluster's cell is a tile."""
    return _SINGLE_SIDE_LOG2 if zoom >= SINGLE_ZOOM else _CLUSTER_SIDE_LOG2


def heat(
    *, session: Session, where: Filter, as_of: datetime, zoom: int, tiles: TileRectangle | None = None
) -> list[HeatCell]:
    """Counts in cells of about 16 pixels at ``zoom``."""
    cell_zoom = _cell_zoom(zoom, _HEAT_SIDE_LOG2, tiles)
    place = EVENT.c.cell.bitwise_rshift(literal(tile_shift(cell_zoom), Integer)).label("place")
    columns = select(
        place, func.avg(EVENT.c.lon).label("lon"), func.avg(EVENT.c.lat).label("lat"), func.count().label("n")
    )
    conditions = [*where_clauses(session, where, as_of), *in_tiles(where, tiles)]
    rows = session.execute(columns.where(*conditions).group_by(place).order_by(place))
    found = _in_tiles(rows, cell_zoom, tiles)
    return [HeatCell(lon=row.lon, lat=row.lat, weight=row.n) for row in found]


def in_tiles(where: Filter, tiles: TileRectangle | None) -> list[Condition]:
    """Conditions that hold for the located events in the tiles.

    A rectangle of many small tiles is widened to few ranges; :func:`_in_tiles` takes away what is too much.
    """
    if tiles is None:
        return [EVENT.c.cell.is_not(None)]
    ranges = _few(tile_rectangle_ranges(tiles.z, tiles.x0, tiles.y0, tiles.x1, tiles.y1))
    within = within_ranges(ranges)
    return [bounding(ranges), within] if where.basis is Basis.OPEN else [within]


def _few(ranges: list[Range]) -> list[Range]:
    """At most 64 ranges around the same cells and more: only the widest gaps between them stay."""
    if len(ranges) <= _MAX_RANGES:
        return ranges
    gaps = sorted(range(1, len(ranges)), key=lambda k: ranges[k - 1][1] - ranges[k][0])[: _MAX_RANGES - 1]
    starts = [0, *sorted(gaps)]
    return [(ranges[a][0], ranges[b - 1][1]) for a, b in pairwise([*starts, len(ranges)])]


def _in_tiles(rows: Iterable[P], cell_zoom: int, tiles: TileRectangle | None) -> list[P]:
    """Those of the rows whose ``place``, a cell of the zoom, lies in the tiles."""
    found = list(rows)
    if tiles is None:
        return found
    places = np.fromiter((row.place for row in found), dtype=np.int64, count=len(found))
    x, y = deinterleave(places >> 2 * (cell_zoom - tiles.z))
    inside = (tiles.x0 <= x) & (x <= tiles.x1) & (tiles.y0 <= y) & (y <= tiles.y1)
    return [row for row, keep in zip(found, inside.tolist(), strict=True) if keep]


def _cell_zoom(zoom: int, side_log2: int, tiles: TileRectangle | None) -> int:
    cell_zoom = min(BITS, zoom + side_log2)
    if tiles is not None and tiles.z > cell_zoom:
        raise ValueError(f"瓦片级别 {tiles.z} 过深：缩放级别为 {zoom} 时最多 {cell_zoom}")
    return cell_zoom


def _grouped(
    session: Session, where: Filter, as_of: datetime, shift: int, tiles: TileRectangle | None
) -> Iterable[Part]:
    """One part for each cell and colour: the colour is worked out once a row and not once a sum."""
    # Grouped by one integer, which sorts faster than a number and a text.
    color = sla_color_number_sql(as_of, all_open=where.basis is Basis.OPEN)
    key = (EVENT.c.cell.bitwise_rshift(literal(shift, Integer)) * len(_COLORS) + color).label("key")
    columns = select(
        key,
        func.count(),
        func.sum(EVENT.c.lon),
        func.sum(EVENT.c.lat),
        func.min(EVENT.c.id),
        func.min(EVENT.c.class_code),
    )
    conditions = [*where_clauses(session, where, as_of), *in_tiles(where, tiles)]
    for number, *sums in session.execute(columns.where(*conditions).group_by("key")):
        place, color_number = divmod(number, len(_COLORS))
        yield Part(place, _COLORS[color_number], *sums)


class _Sum:
    """A cluster in the making: its colours come in one after the other."""

    def __init__(self) -> None:
        self.count = 0
        self.lon = self.lat = 0.0
        self.colors: dict[str, int] = {}
        self.last: Part

    def add(self, row: Part) -> None:
        self.count += row.events
        self.lon += row.lon
        self.lat += row.lat
        self.colors[row.color] = row.events
        self.last = row

    def cluster(self) -> Cluster:
        single = self.count == 1
        return Cluster(
            lon=self.lon / self.count,
            lat=self.lat / self.count,
            count=self.count,
            overdue=self.colors.get(SlaColor.OVERDUE, 0),
            soon=self.colors.get(SlaColor.SOON, 0),
            suspended=self.colors.get(SlaColor.SUSPENDED, 0),
            done_late=self.colors.get(SlaColor.DONE_LATE, 0),
            event_id=self.last.event_id if single else None,
            class_code=self.last.class_code if single else "",
            color=self._color(),
        )

    def _color(self) -> SlaColor:
        calm = [color for color in self.colors if color not in _COUNTED]
        if calm:
            return SlaColor(max(calm, key=lambda color: self.colors[color]))
        return next(color for color in _COUNTED if color in self.colors)
