"""The working calendar as a district keeps it: days and hours by area, in versions that stay."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from data.models.base import ChainedRow, PrefixCode, SignedRow, UtcDateTime

_IN_FORCE = text("replaced_by IS NULL")


class CalendarChange(SignedRow, table=True):
    """One edit, of one day or of a whole year; ``undone_by`` is the edit that took it back.

    It says something of the local days from ``first_day`` to ``last_day`` (None: from then on) in the areas
    under ``area_prefix``. Until ``reckoned_at`` the deadlines of open cases may not follow it yet; ``moved``
    of them did.
    """

    __tablename__ = "calendar_change"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    what: str = Field(max_length=256)
    undone_by: int | None = Field(default=None, foreign_key="calendar_change.id")
    area_prefix: str = Field(default="", sa_type=PrefixCode, sa_column_kwargs={"server_default": ""})
    first_day: date | None = None
    last_day: date | None = None
    reckoned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    moved: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class CalendarDay(ChainedRow, table=True):
    """What a local day is in the areas under ``area_prefix`` ('' everywhere): worked, or a day of rest.

    ``is_official``: from the State Council's notice, and not this district's own arrangement. The row was
    made by ``change_id`` and is in force while ``replaced_by`` is empty.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        Index(
            "ix_calendar_day_in_force", "area_prefix", "day", unique=True,
            sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE,
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    area_prefix: str = Field(default="", sa_type=PrefixCode)
    day: date
    is_working: bool
    name: str = Field(default="", max_length=32)
    is_official: bool = False
    note: str = Field(default="", max_length=256)
    change_id: int = Field(index=True, foreign_key="calendar_change.id")
    replaced_by: int | None = Field(default=None, index=True, foreign_key="calendar_change.id")


class CalendarHours(ChainedRow, table=True):
    """Working hours under ``area_prefix`` from a local day on, spelled as ``data.calendar.hours`` reads them.

    ``warn_share`` is the share of a limit that counts as 临期. Versions as in ``CalendarDay``.
    """

    __tablename__ = "calendar_hours"
    __table_args__ = (
        Index(
            "ix_calendar_hours_in_force", "area_prefix", "valid_from", unique=True,
            sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE,
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    area_prefix: str = Field(default="", sa_type=PrefixCode)
    valid_from: date
    spans: str = Field(max_length=128)
    warn_share: float
    note: str = Field(default="", max_length=256)
    change_id: int = Field(index=True, foreign_key="calendar_change.id")
    replaced_by: int | None = Field(default=None, index=True, foreign_key="calendar_change.id")
