"""Seeing the telephone of somebody in the staff table whole, to reach who is responsible: with a reason and a
row of the same audit as a resident's contact (DOMAIN section 6). Everywhere else it is masked.

Who may (ours): whoever acts, for people of their own area and of the areas above and below it.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from data.lifecycle import Person
from data.models import Staff
from data.reporting.contacts import note_reveal
from data.reporting.errors import RevealRefused

_NO_EVENT = 0
_LONGEST_NAME = 64


def why_not_phoned(division_code: str, person: Person) -> str:
    """The rule by which ``person`` may not see a telephone of somebody of that area; '' where they may."""
    own = person.division_code
    if division_code.startswith(own) or own.startswith(division_code):
        return ""
    return f"完整号码由本区域及其上下级的人员查看，{person.name}的责任区不在其中"


def reveal_staff_phone(session: Session, *, staff_id: int, person: Person, reason: str, at: datetime) -> str:
    """The whole number, and the row of the audit that says so, in the caller's write session.

    Raises:
        RevealRefused: not this person, no reason, or no number.
        TooManyReveals: this person has seen as many within an hour as the rules let them.
    """
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise RevealRefused("人员表里没有这个人，可能已经移除")
    refused = why_not_phoned(staff.division_code, person)
    named = f"{staff.name}（{staff.post}）"[:_LONGEST_NAME]
    subject = {"event_id": _NO_EVENT, "external_no": named, "code": staff.division_code}
    note_reveal(
        session, subject, person=person, reason=reason, at=at,
        refused=refused or ("" if staff.phone else f"{staff.name}没有登记电话"),
    )  # fmt: skip
    return staff.phone
