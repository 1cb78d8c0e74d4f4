"""Readings that sensors send at any time: each one, the newest of each sensor, and the sums of each week."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


class Reading(SQLModel, table=True):
    """What one sensor measured of the count ``name`` at a moment, in the area ``code`` where it then stood.

    A reading is known by sensor, count and moment, and by ``external_no`` where its source numbers readings:
    the same one delivered again changes nothing. ``value`` has six decimals at most.
    """

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("source", "number", "name", "at"),
        UniqueConstraint("source", "external_no"),
        Index("ix_reading_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    number: str = Field(max_length=64)
    name: str = Field(max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    value: float
    code: str = Field(sa_type=PrefixCode)
    external_no: str | None = Field(default=None, max_length=64)
    received_at: datetime = Field(sa_type=UtcDateTime)


class Sensor(SQLModel, table=True):
    """A sensor (``number`` of a source) as far as it measures one count: its place, and what it said last.

    It is known from its first reading on; ``label`` is what people call it.
    """

    __tablename__ = "sensor"
    __table_args__ = (Index("ix_sensor_name", "name", "newest_at"),)

    source: str = Field(primary_key=True, max_length=32)
    number: str = Field(primary_key=True, max_length=64)
    name: str = Field(primary_key=True, max_length=32)
    label: str = Field(default="", max_length=64)
    code: str = Field(sa_type=PrefixCode)
    lon: float | None = None
    lat: float | None = None
    newest_at: datetime = Field(sa_type=UtcDateTime)
    newest_value: float


class ReadingWeek(SQLModel, table=True):
    """The readings of one count in a community and week: their sum, mean, highest and last are known.

    ``total`` is their sum in millionths, written out: exact, in whatever order they came.
    """

    __tablename__ = "reading_week"
    __table_args__ = (Index("ix_reading_week_week", "week", "name"),)

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    week: date = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=32)
    readings: int
    total: str = Field(max_length=40)
    highest: float
    last_value: float
    last_at: datetime = Field(sa_type=UtcDateTime)
