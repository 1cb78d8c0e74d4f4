"""The five lists and the process tables as they stand: lines, counts, titles, history, search."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlmodel import Session

from data.labels import LIST_TYPE
from data.models import ListItem, ListItemLog, ListTitle, ServiceItem
from data.models.base import column
from data.vocabulary import ListStatus, ListType

LIST_ITEM: Final = "list_item"
SERVICE_ITEM: Final = "service_item"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListCount:
    """How many lines a list has in each status."""

    reviewing: int = 0
    in_force: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        return self.reviewing + self.in_force + self.removed


def titles(*, session: Session) -> dict[str, str]:
    """What the five lists are called here: the street's own words where it has given them, else ours."""
    own = {row.list_type: row.title for row in session.execute(select(ListTitle)).scalars()}
    return {kind.value: own.get(kind.value) or LIST_TYPE[kind] for kind in ListType}


def list_counts(*, session: Session) -> dict[str, ListCount]:
    """Lines by list and status."""
    query = select(column(ListItem.list_type), column(ListItem.status), func.count()).group_by(
        column(ListItem.list_type), column(ListItem.status)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for list_type, status, count in session.execute(query):
        found[list_type][status] = count
    return {
        kind.value: ListCount(**{s.value: found[kind.value].get(s.value, 0) for s in ListStatus})
        for kind in ListType
    }


def list_items(*, session: Session, list_type: str, text: str = "") -> list[ListItem]:
    """The lines of one list by number; those in force and under review before removed ones."""
    query = select(ListItem).where(column(ListItem.list_type) == list_type)
    if text:
        fields = (ListItem.text, ListItem.external_no, ListItem.basis)
        query = query.where(or_(*(column(field).contains(text, autoescape=True) for field in fields)))
    order = (column(ListItem.status) == ListStatus.REMOVED.value, column(ListItem.external_no))
    return list(session.execute(query.order_by(*order)).scalars())


def list_item(*, session: Session, item_id: int) -> ListItem | None:
    """One line."""
    return session.get(ListItem, item_id)


def service_items(*, session: Session, text: str = "", limit: int = 500) -> list[ServiceItem]:
    """Rows of the process tables by number; ``text`` is looked for in every column and in the initials."""
    query = select(ServiceItem)
    if text:
        fields = (
            ServiceItem.name, ServiceItem.content, ServiceItem.undertaker, ServiceItem.requirements,
            ServiceItem.materials, ServiceItem.external_no,
        )  # fmt: skip
        hits = [column(field).contains(text, autoescape=True) for field in fields]
        query = query.where(
            or_(*hits, column(ServiceItem.initials).startswith(text.lower(), autoescape=True))
        )
    order = (column(ServiceItem.removed_at).is_not(None), column(ServiceItem.external_no))
    return list(session.execute(query.order_by(*order).limit(limit)).scalars())


def service_item(*, session: Session, item_id: int) -> ServiceItem | None:
    """One row of a process table."""
    return session.get(ServiceItem, item_id)


def service_count(*, session: Session) -> int:
    """Rows of the process tables, removed ones included."""
    return int(session.execute(select(func.count()).select_from(ServiceItem)).scalar_one())


def history(*, session: Session, subject: str, subject_id: int) -> list[ListItemLog]:
    """What happened to one row, the newest first."""
    query = select(ListItemLog).where(
        column(ListItemLog.subject) == subject, column(ListItemLog.subject_id) == subject_id
    )
    return list(session.execute(query.order_by(column(ListItemLog.seq).desc())).scalars())
