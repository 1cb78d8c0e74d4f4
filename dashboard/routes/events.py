"""Events for the tiles in view: clustered, and as heat. Cell keys stay on the server; degrees travel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from dashboard.routes.memory import Memory
from dashboard.routes.respond import Asked, BadRequest, data_route, once_for_all_colors, read_integer
from data.queries.clusters import Part, TileRectangle, cluster_parts, merged
from data.queries.clusters import heat as heat_cells
from data.queries.events import count_located
from data.vocabulary import SlaColor

Counts = dict[SlaColor, tuple[int, int]]
_DIGITS: Final = 6
_MAX_ZOOM: Final = 22
_MAX_TILES: Final = 2048
"""A wall of 7680 × 2160 with its margins is 350 tiles; more is no screen."""
_counts: Memory[Counts] = Memory(64)
_parts: Memory[list[Part]] = Memory(16)


def _points(asked: Asked) -> Mapping[str, Any]:
    tiles = read_tiles(asked.params)
    total, located = _count(asked)
    found = merged(_read_parts(asked, tiles), colors=asked.where.colors)
    return {
        "total": total,
        "unlocated": total - located,
        "shown": sum(cluster.count for cluster in found),
        "clusters": [
            [
                round(cluster.lon, _DIGITS),
                round(cluster.lat, _DIGITS),
                cluster.count,
                cluster.overdue,
                cluster.soon,
                cluster.suspended,
                cluster.event_id or 0,
                cluster.class_code,
                cluster.color,
                cluster.done_late,
            ]
            for cluster in found
        ],
    }


def _count(asked: Asked) -> tuple[int, int]:
    """All and located events of the whole filter: the same for every part of the map that is looked at."""
    counts = once_for_all_colors(_counts, asked, (), count_located)
    wanted = [counts[color] for color in asked.where.colors or counts if color in counts]
    return sum(events for events, _ in wanted), sum(located for _, located in wanted)


def _read_parts(asked: Asked, tiles: TileRectangle) -> list[Part]:
    return once_for_all_colors(_parts, asked, tiles, partial(cluster_parts, zoom=tiles.z, tiles=tiles))


def _heat(asked: Asked) -> Mapping[str, Any]:
    tiles = read_tiles(asked.params)
    cells = heat_cells(
        session=asked.session, where=asked.where, as_of=asked.moment.as_of, zoom=tiles.z, tiles=tiles
    )
    return {"cells": [[round(cell.lon, _DIGITS), round(cell.lat, _DIGITS), cell.weight] for cell in cells]}


def read_tiles(params: Mapping[str, str]) -> TileRectangle:
    """Parameters z, x0, y0, x1, y1: a rectangle of map tiles, both ends included. Raises BadRequest."""
    z = read_integer(params, "z", low=0, high=_MAX_ZOOM)
    last = 2**z - 1
    x0, y0, x1, y1 = (read_integer(params, name, low=0, high=last) for name in ("x0", "y0", "x1", "y1"))
    if x0 > x1 or y0 > y1:
        raise BadRequest(f"瓦片范围 {x0}–{x1} × {y0}–{y1} 无效：起点不能大于终点")
    if (x1 - x0 + 1) * (y1 - y0 + 1) > _MAX_TILES:
        raise BadRequest(f"瓦片范围 {x0}–{x1} × {y0}–{y1} 太大：一次最多 {_MAX_TILES} 块")
    return TileRectangle(z=z, x0=x0, y0=y0, x1=x1, y1=y1)


points = data_route(_points)
heat = data_route(_heat)
