"""Reporting a case: how a log begins when somebody of the loop, or a resident, tells of something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from data.calendar import WorkCalendar, read_calendar
from data.clock import deadline
from data.dispatch import Decision, decide
from data.dispatch.tables import class_on
from data.event_base import zone_of
from data.event_log import Action, Entry, append_one
from data.lifecycle.attachments import KeptFile, note_files
from data.lifecycle.errors import LoopError
from data.lifecycle.person import Person
from data.vocabulary import Role, Status, Urgency

NUMBER_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters of a receipt that nobody mistakes for another when it is read out."""
_SOURCES: Final = {Role.RESIDENT: "resident", Role.DISPATCHER: "superior", Role.SYSTEM: "superior"}
"""Everybody else has found it on the spot: 网格巡查."""
MOST_TITLE: Final = 128
MOST_DESCRIPTION: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody reports. ``code`` is the division that holds the position, '' where none does.

    ``number`` is fixed before the report is written: a form that is sent twice is one case.
    """

    number: str
    class_code: str
    title: str
    description: str = ""
    address: str = ""
    code: str = ""
    lon: float | None = None
    lat: float | None = None
    files: tuple[KeptFile, ...] = ()


def report(
    session: Session,
    *,
    draft: Draft,
    person: Person,
    at: datetime,
    source: str = "",
    decision: Decision | None = None,
    calendar: WorkCalendar | None = None,
) -> int:
    """Begins a case in the caller's write session and returns its event id.

    Its limit is that of the dispatch table on the local day, and counts from now. ``source`` is that of the
    person's role unless given (:func:`source_of`; 12345 and others are told by who takes the call).

    Raises:
        LoopError: no such class, no title, a text that is too long.
        EventExists: the form was sent already; ``draft.number`` finds the case.
    """
    _check(session, draft, at)
    chosen = decision or decide(
        session,
        class_code=draft.class_code,
        code=draft.code,
        on=at.astimezone(zone_of(session)).date(),
    )
    fields = _fields(draft, source or source_of(person.role), at)
    fields["urgency"] = _urgency(session, draft.class_code, at)
    if chosen.limit_hours is not None:
        limit: dict[str, Any] = {"limit_hours": chosen.limit_hours, "clock_type": chosen.clock_type}
        used = calendar or read_calendar(session, area_code=draft.code)
        due = deadline(reported_at=at, calendar=used, **limit)
        fields |= {**limit, "due_at": due.due_at, "warn_at": due.warn_at}
    entry = Entry(action=Action.REPORT, at=at, actor=person.name, changes=fields | _notes(draft, person))
    event_id = append_one(session, entry)
    note_files(session, event_id=event_id, log_seq=1, files=draft.files, at=at, actor=person.name)
    return event_id


def source_of(role: Role) -> str:
    """Where a case comes from that somebody of this role reports: 居民扫码, 上级交办 (the command centre), or
    网格巡查.
    """
    return _SOURCES.get(role, "patrol")


def _check(session: Session, draft: Draft, at: datetime) -> None:
    if at.tzinfo is None:
        raise LoopError(f"时间 {at} 没有时区，请带上时区")
    if class_on(session, draft.class_code, at.astimezone(zone_of(session)).date()) is None:
        raise LoopError(f"没有代码为“{draft.class_code}”的类别，请重新选择")
    if not draft.title.strip():
        raise LoopError("请写明是什么事（标题）")
    for text, most, name in (
        (draft.title, MOST_TITLE, "标题"),
        (draft.description, MOST_DESCRIPTION, "描述"),
    ):
        if len(text) > most:
            raise LoopError(f"{name}有 {len(text)} 字，最多 {most} 字，请缩短")


def _fields(draft: Draft, source: str, at: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "external_no": draft.number,
        "class_code": draft.class_code,
        "title": draft.title.strip(),
        "description": draft.description.strip(),
        "address": draft.address.strip(),
        "code": draft.code,
        "lon": draft.lon,
        "lat": draft.lat,
        "status": Status.REPORTED.value,
        "reported_at": at,
    }


def _urgency(session: Session, class_code: str, at: datetime) -> str:
    found = class_on(session, class_code, at.astimezone(zone_of(session)).date())
    return Urgency.NORMAL.value if found is None else found.urgency


def _notes(draft: Draft, person: Person) -> dict[str, Any]:
    notes: dict[str, Any] = {"role": person.role.value}
    if person.staff_id is not None:
        notes["person_id"] = person.staff_id
    if draft.files:
        notes["files"] = [file.sha256 for file in draft.files]
    return notes
