"""What reporting keeps beside the event: numbers given, forms taken, contacts and who saw them, and how often
one reports.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from data.models.base import PrefixCode, UtcDateTime


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
    or export of events ever meets it; shown masked, and whole only by ``data.reporting.contacts``.
    """

    __tablename__ = "resident_contact"

    event_id: int = Field(primary_key=True, foreign_key="event.id")
    contact: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ContactReveal(SQLModel, table=True):
    """Somebody saw a contact unmasked: who, as what, when, of which case, and why. Never updated or deleted,
    and hash-chained: ``hash`` covers every column above it (``data.reporting.contacts``). It outlives its
    case, so the case's number and division are kept with it. The contact itself is not.
    """

    __tablename__ = "contact_reveal"
    __table_args__ = (Index("ix_contact_reveal_staff", "staff_id", "at"),)

    seq: int = Field(primary_key=True)
    event_id: int = Field(index=True)
    external_no: str = Field(max_length=64)
    code: str = Field(default="", sa_type=PrefixCode)
    at: datetime = Field(sa_type=UtcDateTime)
    staff_id: int
    actor: str = Field(max_length=64)
    role: str = Field(max_length=16)
    reason: str = Field(max_length=256)
    prev_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class ReportRate(SQLModel, table=True):
    """How many reports, or looks at cases, came within an hour (its first moment).

    ``key`` is ``grid:`` and the code, ``from:`` (reports), ``look:`` or ``miss:`` (receipts that nobody has)
    and a hash of the address that changes every day, or ``case:`` and a sign of the receipt. Rows of earlier
    days are removed.
    """

    __tablename__ = "report_rate"

    key: str = Field(primary_key=True, max_length=80)
    hour: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    reports: int
