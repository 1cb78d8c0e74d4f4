"""What calls for attention: overdue, about to be overdue, surges, repeats at one place.

Surges and repeats go by the rules in force (``data.rules``), late and soon by each case's clock. Reads open
events, nine days and the days of the repeats, never history.
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
from data.rules.in_force import meeting, rung_at
from data.rules.store import RuleSpec, list_rules
from data.rules.words import described
from data.vocabulary import RiskColor, Role, RuleKind


class AlertKind(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    SURGE = "surge"
    REPEAT = "repeat"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert; ``event_id`` is set where it is about one event, ``color`` is then its SLA colour.

    Of a surge or a repeat ``rule`` names the rule that says so and ``risk`` is its colour. Of an overdue
    event ``risk`` and ``owner`` are the rung of the ladder in force at its place; None where none is.
    ``unknown_year`` is that of the event's row.

    ``where`` shows its rows: all overdue (soon) events for an overdue (soon) one, else exactly those counted.
    """

    kind: AlertKind
    color: str
    title: str
    detail: str
    place_name: str
    since: datetime | None
    where: Filter
    event_id: int | None
    risk: RiskColor | None = None
    owner: Role | None = None
    rule: str = ""
    unknown_year: int | None = None


@dataclass(frozen=True, kw_only=True)
class AlertList:
    """``totals`` says how many there are of each kind where the rows are cut: N of M.

    ``rules``: in words, the rules by which surges and repeats are listed here.
    """

    alerts: list[Alert]
    totals: dict[AlertKind, int]
    rules: dict[AlertKind, str]


_BY_RULE: Final = {AlertKind.SURGE: RuleKind.SURGE, AlertKind.REPEAT: RuleKind.REPEAT}


def alert_list(*, session: Session, where: Filter, as_of: datetime, limit: int = 10) -> AlertList:
    """At most ``limit`` alerts of each kind, in the order overdue, soon, surge, repeat.

    Basis, period and colours of ``where`` are replaced, its other fields stay.
    """
    alerts: list[Alert] = []
    totals: dict[AlertKind, int] = {}
    rules = list_rules(session=session)
    wanted = {kind: meeting(rules, ringing, where.areas) for kind, ringing in _BY_RULE.items()}
    for kind in (AlertKind.OVERDUE, AlertKind.SOON):
        rows = kpi_filter(session, kind.value, where, as_of)
        page = list_events(session=session, where=rows, as_of=as_of, limit=limit)
        totals[kind] = page.total
        alerts += [_of_event(kind, row, rows, rules, as_of) for row in page.rows]
    surging = surges(session=session, where=where, as_of=as_of, rules=wanted[AlertKind.SURGE])
    repeated = all_repeats(session=session, where=where, as_of=as_of, rules=wanted[AlertKind.REPEAT])
    totals |= {AlertKind.SURGE: len(surging), AlertKind.REPEAT: len(repeated)}
    alerts += _of_surges(session, surging[:limit])
    alerts += [_of_repeat(repeat) for repeat in repeated[:limit]]
    said = {kind: described(session, of_kind) for kind, of_kind in wanted.items()}
    return AlertList(alerts=alerts, totals=totals, rules=said)


def _of_event(kind: AlertKind, row: EventRow, where: Filter, rules: list[RuleSpec], as_of: datetime) -> Alert:
    spoken = left_text(row, before="还剩", after="已超")
    rung = None
    if kind is AlertKind.OVERDUE and row.due_at is not None:
        rung = rung_at(rules, code=row.code, due_at=row.due_at, as_of=as_of, left=row.clock)
    return Alert(
        kind=kind,
        color=row.color.value,
        title=f"{row.title} {spoken}",
        detail=f"{row.class_name} · {STATUS[row.status]} · {row.in_charge}",
        place_name=row.place_name,
        since=row.due_at if kind is AlertKind.OVERDUE else row.reported_at,
        where=where,
        event_id=row.id,
        risk=rung[0] if rung else None,
        owner=rung[1] if rung else None,
        unknown_year=row.unknown_year,
    )


def _of_surges(session: Session, found: list[Surge]) -> list[Alert]:
    if not found:
        return []
    classes = class_names(session)
    places = place_names(session, {surge.code for surge in found})
    return [
        Alert(
            kind=AlertKind.SURGE,
            color="",
            title=f"{classes.get(surge.class_code, surge.class_code)} 今日 {surge.today} 件",
            detail=f"近 {len(surge.values) - 1} 周同一星期几到此时的中位数 {surge.usual:g} 件",
            place_name=places[surge.code],
            since=None,
            where=surge.where,
            event_id=None,
            risk=surge.rule.color,
            rule=surge.rule.name,
        )
        for surge in found
    ]


def _of_repeat(repeat: Repeat) -> Alert:
    return Alert(
        kind=AlertKind.REPEAT,
        color="",
        title=f"{repeat.class_name} 同一处 {repeat.count} 次",
        detail=f"近 {repeat.days} 天，其中在办 {repeat.open} 件",
        place_name=repeat.place_name,
        since=repeat.last_reported_at,
        where=repeat.where,
        event_id=None,
        risk=repeat.rule.color,
        rule=repeat.rule.name,
    )
