"""What pages need beside numbers: the lists that a person chooses from, and where things are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from data.codes import ancestors, prefix_range
from data.labels import SOURCE, label
from data.queries.names import in_force
from data.queries.tables import (
    DATA_STATE,
    DEPARTMENT,
    DISPATCH_RULE,
    DIVISION,
    EVENT,
    EVENT_CLASS,
    LIST_ITEM,
    SERVICE_ITEM,
    SOURCE_STATE,
    STAFF,
    STATION,
)
from data.vocabulary import Level


@dataclass(frozen=True, kw_only=True)
class ClassOption:
    """A class (小类) in force with its 大类; ``code`` begins with the two digits of the 大类."""

    code: str
    major: str
    minor: str


@dataclass(frozen=True, kw_only=True)
class KeyOption:
    key: str
    label: str


def event_classes(*, session: Session) -> list[ClassOption]:
    """Classes in force, by code."""
    table = EVENT_CLASS
    query = select(table.c.code, table.c.major, table.c.minor).where(table.c.valid_to.is_(None))
    return [
        ClassOption(code=code, major=major, minor=minor)
        for code, major, minor in session.execute(query.order_by(table.c.code))
    ]


def only_district(*, session: Session) -> str | None:
    """Name of the one district in force; None where there are several or none."""
    query = select(DIVISION.c.name).where(DIVISION.c.level == Level.DISTRICT.value, in_force()).limit(2)
    names = session.execute(query).scalars().all()
    return str(names[0]) if len(names) == 1 else None


def departments(*, session: Session) -> list[KeyOption]:
    """Departments by code."""
    query = select(DEPARTMENT.c.code, DEPARTMENT.c.name).order_by(DEPARTMENT.c.code)
    return [KeyOption(key=code, label=name) for code, name in session.execute(query)]


def sources(*, session: Session) -> list[KeyOption]:
    """The sources of the field, then those that the data itself brought."""
    own = session.execute(select(SOURCE_STATE.c.source).order_by(SOURCE_STATE.c.source)).scalars()
    keys = [*SOURCE, *(key for key in own if key and key not in SOURCE)]
    return [KeyOption(key=key, label=label(SOURCE, key)) for key in keys]


@dataclass(frozen=True, kw_only=True)
class DrawnDivisions:
    """The divisions under some prefixes as the baked tiles know them.

    ``ranges``: level → half-open ranges of tile indexes (indexes follow the codes). ``bounds``: west, south,
    east, north in degrees; None where nothing is drawn.
    """

    tiles: str
    ranges: dict[str, tuple[tuple[int, int], ...]]
    bounds: tuple[float, float, float, float] | None


def drawn_divisions(*, session: Session, prefixes: tuple[str, ...]) -> DrawnDivisions:
    """What of the baked tiles lies under ``prefixes`` (everything under the empty prefix)."""
    c = DIVISION.c
    columns = (
        c.level, func.min(c.tile_index), func.max(c.tile_index),
        func.min(c.min_lon), func.min(c.min_lat), func.max(c.max_lon), func.max(c.max_lat),
    )  # fmt: skip
    ranges: dict[str, list[tuple[int, int]]] = {}
    boxes: list[tuple[float, float, float, float]] = []
    for prefix in prefixes:
        low, high = prefix_range(prefix)
        query = select(*columns).where(c.code >= low, c.code < high)
        query = query.where(in_force(), c.tile_index.is_not(None)).group_by(c.level)
        for level, first, last, west, south, east, north in session.execute(query):
            ranges.setdefault(level, []).append((first, last + 1))
            if west is not None:
                boxes.append((west, south, east, north))
    name = session.execute(select(DATA_STATE.c.tiles)).scalar() or ""
    bounds = None
    if boxes:
        wests, souths, easts, norths = zip(*boxes, strict=True)
        bounds = (min(wests), min(souths), max(easts), max(norths))
    sorted_ranges = {level: tuple(sorted(pairs)) for level, pairs in ranges.items()}
    return DrawnDivisions(tiles=name, ranges=sorted_ranges, bounds=bounds)


OUTLINE_TOLERANCE_DEG = 0.0005
"""About 50 m: enough for a picture of some hundred pixels."""


def outline_rings(*, session: Session) -> list[list[tuple[float, float]]]:
    """Rings of the topmost divisions in degrees, coarse, for small pictures."""
    c = DIVISION.c
    top = select(func.min(func.length(c.code))).where(in_force()).scalar_subquery()
    query = select(c.geometry).where(in_force(), func.length(c.code) == top)
    rings: list[list[tuple[float, float]]] = []
    for wkb in session.execute(query.where(c.geometry.is_not(None))).scalars():
        shape = shapely.from_wkb(wkb).simplify(OUTLINE_TOLERANCE_DEG)
        for part in shapely.get_parts(shape):
            rings.append([(float(x), float(y)) for x, y in part.exterior.coords])
    return rings


@dataclass(frozen=True, kw_only=True)
class MapPlace:
    """Where one thing lies on the map; ``tile_index`` and ``level`` for a division."""

    lon: float | None
    lat: float | None
    level: str | None = None
    tile_index: int | None = None
    bounds: tuple[float, float, float, float] | None = None


def place_of(*, session: Session, kind: str, key: str) -> MapPlace | None:
    """Position of an event, station (by id) or area (by code); None where there is no such thing."""
    if kind == "area":
        d = DIVISION.c
        query = select(d.lon, d.lat, d.level, d.tile_index, d.min_lon, d.min_lat, d.max_lon, d.max_lat)
        row = session.execute(query.where(d.code == key, in_force())).first()
        if row is None:
            return None
        bounds = tuple(row[4:]) if row.min_lon is not None else None
        return MapPlace(lon=row.lon, lat=row.lat, level=row.level, tile_index=row.tile_index, bounds=bounds)
    table = EVENT if kind == "event" else STATION
    found = session.execute(select(table.c.lon, table.c.lat).where(table.c.id == int(key))).first()
    return None if found is None else MapPlace(lon=found.lon, lat=found.lat)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """How much of each kind is there; ``divisions`` by level."""

    divisions: dict[str, int]
    stations: int
    departments: int
    event_classes: int
    staff: int
    dispatch_rules: int
    list_items: int
    service_items: int
    events: int


def _rules_in_force(session: Session) -> int:
    """Rules by their newest version, withdrawn ones left out."""
    newest = (DISPATCH_RULE.c.valid_to.is_(None), DISPATCH_RULE.c.withdrawn.is_(False))
    return session.execute(select(func.count()).where(*newest)).scalar_one()


def inventory(*, session: Session) -> Inventory:
    """What has been brought in so far. Events are counted by source, as imports keep them, not by reading."""
    levels = select(DIVISION.c.level, func.count()).where(in_force()).group_by(DIVISION.c.level)

    def count(table: Table) -> int:
        return session.execute(select(func.count()).select_from(table)).scalar_one()

    return Inventory(
        divisions={level: number for level, number in session.execute(levels)},  # noqa: C416
        stations=count(STATION),
        departments=count(DEPARTMENT),
        event_classes=count(EVENT_CLASS),
        staff=count(STAFF),
        dispatch_rules=_rules_in_force(session),
        list_items=count(LIST_ITEM),
        service_items=count(SERVICE_ITEM),
        events=session.execute(select(func.coalesce(func.sum(SOURCE_STATE.c.events), 0))).scalar_one(),
    )


@dataclass(frozen=True, kw_only=True)
class DivisionOption:
    """A division in force that a person can choose; ``name`` names its street before a community."""

    code: str
    name: str
    level: Level


def division_options(*, session: Session, deepest: Level) -> list[DivisionOption]:
    """Divisions in force down to a level, by code."""
    levels = [level for level in Level if list(Level).index(level) <= list(Level).index(deepest)]
    query = select(DIVISION.c.code, DIVISION.c.level, DIVISION.c.short_name).where(
        DIVISION.c.level.in_([level.value for level in levels]), in_force()
    )
    rows = session.execute(query.order_by(DIVISION.c.code)).all()
    names = {row.code: row.short_name for row in rows}

    def full(code: str) -> str:
        above = [names[part] for part in ancestors(code)[1:] if part in names]
        return "·".join(above) or names[code]

    return [DivisionOption(code=row.code, name=full(row.code), level=Level(row.level)) for row in rows]
