"""怎么算的: how each number is computed, over which rows, as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """``rows`` is how many events the number was computed over: exactly those of ``where``."""

    title: str
    formula: str
    basis: str
    conditions: tuple[str, ...]
    rows: int
    as_of: datetime
    where: Filter


def explain(*, session: Session, key: str, where: Filter, as_of: datetime) -> Explanation:
    """For a KPI's key or a metric. Raises ``KeyError`` for another key."""
    raise NotImplementedError


def describe_filter(*, session: Session, where: Filter) -> tuple[str, ...]:
    """The filter in words, one phrase a condition, for headings, files and chips."""
    raise NotImplementedError
