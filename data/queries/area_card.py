"""The card of one area: who answers for it and how to reach them, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.codes import ancestors, prefix_range
from data.queries.names import in_force, places_of
from data.queries.tables import DIVISION, STAFF, STATION
from data.vocabulary import Level


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who answers for an area, itself or above. The phone is masked: 138****1234."""

    id: int
    name: str
    post: str
    phone: str
    area_code: str
    area_name: str


@dataclass(frozen=True, kw_only=True)
class PathStep:
    code: str
    name: str
    level: Level


@dataclass(frozen=True, kw_only=True)
class AreaCard:
    """``path`` runs from the district to the area itself; ``staff`` of the area itself first.

    ``bounds``: west, south, east, north in degrees, CGCS2000.
    """

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


def area_card(*, session: Session, code: str, as_of: datetime) -> AreaCard | None:  # noqa: ARG001
    """The card of one area as it stands; None where there is no such division."""
    columns = [column for column in DIVISION.c if column.name != "geometry"]
    row = session.execute(select(*columns).where(DIVISION.c.code == code, in_force())).one_or_none()
    if row is None:
        return None
    bounds = (row.min_lon, row.min_lat, row.max_lon, row.max_lat)
    return AreaCard(
        code=code,
        name=row.name,
        level=Level(row.level),
        kind=row.kind,
        path=path_to(session, code),
        staff=_staff(session, code),
        residents=row.residents,
        households=row.households,
        area_km2=row.area_km2,
        grids=_grids(session, code),
        stations=_stations(session, code),
        lon=row.lon,
        lat=row.lat,
        bounds=None if None in bounds else bounds,
    )


def path_to(session: Session, code: str) -> list[PathStep]:
    """The divisions from the district down to ``code``; empty for the empty prefix."""
    known = places_of(session, ancestors(code))
    return [
        PathStep(code=place.code, name=place.name, level=place.level) for _, place in sorted(known.items())
    ]


def masked_phone(phone: str) -> str:
    """138****1234; shorter numbers keep their last two digits."""
    if len(phone) >= 11:
        return f"{phone[:-8]}****{phone[-4:]}"
    return "*" * max(0, len(phone) - 2) + phone[-2:] if phone else ""


def _staff(session: Session, code: str) -> list[Person]:
    codes = ancestors(code)
    rows = session.execute(
        select(STAFF.c.id, STAFF.c.name, STAFF.c.post, STAFF.c.phone, STAFF.c.division_code)
        .where(STAFF.c.division_code.in_(codes))
        .order_by(func.length(STAFF.c.division_code).desc(), STAFF.c.id)
    ).all()
    places = places_of(session, {row.division_code for row in rows})
    return [
        Person(
            id=row.id,
            name=row.name,
            post=row.post,
            phone=masked_phone(row.phone),
            area_code=row.division_code,
            area_name=places[row.division_code].name if row.division_code in places else row.division_code,
        )
        for row in rows
    ]


def _grids(session: Session, code: str) -> int:
    low, high = prefix_range(code)
    counted = select(func.count()).where(
        DIVISION.c.level == Level.GRID.value, DIVISION.c.code >= low, DIVISION.c.code < high, in_force()
    )
    return session.execute(counted).scalar_one()


def _stations(session: Session, code: str) -> int:
    low, high = prefix_range(code)
    counted = select(func.count()).where(STATION.c.code >= low, STATION.c.code < high)
    return session.execute(counted).scalar_one()
