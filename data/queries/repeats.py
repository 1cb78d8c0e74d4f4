"""The same kind of event at the same place, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.filter import Filter


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """``count`` events of one class within about 40 m in 30 days, ``open`` of them still open.

    ``where`` shows them: reported in the 30 days, of the class, inside the cell's square.
    """

    class_code: str
    class_name: str
    place_name: str
    code: str
    lon: float
    lat: float
    count: int
    open: int
    last_reported_at: datetime
    event_id: int
    where: Filter


def repeats(*, session: Session, where: Filter, as_of: datetime, limit: int = 20) -> list[Repeat]:
    """Places with at least 3 events of a class within 30 days, most first."""
    raise NotImplementedError
