"""What people changed of the product's own settings: one log for all of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from data.models.base import SignedRow, UtcDateTime


class SettingChange(SignedRow, table=True):
    """One change of a setting. Never deleted, and chained; ``undone_by`` is the change that took it back.

    ``subject`` and ``key`` name the setting (``data.manage.changes``). ``rows`` is JSON: each row of a table
    that the change wrote, as it was before and as it is after.
    """

    __tablename__ = "setting_change"
    __table_args__ = (Index("ix_setting_change_subject", "subject", "key", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(max_length=16)
    key: str = Field(default="", max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    what: str = Field(max_length=256)
    reason: str = Field(default="", max_length=256)
    rows: str = Field(default="[]", sa_type=Text)
    undone_by: int | None = Field(default=None, foreign_key="setting_change.id")
