"""What calls for attention: overdue, about to be overdue, surges, repeats at one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from data.filter import Filter


class AlertKind(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    SURGE = "surge"
    REPEAT = "repeat"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert. ``color`` is an SLA colour key; ``where`` shows its rows; ``event_id`` where it is one event."""

    kind: AlertKind
    color: str
    title: str
    detail: str
    place_name: str
    since: datetime | None
    lon: float | None
    lat: float | None
    zoom: int
    where: Filter
    event_id: int | None


@dataclass(frozen=True, kw_only=True)
class AlertList:
    """``totals`` says how many there are of each kind where the rows are cut: N of M."""

    alerts: list[Alert]
    totals: dict[AlertKind, int]


def alert_list(*, session: Session, where: Filter, as_of: datetime, limit: int = 10) -> AlertList:
    """At most ``limit`` alerts of each kind, in the order overdue, soon, surge, repeat."""
    raise NotImplementedError
