"""What a click on the map meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter
from data.vocabulary import Level


@dataclass(frozen=True, kw_only=True)
class Picked:
    """``kind``: event, station, cluster or area; ``key``: id as text, code of an area, '' for a cluster.

    A cluster is several events within the tolerance: ``count`` of them; the map should fly nearer.
    """

    kind: str
    key: str
    lon: float
    lat: float
    count: int


ALL_LAYERS = frozenset({"events", "stations", "areas"})


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
) -> Picked | None:
    """Event before station before area of ``level`` (that of the zoom by default) at a position in degrees."""
    raise NotImplementedError
