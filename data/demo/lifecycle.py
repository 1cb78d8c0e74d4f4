"""The whole life of one invented case: every move from report to evaluation, with its time.

The life is decided at the report, from numbers drawn for it; what a moment shows is the life cut there. Its
entries are those that ``data.lifecycle`` writes when the same people make the same moves: a test makes them
again. The rates below and in ``quality`` are invented so that about one case in twenty of those on hand is
overdue, and a few come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from data.calendar import WorkCalendar
from data.clock import Deadline
from data.demo.clocks import Clocks, respond_limit
from data.demo.people import Acting, Roles
from data.demo.quality import CALLED_BACK_SHARE, NEVER_JUDGED_SHARE, Quality
from data.event_fold import Action, Entry
from data.vocabulary import Move, Role, RouteColor, Status, Urgency

LONGEST_DAYS: Final = 56
"""No life is longer, so that a history of 60 days holds every case that can still be open."""

_HOUR: Final = timedelta(hours=1)
_VOIDED: Final = 0.02
_MERGED: Final = 0.045
_RETURNED: Final = 0.05
_REWORKED: Final = 0.015
_SUSPENDED: Final = 0.012
_EXTENDED: Final = 0.05
_APPEALED: Final = 0.2
_URGENT_PACE: Final = 0.04
_COMPLEX_HOURS: Final = 168.0
_OFFICE_HOURS: Final = 48.0
_PATROLS: Final = frozenset({Role.GRID_WORKER, Role.COMMUNITY})
DRAWS: Final = 16
"""Numbers in [0, 1) that one life takes for its course."""
MORE_DRAWS: Final = 8
"""Numbers in [0, 1) that it takes for answers and judgements."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is reported: the fields of its first entry, and what its life depends on.

    ``reported_at`` is in UTC, ``local_hour`` the hour of the day (with its fraction) that the clocks showed.
    ``limit_hours`` counts on the clock ``clock_type`` of ``calendar``, and ``limit`` is what comes of it.
    ``departments``: the first ('' where grid or street handle the case), and where it goes when that sends it
    back; ``bases``: why it goes there. ``twin``: it repeats another case and is merged into that.
    """

    fields: Mapping[str, Any]
    reported_at: datetime
    local_hour: float
    limit_hours: float | None
    clock_type: str
    limit: Deadline
    calendar: WorkCalendar
    route_color: str
    departments: tuple[str, str]
    bases: tuple[str, str]
    roles: Roles
    quality: Quality
    twin: bool
    draws: Sequence[float]
    more: Sequence[float]

    @property
    def due_hours(self) -> float:
        """Plain hours from report to deadline; 0 without one."""
        return (self.limit.due_at - self.reported_at) / _HOUR if self.limit.due_at else 0.0

    @property
    def is_urgent(self) -> bool:
        """Whether somebody comes at once and notes when (到场)."""
        return bool(self.fields["urgency"] == Urgency.URGENT)

    def moment(self, hours: float) -> datetime:
        """So many plain hours after the report."""
        return self.reported_at + timedelta(seconds=round(hours * 3600))

    def clocks(self) -> Clocks:
        """Its clocks at the report."""
        return Clocks(
            limit=self.limit, reported_at=self.reported_at, limit_hours=self.limit_hours,
            clock_type=self.clock_type, respond=respond_limit(self.fields["urgency"], self.limit_hours),
            calendar=self.calendar,
        )  # fmt: skip


Step = tuple[float, Acting, Move, dict[str, Any], str]
"""Plain hours after the report, who, what, the fields that it sets beside the clocks, the reason."""


def may_repeat(draws: Sequence[float]) -> bool:
    """Whether these draws make a case repeat another one, if there is one."""
    return _VOIDED <= draws[0] < _VOIDED + _MERGED


def life(case: Case) -> list[Entry]:
    """All entries of the case in order of time, the first being its report."""
    reporter, clocks, at = case.roles.reporter, case.clocks(), case.reported_at
    noted = {**case.fields, "role": reporter.role} if reporter.role else case.fields
    entries = [Entry(action=Action.REPORT, at=at, actor=reporter.name, changes=noted)]
    for hours, actor, move, changes, reason in sorted(_fate(case, clocks), key=lambda step: step[0]):
        at = max(case.moment(hours), at + timedelta(seconds=40))
        fields = {**changes, **clocks.effect(move, at), "role": actor.role}
        entries.append(Entry(action=move, at=at, actor=actor.name, changes=fields, reason=reason))
    return entries


def _fate(case: Case, clocks: Clocks) -> Iterator[Step]:
    filing = (0.1 + case.draws[1] * 0.9) * _pace(case)
    dispatcher = case.roles.dispatcher
    if case.draws[0] < _VOIDED:
        yield _to(filing, dispatcher, Move.VOID, Status.VOIDED, reason="现场核实不属实，不予立案")
    elif case.twin:
        yield _to(filing, dispatcher, Move.MERGE, Status.MERGED, reason="与同一地点的在办件重复，合并办理")
    else:
        yield from _handled(case, clocks, filing)


def _handled(case: Case, clocks: Clocks, filing: float) -> Iterator[Step]:
    """Filed, dispatched, accepted, handled, fed back, checked, closed."""
    u, roles, officer = case.draws, case.roles, case.roles.officer
    total, late = _total_hours(case)
    filed = min(filing, 0.08 * total)
    sent = filed + min((0.05 + u[2] * 0.7) * _pace(case), 0.06 * total)
    accepted = _accepted_hours(case, clocks, sent, total)
    yield _to(filed, roles.filer, Move.FILE, Status.FILED, route_color=case.route_color)
    yield _sent(case, sent, 0)
    if u[4] < _RETURNED and case.route_color == RouteColor.RED:
        turned, again = sent + 0.3 * (accepted - sent), sent + 0.6 * (accepted - sent)
        yield _to(turned, officer, Move.RETURN, Status.RETURNED, reason="不属于本部门职责，建议改派")
        yield _sent(case, again, 1)
        officer = roles.other
    yield _to(accepted, officer, Move.ACCEPT, Status.ACCEPTED, handler=officer.name)
    handling = accepted + min(0.1 + u[5] * 3.0, 0.1 * total)
    if case.is_urgent:
        arrived = accepted + min(_travel_hours(case), 0.3 * (total - accepted))
        handling = arrived + min(0.05, 0.1 * (total - arrived))
        came = case.moment(arrived)
        yield _to(handling, officer, Move.HANDLE, Status.HANDLING, arrived_at=came)
    else:
        yield _to(handling, officer, Move.HANDLE, Status.HANDLING)
    pause = 0.0
    is_complex = case.limit_hours is not None and case.limit_hours >= _COMPLEX_HOURS and not late
    if is_complex and u[6] < _SUSPENDED:
        pause = 24.0 * (6.0 + 14.0 * u[7])
        yield from _suspended(case, from_hours=handling + 0.3 * (total - handling), pause=pause)
    elif is_complex and roles.approver and total > 0.5 * case.due_hours and u[6] > 1.0 - _EXTENDED:
        yield from _extended(case, officer, roles.approver, from_hours=handling, until=total)
    elif late and u[8] < 0.6:
        noticed = case.due_hours + 0.05 * (total - case.due_hours)
        yield noticed, roles.leader, Move.SUPERVISE, {}, "超期未结，转入督办"
    yield from _finished(case, officer, handling=handling, total=total, pause=pause, late=late)


def _accepted_hours(case: Case, clocks: Clocks, sent: float, total: float) -> float:
    """When the case is accepted: mostly within the time to respond, else some hours after it."""
    sent_at = case.moment(sent)
    window = (clocks.respond_by(sent_at) - sent_at) / _HOUR
    too_late = sent + 1.05 * window + 0.2 + 5.0 * case.more[1]
    if case.more[0] < case.quality.unanswered and too_late < 0.45 * total:
        return too_late
    return sent + min((0.15 + case.draws[3] * 4.0) * _pace(case), 0.12 * total, 0.85 * window)


def _pace(case: Case) -> float:
    """An emergency is filed, sent and accepted within minutes."""
    return _URGENT_PACE if case.is_urgent else 1.0


def _travel_hours(case: Case) -> float:
    """From accepting an emergency to the place: some minutes, and longer where everything is late."""
    return (3.0 + 8.0 * case.more[1] + 40.0 * max(case.quality.late - 0.07, 0.0)) / 60.0


def _sent(case: Case, hours: float, which: int) -> Step:
    named = {"department_code": case.departments[which]} if case.departments[which] else {}
    sender, basis = case.roles.sender, case.bases[which]
    return _to(hours, sender, Move.DISPATCH, Status.DISPATCHED, basis=basis, **named)


def _extended(
    case: Case, officer: Acting, approver: Acting, *, from_hours: float, until: float
) -> Iterator[Step]:
    """Asked in time, then approved by the street and by the command centre."""
    asked, step = from_hours + 0.35 * (until - from_hours), 0.03 * (until - from_hours)
    yield asked, officer, Move.ASK_EXTENSION, {}, "情况复杂，申请延期一次"
    yield asked + step, approver, Move.GRANT_EXTENSION, {}, "情况属实，报指挥中心"
    yield asked + 2 * step, case.roles.dispatcher, Move.GRANT_EXTENSION, {}, "同意延期一次"


def _suspended(case: Case, *, from_hours: float, pause: float) -> Iterator[Step]:
    """The clock stops, and goes on some days before 挂账 would end by itself."""
    dispatcher, spare_days = case.roles.dispatcher, 1.0 + 9.0 * case.more[7]
    until = case.moment(from_hours + pause + 24.0 * spare_days)
    reason = "需专项资金或施工窗口，同意挂账"
    yield _to(from_hours, dispatcher, Move.SUSPEND, Status.SUSPENDED, reason=reason, suspended_until=until)
    yield _to(from_hours + pause, dispatcher, Move.RESUME, Status.HANDLING, reason="条件具备，恢复办理")


def _finished(
    case: Case, officer: Acting, *, handling: float, total: float, pause: float, late: bool
) -> Iterator[Step]:
    """Handed back, checked and closed; some are reworked first. What is late is late at 反馈 already."""
    u, checker = case.draws, case.roles.checker
    work = total - handling
    if u[9] < _REWORKED:
        first, step = handling + pause + 0.55 * work, 0.06 * work
        yield _to(first, officer, Move.FEEDBACK, Status.FEEDBACK, reason="已处置，请核查")
        yield _to(first + step, checker, Move.CHECK, Status.CHECKING)
        back = "现场核查未达到结案条件"
        yield _to(first + 2 * step, checker, Move.REWORK, Status.REWORKING, reason=back)
        yield _to(first + 3 * step, officer, Move.HANDLE, Status.HANDLING)
    closing = min(0.07 * work, 2.0 + 14.0 * u[10])
    end = total + pause + (closing if late else 0.0)
    yield from _closed(case, officer, end - closing, end)
    solved = case.more[3] < case.quality.solved - 0.15 * late
    is_called_back, is_judged = _judged(case)
    if not is_called_back:
        if is_judged:
            yield _rated(case, end + 0.4 + 11.0 * u[13] ** 2, solved)
        return
    called = end + 3.0 + 60.0 * u[13]
    if not solved and u[11] < _APPEALED and called + _again_hours(case) < 24.0 * (LONGEST_DAYS - 4):
        reason = "回访：问题没有解决，申诉一次"
        yield _to(called, _rater(case), Move.APPEAL, Status.REWORKING, reason=reason)
        yield _to(called + 0.5, officer, Move.HANDLE, Status.HANDLING)
        end = called + _again_hours(case)
        yield from _closed(case, officer, end - 1.0 - 2.0 * u[10], end)
        called, solved = end + 3.0 + 40.0 * u[13], True
    yield _rated(case, called, solved)


def _judged(case: Case) -> tuple[bool, bool]:
    """Whether the reporter is called back and may appeal; and whether anybody judges the case at all."""
    luck, share = case.more[2], CALLED_BACK_SHARE.get(str(case.fields["source"]), 0.0)
    return luck < share, luck < 1.0 - (1.0 - share) * NEVER_JUDGED_SHARE


def _closed(case: Case, officer: Acting, back: float, end: float) -> Iterator[Step]:
    checker = case.roles.checker
    yield _to(back, officer, Move.FEEDBACK, Status.FEEDBACK, reason="处置完毕，现场已恢复")
    yield _to(back + 0.4 * (end - back), checker, Move.CHECK, Status.CHECKING)
    yield _to(end, checker, Move.CLOSE, Status.CLOSED, reason="现场核查达到结案条件")


def _again_hours(case: Case) -> float:
    """From an appeal to the second close."""
    return 6.0 + min(0.4 * (case.limit_hours or 72.0), 96.0)


def _rated(case: Case, hours: float, solved: bool) -> Step:
    satisfied = case.more[4] < (case.quality.satisfied if solved else 0.15)
    said = ("已解决，" if solved else "未解决，") + ("满意" if satisfied else "不满意")
    rater = _rater(case)
    heard = "上报人核对" if rater.role in _PATROLS else "回访"
    return _to(
        hours, rater, Move.EVALUATE, Status.EVALUATED, reason=f"{heard}：{said}",
        solved=solved, satisfied=satisfied,
    )  # fmt: skip


def _rater(case: Case) -> Acting:
    """Who patrolled judges on the next round, half of the residents by themselves; the command centre writes
    down what all others said.
    """
    reporter = case.roles.reporter
    if reporter.role in _PATROLS:
        return reporter
    return reporter if reporter.role == Role.RESIDENT and case.more[5] < 0.5 else case.roles.dispatcher


def _total_hours(case: Case) -> tuple[float, bool]:
    """Hours from report to 反馈 (late) or to close, pauses left out, and whether it is late on purpose."""
    u, limit = case.draws, case.limit_hours
    if limit is None:
        return _in_office_hours(case, 24.0 * (4.0 + (LONGEST_DAYS - 16.0) * u[14] ** 1.4)), False
    if u[14] < case.quality.late:
        late = case.due_hours * (1.06 + 0.6 * u[15]) + 60.0 * u[12] ** 2
        return min(late, 24.0 * (LONGEST_DAYS - 4)), True
    # Long limits are stretched by the days of rest within them, and so is the work.
    paced = case.due_hours if limit >= _COMPLEX_HOURS else limit
    total = min(paced * (0.1 + 0.87 * u[15] ** 0.38), 0.97 * case.due_hours)
    return (_in_office_hours(case, total) if limit >= _OFFICE_HOURS else total), False


def _in_office_hours(case: Case, total: float) -> float:
    """Long cases are closed by day: a close at night is brought forward to the afternoon before."""
    hour = int(case.local_hour + total) % 24
    back = (hour - 18) % 24 if not 8 <= hour < 18 else 0
    return total - back - 0.9 * case.draws[10] if total > back + 10.0 else total


def _to(hours: float, actor: Acting, move: Move, status: Status, *, reason: str = "", **changes: Any) -> Step:
    return hours, actor, move, {"status": status.value, **changes}, reason
