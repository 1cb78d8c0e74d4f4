"""Who acts: departments, staff, and the classes of events that they answer for."""

from __future__ import annotations

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode


class Department(SQLModel, table=True):
    """A department (职能部门) or unit that accepts cases."""

    __tablename__ = "department"

    code: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=64)
    initials: str = Field(default="", max_length=64)
    kind: str = Field(default="", max_length=32)
    phone: str = Field(default="", max_length=32)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class Staff(SQLModel, table=True):
    """A person on duty: post (网格员, 社区书记 …), the area or department that they answer for."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("source", "external_no"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=32)
    external_no: str = Field(max_length=64)
    name: str = Field(max_length=64)
    post: str = Field(max_length=32)
    division_code: str = Field(default="", index=True, sa_type=PrefixCode)
    department_code: str = Field(default="", max_length=32)
    phone: str = Field(default="", max_length=32)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")


class EventClass(SQLModel, table=True):
    """A class (大类/小类) in one version. ``limit_hours`` None means 无时限."""

    __tablename__ = "event_class"

    code: str = Field(primary_key=True, sa_type=PrefixCode)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    major: str = Field(max_length=32)
    minor: str = Field(max_length=64)
    department_code: str = Field(default="", max_length=32)
    urgency: str = Field(max_length=16)
    limit_hours: float | None = None
    clock_type: str = Field(max_length=16)
    closing_condition: str = Field(default="", max_length=256)
    batch_id: int | None = Field(default=None, index=True, foreign_key="import_batch.id")
