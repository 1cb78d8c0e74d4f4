"""The working calendar as a person edits it on a page: role and area first, then ``data.calendar``.

The command line of the administrator calls ``data.calendar`` itself.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from data.calendar import day_file, edit
from data.calendar.edit import DayEntry
from data.lifecycle import Person
from data.manage.permission import Duty, require
from data.models import CalendarChange


def set_day(
    session: Session, entry: DayEntry, *, area_prefix: str, seen_id: int | None, person: Person | None
) -> CalendarChange:
    """A day is worked, or off. Raises ``NotAllowed``, and as ``data.calendar.edit.set_day``."""
    acting = require(session, person, Duty.CALENDAR, codes=(area_prefix,))
    return edit.set_day(session, entry, area_prefix=area_prefix, seen_id=seen_id, actor=acting.name)


def clear_day(
    session: Session, *, day: date, area_prefix: str, seen_id: int | None, person: Person | None
) -> CalendarChange:
    """Nothing is entered about a day now. Raises ``NotAllowed``, as ``data.calendar.edit.clear_day``."""
    acting = require(session, person, Duty.CALENDAR, codes=(area_prefix,))
    return edit.clear_day(session, day=day, area_prefix=area_prefix, seen_id=seen_id, actor=acting.name)


def set_hours(
    session: Session,
    *,
    spans: str,
    warn_share: float,
    valid_from: date,
    area_prefix: str,
    person: Person | None,
) -> CalendarChange:
    """Working hours from a day on. Raises ``NotAllowed``, and as ``data.calendar.edit.set_hours``."""
    acting = require(session, person, Duty.CALENDAR, codes=(area_prefix,))
    return edit.set_hours(
        session, spans=spans, warn_share=warn_share, valid_from=valid_from, area_prefix=area_prefix,
        actor=acting.name,
    )  # fmt: skip


def import_days(
    session: Session, data: bytes, *, name: str, area_prefix: str, is_official: bool, person: Person | None
) -> CalendarChange:
    """A file's days in one edit. Raises ``NotAllowed``, and as ``data.calendar.day_file.import_days``."""
    acting = require(session, person, Duty.CALENDAR, codes=(area_prefix,))
    change, _ = day_file.import_days(
        session, data, name=name, area_prefix=area_prefix, is_official=is_official, actor=acting.name
    )
    return change


def undo_change(session: Session, *, change_id: int, person: Person | None) -> CalendarChange:
    """Takes one edit back, by somebody who might make it in its area.

    Raises ``NotAllowed``, and as ``data.calendar.edit.undo_change``.
    """
    change = session.get(CalendarChange, change_id)
    acting = require(session, person, Duty.CALENDAR, codes=(change.area_prefix if change else "",))
    return edit.undo_change(session, change_id=change_id, actor=acting.name)
