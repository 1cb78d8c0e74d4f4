"""What reporting keeps beside the event: numbers given, forms taken, contacts, and how often one reports."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from data.models.base import UtcDateTime


class ReportCounter(SQLModel, table=True):
    """The last number that a source was given on a local day."""

    __tablename__ = "report_counter"

    source: str = Field(primary_key=True, max_length=32)
    day: date = Field(primary_key=True)
    last: int


class ReportReceipt(SQLModel, table=True):
    """A form that was taken: sent again, it leads to the same case.

    Neither the form's token nor the receipt is kept, only their SHA-256: who reads the table can follow no
    case in a resident's place.
    """

    __tablename__ = "report_receipt"

    form_hash: str = Field(primary_key=True, max_length=64)
    receipt_hash: str = Field(unique=True, max_length=64)
    event_id: int = Field(foreign_key="event.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ResidentContact(SQLModel, table=True):
    """How a resident can be called back, given of their own will. Apart from the event, so that no list, card
    or export of events ever meets it; shown only masked.
    """

    __tablename__ = "resident_contact"

    event_id: int = Field(primary_key=True, foreign_key="event.id")
    contact: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ReportRate(SQLModel, table=True):
    """How many reports came within an hour (its first moment) from a grid or from an address.

    ``key`` is ``grid:`` and the code, or ``from:`` and a hash of the address that changes every day. Rows of
    earlier days are removed.
    """

    __tablename__ = "report_rate"

    key: str = Field(primary_key=True, max_length=80)
    hour: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    reports: int
