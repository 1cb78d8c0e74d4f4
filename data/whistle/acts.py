"""What happens to a whistle: blown, arrivals, returns, done, scores. Each act writes the log as well.

A whistle may be blown for three things only (``WhistleKind``). Departments report within 30 minutes in an
emergency, else by the end of the next working day (DOMAIN section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.calendar import WorkCalendar
from data.calendar.work_calendar import moment, ticks
from data.clock import deadline
from data.dispatch.edit import demo_batch
from data.models import (
    Department,
    Division,
    Event,
    Whistle,
    WhistleDepartment,
    WhistleEvent,
    WhistleLog,
)
from data.models.base import column
from data.vocabulary import ClockType, WhistleKind

EMERGENCY: Final = timedelta(minutes=30)
RESPOND_HOURS: Final = 24.0
"""One working day, as limits store it."""
MAX_SUBJECT: Final = 256


class WhistleError(ValueError):
    """A whistle that cannot be blown, or an act that does not fit how it stands. The text is for people."""


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


def steps_of(*, kind: str, blown_at: datetime, calendar: WorkCalendar) -> Steps:
    """When half of the time to respond, all of it, and as much again have passed on the whistle's clock."""
    if kind == WhistleKind.EMERGENCY:
        return Steps(blown_at + EMERGENCY / 2, blown_at + EMERGENCY, blown_at + 2 * EMERGENCY)
    ends = []
    for days in (1, 2):
        due = deadline(
            reported_at=blown_at, limit_hours=days * RESPOND_HOURS,
            clock_type=ClockType.WORKING_DAYS.value, calendar=calendar,
        ).due_at  # fmt: skip
        if due is None:
            raise AssertionError("a limit has a deadline")
        ends.append(due)
    half = (int(calendar.worked(ticks(blown_at))) + int(calendar.worked(ticks(ends[0])))) // 2
    return Steps(moment(int(calendar.reach(half))), ends[0], ends[1])


def blow(
    session: Session, draft: WhistleDraft, *, actor: str, calendar: WorkCalendar, now: datetime | None = None
) -> Whistle:
    """Blow a whistle.

    Raises:
        WhistleError: a kind, place, department or event that cannot be.
    """
    _check(session, draft)
    at = (now or datetime.now(UTC)).astimezone(UTC)
    steps = steps_of(kind=draft.kind, blown_at=at, calendar=calendar)
    whistle = Whistle(
        kind=draft.kind, code=draft.code, subject=draft.subject.strip(), blown_at=at,
        half_at=steps.half_at, respond_by=steps.respond_by, second_by=steps.second_by,
        actor=actor[:64], batch_id=demo_batch(session),
    )  # fmt: skip
    session.add(whistle)
    session.flush()
    number = _number(whistle)
    for code in (draft.lead, *draft.joining):
        session.add(WhistleDepartment(whistle_id=number, department_code=code, leads=code == draft.lead))
    session.add_all(WhistleEvent(whistle_id=number, event_id=event_id) for event_id in draft.events)
    _log(session, whistle, "blow", actor=actor, at=at, reason=draft.subject)
    return whistle


def arrive(
    session: Session, *, whistle_id: int, department: str, actor: str, now: datetime | None = None
) -> WhistleDepartment:
    """报到. Raises ``WhistleError``."""
    whistle, called = _called(session, whistle_id, department)
    if called.arrived_at is not None:
        raise WhistleError(f"{department} 已经报到过")
    at = (now or datetime.now(UTC)).astimezone(UTC)
    if at < whistle.blown_at:
        raise WhistleError(f"报到时间 {at} 早于吹哨时间 {whistle.blown_at}")
    called.arrived_at = at
    return _kept(session, whistle, called, "arrive", actor=actor, at=at)


def give_back(
    session: Session,
    *,
    whistle_id: int,
    department: str,
    actor: str,
    reason: str,
    now: datetime | None = None,
) -> WhistleDepartment:
    """退回, with a reason; the third return of a whistle puts it on the agenda of the joint meeting."""
    whistle, called = _called(session, whistle_id, department)
    if not reason.strip():
        raise WhistleError("退回要写明理由")
    at = (now or datetime.now(UTC)).astimezone(UTC)
    called.returned_count += 1
    called.arrived_at = None
    whistle.returned_count += 1
    return _kept(session, whistle, called, "return", actor=actor, at=at, reason=reason)


def finish(
    session: Session,
    *,
    whistle_id: int,
    department: str,
    actor: str,
    reason: str = "",
    now: datetime | None = None,
) -> WhistleDepartment:
    """One department has done its part; the whistle is done with the last of them."""
    whistle, called = _called(session, whistle_id, department)
    if called.arrived_at is None:
        raise WhistleError(f"{department} 还没有报到，不能办结")
    if called.done_at is not None:
        raise WhistleError(f"{department} 已经办结")
    at = (now or datetime.now(UTC)).astimezone(UTC)
    called.done_at = at
    if all(one.done_at is not None for one in departments_of(session, whistle_id)):
        whistle.done_at, whistle.outcome = at, reason.strip()[:512]
    return _kept(session, whistle, called, "finish", actor=actor, at=at, reason=reason)


def score(
    session: Session, *, whistle_id: int, department: str, points: int, actor: str, note: str = ""
) -> WhistleDepartment:
    """The street's score of a department, 0 to 100, once its part is done. Raises ``WhistleError``."""
    whistle = _whistle(session, whistle_id)
    called = _department(session, whistle_id, department)
    if not 0 <= points <= 100:
        raise WhistleError(f"评分 {points} 不对：应为 0 到 100 的整数")
    if called.done_at is None:
        raise WhistleError(f"{department} 还没有办结，不能评分")
    called.score, called.score_note = points, note.strip()[:256]
    now = datetime.now(UTC)
    return _kept(session, whistle, called, "score", actor=actor, at=now, reason=f"{points} 分 {note}".strip())


def departments_of(session: Session, whistle_id: int) -> list[WhistleDepartment]:
    """The departments that were called, the leading one first."""
    query = select(WhistleDepartment).where(column(WhistleDepartment.whistle_id) == whistle_id)
    order = (column(WhistleDepartment.leads).desc(), column(WhistleDepartment.department_code))
    return list(session.execute(query.order_by(*order)).scalars())


def _check(session: Session, draft: WhistleDraft) -> None:
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
    events = select(column(Event.id)).where(column(Event.id).in_(draft.events))
    lost = set(draft.events) - set(session.execute(events).scalars())
    problems += [f"没有编号为 {number} 的事件" for number in sorted(lost)]
    if problems:
        raise WhistleError("；".join(problems))


def _whistle(session: Session, whistle_id: int) -> Whistle:
    whistle = session.get(Whistle, whistle_id)
    if whistle is None:
        raise WhistleError(f"没有编号为 {whistle_id} 的吹哨")
    return whistle


def _department(session: Session, whistle_id: int, department: str) -> WhistleDepartment:
    called = session.get(WhistleDepartment, (whistle_id, department))
    if called is None:
        raise WhistleError(f"{department} 不在被吹哨的部门之列")
    return called


def _called(session: Session, whistle_id: int, department: str) -> tuple[Whistle, WhistleDepartment]:
    whistle = _whistle(session, whistle_id)
    if whistle.done_at is not None:
        raise WhistleError(f"吹哨 {whistle_id} 已经办结")
    return whistle, _department(session, whistle_id, department)


def _kept(
    session: Session,
    whistle: Whistle,
    called: WhistleDepartment,
    action: str,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
) -> WhistleDepartment:
    session.add(whistle)
    session.add(called)
    _log(session, whistle, action, actor=actor, at=at, department=called.department_code, reason=reason)
    return called


def _log(
    session: Session,
    whistle: Whistle,
    action: str,
    *,
    actor: str,
    at: datetime,
    department: str = "",
    reason: str = "",
) -> None:
    session.add(
        WhistleLog(
            whistle_id=_number(whistle), at=at, actor=actor[:64], action=action,
            department_code=department, reason=reason.strip()[:512],
        )
    )  # fmt: skip
    session.flush()


def _number(whistle: Whistle) -> int:
    if whistle.id is None:
        raise AssertionError("a flushed whistle has a number")
    return whistle.id
