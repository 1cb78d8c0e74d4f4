"""Column types that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import DateTime, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

MAX_CODE_LENGTH: Final = 18


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, stored as naive UTC, so that every database orders it the same."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"时间 {value} 没有时区，不能入库")
        return (value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class PrefixCode(TypeDecorator[str]):
    """A code whose prefixes are ranges, so it must compare byte by byte: collation ``C`` on PostgreSQL.

    A dictionary collation would sort ``:`` before the digits, and every prefix range would be empty.
    """

    impl = String
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(length=MAX_CODE_LENGTH)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(MAX_CODE_LENGTH, collation=collation))


class ChainedRow(SQLModel):
    """A row of a log that is hash-chained in the order of its numbers; see ``data.chain``."""

    prev_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    hash: bytes | None = Field(default=None, sa_type=LargeBinary)


class SignedRow(ChainedRow):
    """A chained row of somebody: ``staff_id`` is the number in the staff table of its ``actor``, None where
    nobody there acted. It outlives the person's row, so it is no foreign key.
    """

    staff_id: int | None = None


def listed_in(text: str) -> tuple[str, ...]:
    """What a column holds that keeps several values with commas between them."""
    return tuple(part for part in text.split(",") if part)


def column(attribute: Any) -> InstrumentedAttribute[Any]:
    """A table's attribute as the column that it is: SQLModel declares it as its Python value's type."""
    return cast("InstrumentedAttribute[Any]", attribute)
