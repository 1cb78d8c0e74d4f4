"""A case in the hands of somebody: what a rule looks at, read from the database only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Table, bindparam, select
from sqlmodel import Session

from data.calendar import WorkCalendar, read_calendar
from data.dispatch import Decision, decide
from data.dispatch.tables import class_on
from data.event_base import zone_of
from data.labels import NO_DEPARTMENT
from data.lifecycle.moves import MoveField
from data.lifecycle.person import Person, who_may_handle
from data.lifecycle.rules import LoopRules, read_rules
from data.models import Alert, Department, Event, EventLog
from data.vocabulary import Status

_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_EVENT: Final[Table] = Event.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = EventLog.__table__  # type: ignore[attr-defined]
_HAPPENED: Final = select(_LOG.c.at).where(
    _LOG.c.event_id == bindparam("of_event"), _LOG.c.seq == bindparam("of_seq")
)


@dataclass(kw_only=True)
class Case:
    """The event's row, who acts on it and when, and what they filled in.

    ``fields`` is None while somebody only looks at what they may do.
    """

    session: Session
    row: Mapping[str, Any]
    person: Person
    at: datetime
    fields: Mapping[str, Any] | None = None
    given_decision: Decision | None = None
    given_rules: LoopRules | None = None
    given_calendar: WorkCalendar | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def given(self, name: MoveField) -> Any:
        """What was filled in; None where nothing was."""
        return None if self.fields is None else self.fields.get(name.value)

    @property
    def event_id(self) -> int:
        found: int = self.row["id"]
        return found

    @property
    def route_color(self) -> str:
        """分色 as it will be after the move, '' undecided."""
        given, before = self.given(MoveField.ROUTE_COLOR), self.row["route_color"]
        return given if isinstance(given, str) and given else str(before)

    @cached_property
    def rules(self) -> LoopRules:
        return self.given_rules or read_rules(self.session)

    @cached_property
    def decision(self) -> Decision:
        """What the dispatch table says about the case on the local day of the move."""
        if self.given_decision is not None:
            return self.given_decision
        return decide(
            self.session,
            class_code=self.row["class_code"],
            code=self.row["code"],
            on=self.at.astimezone(zone_of(self.session)).date(),
        )

    @cached_property
    def calendar(self) -> WorkCalendar | None:
        """The working calendar of the place where the case is."""
        return self.given_calendar or read_calendar(self.session, area_code=self.row["code"])

    @cached_property
    def last_at(self) -> datetime:
        """When the newest entry of its log happened."""
        which = {"of_event": self.event_id, "of_seq": self.row["seq"]}
        found: datetime = self.session.connection().execute(_HAPPENED, which).scalar_one()
        return found

    @cached_property
    def reporter(self) -> str:
        """Who began the log."""
        wanted = select(_LOG.c.actor).where(_LOG.c.event_id == self.event_id, _LOG.c.seq == 1)
        found: str = self.session.connection().execute(wanted).scalar_one()
        return found

    @cached_property
    def is_order(self) -> bool:
        """Whether it is the rectification order (整改指令) of an alert."""
        wanted = select(_ALERT.c.id).where(_ALERT.c.event_id == self.event_id).limit(1)
        return self.session.connection().execute(wanted).first() is not None

    @property
    def is_reporter(self) -> bool:
        """Whether the person reported the case: by number. Residents have none and go by their name; what an
        import brought was reported by nobody here.
        """
        known, number = self.row["reporter_id"], self.person.staff_id
        return number == known if number is not None else known is None and self.person.name == self.reporter

    @property
    def is_handler(self) -> bool:
        """Whether the person handles the case. Where a source only told a name, everybody of that name counts
        as its bearer but who belongs to another department than the case.
        """
        row, person = self.row, self.person
        if row["handler_id"] is not None:
            return bool(person.staff_id == row["handler_id"])
        elsewhere = row["department_code"] and person.department_code not in ("", row["department_code"])
        return row["handler"] == person.name and not elsewhere

    @cached_property
    def taker(self) -> Person | None:
        """Who was chosen to handle the case from now on, by number or by a name that only one has."""
        given = self.given(MoveField.HANDLER)
        people = who_may_handle(self.session, row=self.row)
        found = [one for one in people if given in (one.staff_id, one.name)]
        return found[0] if len(found) == 1 else None

    @cached_property
    def status_entries(self) -> list[tuple[datetime, str]]:
        """When the case came into each of its statuses, in order."""
        wanted = (
            select(_LOG.c.at, _LOG.c.to_status)
            .where(_LOG.c.event_id == self.event_id, _LOG.c.from_status != _LOG.c.to_status)
            .order_by(_LOG.c.seq)
        )
        return [(row.at, row.to_status) for row in self.session.connection().execute(wanted)]

    def suspended_days_so_far(self) -> float:
        """Days that the case has been 挂账 before."""
        entries = self.status_entries
        pairs = pairwise(entries)
        pauses = [end - start for (start, status), (end, _) in pairs if status == Status.SUSPENDED]
        return sum(pause.total_seconds() for pause in pauses) / 86400.0

    def department_name(self, code: str) -> str:
        """For sentences: the department's name, its code where it has none."""
        if not code:
            return NO_DEPARTMENT
        found = self.session.get(Department, code)
        return code if found is None else found.name

    def class_name(self, code: str) -> str:
        """For sentences: the name of a class on the day of the move, its code where it has none."""
        found = class_on(self.session, code, self.at.astimezone(zone_of(self.session)).date())
        return code if found is None else found.minor

    def other(self, event_id: int) -> Mapping[str, Any] | None:
        """Another event's row; None when there is none."""
        wanted = select(_EVENT).where(_EVENT.c.id == event_id)
        found = self.session.connection().execute(wanted).mappings().first()
        return None if found is None else dict(found)
