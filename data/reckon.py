"""After the working calendar changed, the deadlines of open cases follow: by the log, a few hundred at once.

An open case then stands as if the calendar had been this one from its report on; one that has ended stays as
it was judged. Whatever stops halfway is gone on with: every step compares with the log, so twice does no more
than once, and an edit counts as followed (``CalendarChange.reckoned_at``) when no case is left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, Table, or_, select
from sqlmodel import Session

from data.calendar import Calendars, read_calendars
from data.calendar.work_calendar import FIRST_DAY
from data.clock import sla_color
from data.codes import prefix_range
from data.database import read_session, write_session
from data.event_base import zone_of
from data.event_log import Action, Advance, Entry, append, records_of, rows_of
from data.lifecycle.person import SYSTEM
from data.lifecycle.standing import Changes, reckoned
from data.models import CalendarChange, Event
from data.models.base import column
from data.progress import Progress, no_progress
from data.vocabulary import ClockType, SlaColor
from data.whistle.reckon import move_whistles, whistles_to_move

_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_WORKING: Final = (ClockType.WORKING_HOURS.value, ClockType.WORKING_DAYS.value)
_ALL: Final = tuple(clock.value for clock in ClockType)
_AT_ONCE: Final = 200
"""Cases in one write session: others wait for it."""
STAGE: Final = "重算在办件的时限"
_logger: Final = logging.getLogger(__name__)

Edit = Callable[[Session], CalendarChange]
"""An edit of ``data.calendar.edit`` in the write session that it is given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What an edit would do to open cases: how many get another deadline, and how many another colour.

    ``whistles`` are calls that departments would have to answer by another moment.
    """

    moved: int = 0
    later: int = 0
    earlier: int = 0
    becomes_overdue: int = 0
    no_longer_overdue: int = 0
    whistles: int = 0

    @property
    def any(self) -> bool:
        return bool(self.moved or self.whistles)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """What was done: edits followed, open cases and whistles whose deadlines moved."""

    changes: int = 0
    moved: int = 0
    whistles: int = 0


@dataclass(frozen=True, slots=True)
class _Difference:
    """A case whose deadlines are not what its log gives on the calendar; ``last_at``: its newest entry."""

    row: Mapping[str, Any]
    changes: Changes
    last_at: datetime


class _Rehearsed(Exception):
    """Leaves a write session so that nothing of it stays."""


def rehearse(engine: Engine, edit: Edit, *, as_of: datetime, progress: Progress = no_progress) -> Effect:
    """What ``edit`` would do to open cases. Writes nothing; raises what the edit raises.

    The edit is made and taken back at once; the cases are then looked at without holding anybody up.
    """
    change, calendars = _drafted(engine, edit)
    found: dict[str, int] = dict.fromkeys(Effect.__dataclass_fields__, 0)
    with read_session(engine) as session:
        for differences in _looked_through(session, change, calendars, progress):
            for one in differences:
                _count(found, one, as_of)
        found["whistles"] = len(whistles_to_move(session, change.area_prefix, calendars))
    return Effect(**found)


def reckon(engine: Engine, *, now: datetime | None = None, progress: Progress = no_progress) -> Reckoned:
    """Brings the deadlines of open cases after every edit that they do not follow yet.

    A case that no clock can reckon keeps its deadline, and the server's log says so.
    """
    at = now or datetime.now(UTC)
    with read_session(engine) as session:
        waiting = list(session.execute(_waiting()).scalars())
    done = Reckoned()
    for change in waiting:
        moved = _follow(engine, change, at, progress)
        with write_session(engine) as session:
            calendars = read_calendars(session)
            whistles = move_whistles(session, change.area_prefix, calendars, at=at, reason=_reason(change))
            kept = session.get_one(CalendarChange, change.id)
            kept.reckoned_at, kept.moved = at, kept.moved + moved
            session.add(kept)
        done = Reckoned(changes=done.changes + 1, moved=done.moved + moved, whistles=done.whistles + whistles)
    return done


def _drafted(engine: Engine, edit: Edit) -> tuple[CalendarChange, Calendars]:
    found: tuple[CalendarChange, Calendars] | None = None
    try:
        with write_session(engine, announce=False) as session:
            change = edit(session)
            found = CalendarChange(**change.model_dump()), read_calendars(session)
            raise _Rehearsed
    except _Rehearsed:
        pass
    if found is None:
        raise AssertionError("an edit was rehearsed")
    return found


def _follow(engine: Engine, change: CalendarChange, at: datetime, progress: Progress) -> int:
    """Moves the deadlines of all cases that one edit concerns; how many."""
    moved = 0
    with read_session(engine) as session:
        concerned = _concerned(session, change, read_calendars(session).timezone)
    for start in range(0, len(concerned), _AT_ONCE):
        progress(STAGE, start, len(concerned))
        ids = concerned[start : start + _AT_ONCE]
        with read_session(engine) as session:
            ids = [one.row["id"] for one in _differences(session, ids, read_calendars(session))]
        if not ids:
            continue
        with write_session(engine) as session:
            differences = _differences(session, ids, read_calendars(session))
            zone = zone_of(session)
            append(
                session,
                [_advance(one, change, at, zone) for one in differences],
                rows={one.row["id"]: one.row for one in differences},
            )
            moved += len(differences)
    progress(STAGE, len(concerned), len(concerned))
    return moved


def _advance(one: _Difference, change: CalendarChange, at: datetime, zone: ZoneInfo) -> Advance:
    moments = [each["due_at"].astimezone(zone) for each in (one.row, one.changes) if each.get("due_at")]
    moved = len(set(moments)) == 2
    told = "；到期由 {:%Y-%m-%d %H:%M} 改为 {:%Y-%m-%d %H:%M}".format(*moments) if moved else ""
    entry = Entry(
        action=Action.RECKON,
        at=max(at, one.last_at),  # a clock that was set back writes nothing before what has happened
        actor=SYSTEM.name,
        changes={**one.changes, "role": SYSTEM.role.value},
        reason=f"{_reason(change)}{told}",
    )
    return Advance(entries=(entry,), event_id=one.row["id"], seen_seq=one.row["seq"])


def _reason(change: CalendarChange) -> str:
    return f"工作日历有改动（{change.id}）：{change.what}"


def _looked_through(
    session: Session, change: CalendarChange, calendars: Calendars, progress: Progress
) -> Iterator[list[_Difference]]:
    concerned = _concerned(session, change, calendars.timezone)
    for start in range(0, len(concerned), _AT_ONCE):
        progress(STAGE, start, len(concerned))
        yield _differences(session, concerned[start : start + _AT_ONCE], calendars)
    progress(STAGE, len(concerned), len(concerned))


def _concerned(session: Session, change: CalendarChange, timezone: ZoneInfo) -> list[int]:
    """Open cases on whose clock an edit can tell: numbers only, however many there are.

    Their time began before the last day that was edited is over, and went on into the first: either their
    deadline lies beyond its beginning, or, where they were suspended after they were overdue, their status
    changed since. Working hours bring the share that counts as 临期, which is asked of every clock.
    """
    low, high = prefix_range(change.area_prefix)
    clocks = _ALL if change.last_day is None else _WORKING
    begins = datetime.combine(change.first_day or FIRST_DAY, time(), timezone)
    conditions: list[ColumnElement[bool]] = [
        _EVENT.c.ended_at.is_(None),
        _EVENT.c.code >= low,
        _EVENT.c.code < high,
        _EVENT.c.clock_type.in_(clocks),
        or_(_EVENT.c.due_at >= begins, _EVENT.c.respond_by >= begins, _EVENT.c.status_since >= begins),
    ]
    if change.last_day is not None:
        ends = datetime.combine(change.last_day + timedelta(days=1), time(), timezone)
        conditions.append(_EVENT.c.reported_at < ends)
    return list(session.connection().execute(select(_EVENT.c.id).where(*conditions)).scalars())


def _differences(session: Session, event_ids: Sequence[int], calendars: Calendars) -> list[_Difference]:
    rows = [row for row in rows_of(session, event_ids) if row["ended_at"] is None]
    logs = records_of(session, [row["id"] for row in rows])
    by_code = calendars.grouped({row["code"] for row in rows})
    found = []
    for row in rows:
        log = logs[row["id"]]
        try:
            changes = reckoned(row, log, calendar=by_code[row["code"]], timezone=calendars.timezone)
        except ValueError as error:
            _logger.warning("事件 %s 的时限未能重算：%s", row["id"], error)
            continue
        if changes:
            found.append(_Difference(row, changes, log[-1].at))
    return found


def _count(found: dict[str, int], one: _Difference, as_of: datetime) -> None:
    before, after = one.row, {**one.row, **one.changes}
    was, becomes = (_color(row, as_of) is SlaColor.OVERDUE for row in (before, after))
    found["moved"] += 1
    if before["due_at"] is not None and after["due_at"] is not None:
        found["later"] += before["due_at"] < after["due_at"]
        found["earlier"] += after["due_at"] < before["due_at"]
    found["becomes_overdue"] += becomes and not was
    found["no_longer_overdue"] += was and not becomes


def _color(row: Mapping[str, Any], as_of: datetime) -> SlaColor:
    return sla_color(
        status=row["status"], due_at=row["due_at"], warn_at=row["warn_at"], ended_at=row["ended_at"],
        in_time=row["in_time"], as_of=as_of,
    )  # fmt: skip


def _waiting() -> Any:
    return (
        select(CalendarChange)
        .where(column(CalendarChange.reckoned_at).is_(None))
        .order_by(column(CalendarChange.id))
    )


def waiting(session: Session) -> int:
    """How many edits the deadlines do not follow yet."""
    return len(session.execute(_waiting()).scalars().all())
