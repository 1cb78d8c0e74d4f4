"""Where a report lies. Positions are CGCS2000 degrees (EPSG:4490; what a phone calls WGS84 is equal here)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import shapely
from sqlalchemy import Table, or_, select
from sqlmodel import Session

from data.lifecycle.rules import read_rules
from data.models import Division
from data.queries.names import place_names
from data.reporting.errors import BadReport, BadToken
from data.vocabulary import CODE_LENGTH, Level
from geo.locate import Locator
from geo.measure import metres_per_degree

_DIVISION: Final[Table] = Division.__table__  # type: ignore[attr-defined]
_IN_FORCE: Final = _DIVISION.c.valid_to.is_(None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A grid on the map: its names, its middle, its boundary as rings of (lon, lat); None, () undrawn."""

    code: str
    name: str
    lon: float | None
    lat: float | None
    rings: tuple[tuple[tuple[float, float], ...], ...] = ()


def place_at(session: Session, *, lon: float, lat: float) -> str:
    """Code of the deepest division in force that holds a position, '' where none does.

    Reads the boundaries of those divisions only whose bounds hold it.
    """
    d = _DIVISION.c
    wanted = select(d.code, d.geometry).where(
        _IN_FORCE,
        d.geometry.is_not(None),
        or_(
            d.min_lon.is_(None),
            (d.min_lon <= lon) & (d.max_lon >= lon) & (d.min_lat <= lat) & (d.max_lat >= lat),
        ),
    )
    rows = session.connection().execute(wanted).all()
    locator = Locator([row.code for row in rows], list(shapely.from_wkb([row.geometry for row in rows])))
    return str(locator.locate([lon], [lat])[0])


def place_of_grid(session: Session, code: str) -> Place:
    """The grid of a QR code, as it is now.

    Raises:
        BadToken: the grid is no longer in force.
    """
    row = _row(session, code)
    if row is None:
        raise BadToken("这个网格已经调整，二维码不再有效。请扫新张贴的二维码；紧急情况请拨打 12345")
    shape = None if row.geometry is None else shapely.from_wkb(row.geometry)
    lon, lat = row.lon, row.lat
    if shape is not None and lon is None:
        inside = shape.representative_point()
        lon, lat = inside.x, inside.y
    return Place(code=code, name=place_names(session, {code})[code], lon=lon, lat=lat, rings=_rings(shape))


def rings_of(session: Session, code: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The boundary of a community or a grid as rings of (lon, lat); () where it is larger or not drawn."""
    row = _row(session, code) if len(code) >= CODE_LENGTH[Level.COMMUNITY] else None
    return () if row is None or row.geometry is None else _rings(shapely.from_wkb(row.geometry))


def grid_place(session: Session, *, code: str, lon: float, lat: float) -> str:
    """Code for a position that was chosen on the map of a grid: of the division that holds it.

    Raises:
        BadReport: further outside the grid than ``LoopRules.grid_tolerance_m``; people stand across the
            street.
    """
    row = _row(session, code)
    if row is not None and row.geometry is not None:
        far = _metres_outside(shapely.from_wkb(row.geometry), lon, lat)
        if far > read_rules(session).grid_tolerance_m:
            raise BadReport(
                f"所选位置在本网格以外约 {far:,.0f} 米。请把位置移回图中的范围内；别处的问题请扫当地的二维码"
            )
    return place_at(session, lon=lon, lat=lat)


def _row(session: Session, code: str) -> Any:
    d = _DIVISION.c
    wanted = select(d.geometry, d.lon, d.lat).where(d.code == code, _IN_FORCE)
    return session.connection().execute(wanted).first()


def _metres_outside(shape: Any, lon: float, lat: float) -> float:
    """Distance of a position from an area, reckoned on the plane that touches there; 0 inside."""
    east_m, north_m = metres_per_degree(lat)
    scale = [float(east_m), float(north_m)]
    moved = shapely.transform(shape, lambda xy: (xy - [lon, lat]) * scale)
    return float(moved.distance(shapely.Point(0.0, 0.0)))


def _rings(shape: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    parts = [] if shape is None else shapely.get_parts(shape)
    return tuple(
        tuple((round(float(x), 6), round(float(y), 6)) for x, y in part.exterior.coords) for part in parts
    )
