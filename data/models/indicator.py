"""Indicators: named counts, their weekly sums, readings that are entered, and the formulas over them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


class CountDefinition(SQLModel, table=True):
    """A named count beside those over all events (``data.counted.BASES``).

    With ``base``: that count over some ``classes`` (comma-separated codes or prefixes) or ``sources`` only.
    Without: a reading that is entered or imported. ``label`` is how a formula may call it. ``aggregate``:
    ``sum`` adds up over areas and weeks, ``exact`` holds for its own area and week only, and so does a
    ``median`` of minutes where no case says it.
    ``weekly``: what the readings of sensors make of a week (``data.readings.weeks``), ``sum`` where they add
    up.
    """

    __tablename__ = "count_definition"
    __table_args__ = (UniqueConstraint("label"),)

    name: str = Field(primary_key=True, max_length=32)
    label: str = Field(max_length=32)
    base: str = Field(default="", max_length=16)
    classes: str = Field(default="", max_length=1000)
    sources: str = Field(default="", max_length=500)
    aggregate: str = Field(default="sum", max_length=8)
    unit: str = Field(default="件", max_length=8)
    shipped: bool = False
    weekly: str = Field(default="sum", max_length=8, sa_column_kwargs={"server_default": "sum"})


class AreaWeekCount(SQLModel, table=True):
    """Weekly roll-up of one count over some classes or sources; no row where it is zero."""

    __tablename__ = "area_week_count"
    __table_args__ = (Index("ix_area_week_count_week", "week", "name"),)

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    week: date = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=32)
    value: int = 0


class IndicatorReading(SQLModel, table=True):
    """A count of an area and week that no event says: visits, waiting minutes, mediations."""

    __tablename__ = "indicator_reading"

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    week: date = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=32)
    value: float
    source: str = Field(default="", max_length=64)
    actor: str = Field(default="", max_length=64)
    entered_at: datetime = Field(sa_type=UtcDateTime)


class Indicator(SQLModel, table=True):
    """An indicator in one version: in force from ``valid_from`` until the next version of its key.

    ``formula`` is spelled as ``data.indicators.formula`` reads it; a unit of ``%`` multiplies by 100.
    ``direction``: up, down or band (between ``band_low`` and ``band_high``). ``baseline_kind``: number
    (``baseline``) or trend (the median of the eight weeks before). ``weeks`` are summed up for one value.
    ``area`` and ``level`` say where it applies ('' everywhere).
    """

    __tablename__ = "indicator"

    key: str = Field(primary_key=True, max_length=32)
    valid_from: date = Field(primary_key=True)
    name: str = Field(max_length=32)
    formula: str = Field(max_length=200)
    unit: str = Field(default="%", max_length=8)
    direction: str = Field(default="up", max_length=8)
    baseline_kind: str = Field(default="number", max_length=8)
    baseline: float | None = None
    band_low: float | None = None
    band_high: float | None = None
    weeks: int = 1
    minimum_sample: int = 10
    area: str = Field(default="", sa_type=PrefixCode)
    level: str = Field(default="", max_length=16)
    owner: str = Field(default="", max_length=64)
    origin: str = Field(default="", max_length=64)
    position: int = 100
    enabled: bool = True
    shipped: bool = False
