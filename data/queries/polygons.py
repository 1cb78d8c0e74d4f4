"""A drawn polygon as a condition: ranges of cells wholly inside, and rows on its edge tested one by one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any, Final

import numpy as np
from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from data.filter import Filter
from data.queries.tables import DATA_STATE, EVENT, Condition
from geo.cell_ranges import CompiledPolygon, Range, Vertex, compile_polygon

_CACHE_SIZE: Final = 64
_MAX_RANGES: Final = 96
"""More ranges leave fewer rows to test, but each row of the period is compared with each range."""

_Key = tuple[Any, ...]
_edges: OrderedDict[_Key, tuple[int, ...]] = OrderedDict()
_lock = threading.Lock()


@lru_cache(maxsize=_CACHE_SIZE)
def compiled(vertices: tuple[Vertex, ...]) -> CompiledPolygon:
    """The ranges of a polygon. Raises ``geo.errors.PolygonError`` for one that cannot be used."""
    return compile_polygon(vertices, max_ranges=_MAX_RANGES)


def within_ranges(ranges: tuple[Range, ...] | list[Range]) -> Condition:
    """Whether an event's cell lies in one of the ranges; never offered to an index."""
    # "+ 0" keeps the planner on the index that the basis names: an OR of ranges would otherwise be answered
    # from the index over the cells of the whole history.
    cell = EVENT.c.cell + 0
    return or_(cell < 0, *(and_(cell >= low, cell < high) for low, high in ranges))


def bounding(ranges: tuple[Range, ...] | list[Range]) -> Condition:
    """One range of cells around all the ranges, which an index over the cell can search."""
    if not ranges:
        return and_(EVENT.c.cell >= 0, EVENT.c.cell < 0)
    return and_(EVENT.c.cell >= ranges[0][0], EVENT.c.cell < ranges[-1][1])


def all_ranges(polygon: CompiledPolygon) -> list[Range]:
    """Interior and boundary together, ascending."""
    return sorted(polygon.interior + polygon.boundary)


def inside(session: Session, where: Filter, base: list[Condition]) -> Condition:
    """Whether an event lies in the polygon of ``where``; its edge belongs to it.

    ``base`` are the conditions of the basis, its period and its areas. The rows on its edge are found
    once for each of these and the revision of the data.
    """
    polygon = compiled(where.polygon)
    ids = _edge_ids(session, where, base, polygon)
    interior = within_ranges(polygon.interior)
    if not ids:
        return interior
    # Rendered into the statement: databases limit the number of parameters, not of literals.
    listed = EVENT.c.id.in_(bindparam("edge_ids", ids, expanding=True, literal_execute=True))
    return or_(interior, listed)


def _edge_ids(
    session: Session, where: Filter, base: list[Condition], polygon: CompiledPolygon
) -> tuple[int, ...]:
    revision = session.execute(select(DATA_STATE.c.revision)).scalar_one_or_none()
    place = str(session.get_bind().engine.url)
    key = (place, revision, where.polygon, where.basis, where.start, where.end, where.areas)
    with _lock:
        if key in _edges:
            _edges.move_to_end(key)
            return _edges[key]
    found = _test_edge(session, base, polygon)
    with _lock:
        _edges[key] = found
        while len(_edges) > _CACHE_SIZE:
            _edges.popitem(last=False)
    return found


def _test_edge(session: Session, base: list[Condition], polygon: CompiledPolygon) -> tuple[int, ...]:
    if not polygon.boundary:
        return ()
    columns = select(EVENT.c.id, EVENT.c.lon, EVENT.c.lat)
    rows = session.execute(columns.where(*base, within_ranges(polygon.boundary))).all()
    if not rows:
        return ()
    table = np.array([tuple(row) for row in rows], dtype=np.float64)
    kept = polygon.contains(table[:, 1], table[:, 2])
    return tuple(sorted(int(key) for key in table[kept, 0]))
