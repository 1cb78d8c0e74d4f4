"""The five lists and the process tables as a person edits them on a page: role and area first, then
``data.lists``. Files of them come in through ``data.imports``.

A street reports lines of its own area (报); the command centre or a leader reviews, replies and publishes
(审、回、公示) and sends back. What is in force changes by them alone: a street's other words for it are a
proposal that they review, and only they cancel it or mend it at once. The process tables and the names of
the lists hold everywhere.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from data.labels import LIST_TYPE
from data.lifecycle import Person
from data.lists import edit, services
from data.lists.edit import STAGES, ItemDraft
from data.lists.errors import BadItem
from data.lists.log import ListAction
from data.lists.reading import LIST_ITEM, history, titles
from data.lists.services import ServiceDraft
from data.manage.changes import Subject, write_change
from data.manage.permission import Duty, require
from data.models import ListItem, ListItemLog, ServiceItem
from data.vocabulary import ListStatus, ReviewStage

_REPORTS = (ReviewStage.REPORT_1, ReviewStage.REPORT_2, ReviewStage.REPORT_3)


def duty_of_move(from_stage: str, to_stage: str) -> Duty:
    """Whose a move of the review is: the next report (报) is the street's, all others are the reviewer's."""
    forward = STAGES.index(ReviewStage(to_stage)) > STAGES.index(ReviewStage(from_stage))
    return Duty.LISTS if forward and to_stage in _REPORTS else Duty.REVIEW


def duty_of_removal(item: ListItem | None) -> Duty:
    """Whose 取消 is: of a line in force the reviewer's."""
    return Duty.REVIEW if item is not None and item.status == ListStatus.IN_FORCE else Duty.LISTS


def add_item(session: Session, draft: ItemDraft, *, person: Person | None) -> ListItem:
    """A new line for an area of the person. Raises ``NotAllowed``, and as ``data.lists.edit.add_item``."""
    acting = require(session, person, Duty.LISTS, codes=(draft.area_prefix,))
    return edit.add_item(session, draft, actor=acting.name)


def edit_item(
    session: Session,
    draft: ItemDraft,
    *,
    item_id: int,
    seen_seq: int,
    person: Person | None,
    reason: str,
    at_once: bool = False,
) -> ListItem:
    """Other words for a line; its old and its new area are both the person's. ``at_once`` is a reviewer's.

    Raises ``NotAllowed``, and as ``data.lists.edit.edit_item``.
    """
    codes = {draft.area_prefix, *_area(session, item_id)}
    acting = require(session, person, Duty.REVIEW if at_once else Duty.LISTS, codes=codes)
    return edit.edit_item(
        session, draft, item_id=item_id, seen_seq=seen_seq, actor=acting.name, reason=reason, at_once=at_once
    )


def move_item(
    session: Session, *, item_id: int, stage: str, seen_seq: int, person: Person | None, reason: str = ""
) -> ListItem:
    """A line to the next stage of its review, or back. Raises ``NotAllowed``, and as ``edit.move_item``."""
    item = session.get(ListItem, item_id)
    known = item is not None and stage in STAGES
    duty = duty_of_move(item.review_stage, stage) if item and known else Duty.REVIEW
    acting = require(session, person, duty, codes=_area(session, item_id))
    return edit.move_item(
        session, item_id=item_id, stage=stage, seen_seq=seen_seq, actor=acting.name, reason=reason
    )


def remove_item(
    session: Session, *, item_id: int, seen_seq: int, person: Person | None, reason: str
) -> ListItem:
    """取消 a line; of one in force by a reviewer. Raises ``NotAllowed``, and as ``edit.remove_item``."""
    item = session.get(ListItem, item_id)
    acting = require(session, person, duty_of_removal(item), codes=_area(session, item_id))
    return edit.remove_item(session, item_id=item_id, seen_seq=seen_seq, actor=acting.name, reason=reason)


def undo_last(
    session: Session, *, subject: str, subject_id: int, seen_seq: int, person: Person | None
) -> None:
    """Takes the newest change of a row back, by somebody who might make it.

    Raises ``NotAllowed``, and as ``data.lists.edit.undo_last``.
    """
    duty, codes = Duty.SERVICES, {""}
    if subject == LIST_ITEM:
        duty, codes = _undo_right(session, subject_id)
    acting = require(session, person, duty, codes=codes)
    edit.undo_last(session, subject=subject, subject_id=subject_id, seen_seq=seen_seq, actor=acting.name)


def rename_list(session: Session, *, list_type: str, title: str, person: Person | None, at: datetime) -> None:
    """The street's own name of a list, for everybody. Raises ``NotAllowed``, and as ``edit.rename_list``.

    The log keeps who and from what to what; it is taken back by naming the list again.
    """
    acting = require(session, person, Duty.LIST_TITLES)
    before = titles(session=session).get(list_type, "")
    if before and before == (title.strip() or LIST_TYPE[list_type]):
        raise BadItem(f"清单名称已经是“{before}”，没有保存")
    edit.rename_list(session, list_type=list_type, title=title)
    session.flush()
    write_change(
        session, subject=Subject.LIST_TITLE, key=list_type, actor=acting.name, at=at,
        what=f"清单名称由“{before}”改为“{titles(session=session)[list_type]}”",
    )  # fmt: skip


def add_service(session: Session, draft: ServiceDraft, *, person: Person | None) -> ServiceItem:
    """A new row. Raises ``NotAllowed``, and as ``data.lists.services.add_service``."""
    acting = require(session, person, Duty.SERVICES)
    return services.add_service(session, draft, actor=acting.name)


def edit_service(
    session: Session, draft: ServiceDraft, *, item_id: int, seen_seq: int, person: Person | None, reason: str
) -> ServiceItem:
    """Other words for a row. Raises ``NotAllowed``, and as ``data.lists.services.edit_service``."""
    acting = require(session, person, Duty.SERVICES)
    return services.edit_service(
        session, draft, item_id=item_id, seen_seq=seen_seq, actor=acting.name, reason=reason
    )


def remove_service(
    session: Session, *, item_id: int, seen_seq: int, person: Person | None, reason: str
) -> ServiceItem:
    """取消 a row. Raises ``NotAllowed``, and as ``data.lists.services.remove_service``."""
    acting = require(session, person, Duty.SERVICES)
    return services.remove_service(
        session, item_id=item_id, seen_seq=seen_seq, actor=acting.name, reason=reason
    )


def _area(session: Session, item_id: int) -> set[str]:
    """The areas that a line speaks about, and is to speak about; none where there is no such line."""
    item = session.get(ListItem, item_id)
    drafts = (edit.content_of(item), edit.proposed(item)) if item else ()
    return {draft.area_prefix for draft in drafts if draft is not None}


def _undo_right(session: Session, item_id: int) -> tuple[Duty, set[str]]:
    """Whose the newest change of a line was, and the areas that it was and will be about."""
    codes = _area(session, item_id)
    log = history(session=session, subject=LIST_ITEM, subject_id=item_id)
    if not log:
        return Duty.LISTS, codes
    before = json.loads(log[0].before_json)
    return _duty_of_undo(session.get_one(ListItem, item_id), log[0], before), codes | {
        before.get("area_prefix", code) for code in codes
    }


def _duty_of_undo(item: ListItem, newest: ListItemLog, before: dict[str, Any]) -> Duty:
    """The duty of the change itself; where it would change what is in force, the reviewer's."""
    if newest.action == ListAction.PROPOSE:
        return Duty.LISTS
    in_force = ListStatus.IN_FORCE in (item.status, before.get("status"))
    if in_force and before.keys() - {"proposal", "review_stage"}:
        return Duty.REVIEW
    moved = newest.from_stage and newest.from_stage != newest.to_stage
    return duty_of_move(newest.from_stage, newest.to_stage) if moved else Duty.LISTS
