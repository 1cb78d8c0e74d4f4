"""The deadlines of a case as its log and a working calendar give them, from the report on. Pure.

The log says what happened to the clock (the limit, pauses, extensions, an appeal); the calendar says how time
ran meanwhile. So a deadline is worked out anew from the same facts, as if the calendar had always been this
one, and what earlier calendars gave plays no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from data.calendar import WorkCalendar
from data.clock import Deadline, deadline, extended, resumed
from data.event_fold import Action, decoded, step
from data.vocabulary import ClockType, Move, Status

RESPOND_NOTE: Final = "respond"
"""The note of a dispatch that tells the time to respond: its hours and its clock."""
_CLOCKS: Final = frozenset(ClockType)
_STARTS: Final = frozenset({Action.REPORT, Action.IMPORT, Action.UPDATE, Move.DISPATCH, Move.REASSIGN})
_KEPT: Final = ("status", "status_since", "suspended_until", "extended_count", "limit_hours", "clock_type")
Changes = dict[str, Any]


def reckoned(
    row: Mapping[str, Any], records: Sequence[Any], *, calendar: WorkCalendar, timezone: ZoneInfo
) -> Changes:
    """What of an open case's deadlines is different on this calendar; empty where all stand as they should.

    ``row`` are the event's columns, ``records`` its whole log, ascending. Only deadlines that were worked out
    on one of the four clocks move: what a source brought along stays. Overdue that was judged when the
    department handed back is judged again, by the same moment.

    Raises:
        ValueError: a limit or a moment that no clock can reckon with.
    """
    story = _Story(calendar, timezone)
    for record in records:
        story.go_on(record)
    changes: Changes = {}
    found = story.deadline
    if found is not None and (found.due_at, found.warn_at) != (row["due_at"], row["warn_at"]):
        changes = {"due_at": found.due_at, "warn_at": found.warn_at, **_judged(row, records, found)}
    if story.respond_by is not None and story.respond_by != row["respond_by"]:
        changes["respond_by"] = story.respond_by
    return changes


def _judged(row: Mapping[str, Any], records: Sequence[Any], found: Deadline) -> Changes:
    """``in_time`` of a case that is being checked, where it followed from the deadline."""
    if row["in_time"] is None or row["due_at"] is None or found.due_at is None:
        return {}
    back = [one.at for one in records if one.to_status == Status.FEEDBACK != one.from_status]
    if not back or row["in_time"] is not (back[-1] <= row["due_at"]):
        return {}
    return {"in_time": back[-1] <= found.due_at}


class _Story:
    """What the log tells of the clock up to an entry. ``deadline`` None: not of any clock, or not known."""

    def __init__(self, calendar: WorkCalendar, timezone: ZoneInfo) -> None:
        self.calendar = calendar
        self.timezone = timezone
        self.state: dict[str, Any] = {}
        self.deadline: Deadline | None = None
        self.respond_by: datetime | None = None
        self.seen: dict[tuple[Any, Any], Deadline | None] = {}

    def go_on(self, record: Any) -> None:
        before = {name: self.state.get(name) for name in _KEPT}
        changes = decoded(record.changes)
        step(self.state, at=record.at, changes=changes, batch_id=record.batch_id, timezone=self.timezone)
        if record.action != Action.RECKON:
            if "due_at" in changes:
                self.deadline = self._after(record, changes, before)
            if "respond_by" in changes or RESPOND_NOTE in changes:
                self.respond_by = self._respond_by(record, changes)
        self.seen[self.state["due_at"], self.state["warn_at"]] = self.deadline

    def _after(self, record: Any, changes: Changes, before: Mapping[str, Any]) -> Deadline | None:
        """The deadline after an entry that set one."""
        state, found = self.state, self.deadline
        limit = {"limit_hours": state["limit_hours"], "clock_type": state["clock_type"]}
        if state["due_at"] is None or limit["limit_hours"] is None or limit["clock_type"] not in _CLOCKS:
            return None
        if record.action in _STARTS:
            # A source that brings a deadline says nothing of when it warns.
            brought = record.action == Action.UPDATE and "warn_at" not in changes
            return None if brought else self._limit(state["reported_at"], limit)
        if record.action == Move.UNMERGE:
            return found  # nothing happens to the clock of a case while it is merged
        if record.action == Move.APPEAL:
            return self._limit(record.at, limit)
        if found is not None and before["status"] == Status.SUSPENDED != state["status"]:
            return self._resumed(found, record.at, before)
        if found is not None and state["extended_count"] > before["extended_count"]:
            return extended(deadline=found, reported_at=state["reported_at"], calendar=self.calendar, **limit)
        return self.seen.get((state["due_at"], state["warn_at"]))

    def _limit(self, begins_at: datetime, limit: Changes) -> Deadline:
        return deadline(reported_at=begins_at, calendar=self.calendar, **limit)

    def _resumed(self, found: Deadline, at: datetime, before: Mapping[str, Any]) -> Deadline:
        """As ``clocks.resumed_again``: 挂账 ended when it was to end, however late that was noticed."""
        since, until = before["status_since"], before["suspended_until"]
        return resumed(
            deadline=found,
            paused_at=since,
            resumed_at=at if until is None else max(since, min(at, until)),
            clock_type=self.state["clock_type"],
            calendar=self.calendar,
        )

    def _respond_by(self, record: Any, changes: Changes) -> datetime | None:
        note = changes.get(RESPOND_NOTE)
        if note is None:
            return None
        hours, clock_type = note
        return deadline(
            reported_at=record.at, limit_hours=hours, clock_type=clock_type, calendar=self.calendar
        ).due_at
