"""The dispatch table as a person edits it on a page: role and area first, then ``data.dispatch``.

Files of rules come in through ``data.imports``, which calls ``data.dispatch`` itself.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from data.dispatch import edit
from data.dispatch.edit import RuleDraft
from data.dispatch.tables import versions_of
from data.lifecycle import Person
from data.manage.permission import Duty, require
from data.models import DispatchRule


def add_rule(
    session: Session, draft: RuleDraft, *, valid_from: date, today: date, person: Person | None
) -> DispatchRule:
    """A new rule for an area of the person. Raises ``NotAllowed``, and as ``data.dispatch.edit.add_rule``."""
    acting = require(session, person, Duty.DISPATCH, codes=(draft.area_prefix,))
    return edit.add_rule(session, draft, valid_from=valid_from, today=today, actor=acting.name)


def change_rule(
    session: Session,
    draft: RuleDraft,
    *,
    number: int,
    seen_version: int,
    valid_from: date,
    today: date,
    person: Person | None,
) -> DispatchRule:
    """The rule says something else; its old and its new area are both the person's.

    Raises ``NotAllowed``, and as ``data.dispatch.edit.change_rule``.
    """
    codes = {draft.area_prefix, *_areas(session, number, seen_version)}
    acting = require(session, person, Duty.DISPATCH, codes=codes)
    return edit.change_rule(
        session, draft, number=number, seen_version=seen_version, valid_from=valid_from, today=today,
        actor=acting.name,
    )  # fmt: skip


def withdraw_rule(
    session: Session,
    *,
    number: int,
    seen_version: int,
    valid_from: date,
    today: date,
    person: Person | None,
    note: str = "",
) -> DispatchRule:
    """The rule no longer exists from a day on.

    Raises ``NotAllowed``, and as ``data.dispatch.edit.withdraw_rule``.
    """
    acting = require(session, person, Duty.DISPATCH, codes=_areas(session, number, seen_version))
    return edit.withdraw_rule(
        session, number=number, seen_version=seen_version, valid_from=valid_from, today=today,
        actor=acting.name, note=note,
    )  # fmt: skip


def restore_version(
    session: Session, *, number: int, version: int, seen_version: int, today: date, person: Person | None
) -> DispatchRule:
    """The rule says again what it said in ``version``.

    Raises ``NotAllowed``, and as ``data.dispatch.edit.restore_version``.
    """
    acting = require(session, person, Duty.DISPATCH, codes=_areas(session, number, seen_version, version))
    return edit.restore_version(
        session, number=number, version=version, seen_version=seen_version, today=today, actor=acting.name
    )


def undo_rule(
    session: Session, *, number: int, seen_version: int, today: date, person: Person | None
) -> DispatchRule:
    """Takes the newest change back, by somebody who might make it.

    Raises ``NotAllowed``, and as ``data.dispatch.edit.undo_rule``.
    """
    codes = _areas(session, number, seen_version, seen_version - 1)
    acting = require(session, person, Duty.DISPATCH, codes=codes)
    return edit.undo_rule(session, number=number, seen_version=seen_version, today=today, actor=acting.name)


def _areas(session: Session, number: int, *versions: int) -> set[str]:
    """The areas that these versions and the newest speak about; none where there is no such rule."""
    stored = versions_of(session, number)
    return {one.area_prefix for one in stored if one.version in versions or one is stored[0]}
