"""What calls for attention: overdue, about to be overdue, surges, repeats at one place.

Reads open events and the last 30 days, never history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from data.filter import Filter
from data.labels import STATUS
from data.queries.events import list_events
from data.queries.kpis import kpi_filter
from data.queries.names import class_names, place_names
from data.queries.repeats import Repeat, all_repeats
from data.queries.rows import EventRow, left_text
from data.queries.surges import Surge, surges
from data.vocabulary import SlaColor

EVENT_ZOOM: Final = 18
SURGE_ZOOM: Final = 15


class AlertKind(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    SURGE = "surge"
    REPEAT = "repeat"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert. ``color`` is an SLA colour key; ``event_id`` is set where it is about one event.

    ``where`` shows its rows: all overdue (soon) events for an overdue (soon) one, else exactly those counted.
    """

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
    """At most ``limit`` alerts of each kind, in the order overdue, soon, surge, repeat.

    Basis, period and colours of ``where`` are replaced, its other fields stay.
    """
    alerts: list[Alert] = []
    totals: dict[AlertKind, int] = {}
    for kind in (AlertKind.OVERDUE, AlertKind.SOON):
        rows = kpi_filter(session, kind.value, where, as_of)
        page = list_events(session=session, where=rows, as_of=as_of, limit=limit)
        totals[kind] = page.total
        alerts += [_of_event(kind, row, rows) for row in page.rows]
    surging = surges(session=session, where=where, as_of=as_of)
    repeated = all_repeats(session=session, where=where, as_of=as_of)
    totals |= {AlertKind.SURGE: len(surging), AlertKind.REPEAT: len(repeated)}
    alerts += _of_surges(session, surging[:limit])
    alerts += [_of_repeat(repeat) for repeat in repeated[:limit]]
    return AlertList(alerts=alerts, totals=totals)


def _of_event(kind: AlertKind, row: EventRow, where: Filter) -> Alert:
    spoken = left_text(row, before="还剩", after="已超")
    return Alert(
        kind=kind,
        color=row.color.value,
        title=f"{row.title} {spoken}",
        detail=f"{row.class_name} · {STATUS[row.status]} · {row.in_charge}",
        place_name=row.place_name,
        since=row.due_at if kind is AlertKind.OVERDUE else row.reported_at,
        lon=row.lon,
        lat=row.lat,
        zoom=EVENT_ZOOM,
        where=where,
        event_id=row.id,
    )


def _of_surges(session: Session, found: list[Surge]) -> list[Alert]:
    if not found:
        return []
    classes = class_names(session)
    places = place_names(session, {surge.code for surge in found})
    return [
        Alert(
            kind=AlertKind.SURGE,
            color=SlaColor.SOON.value,
            title=f"{classes.get(surge.class_code, surge.class_code)} 今日 {surge.today} 件",
            detail=f"前几周同一星期几到此时平均 {surge.usual:.1f} 件",
            place_name=places[surge.code],
            since=None,
            lon=surge.lon,
            lat=surge.lat,
            zoom=SURGE_ZOOM,
            where=surge.where,
            event_id=None,
        )
        for surge in found
    ]


def _of_repeat(repeat: Repeat) -> Alert:
    return Alert(
        kind=AlertKind.REPEAT,
        color=SlaColor.SOON.value,
        title=f"{repeat.class_name} 同一处 {repeat.count} 次",
        detail=f"近 {repeat.days} 天，其中在办 {repeat.open} 件",
        place_name=repeat.place_name,
        since=repeat.last_reported_at,
        lon=repeat.lon,
        lat=repeat.lat,
        zoom=EVENT_ZOOM,
        where=repeat.where,
        event_id=None,
    )
