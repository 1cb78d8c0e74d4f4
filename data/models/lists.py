"""五项清单 and 办理流程表: lists of duties with their review, and how each service is handled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, SignedRow, UtcDateTime


class ListTitle(SQLModel, table=True):
    """What a street calls one of the five lists, where it is not our own word for it."""

    __tablename__ = "list_title"

    list_type: str = Field(primary_key=True, max_length=16)
    title: str = Field(max_length=32)
    note: str = Field(default="", max_length=256)


class ListItem(SQLModel, table=True):
    """One line of a list, in its present state; ``list_item_log`` says how it came to it.

    On the negative list a line speaks about classes under ``class_prefix`` in the area ``area_prefix``, and
    ``level`` is the highest level that they may not be passed down to: ``street`` (so communities neither)
    or ``community``. ``basis`` names the document that the line rests on.

    ``proposal`` is other words for a line in force, as JSON, while they are reviewed: ``review_stage`` is
    then theirs, and the line holds as it stands until they are published.
    """

    __tablename__ = "list_item"
    __table_args__ = (
        UniqueConstraint("source", "external_no"),
        Index("ix_list_item_type", "list_type", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    external_no: str = Field(max_length=64)
    list_type: str = Field(max_length=16)
    text: str = Field(max_length=512)
    class_prefix: str = Field(default="", sa_type=PrefixCode)
    area_prefix: str = Field(default="", sa_type=PrefixCode)
    level: str = Field(default="", max_length=16)
    status: str = Field(max_length=16)
    review_stage: str = Field(max_length=16)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    basis: str = Field(default="", max_length=512)
    proposal: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class ServiceItem(SQLModel, table=True):
    """One row of a process table (办理流程表): its five columns, its mode and its promised limit.

    ``limit_days`` counts working days; None: no promise, or handled at once.
    """

    __tablename__ = "service_item"
    __table_args__ = (UniqueConstraint("source", "external_no"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    external_no: str = Field(max_length=64)
    name: str = Field(max_length=128)
    initials: str = Field(default="", max_length=64)
    content: str = Field(default="", max_length=1000)
    undertaker: str = Field(default="", max_length=128)
    requirements: str = Field(default="", max_length=1000)
    materials: str = Field(default="", max_length=1000)
    mode: str = Field(max_length=16)
    limit_days: float | None = None
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class ListItemLog(SignedRow, table=True):
    """One change of a line or of a process table's row, by whom and why. Never updated; chained.

    ``subject`` is ``list_item`` or ``service_item``, ``subject_id`` its row. ``before_json`` holds the
    fields that the change replaced, so that it can be taken back by another change.
    """

    __tablename__ = "list_item_log"
    __table_args__ = (UniqueConstraint("subject", "subject_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(max_length=16)
    subject_id: int
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=16)
    from_stage: str = Field(default="", max_length=16)
    to_stage: str = Field(default="", max_length=16)
    reason: str = Field(default="", max_length=512)
    before_json: str = "{}"
