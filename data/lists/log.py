"""The one way to change a row of a list or a process table: the row and its log, in one write session."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import func, select
from sqlmodel import Session

from data.chain import append
from data.lists.errors import StaleItem, UnknownItem
from data.models import ListItem, ListItemLog, ServiceItem
from data.models.base import column

MAX_REASON: Final = 512
_UNLOGGED: Final = frozenset({"id", "batch_id", "initials"})
R = TypeVar("R", ListItem, ServiceItem)


class ListAction(StrEnum):
    """What a change did."""

    ADD = "add"
    EDIT = "edit"
    PROPOSE = "propose"
    FIX = "fix"
    ADVANCE = "advance"
    SEND_BACK = "send_back"
    REMOVE = "remove"
    UNDO = "undo"


LIST_ACTION: Final[dict[str, str]] = {
    ListAction.ADD: "新增",
    ListAction.EDIT: "修改",
    ListAction.PROPOSE: "提出修改",
    ListAction.FIX: "直接修改",
    ListAction.ADVANCE: "进入下一环节",
    ListAction.SEND_BACK: "退回",
    ListAction.REMOVE: "取消",
    ListAction.UNDO: "撤销",
}


def newest_seq(session: Session, subject: str, subject_id: int) -> int:
    """Number of the newest change of a row; 0 for one that nobody has changed since it came in."""
    query = select(func.coalesce(func.max(column(ListItemLog.seq)), 0)).where(
        column(ListItemLog.subject) == subject, column(ListItemLog.subject_id) == subject_id
    )
    return int(session.execute(query).scalar_one())


def stored(session: Session, model: type[R], subject_id: int, *, seen_seq: int) -> R:
    """The row as it stands, if the person saw its newest change.

    Raises:
        UnknownItem: there is none of this number.
        StaleItem: it was changed since.
    """
    subject = str(model.__tablename__)
    row = session.get(model, subject_id)
    if row is None:
        raise UnknownItem(f"没有编号为 {subject_id} 的条目：请刷新后再试")
    if newest_seq(session, subject, subject_id) != seen_seq:
        raise StaleItem(f"“{row.external_no}”刚被别人改过：请核对新的内容后再改")
    return row


def write_log(
    session: Session,
    row: ListItem | ServiceItem,
    *,
    action: ListAction,
    actor: str,
    before: dict[str, Any],
    reason: str = "",
) -> ListItemLog:
    """Keep ``row`` with what it replaced. ``before`` holds all of its old fields, {} for a new row."""
    session.add(row)
    session.flush()
    if row.id is None:
        raise AssertionError("a flushed row has a number")
    subject = str(row.__tablename__)
    after = fields_of(row)
    old = {name: value for name, value in before.items() if after.get(name) != value}
    entry = ListItemLog(
        subject=subject, subject_id=row.id, seq=newest_seq(session, subject, row.id) + 1,
        at=datetime.now(UTC), actor=actor[:64], action=action.value,
        from_stage=before.get("review_stage", ""), to_stage=after.get("review_stage", ""),
        reason=reason[:MAX_REASON], before_json=json.dumps(_plain(old), ensure_ascii=False, sort_keys=True),
    )  # fmt: skip
    append(session, entry)
    return entry


def fields_of(row: ListItem | ServiceItem) -> dict[str, Any]:
    """What people can change of a row."""
    return {name: value for name, value in row.model_dump().items() if name not in _UNLOGGED}


def put_back(row: ListItem | ServiceItem, before_json: str) -> None:
    """Set the fields that a change had replaced."""
    for name, value in json.loads(before_json).items():
        is_moment = name == "removed_at" and value is not None
        setattr(row, name, datetime.fromisoformat(value) if is_moment else value)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
