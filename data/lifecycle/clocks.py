"""What a move does to the clock of a case: the fields that it sets. Reckoned by ``data.clock``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from data.clock import Deadline, deadline, extended, resumed
from data.dispatch import Decision
from data.lifecycle.case import Case
from data.lifecycle.moves import ClockEffect, MoveField
from data.lifecycle.standing import RESPOND_NOTE
from data.vocabulary import Status

_HOUR: Final = timedelta(hours=1)
Changes = dict[str, Any]


def started(case: Case) -> Changes:
    """The limit of the dispatch table, counted from the report: a resident's time runs from their call.

    A deadline that the source brought along stays, and so does the limit of a rectification order. A return
    or another department buys no time: once a limit counts, it goes on. Only the time to respond begins anew
    with each dispatch.
    """
    decision = case.decision
    changes: Changes = {"respond_by": _respond_by(case, decision), "accepted_at": None}
    row = case.row
    counts_already = row["limit_hours"] is not None or row["due_at"] is not None
    if decision.limit_hours is None or (counts_already and not _is_first_limit(case, decision)):
        return changes
    limit: Changes = {"limit_hours": decision.limit_hours, "clock_type": decision.clock_type}
    return {**changes, **limit, **_due(case, limit, begins_at=row["reported_at"])}


def _is_first_limit(case: Case, decision: Decision) -> bool:
    """Whether a limit noted at the report gives way to the table's: at the first dispatch only. A
    rectification order keeps the limit that it was given.
    """
    row = case.row
    noted = row["limit_hours"] is not None
    differs = (row["limit_hours"], row["clock_type"]) != (decision.limit_hours, decision.clock_type)
    first = row["status"] == Status.FILED and not row["extended_count"]
    return noted and differs and first and not case.is_order


def _respond_by(case: Case, decision: Decision) -> datetime | None:
    """The time to respond is noted: the row only keeps when it ends."""
    if decision.respond_hours is None:
        return None
    case.notes[RESPOND_NOTE] = [decision.respond_hours, decision.clock_type]
    found = deadline(
        reported_at=case.at,
        limit_hours=decision.respond_hours,
        clock_type=decision.clock_type,
        calendar=case.calendar,
    )
    return found.due_at


def judged(case: Case) -> Changes:
    """Overdue is judged when the department hands back (DOMAIN section 3), and kept through checking.

    A case that an import put behind that point is judged by the entry that put it there.
    """
    row = case.row
    if row["due_at"] is None:
        return {"in_time": None}
    if row["status"] not in {Status.CHECKING, Status.FEEDBACK}:
        return {"in_time": case.at <= row["due_at"]}
    if row["in_time"] is not None:
        return {"in_time": row["in_time"]}
    back = [at for at, status in case.status_entries if status == Status.FEEDBACK]
    return {"in_time": (back[-1] if back else row["status_since"]) <= row["due_at"]}


def stopped(case: Case) -> Changes:
    """挂账: the clock stands still until that moment at the latest."""
    return {"suspended_until": case.given(MoveField.SUSPENDED_UNTIL)}


def resumed_again(case: Case) -> Changes:
    """As much time is left as was left when the case was suspended. A late worker gives no time away: 挂账
    ended when it was to end.
    """
    row = case.row
    until = row["suspended_until"]
    resumed_at = case.at if until is None else max(row["status_since"], min(case.at, until))
    if row["due_at"] is None:
        return {"suspended_until": None}
    later = resumed(
        deadline=Deadline(row["due_at"], row["warn_at"]),
        paused_at=row["status_since"],
        resumed_at=resumed_at,
        clock_type=row["clock_type"],
        calendar=case.calendar,
    )
    return {"suspended_until": None, "due_at": later.due_at, "warn_at": later.warn_at}


def extended_once(case: Case) -> Changes:
    """The second approval adds one original limit; the first only passes the question on."""
    row = case.row
    if row["extension_step"] == 1:
        return {"extension_step": 2}
    changes: Changes = {"extension_step": 0, "extended_count": row["extended_count"] + 1}
    limit = original_limit(row)
    if limit is None:
        return changes
    later = extended(
        deadline=Deadline(row["due_at"], row["warn_at"]),
        reported_at=row["reported_at"],
        calendar=case.calendar,
        **limit,
    )
    return {**changes, "due_at": later.due_at, "warn_at": later.warn_at}


def restarted(case: Case) -> Changes:
    """An appeal reopens a case whose deadline has passed: its original limit counts from the appeal."""
    limit = original_limit(case.row)
    return {} if limit is None else _due(case, limit, begins_at=case.at)


def original_limit(row: Mapping[str, Any]) -> Changes | None:
    """``limit_hours`` and ``clock_type`` of a case. Where the source only brought a deadline, the plain hours
    from report to deadline, extensions shared out. None: 无时限.
    """
    if row["limit_hours"] is not None:
        return {"limit_hours": row["limit_hours"], "clock_type": row["clock_type"]}
    if row["due_at"] is None or row["due_at"] <= row["reported_at"]:
        return None
    hours = (row["due_at"] - row["reported_at"]) / _HOUR / (1 + row["extended_count"])
    return {"limit_hours": hours, "clock_type": ""}


def _due(case: Case, limit: Changes, *, begins_at: datetime) -> Changes:
    found = deadline(reported_at=begins_at, calendar=case.calendar, **limit)
    return {"due_at": found.due_at, "warn_at": found.warn_at}


CLOCK_EFFECTS: Final[Mapping[ClockEffect, Callable[[Case], Changes]]] = {
    ClockEffect.START: started,
    ClockEffect.JUDGE: judged,
    ClockEffect.STOP: stopped,
    ClockEffect.RESUME: resumed_again,
    ClockEffect.EXTEND: extended_once,
    ClockEffect.RESTART: restarted,
}
