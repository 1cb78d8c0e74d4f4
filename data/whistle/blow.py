"""Blowing a whistle: what it needs, and the moments of its ladder.

A whistle may be blown for three things only (``WhistleKind``). Departments report within 30 minutes in an
emergency, else by the end of the next working day (DOMAIN section 3). A district changes these numbers and
the steps of the ladder for whistles that are still to be blown; one that is blown keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import WorkCalendar, read_calendar
from data.calendar.work_calendar import moment, ticks
from data.clock import deadline
from data.dispatch.edit import demo_batch
from data.event_base import zone_of
from data.lifecycle import LoopRules, Person, read_rules
from data.models import Department, Division, Event, Whistle, WhistleDepartment, WhistleEvent
from data.models.base import column
from data.vocabulary import ClockType
from data.whistle.errors import WhistleError, WhistleRule
from data.whistle.log import DEPARTMENT_FIELDS, WHISTLE_FIELDS, Step, append, number_of
from data.whistle.rules import Look, refusal
from data.whistle_vocabulary import WhistleAct, WhistleKind

DAY_HOURS: Final = 24.0
"""One working day, as limits store it."""
MAX_SUBJECT: Final = 256
MAX_EVENTS: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class WhistleDraft:
    """``code`` is the place, ``lead`` the leading department, ``joining`` others, ``events`` the cases."""

    kind: str
    code: str
    subject: str
    lead: str
    joining: tuple[str, ...] = ()
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The moments of a ladder; see ``Whistle``."""

    half_at: datetime
    respond_by: datetime
    second_by: datetime


def steps_of(
    *, kind: str, blown_at: datetime, calendar: WorkCalendar, numbers: LoopRules | None = None
) -> Steps:
    """When the share of the time to respond after which it is yellow, all of it, and so many times of it have
    passed on the whistle's clock.
    """
    used = numbers or LoopRules()
    share, second = round(used.whistle_half_share), round(used.whistle_second_times)
    if kind == WhistleKind.EMERGENCY:
        limit = timedelta(minutes=used.whistle_minutes)
        return Steps(blown_at + limit * share / 100, blown_at + limit, blown_at + second * limit)
    ends = []
    for times in (1, second):
        due = deadline(
            reported_at=blown_at, limit_hours=times * round(used.whistle_days) * DAY_HOURS,
            clock_type=ClockType.WORKING_DAYS.value, calendar=calendar,
        ).due_at  # fmt: skip
        if due is None:
            raise AssertionError("a limit has a deadline")
        ends.append(due)
    begun, due_work = (int(calendar.worked(ticks(at))) for at in (blown_at, ends[0]))
    half = begun + (due_work - begun) * share // 100
    return Steps(moment(int(calendar.reach(half))), ends[0], ends[1])


def steps_for(session: Session, *, kind: str, code: str, at: datetime) -> Steps:
    """The steps of a whistle blown there and then, by the district's calendar and numbers."""
    calendar = read_calendar(session, area_code=code)
    return steps_of(kind=kind, blown_at=at, calendar=calendar, numbers=read_rules(session))


def blow(
    session: Session, draft: WhistleDraft, *, person: Person, at: datetime, steps: Steps | None = None
) -> Whistle:
    """Blow a whistle. ``steps`` where the caller has them already.

    Raises:
        WhistleError: a kind, place, department or event that cannot be, or a person who may not.
    """
    at = at.astimezone(UTC)
    check_draft(session, draft, person=person, at=at)
    found = steps or steps_for(session, kind=draft.kind, code=draft.code, at=at)
    whistle = Whistle(
        kind=draft.kind, code=draft.code, subject=draft.subject.strip(), blown_at=at,
        half_at=found.half_at, respond_by=found.respond_by, second_by=found.second_by,
        actor=person.name[:64], batch_id=demo_batch(session),
    )  # fmt: skip
    session.add(whistle)
    session.flush()
    number = number_of(whistle)
    called = [
        WhistleDepartment(whistle_id=number, department_code=code, leads=code == draft.lead)
        for code in (draft.lead, *draft.joining)
    ]
    session.add_all(called)
    session.add_all(WhistleEvent(whistle_id=number, event_id=event_id) for event_id in draft.events)
    session.flush()
    changes = {"": _values(whistle, WHISTLE_FIELDS)} | {
        one.department_code: _values(one, DEPARTMENT_FIELDS) for one in called
    }
    step = Step(
        act=WhistleAct.BLOW, at=at, actor=person.name, person_id=person.staff_id, role=person.role.value,
        reason=draft.subject, changes=changes,
    )  # fmt: skip
    append(session, whistle, step)
    return whistle


def check_draft(session: Session, draft: WhistleDraft, *, person: Person, at: datetime) -> None:
    """Passes when the whistle may be blown.

    Raises:
        WhistleError: the role or area of the person, or everything that is wrong with the draft.
    """
    refused = refusal(Look(act=WhistleAct.BLOW, person=person, at=at, code=draft.code, zone=zone_of(session)))
    problems = _problems(session, draft)
    if refused is not None and (refused[0] is WhistleRule.ROLE or draft.code):
        raise WhistleError(refused[1], rule=refused[0])
    if problems:
        raise WhistleError("；".join(problems))


def _problems(session: Session, draft: WhistleDraft) -> list[str]:
    problems = []
    if draft.kind not in set(WhistleKind):
        problems.append(f"吹哨事由“{draft.kind}”不对：只能是群众反映强烈、联合执法、应急处置三种")
    if not draft.subject.strip() or len(draft.subject) > MAX_SUBJECT:
        problems.append(f"事项要填写，最多 {MAX_SUBJECT} 字")
    place = select(column(Division.code)).where(
        column(Division.code) == draft.code, column(Division.valid_to).is_(None)
    )
    if session.execute(place).first() is None:
        problems.append(f"没有代码为“{draft.code}”的区划")
    called = (draft.lead, *draft.joining)
    if len(set(called)) < len(called):
        problems.append("同一个部门写了两次")
    known = select(column(Department.code)).where(column(Department.code).in_(called))
    missing = set(called) - set(session.execute(known).scalars())
    problems += [f"部门“{code or '（空）'}”不存在" for code in sorted(missing)]
    if len(draft.events) > MAX_EVENTS:
        return [*problems, f"一次吹哨最多关联 {MAX_EVENTS} 件"]
    events = select(column(Event.id)).where(column(Event.id).in_(draft.events))
    lost = set(draft.events) - set(session.execute(events).scalars())
    return problems + [f"没有编号为 {number} 的事件" for number in sorted(lost)]


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
