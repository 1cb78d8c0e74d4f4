"""Edits of the process tables (办理流程表). Every one is logged; ``edit.undo_last`` takes it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.dispatch.edit import demo_batch
from data.initials import initials
from data.lists.edit import OWN_SOURCE
from data.lists.errors import BadItem
from data.lists.log import ListAction, fields_of, stored, write_log
from data.models import ServiceItem
from data.models.base import column
from data.vocabulary import ServiceMode

MAX_DAYS: Final = 366.0
_LONGEST: Final = {
    "external_no": ("编号", 64), "name": ("服务事项", 128), "content": ("具体内容", 1000),
    "undertaker": ("承接主体", 128), "requirements": ("服务要求", 1000), "materials": ("相关材料", 1000),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceDraft:
    """What a row of a process table says; ``limit_days`` counts working days."""

    external_no: str
    name: str
    content: str = ""
    undertaker: str = ""
    requirements: str = ""
    materials: str = ""
    mode: str = ServiceMode.IMMEDIATE.value
    limit_days: float | None = None


def add_service(session: Session, draft: ServiceDraft, *, actor: str) -> ServiceItem:
    """A new row. Raises ``BadItem``."""
    _check(session, draft, own_id=None)
    row = ServiceItem(
        **asdict(draft), source=OWN_SOURCE, initials=initials(draft.name), batch_id=demo_batch(session)
    )
    write_log(session, row, action=ListAction.ADD, actor=actor, before={})
    return row


def edit_service(
    session: Session, draft: ServiceDraft, *, item_id: int, seen_seq: int, actor: str, reason: str
) -> ServiceItem:
    """Other words for a row. Raises ``BadItem``, ``StaleItem``, ``UnknownItem``."""
    row = stored(session, ServiceItem, item_id, seen_seq=seen_seq)
    _check(session, draft, own_id=item_id)
    before = fields_of(row)
    for name, value in asdict(draft).items():
        setattr(row, name, value)
    row.initials = initials(draft.name)
    if fields_of(row) == before:
        raise BadItem(f"“{row.external_no}”没有变化，没有保存")
    write_log(session, row, action=ListAction.EDIT, actor=actor, before=before, reason=reason)
    return row


def remove_service(session: Session, *, item_id: int, seen_seq: int, actor: str, reason: str) -> ServiceItem:
    """取消 a row: it stays, marked with the moment. Raises as :func:`edit_service`."""
    row = stored(session, ServiceItem, item_id, seen_seq=seen_seq)
    if not reason.strip():
        raise BadItem("取消要写明理由")
    if row.removed_at is not None:
        raise BadItem(f"“{row.external_no}”已经取消")
    before = fields_of(row)
    row.removed_at = datetime.now(UTC).replace(microsecond=0)
    write_log(session, row, action=ListAction.REMOVE, actor=actor, before=before, reason=reason)
    return row


def _check(session: Session, draft: ServiceDraft, *, own_id: int | None) -> None:
    problems = []
    for field, (name, longest) in _LONGEST.items():
        text = str(getattr(draft, field))
        if len(text) > longest:
            problems.append(f"{name}有 {len(text)} 字，最多 {longest} 字")
        if field in ("external_no", "name") and not text.strip():
            problems.append(f"{name}没有填写")
    if draft.mode not in set(ServiceMode):
        problems.append(f"办理方式“{draft.mode}”不对：可选立即办、承诺办、报送办")
    if draft.limit_days is not None and not 0 < draft.limit_days <= MAX_DAYS:
        problems.append(f"承诺时限 {draft.limit_days:g} 天不对：应大于 0，不超过 {MAX_DAYS:g}，没有请留空")
    if draft.mode == ServiceMode.PROMISED and draft.limit_days is None:
        problems.append("承诺办要写明承诺时限")
    same = select(column(ServiceItem.id)).where(column(ServiceItem.external_no) == draft.external_no)
    if any(found != own_id for found in session.execute(same).scalars()):
        problems.append(f"编号“{draft.external_no}”已经有了")
    if problems:
        raise BadItem("；".join(problems))
