"""Events on the map: clustered by cell key for the tiles in view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter


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

    ``event_id`` and ``class_code`` are set where ``count`` is 1.
    """

    lon: float
    lat: float
    count: int
    overdue: int
    soon: int
    suspended: int
    event_id: int | None
    class_code: str


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    lon: float
    lat: float
    weight: int


def clusters(
    *, session: Session, where: Filter, as_of: datetime, zoom: int, tiles: TileRectangle | None = None
) -> list[Cluster]:
    """Clusters of about 64 pixels at ``zoom``; from zoom 17 on only events at one place share a cluster.

    Without ``tiles`` all located events. Over tiles that do not overlap the counts add up exactly.
    """
    raise NotImplementedError


def heat(
    *, session: Session, where: Filter, as_of: datetime, zoom: int, tiles: TileRectangle | None = None
) -> list[HeatCell]:
    """Counts in cells of about 16 pixels at ``zoom``."""
    raise NotImplementedError
