"""One event as people see it in a list: names instead of codes, the colour and the hours left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.vocabulary import SlaColor, Status


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """``hours_left`` is None without limit or after the end; negative when overdue. Times are aware UTC.

    ``place_name`` reads 公平街道·惠民社区·03网格; 未落格 where the event lies in no division.
    """

    id: int
    source: str
    external_no: str
    class_code: str
    class_name: str
    title: str
    address: str
    code: str
    place_name: str
    status: Status
    department_code: str
    department_name: str
    handler: str
    reported_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    color: SlaColor
    hours_left: float | None
    supervised: bool
    flags: tuple[str, ...]
    lon: float | None
    lat: float | None
