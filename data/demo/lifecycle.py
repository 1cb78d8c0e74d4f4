"""The whole life of one invented case: every move from report to evaluation, with its time.

The life is decided at the report, from numbers drawn for it; what a moment shows is the life cut there. The
rates below are invented so that about one case in twenty of those on hand is overdue, and a few come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from data.calendar import WorkCalendar
from data.clock import Deadline, extended, resumed
from data.event_fold import Action, Entry
from data.vocabulary import Status

LONGEST_DAYS: Final = 56
"""No life is longer, so that a history of 60 days holds every case that can still be open."""

_HOUR: Final = timedelta(hours=1)
_LATE: Final = 0.082
_VOIDED: Final = 0.02
_MERGED: Final = 0.045
_RETURNED: Final = 0.05
_REWORKED: Final = 0.05
_SUSPENDED: Final = 0.0095
_EXTENDED: Final = 0.05
_EVALUATED: Final = 0.45
_COMPLEX_HOURS: Final = 168.0
_OFFICE_HOURS: Final = 48.0
DRAWS: Final = 16
"""Numbers in [0, 1) that one life takes."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of those who act on a case."""

    reporter: str
    dispatcher: str
    officer: str
    checker: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is reported: the fields of its first entry, and what its life depends on.

    ``reported_at`` is in UTC, ``local_hour`` the hour of the day (with its fraction) that the clocks showed.
    ``limit_hours`` counts on the clock ``clock_type`` of ``calendar``, and ``limit`` is what comes of it.
    """

    fields: Mapping[str, Any]
    reported_at: datetime
    local_hour: float
    limit_hours: float | None
    clock_type: str
    limit: Deadline
    calendar: WorkCalendar
    department_code: str
    other_department: str
    roles: Roles
    draws: Sequence[float]

    @property
    def due_hours(self) -> float:
        """Plain hours from report to deadline; 0 without one."""
        return (self.limit.due_at - self.reported_at) / _HOUR if self.limit.due_at else 0.0

    def moment(self, hours: float) -> datetime:
        """So many plain hours after the report."""
        return self.reported_at + timedelta(seconds=round(hours * 3600))


def life(case: Case) -> list[Entry]:
    """All entries of the case in order of time, the first being its report."""
    steps = list(_fate(case))
    at = case.reported_at
    entries = [Entry(action=Action.REPORT, at=at, actor=case.roles.reporter, changes=case.fields)]
    for hours, actor, action, changes, reason in sorted(steps, key=lambda step: step[0]):
        at = max(case.moment(hours), at + timedelta(seconds=40))
        entries.append(Entry(action=action, at=at, actor=actor, changes=changes, reason=reason))
    return entries


Step = tuple[float, str, Action, dict[str, Any], str]
"""Hours after the report, actor, action, changes, reason."""


def _fate(case: Case) -> Iterator[Step]:
    chance = case.draws[0]
    filing = 0.1 + case.draws[1] * 0.9
    if chance < _VOIDED:
        yield _move(filing, case.roles.dispatcher, Status.VOIDED, reason="现场核实不属实，不予立案")
    elif chance < _VOIDED + _MERGED:
        yield _move(filing, case.roles.dispatcher, Status.MERGED, reason="与同一地点的在办件重复，合并办理")
    else:
        yield from _handled(case, filing)


def _handled(case: Case, filing: float) -> Iterator[Step]:
    """Filed, dispatched, accepted, handled, fed back, checked, closed."""
    u, roles, limit = case.draws, case.roles, case.limit_hours
    total, late = _total_hours(case)
    filed = min(filing, 0.08 * total)
    sent = filed + min(0.05 + u[2] * 0.7, 0.06 * total)
    accepted = sent + min(0.15 + u[3] * 4.0, 0.12 * total)
    yield _move(filed, roles.dispatcher, Status.FILED)
    yield _move(sent, roles.dispatcher, Status.DISPATCHED, department_code=case.department_code)
    if u[4] < _RETURNED:
        turned, again = sent + 0.3 * (accepted - sent), sent + 0.6 * (accepted - sent)
        yield _move(turned, roles.officer, Status.RETURNED, reason="不属于本部门职责，建议改派")
        yield _move(again, roles.dispatcher, Status.DISPATCHED, department_code=case.other_department)
    yield _move(accepted, roles.officer, Status.ACCEPTED, handler=roles.officer)
    handling = accepted + min(0.1 + u[5] * 3.0, 0.1 * total)
    yield _move(handling, roles.officer, Status.HANDLING)
    pause = 0.0
    if limit is not None and limit >= _COMPLEX_HOURS and not late and u[6] < _SUSPENDED:
        pause = 24.0 * (6.0 + 14.0 * u[7])
        yield from _suspended(case, from_hours=handling + 1.0 + 0.2 * total, pause=pause)
    elif limit is not None and limit >= _COMPLEX_HOURS and total > 0.6 * limit and u[6] > 1.0 - _EXTENDED:
        yield 0.55 * limit, roles.dispatcher, Action.MARK, _extended(case, limit), "情况复杂，同意延期一次"
    elif late and limit is not None and u[8] < 0.6:
        noticed = case.due_hours + 0.05 * (total - case.due_hours)
        yield noticed, roles.dispatcher, Action.MARK, {"supervised": True}, "超期未结，转入督办"
    yield from _finished(case, handling, total, pause)


def _extended(case: Case, limit_hours: float) -> dict[str, Any]:
    longer = extended(
        deadline=case.limit, limit_hours=limit_hours, reported_at=case.reported_at,
        clock_type=case.clock_type, calendar=case.calendar,
    )  # fmt: skip
    return {"due_at": longer.due_at, "warn_at": longer.warn_at, "extended_count": 1}


def _suspended(case: Case, *, from_hours: float, pause: float) -> Iterator[Step]:
    """The clock stops: on resuming as much is left as before."""
    officer = case.roles.officer
    later = resumed(
        deadline=case.limit, paused_at=case.moment(from_hours), resumed_at=case.moment(from_hours + pause),
        clock_type=case.clock_type, calendar=case.calendar,
    )  # fmt: skip
    yield _move(from_hours, officer, Status.SUSPENDED, reason="需专项资金或施工窗口，申请挂账")
    yield _move(
        from_hours + pause, officer, Status.HANDLING, reason="条件具备，恢复办理",
        due_at=later.due_at, warn_at=later.warn_at,
    )  # fmt: skip


def _finished(case: Case, handling: float, total: float, pause: float) -> Iterator[Step]:
    u, roles = case.draws, case.roles
    end = total + pause
    if u[9] < _REWORKED:
        first = handling + pause + 0.55 * (total - handling)
        step = 0.06 * (total - handling)
        yield _move(first, roles.officer, Status.FEEDBACK)
        yield _move(first + step, roles.checker, Status.CHECKING)
        back = "现场核查未达到结案条件"
        yield _move(first + 2 * step, roles.checker, Status.REWORKING, reason=back, reworked_count=1)
        yield _move(first + 3 * step, roles.officer, Status.HANDLING)
    closing = min(0.12 * (total - handling), 2.0 + 18.0 * u[10])
    yield _move(end - closing, roles.officer, Status.FEEDBACK)
    yield _move(end - 0.6 * closing, roles.checker, Status.CHECKING)
    yield _move(end, roles.dispatcher, Status.CLOSED, reason="现场核查达到结案条件")
    if u[11] < _EVALUATED:
        said = "回访：满意" if u[12] < 0.78 else "回访：基本满意" if u[12] < 0.93 else "回访：不满意"
        yield _move(end + 3.0 + 60.0 * u[13], roles.dispatcher, Status.EVALUATED, reason=said)


def _total_hours(case: Case) -> tuple[float, bool]:
    """Hours from report to close, pauses left out, and whether it is late on purpose."""
    u, limit = case.draws, case.limit_hours
    if limit is None:
        return _in_office_hours(case, 24.0 * (4.0 + (LONGEST_DAYS - 10.0) * u[14] ** 1.4)), False
    if u[14] < _LATE:
        late = case.due_hours * (1.06 + 0.6 * u[15]) + 60.0 * u[12] ** 2
        return min(late, 24.0 * (LONGEST_DAYS - 4)), True
    # Long limits are stretched by the days of rest within them, and so is the work.
    paced = case.due_hours if limit >= _COMPLEX_HOURS else limit
    total = min(paced * (0.1 + 0.87 * u[15] ** 0.5), 0.97 * case.due_hours)
    return (_in_office_hours(case, total) if limit >= _OFFICE_HOURS else total), False


def _in_office_hours(case: Case, total: float) -> float:
    """Long cases are closed by day: a close at night is brought forward to the afternoon before."""
    hour = int(case.local_hour + total) % 24
    back = (hour - 18) % 24 if not 8 <= hour < 18 else 0
    return total - back - 0.9 * case.draws[10] if total > back + 10.0 else total


def _move(hours: float, actor: str, status: Status, *, reason: str = "", **changes: Any) -> Step:
    return hours, actor, Action.MOVE, {"status": status.value, **changes}, reason
