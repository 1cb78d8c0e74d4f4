"""Whistles in words, as they stand at a moment: rung, time left on the clock, who has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import Session

from data.calendar import Calendars, read_calendars
from data.models import Whistle, WhistleDepartment
from data.queries.names import department_names, place_names
from data.rules.in_force import holding_at
from data.rules.parameters import WhistleLadder
from data.rules.store import list_rules
from data.time_left import TimeLeft, time_left
from data.vocabulary import ClockType, RuleKind
from data.whistle.ladder import RETURNS_TO_MEETING, Called, LadderOwner, Rung, WhistleFacts, ladder
from data.whistle.log import called_standing, whistle_standing
from data.whistle_vocabulary import CalledStanding, WhistleKind, WhistleStanding

_CALLED: Final[Table] = WhistleDepartment.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True, slots=True)
class CalledLine:
    """A department that was called. ``in_time`` None: not here, and its time is not over."""

    code: str
    name: str
    leads: bool
    standing: CalledStanding
    arrived_at: datetime | None
    done_at: datetime | None
    returned_count: int
    score: int | None
    score_note: str
    in_time: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleLine:
    """One whistle with its departments and its rung. ``left`` to report, on its clock; None when all have,
    or it has ended. ``next_at``: when the ladder is climbed next, by itself.
    """

    id: int
    kind: WhistleKind
    code: str
    place_name: str
    subject: str
    actor: str
    blown_at: datetime
    half_at: datetime
    respond_by: datetime
    second_by: datetime
    done_at: datetime | None
    outcome: str
    returned_count: int
    seq: int
    standing: WhistleStanding
    rung: Rung
    left: TimeLeft | None
    next_at: datetime | None
    departments: tuple[CalledLine, ...]

    @property
    def on_agenda(self) -> bool:
        return self.rung.owner is LadderOwner.MEETING


Returns = Callable[[str], int]
"""Of an area: so many returns put a whistle on the agenda of the joint meeting."""


@dataclass(slots=True)
class _Known:
    """What the lines of one reading share."""

    names: Mapping[str, str]
    places: Mapping[str, str]
    calendars: Calendars
    returns: Returns
    called: dict[int, list[WhistleDepartment]] = field(default_factory=lambda: defaultdict(list))


def returns_to_meeting(session: Session) -> Returns:
    """How many returns put a whistle of an area on the agenda: a number of the rule 吹哨未报到 there."""
    rules = list_rules(session=session)

    def returns_at(code: str) -> int:
        for rule in holding_at(rules, RuleKind.WHISTLE_LADDER, code):
            if isinstance(rule.parameters, WhistleLadder):
                return rule.parameters.returns
        return RETURNS_TO_MEETING

    return returns_at


def lines_of(
    session: Session,
    whistles: Sequence[Whistle],
    as_of: datetime,
    *,
    names: Mapping[str, str] | None = None,
    returns: Returns | None = None,
) -> list[WhistleLine]:
    """Whistles in words, in the same order. What was done after ``as_of`` by somebody quicker than the screen
    counts all the same. ``names`` of departments and ``returns`` where the caller has read them.
    """
    if not whistles:
        return []
    known = _Known(
        names=department_names(session) if names is None else names,
        places=place_names(session, {one.code for one in whistles}),
        calendars=read_calendars(session),
        returns=returns_to_meeting(session) if returns is None else returns,
        called=called_of(session, [one.id or 0 for one in whistles]),
    )
    return [_line(known, whistle, as_of) for whistle in whistles]


def facts_of(
    whistle: Any, departments: Iterable[WhistleDepartment], names: Mapping[str, str]
) -> WhistleFacts:
    """A stored whistle (or its row) as the ladder reads it."""
    return WhistleFacts(
        half_at=whistle.half_at,
        respond_by=whistle.respond_by,
        second_by=whistle.second_by,
        done_at=whistle.done_at,
        withdrawn=whistle.withdrawn,
        called=[
            Called(
                name=names.get(one.department_code, one.department_code),
                arrived_at=one.arrived_at,
                returned_count=one.returned_count,
            )
            for one in departments
        ],
    )


def _line(known: _Known, whistle: Whistle, as_of: datetime) -> WhistleLine:
    called = known.called[whistle.id or 0]
    at = max([as_of, whistle.blown_at, *_moments(called), *([whistle.done_at] if whistle.done_at else [])])
    standing = standing_at(whistle, called)
    waits = standing is WhistleStanding.ABSENT
    urgent = whistle.kind == WhistleKind.EMERGENCY
    left = time_left(
        due_at=whistle.respond_by, as_of=at, calendar=known.calendars.of(whistle.code),
        clock_type="" if urgent else ClockType.WORKING_DAYS.value,
    )  # fmt: skip
    rung = ladder(facts_of(whistle, called, known.names), at, returns=known.returns(whistle.code))
    steps = (whistle.half_at, whistle.respond_by, whistle.second_by)
    climbs = waits and rung.owner is not LadderOwner.MEETING
    return WhistleLine(
        id=whistle.id or 0, kind=WhistleKind(whistle.kind), code=whistle.code,
        place_name=known.places[whistle.code], subject=whistle.subject, actor=whistle.actor,
        blown_at=whistle.blown_at, half_at=whistle.half_at, respond_by=whistle.respond_by,
        second_by=whistle.second_by, done_at=whistle.done_at, outcome=whistle.outcome,
        returned_count=whistle.returned_count, seq=whistle.seq, standing=standing, rung=rung,
        left=left if waits else None,
        next_at=next((step for step in steps if step >= at), None) if climbs else None,
        departments=tuple(_called_line(known, whistle, one, at) for one in called),
    )  # fmt: skip


def _called_line(known: _Known, whistle: Whistle, one: WhistleDepartment, at: datetime) -> CalledLine:
    late = one.arrived_at is None and at > whistle.respond_by
    return CalledLine(
        code=one.department_code, name=known.names.get(one.department_code, one.department_code),
        leads=one.leads, standing=called_standing(one), arrived_at=one.arrived_at, done_at=one.done_at,
        returned_count=one.returned_count, score=one.score, score_note=one.score_note,
        in_time=one.arrived_at <= whistle.respond_by if one.arrived_at else False if late else None,
    )  # fmt: skip


def _moments(called: Iterable[WhistleDepartment]) -> list[datetime]:
    return [at for one in called for at in (one.arrived_at, one.done_at) if at is not None]


def called_of(session: Session, numbers: Sequence[int]) -> dict[int, list[WhistleDepartment]]:
    """The departments of whistles by their numbers, the leading one first."""
    called: dict[int, list[WhistleDepartment]] = defaultdict(list)
    for start in range(0, len(numbers), 500):
        query = select(WhistleDepartment).where(_CALLED.c.whistle_id.in_(numbers[start : start + 500]))
        query = query.order_by(_CALLED.c.leads.desc(), _CALLED.c.department_code)
        for one in session.execute(query).scalars():
            called[one.whistle_id].append(one)
    return called


def standing_at(whistle: Whistle, called: Iterable[WhistleDepartment]) -> WhistleStanding:
    """Where a whistle stands as these of its departments make it stand."""
    return WhistleStanding.WITHDRAWN if whistle.withdrawn else whistle_standing(called)
