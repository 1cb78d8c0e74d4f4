"""The dispatch table: who handles which class where, in versions that are never overwritten."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from data.models.base import PrefixCode, SignedRow, UtcDateTime


class DispatchRule(SignedRow, table=True):
    """One version of one rule: events of a class under ``class_prefix``, in the area ``area_prefix``.

    ``number`` names the rule through all of its versions, ``version`` counts from 1. A version holds from
    ``valid_from`` until the day before ``valid_to``; the newest has none. ``withdrawn`` says that the rule
    does not exist while this version holds. ``limit_hours`` None: the limit and clock of the class.
    Empty prefixes mean every class, every area. Nothing but ``valid_to`` of a version is ever changed;
    the rest is chained.
    """

    __tablename__ = "dispatch_rule"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        Index("ix_dispatch_rule_prefixes", "class_prefix", "area_prefix"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: int
    version: int
    class_prefix: str = Field(default="", sa_type=PrefixCode)
    area_prefix: str = Field(default="", sa_type=PrefixCode)
    department_code: str = Field(default="", max_length=32)
    limit_hours: float | None = None
    clock_type: str = Field(default="", max_length=16)
    respond_hours: float | None = None
    valid_from: date
    valid_to: date | None = None
    withdrawn: bool = False
    note: str = Field(default="", max_length=512)
    actor: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")
