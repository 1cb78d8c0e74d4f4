"""Whistles as they stand at a moment: lists under the Filter with their counts, and one with its log.

Of the Filter, areas, departments, words and (outside 在办) the period apply: a whistle has no class, no
source and no deadline of a case. Under 在办 a list holds what is open and what ended in the last 30 days;
under a period it holds what was blown in it. Where the Filter names departments, a whistle stands as they do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlmodel import Session

from data.codes import prefix_range
from data.filter import Filter
from data.models import Whistle, WhistleDepartment, WhistleEvent, WhistleLog
from data.models.base import column
from data.queries.days import day_start
from data.queries.names import department_names
from data.queries.tables import EVENT
from data.whistle.lines import Returns, WhistleLine, called_of, lines_of, returns_to_meeting, standing_at
from data.whistle.log import log_of, whistle_standing
from data.whistle_vocabulary import LadderColor, WhistleStanding

ENDED_DAYS: Final = 30
"""So long an ended whistle stays in the list of 在办."""
AGENDA: Final = "agenda"
"""Of a list: what is to be put on the agenda of the joint meeting."""
STANDINGS: Final = (*WhistleStanding, AGENDA)
"""Lists that a page can ask for beside everything open."""
_WHISTLE: Final[Table] = Whistle.__table__  # type: ignore[attr-defined]
_SEVERITY: Final = (LadderColor.RED, LadderColor.YELLOW, LadderColor.BLUE)
_OPEN: Final = (WhistleStanding.ABSENT, WhistleStanding.WORKING)


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleCounts:
    """How many stand where, and who is missing: department code → (name, whistles), most first."""

    standing: Mapping[WhistleStanding, int]
    agenda: int
    absent: tuple[tuple[str, str, int], ...]
    working: tuple[tuple[str, str, int], ...]

    @property
    def open(self) -> int:
        return sum(self.standing.get(one, 0) for one in _OPEN)

    @property
    def total(self) -> int:
        return sum(self.standing.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistlePage:
    """Rows of a list, the most pressing first, and the counts of all lists under the same Filter."""

    rows: tuple[WhistleLine, ...]
    total: int
    counts: WhistleCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedEvent:
    """A case that a whistle was blown for."""

    id: int
    external_no: str
    title: str
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleCard:
    """Everything about one whistle."""

    line: WhistleLine
    log: tuple[WhistleLog, ...]
    events: tuple[LinkedEvent, ...]


def whistle_page(
    *, session: Session, where: Filter, as_of: datetime, standing: str = "", limit: int = 50, offset: int = 0
) -> WhistlePage:
    """One page of a list: of a standing, of the agenda, or (``''``) of everything that is open."""
    found = _found(session, where, as_of)
    returns, names = returns_to_meeting(session), department_names(session)
    counts = _counts(found, returns, names)
    wanted = [one for one in found if _belongs(one, standing, returns)]
    lines = lines_of(session, [one.whistle for one in wanted], as_of, names=names, returns=returns)
    if standing in (WhistleStanding.DONE, WhistleStanding.WITHDRAWN):
        lines.sort(key=lambda line: (line.done_at or line.blown_at, line.id), reverse=True)
    else:
        lines.sort(key=lambda line: (_SEVERITY.index(line.rung.color), line.respond_by, line.id))
    return WhistlePage(rows=tuple(lines[offset : offset + limit]), total=len(lines), counts=counts)


def whistle_counts(*, session: Session, where: Filter, as_of: datetime) -> WhistleCounts:
    """The counts alone."""
    found = _found(session, where, as_of)
    return _counts(found, returns_to_meeting(session), department_names(session))


def whistle_card(*, session: Session, whistle_id: int, as_of: datetime) -> WhistleCard | None:
    """One whistle; None when there is none of this number."""
    whistle = session.get(Whistle, whistle_id, populate_existing=True)
    if whistle is None:
        return None
    linked = select(WhistleEvent.event_id).where(column(WhistleEvent.whistle_id) == whistle_id)  # type: ignore[call-overload]
    events = select(EVENT.c.id, EVENT.c.external_no, EVENT.c.title, EVENT.c.status).where(
        EVENT.c.id.in_(linked)
    )
    return WhistleCard(
        line=lines_of(session, [whistle], as_of)[0],
        log=tuple(log_of(session, whistle_id)),
        events=tuple(LinkedEvent(**row._mapping) for row in session.execute(events.order_by(EVENT.c.id))),
    )


def whistles_of_event(*, session: Session, event_id: int) -> tuple[tuple[int, str, WhistleStanding], ...]:
    """Number, subject and standing of the whistles that were blown for a case, the newest first."""
    linked = select(WhistleEvent.whistle_id).where(column(WhistleEvent.event_id) == event_id)  # type: ignore[call-overload]
    numbers = list(session.execute(linked).scalars())
    if not numbers:
        return ()
    rows = session.execute(select(Whistle).where(column(Whistle.id).in_(numbers))).scalars().all()
    called = called_of(session, numbers)
    found = [(row.id or 0, row.subject, standing_at(row, called[row.id or 0])) for row in rows]
    return tuple(sorted(found, reverse=True))


@dataclass(slots=True)
class _Found:
    whistle: Whistle
    called: list[WhistleDepartment]
    standing: WhistleStanding


def _found(session: Session, where: Filter, as_of: datetime) -> list[_Found]:
    """Every whistle of the Filter with the departments that it asks about."""
    query = select(Whistle).where(*_conditions(session, where, as_of)).order_by(_WHISTLE.c.id)
    whistles = session.execute(query).scalars().all()
    called = called_of(session, [one.id or 0 for one in whistles])
    found = []
    for whistle in whistles:
        asked = [
            one
            for one in called[whistle.id or 0]
            if not where.departments or one.department_code in where.departments
        ]
        if asked:
            found.append(_Found(whistle, asked, standing_at(whistle, asked)))
    return found


def _conditions(session: Session, where: Filter, as_of: datetime) -> list[ColumnElement[bool]]:
    table = _WHISTLE.c
    conditions: list[ColumnElement[bool]] = []
    if where.start and where.end:
        start, end = day_start(session, where.start), day_start(session, where.end + timedelta(days=1))
        conditions.append(and_(table.blown_at >= start, table.blown_at < end))
    else:
        conditions.append(or_(table.done_at.is_(None), table.done_at >= as_of - timedelta(days=ENDED_DAYS)))
    if where.areas:
        ranges = (prefix_range(area) for area in where.areas)
        conditions.append(or_(*(and_(table.code >= low, table.code < high) for low, high in ranges)))
    if where.text:
        conditions.append(table.subject.contains(where.text, autoescape=True))
    return conditions


def _belongs(found: _Found, standing: str, returns: Returns) -> bool:
    if standing == AGENDA:
        return _is_on_agenda(found.whistle, returns)
    return found.standing == standing if standing else found.standing in _OPEN


def _is_on_agenda(whistle: Whistle, returns: Returns) -> bool:
    return whistle.done_at is None and whistle.returned_count >= returns(whistle.code)


def _counts(found: Sequence[_Found], returns: Returns, names: Mapping[str, str]) -> WhistleCounts:
    standing = Counter(one.standing for one in found)
    missing: dict[WhistleStanding, Counter[str]] = {one: Counter() for one in _OPEN}
    for one in found:
        for called in one.called if one.whistle.done_at is None else ():
            of = whistle_standing([called])
            if of in missing:
                missing[of][called.department_code] += 1
    return WhistleCounts(
        standing=standing,
        agenda=sum(_is_on_agenda(one.whistle, returns) for one in found),
        absent=_named(missing[WhistleStanding.ABSENT], names),
        working=_named(missing[WhistleStanding.WORKING], names),
    )


def _named(counts: Counter[str], names: Mapping[str, str]) -> tuple[tuple[str, str, int], ...]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((code, names.get(code, code), count) for code, count in ordered)
