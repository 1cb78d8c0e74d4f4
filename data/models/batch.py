"""Imports: batches, what they changed, what they refused; and the state of the whole database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from data.models.base import UtcDateTime


class ImportBatch(SQLModel, table=True):
    """One file (or one demo) brought in as a whole. Row counts add up to ``rows_total``.

    ``links_due``: it is in force, and repeats from other sources have not been looked for to the end.
    """

    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    status: str = Field(max_length=16)
    source: str = Field(default="", max_length=32)
    file_name: str = Field(default="", max_length=256)
    file_sha256: str = Field(default="", max_length=64, index=True)
    profile: str = Field(default="", max_length=64)
    is_demo: bool = False
    actor: str = Field(default="", max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rows_total: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_same: int = 0
    rows_rejected: int = 0
    rows_unplaced: int = 0
    rows_unlocated: int = 0
    rows_marked: int = 0
    note: str = Field(default="", max_length=2000)
    links_due: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ImportReject(SQLModel, table=True):
    """A row that was not taken in: where, which field and value, why, and what to do.

    ``row_json`` is the row as it was read.
    """

    __tablename__ = "import_reject"

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(index=True, foreign_key="import_batch.id")
    line: int
    field: str = Field(default="", max_length=64)
    value: str = Field(default="", max_length=256)
    reason: str = Field(max_length=256)
    advice: str = Field(default="", max_length=256)
    row_json: str = "{}"


class ImportChange(SQLModel, table=True):
    """What a batch did to one row of a plain table (not events, whose log says it), so that it can be undone.

    ``before_json`` is the row before, '' where the batch added it.
    """

    __tablename__ = "import_change"

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(index=True, foreign_key="import_batch.id")
    table_name: str = Field(max_length=32)
    row_key: str = Field(max_length=128)
    before_json: str = ""


class SourceState(SQLModel, table=True):
    """How fresh each source of events is."""

    __tablename__ = "source_state"

    source: str = Field(primary_key=True, max_length=32)
    last_reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_batch_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    events: int = 0


class DataState(SQLModel, table=True):
    """The single row (id 1) that says which revision the data is at; every write transaction adds one.

    ``tiles`` is the file name of the baked division tiles in force, '' before the first bake;
    ``tiles_revision`` grows when boundaries change. ``last_event_id`` is the highest number ever given to an
    event, so that none is given twice. ``timezone`` is the zone whose days the stored day columns are.
    """

    __tablename__ = "data_state"

    id: int = Field(default=1, primary_key=True)
    revision: int = 0
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tiles: str = Field(default="", max_length=128)
    tiles_revision: int = 0
    last_event_id: int = 0
    timezone: str = Field(default="Asia/Shanghai", max_length=64)
