"""Areas compared: the table of an area's children, the colours of the map, the card of one area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from data.filter import Filter
from data.vocabulary import Level


class Metric(StrEnum):
    """What colours the areas. ``per_1000``: events of the filter per 1,000 residents; ``on_time_rate`` in per cent."""

    OPEN = "open"
    OVERDUE = "overdue"
    SOON = "soon"
    TOTAL = "total"
    PER_1000 = "per_1000"
    ON_TIME_RATE = "on_time_rate"


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """Numbers of one area. ``total`` is the filter's count; open, overdue, soon, suspended are parts of it.

    ``due`` and ``due_in_time`` are denominator and numerator of 按期结案率: of the filter's own rows, or of this
    week where the basis is *open*. ``code`` is '' in the rows 未落格 and 合计; ``level`` is None there.
    """

    code: str
    name: str
    level: Level | None
    open: int
    overdue: int
    soon: int
    suspended: int
    total: int
    due: int
    due_in_time: int
    residents: int | None

    @property
    def on_time_rate(self) -> float | None:
        """Per cent; None without a denominator."""
        return 100.0 * self.due_in_time / self.due if self.due else None

    @property
    def per_1000(self) -> float | None:
        """Events of the filter per 1,000 residents; None where the residents are unknown or none."""
        return 1000.0 * self.total / self.residents if self.residents else None


@dataclass(frozen=True, kw_only=True)
class AreaTable:
    """``rows`` + ``unplaced`` = ``total``, column by column (residents of the parent stand in ``total``)."""

    parent: str
    level: Level | None
    rows: list[AreaRow]
    unplaced: AreaRow
    total: AreaRow


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One line of the legend: the mark in ``classes``, the range in words, how many areas carry it."""

    mark: str
    label: str
    areas: int


@dataclass(frozen=True, kw_only=True)
class AreaValues:
    """A value for each area of one level, for colouring.

    ``classes`` has one mark an area: position k is the feature with ``tile_index`` k. ``0`` zero, ``1`` to ``5``
    ever more pressing, ``n`` no data. ``limits`` are the last values of classes 1, 2, … (for on_time_rate, where
    less is more pressing, the lowest values of classes 1, 2, …). ``values`` maps codes to values that are known
    and not zero.
    """

    level: Level
    metric: Metric
    title: str
    unit: str
    count: int
    classes: str
    limits: tuple[float, ...]
    areas_per_class: tuple[int, ...]
    legend: tuple[LegendEntry, ...]
    values: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who answers for an area. The phone is masked: 138****1234."""

    name: str
    post: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class PathStep:
    code: str
    name: str
    level: Level


@dataclass(frozen=True, kw_only=True)
class AreaCard:
    """``path`` runs from the district to the area itself. ``bounds``: west, south, east, north in degrees."""

    code: str
    name: str
    level: Level
    kind: str
    path: list[PathStep]
    staff: list[Person]
    residents: int | None
    households: int | None
    area_km2: float | None
    grids: int
    stations: int
    lon: float | None
    lat: float | None
    bounds: tuple[float, float, float, float] | None


def area_table(
    *, session: Session, where: Filter, as_of: datetime, parent: str = "", level: Level | None = None
) -> AreaTable:
    """The areas under ``parent`` at ``level`` (by default the next below; streets where there is one district)."""
    raise NotImplementedError


def area_values(
    *, session: Session, where: Filter, as_of: datetime, level: Level, metric: Metric = Metric.OPEN
) -> AreaValues:
    """A class for every area of ``level``, ready for the map."""
    raise NotImplementedError


def area_card(*, session: Session, code: str, as_of: datetime) -> AreaCard | None:
    """The card of one area; None where there is no such division."""
    raise NotImplementedError
