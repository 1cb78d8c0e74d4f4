"""What each move of an invented case does to its clocks, as ``data.lifecycle`` would write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from data.calendar import WorkCalendar
from data.clock import Deadline, deadline, extended, resumed
from data.vocabulary import ClockType, Move, Urgency

Changes = dict[str, Any]
_RESPOND_NOTE: Final = "respond"
"""The loop's note of the time to respond (``lifecycle.standing``, which is built upon the demo)."""
_URGENT_RESPOND_HOURS: Final = 0.5
_QUICK_RESPOND_HOURS: Final = 1.0
_RESPOND_HOURS: Final = 4.0
_QUICK_LIMIT_HOURS: Final = 4.0


def respond_limit(urgency: str, limit_hours: float | None) -> tuple[float, ClockType]:
    """Hours within which the demo's departments have to accept a case, and the clock (an invented custom)."""
    if urgency == Urgency.URGENT:
        return _URGENT_RESPOND_HOURS, ClockType.URGENT_HOURS
    quick = limit_hours is not None and limit_hours <= _QUICK_LIMIT_HOURS
    return (_QUICK_RESPOND_HOURS if quick else _RESPOND_HOURS), ClockType.WORKING_HOURS


@dataclass(slots=True)
class Clocks:
    """The clocks of one case as they stand, brought forward move by move."""

    limit: Deadline
    reported_at: datetime
    limit_hours: float | None
    clock_type: str
    respond: tuple[float, ClockType]
    calendar: WorkCalendar
    paused_at: datetime | None = None
    in_time: bool | None = None
    extension_step: int = 0
    extended_count: int = 0
    reworked_count: int = 0
    last_respond: tuple[datetime, datetime] | None = None

    def respond_by(self, sent_at: datetime) -> datetime:
        """Until when a case sent at a moment has to be accepted."""
        if self.last_respond is None or self.last_respond[0] != sent_at:
            hours, clock = self.respond
            found = deadline(reported_at=sent_at, limit_hours=hours, clock_type=clock, calendar=self.calendar)
            self.last_respond = sent_at, found.due_at or sent_at
        return self.last_respond[1]

    def effect(self, move: Move, at: datetime) -> Changes:
        """The fields that a move sets by itself at a moment."""
        found = _EFFECTS.get(move)
        return found(self, at) if found else {}

    def _due(self, limit: Deadline) -> Changes:
        self.limit = limit
        return {"due_at": limit.due_at, "warn_at": limit.warn_at}

    def _judged(self, at: datetime) -> Changes:
        due_at = self.limit.due_at
        self.in_time = None if due_at is None else at <= due_at
        return {"in_time": self.in_time}

    def _sent(self, at: datetime) -> Changes:
        return {"respond_by": self.respond_by(at), _RESPOND_NOTE: list(self.respond)}

    def _suspended(self, at: datetime) -> Changes:
        self.paused_at = at
        return {}

    def _resumed(self, at: datetime) -> Changes:
        later = resumed(
            deadline=self.limit, paused_at=self.paused_at or at, resumed_at=at,
            clock_type=self.clock_type, calendar=self.calendar,
        )  # fmt: skip
        return {"suspended_until": None, **self._due(later)}

    def _approved(self, _at: datetime) -> Changes:
        """The first approval passes the question on, the second adds one original limit."""
        if self.extension_step == 1:
            self.extension_step = 2
            return {"extension_step": 2}
        self.extension_step = 0
        self.extended_count += 1
        changes: Changes = {"extension_step": 0, "extended_count": self.extended_count}
        if self.limit_hours is None:
            return changes
        longer = extended(
            deadline=self.limit, limit_hours=self.limit_hours, reported_at=self.reported_at,
            clock_type=self.clock_type, calendar=self.calendar,
        )  # fmt: skip
        return {**changes, **self._due(longer)}

    def _asked(self, _at: datetime) -> Changes:
        self.extension_step = 1
        return {"extension_step": 1}

    def _reworked(self, _at: datetime) -> Changes:
        self.reworked_count += 1
        return {"reworked_count": self.reworked_count}

    def _appealed(self, at: datetime) -> Changes:
        changes = {"appealed": True, **self._reworked(at)}
        if self.limit_hours is None:
            return changes
        anew = deadline(
            reported_at=at, limit_hours=self.limit_hours, clock_type=self.clock_type, calendar=self.calendar
        )
        return {**changes, **self._due(anew)}


_EFFECTS: Final[Mapping[Move, Callable[[Clocks, datetime], Changes]]] = {
    Move.DISPATCH: Clocks._sent,
    Move.RETURN: lambda _clocks, _at: {"respond_by": None},
    Move.ACCEPT: lambda _clocks, at: {"accepted_at": at},
    Move.SUSPEND: Clocks._suspended,
    Move.RESUME: Clocks._resumed,
    Move.ASK_EXTENSION: Clocks._asked,
    Move.GRANT_EXTENSION: Clocks._approved,
    Move.SUPERVISE: lambda _clocks, _at: {"supervised": True},
    Move.FEEDBACK: Clocks._judged,
    Move.CLOSE: lambda clocks, _at: {"in_time": clocks.in_time},
    Move.REWORK: Clocks._reworked,
    Move.EVALUATE: lambda _clocks, at: {"rated_at": at},
    Move.APPEAL: Clocks._appealed,
}
