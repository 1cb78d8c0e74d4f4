"""Places: divisions with versions, and service stations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode


class Division(SQLModel, table=True):
    """A district, street, community or grid, in one version.

    ``geometry`` is WKB of a (multi)polygon in CGCS2000 degrees, longitude first. ``tile_index`` is the
    feature's ``i`` in the baked tiles of its level. ``lon``/``lat`` is a point inside, for labels.
    """

    __tablename__ = "division"
    __table_args__ = (Index("ix_division_level_code", "level", "code"),)

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    level: str = Field(max_length=16)
    name: str = Field(max_length=64)
    short_name: str = Field(max_length=64)
    initials: str = Field(default="", max_length=64)
    kind: str = Field(default="", max_length=16)
    parent_code: str = Field(index=True, sa_type=PrefixCode)
    residents: int | None = None
    households: int | None = None
    area_km2: float | None = None
    lon: float | None = None
    lat: float | None = None
    min_lon: float | None = None
    min_lat: float | None = None
    max_lon: float | None = None
    max_lat: float | None = None
    tile_index: int | None = None
    geometry: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class Station(SQLModel, table=True):
    """A service station (阵地) as capacity. ``hours`` is spelled as ``data.opening_hours`` reads it.

    ``items`` and ``serves`` are JSON lists: service items by name, and code prefixes of the catchment.
    """

    __tablename__ = "station"
    __table_args__ = (UniqueConstraint("source", "external_no"), Index("ix_station_cell", "cell"))

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    external_no: str = Field(max_length=64)
    kind: str = Field(max_length=32)
    name: str = Field(max_length=128)
    initials: str = Field(default="", max_length=128)
    code: str = Field(default="", index=True, sa_type=PrefixCode)
    address: str = Field(default="", max_length=256)
    phone: str = Field(default="", max_length=32)
    lon: float | None = None
    lat: float | None = None
    cell: int | None = Field(default=None, sa_column=Column(BigInteger))
    hours: str = Field(default="", max_length=256)
    area_m2: float | None = None
    counters: int | None = None
    staff_count: int | None = None
    items: str = "[]"
    serves: str = "[]"
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")
