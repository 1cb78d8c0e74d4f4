"""What a move writes beside its status and its clock: the fields of the event that it sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from data.dispatch import Decision
from data.event_base import zone_of
from data.event_fold import FIELDS, fold
from data.event_log import records_of
from data.lifecycle.case import Case
from data.lifecycle.clocks import CLOCK_EFFECTS, Changes
from data.lifecycle.moves import LOCAL_SIDE, MOVES, MoveField
from data.lifecycle.standing import reckoned
from data.vocabulary import Move, Role, Status

_JUDGED: Final = frozenset({"in_time", "due_at", "warn_at"})
"""Said even where they stay as they are: the fold would work them out anew."""


def changes_of(case: Case, move: Move) -> Changes:
    """Everything that the move sets, notes included. The case has passed every rule."""
    rule = MOVES[move]
    changes: Changes = {}
    if rule.to_status is not None:
        changes["status"] = rule.to_status.value
    clock = CLOCK_EFFECTS.get(rule.clock)
    if clock is not None:
        changes |= clock(case)
    particular = EFFECTS.get(move)
    if particular is not None:
        changes |= particular(case)
    return {
        name: value for name, value in changes.items() if name in _JUDGED or case.row[name] != value
    } | _notes(case)


def _notes(case: Case) -> Changes:
    notes: Changes = {"role": case.person.role.value, **case.notes}
    if case.person.staff_id is not None:
        notes["person_id"] = case.person.staff_id
    files = case.given(MoveField.FILES)
    if files:
        notes["files"] = [file.sha256 for file in files]
    return notes


def _colored(case: Case) -> Changes:
    return {"route_color": case.route_color}


def _sent(case: Case) -> Changes:
    """To the department that was named, or that the table names; a local case without one stays local."""
    named, decision = case.given(MoveField.DEPARTMENT), case.decision
    case.notes["basis"] = _basis(decision, named)
    if named:
        code = named
    elif case.person.role is not Role.DISPATCHER or case.row["route_color"] in LOCAL_SIDE:
        code = ""
    else:
        code = decision.department_code
    return {"department_code": code, "handler": "", "handler_id": None}


def _basis(decision: Decision, named: str | None) -> str:
    if not named or named == decision.department_code:
        return decision.basis
    return f"人工指定；{decision.basis}"


def _accepted(case: Case) -> Changes:
    return {"handler": case.person.name, "handler_id": case.person.staff_id, "accepted_at": case.at}


def _arrived(case: Case) -> Changes:
    """Noted to the minute: who came within the minute of the report came at the report."""
    given = case.given(MoveField.ARRIVED_AT)
    return {} if given is None else {"arrived_at": max(given, case.row["reported_at"])}


def _handed_over(case: Case) -> Changes:
    taker = case.taker
    return {} if taker is None else {"handler": taker.name, "handler_id": taker.staff_id}


def _lapsed(_case: Case) -> Changes:
    """A question for more time that nobody answered has no object any more."""
    return {"extension_step": 0}


def _returned(_case: Case) -> Changes:
    return {
        "extension_step": 0,
        "handler": "",
        "handler_id": None,
        "respond_by": None,
        "accepted_at": None,
    }


def _reworked(case: Case) -> Changes:
    return {"reworked_count": case.row["reworked_count"] + 1}


def _appealed(case: Case) -> Changes:
    return {"appealed": True, **_reworked(case)}


def _merged(case: Case) -> Changes:
    return {"merged_into": case.given(MoveField.MERGED_INTO)}


def _unmerged(case: Case) -> Changes:
    """What the merge changed is put back as it was before; what was learned since stays, and a calendar that
    was changed since moves the deadline.
    """
    log = records_of(case.session, [case.event_id])[case.event_id]
    merged = max(record.seq for record in log if record.to_status == Status.MERGED != record.from_status)
    zone = zone_of(case.session)
    story = [record for record in log if record.seq < merged]
    before = fold(story, timezone=zone)
    after = fold([record for record in log if record.seq <= merged], timezone=zone)
    restored = {name: before[name] for name in sorted(FIELDS) if before[name] != after[name]}
    if case.calendar is None:
        return restored
    return restored | reckoned(before, story, calendar=case.calendar, timezone=zone)


def _evaluated(case: Case) -> Changes:
    return {
        "solved": case.given(MoveField.SOLVED),
        "satisfied": case.given(MoveField.SATISFIED),
        "rated_at": case.at,
    }


EFFECTS: Final[Mapping[Move, Callable[[Case], dict[str, Any]]]] = {
    Move.VERIFY: _colored,
    Move.FILE: _colored,
    Move.DISPATCH: _sent,
    Move.REASSIGN: _sent,
    Move.ACCEPT: _accepted,
    Move.HANDLE: _arrived,
    Move.HAND_OVER: _handed_over,
    Move.FEEDBACK: _lapsed,
    Move.RETURN: _returned,
    Move.SUSPEND: _lapsed,
    Move.ASK_EXTENSION: lambda _case: {"extension_step": 1},
    Move.REFUSE_EXTENSION: _lapsed,
    Move.REWORK: _reworked,
    Move.SUPERVISE: lambda _case: {"supervised": True},
    Move.END_SUPERVISE: lambda _case: {"supervised": False},
    Move.MERGE: _merged,
    Move.UNMERGE: _unmerged,
    Move.EVALUATE: _evaluated,
    Move.APPEAL: _appealed,
}
