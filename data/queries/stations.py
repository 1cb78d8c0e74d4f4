"""Service stations as capacity: open now, counters, items, what happens around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.queries.areas import PathStep
from data.queries.rows import EventRow


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
    """``nearby``: open events within about 300 m, nearest first. ``serves``: divisions of the catchment."""

    row: StationRow
    serves: list[PathStep]
    nearby: list[EventRow]


def list_stations(
    *, session: Session, areas: tuple[str, ...] = (), kinds: tuple[str, ...] = (), open_at: datetime
) -> list[StationRow]:
    """Stations under the areas, of the kinds (all where empty), in the order of kind and name."""
    raise NotImplementedError


def station_card(*, session: Session, station_id: int, at: datetime) -> StationCard | None:
    """The card of one station; None where there is no such station."""
    raise NotImplementedError
