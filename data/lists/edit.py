"""Edits of the five lists: words, stages of the review, removal, undo. Every one is logged with who and why.

A line is under review until the public notice (公示); from then on it is in force. The review goes stage
by stage; back goes to any earlier stage, with a reason. Nothing is deleted: a removed line stays, marked.

Other words for a line in force are a proposal (修改待审) that goes through the review from its first stage;
the line holds as it stands until the proposal is published. A reviewer's small fix may take effect at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from data.dispatch.edit import demo_batch
from data.labels import LIST_TYPE, REVIEW_STAGE
from data.lists.errors import BadItem, StageRefused
from data.lists.log import ListAction, fields_of, put_back, stored, write_log
from data.lists.reading import LIST_ITEM, history, titles
from data.models import Division, EventClass, ListItem, ListTitle, ServiceItem
from data.models.base import column
from data.vocabulary import Level, ListStatus, ListType, ReviewStage

OWN_SOURCE: Final = "own"
"""Source of the rows that people add in the product; a line's is followed by its list, see ``source_of``."""
STAGES: Final = tuple(ReviewStage)
MAX_TITLE: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemDraft:
    """What a line says. ``level`` only means something on the negative list; see ``ListItem``."""

    external_no: str
    list_type: str
    text: str
    class_prefix: str = ""
    area_prefix: str = ""
    level: str = ""
    basis: str = ""


def add_item(session: Session, draft: ItemDraft, *, actor: str, reason: str = "") -> ListItem:
    """A new line at the first stage of the review.

    Raises:
        BadItem: a field that cannot be, or a number that the list already has.
    """
    _check(session, draft, own_id=None)
    item = ListItem(
        **asdict(draft), source=source_of(OWN_SOURCE, draft.list_type), status=ListStatus.REVIEWING.value,
        review_stage=ReviewStage.REPORT_1.value, batch_id=demo_batch(session),
    )  # fmt: skip
    write_log(session, item, action=ListAction.ADD, actor=actor, before={}, reason=reason)
    return item


def content_of(item: ListItem) -> ItemDraft:
    """What a line says as it stands."""
    return ItemDraft(**{name: getattr(item, name) for name in ItemDraft.__dataclass_fields__})


def proposed(item: ListItem) -> ItemDraft | None:
    """What a line in force is to say once it is reviewed (修改待审); None where nothing is proposed."""
    return ItemDraft(**json.loads(item.proposal)) if item.proposal else None


def edit_item(
    session: Session,
    draft: ItemDraft,
    *,
    item_id: int,
    seen_seq: int,
    actor: str,
    reason: str,
    at_once: bool = False,
) -> ListItem:
    """Other words for a line; for one in force a proposal, unless they take effect ``at_once``. The words in
    force themselves take a proposal back.

    Raises as :func:`add_item`, and ``StaleItem``, ``UnknownItem``.
    """
    item = stored(session, ListItem, item_id, seen_seq=seen_seq)
    _need_reason(reason, "修改")
    if draft.list_type != item.list_type:
        raise BadItem(f"“{item.external_no}”不能移到另一张清单：请在那张清单新增，再取消这一条")
    _check(session, draft, own_id=item_id)
    before, in_force = fields_of(item), item.status == ListStatus.IN_FORCE
    if in_force and not at_once:
        _propose(item, draft)
    else:
        _say(item, draft)
    if fields_of(item) == before:
        raise BadItem(f"“{item.external_no}”没有变化，没有保存")
    action = (ListAction.FIX if at_once else ListAction.PROPOSE) if in_force else ListAction.EDIT
    write_log(session, item, action=action, actor=actor, before=before, reason=reason)
    return item


def _propose(item: ListItem, draft: ItemDraft) -> None:
    """Begins the review of a proposal, anew where another one was under way."""
    wanted, stage = proposal_of(content_of(item), draft)
    if wanted != item.proposal:
        item.proposal, item.review_stage = wanted, stage


def proposal_of(now: ItemDraft, draft: ItemDraft) -> tuple[str, str]:
    """``ListItem.proposal`` for other words than those in force, and the stage where its review begins; none
    for the same words.
    """
    if draft == now:
        return "", ReviewStage.PUBLISHED.value
    return json.dumps(asdict(draft), ensure_ascii=False, sort_keys=True), ReviewStage.REPORT_1.value


def _say(item: ListItem, draft: ItemDraft) -> None:
    for name, value in asdict(draft).items():
        setattr(item, name, value)
    if item.status == ListStatus.IN_FORCE:
        item.proposal, item.review_stage = "", ReviewStage.PUBLISHED.value


def move_item(
    session: Session, *, item_id: int, stage: str, seen_seq: int, actor: str, reason: str = ""
) -> ListItem:
    """Take a line to the next stage of its review, or back to an earlier one; where something is proposed for
    it, that: the line itself then stays in force and says so from the notice on.

    Raises:
        BadItem: what is proposed cannot be any more.
        StageRefused: the stage may not follow, or it goes back without a reason.
        StaleItem, UnknownItem: as their names say.
    """
    item = stored(session, ListItem, item_id, seen_seq=seen_seq)
    if item.status == ListStatus.REMOVED:
        raise StageRefused(f"“{item.external_no}”已取消：要继续审议，请先撤销取消")
    if stage not in set(ReviewStage):
        raise StageRefused(f"没有名为“{stage}”的环节")
    now_at, wanted = STAGES.index(ReviewStage(item.review_stage)), STAGES.index(ReviewStage(stage))
    forward = wanted == now_at + 1
    if not forward and wanted >= now_at:
        raise StageRefused(
            f"“{item.external_no}”现在是{REVIEW_STAGE[item.review_stage]}，{_following(now_at)}，不能直接到{REVIEW_STAGE[stage]}"
        )
    if not forward:
        _need_reason(reason, f"退回到{REVIEW_STAGE[stage]}", StageRefused)
    before = fields_of(item)
    item.review_stage = stage
    published, draft = stage == ReviewStage.PUBLISHED, proposed(item)
    if draft is None:
        item.status = (ListStatus.IN_FORCE if published else ListStatus.REVIEWING).value
    elif published:
        _check(session, draft, own_id=item_id)
        _say(item, draft)
    action = ListAction.ADVANCE if forward else ListAction.SEND_BACK
    write_log(session, item, action=action, actor=actor, before=before, reason=reason)
    return item


def _following(now_at: int) -> str:
    last = now_at + 1 == len(STAGES)
    return "已是最后环节" if last else f"下一环节是{REVIEW_STAGE[STAGES[now_at + 1]]}"


def remove_item(session: Session, *, item_id: int, seen_seq: int, actor: str, reason: str) -> ListItem:
    """取消 a line: it stays in the list, marked with the moment.

    Raises:
        BadItem: it is removed already, or there is no reason.
        StaleItem, UnknownItem: as their names say.
    """
    item = stored(session, ListItem, item_id, seen_seq=seen_seq)
    _need_reason(reason, "取消")
    if item.status == ListStatus.REMOVED:
        raise BadItem(f"“{item.external_no}”已经取消")
    before = fields_of(item)
    item.status, item.removed_at = ListStatus.REMOVED.value, datetime.now(UTC).replace(microsecond=0)
    item.proposal = ""
    write_log(session, item, action=ListAction.REMOVE, actor=actor, before=before, reason=reason)
    return item


def undo_last(session: Session, *, subject: str, subject_id: int, seen_seq: int, actor: str) -> None:
    """Take the newest change of a row back, by another change. A row that was just added is removed.

    Raises:
        BadItem: nobody has changed it since it came in.
        StaleItem, UnknownItem: as their names say.
    """
    row: ListItem | ServiceItem
    if subject == LIST_ITEM:
        row = stored(session, ListItem, subject_id, seen_seq=seen_seq)
    else:
        row = stored(session, ServiceItem, subject_id, seen_seq=seen_seq)
    log = history(session=session, subject=subject, subject_id=subject_id)
    if not log:
        raise BadItem(f"“{row.external_no}”接入以后没有改过，没有可撤销的：要移除请撤销它的接入批次")
    before = fields_of(row)
    if log[0].action == ListAction.ADD:
        row.removed_at = datetime.now(UTC).replace(microsecond=0)
        if isinstance(row, ListItem):
            row.status = ListStatus.REMOVED.value
    else:
        put_back(row, log[0].before_json)
    write_log(
        session, row, action=ListAction.UNDO, actor=actor, before=before, reason=f"撤销第 {log[0].seq} 次变更"
    )


def rename_list(session: Session, *, list_type: str, title: str) -> None:
    """The street's own name of one of the five lists; an empty title brings ours back.

    Raises:
        BadItem: the name is too long, or another list has it.
    """
    title = title.strip()
    if list_type not in set(ListType):
        raise BadItem(f"没有名为“{list_type}”的清单")
    if len(title) > MAX_TITLE:
        raise BadItem(f"清单名称有 {len(title)} 字，最多 {MAX_TITLE} 字")
    others = {name for kind, name in titles(session=session).items() if kind != list_type}
    if (title or LIST_TYPE[list_type]) in others:
        raise BadItem(f"另一张清单已经叫“{title or LIST_TYPE[list_type]}”：两张清单不能同名")
    row = session.get(ListTitle, list_type)
    if not title:
        if row is not None:
            session.delete(row)
        return
    row = row or ListTitle(list_type=list_type, title=title)
    row.title = title
    session.add(row)


def source_of(source: str, list_type: str) -> str:
    """The source of a line: numbers are counted in each list for itself."""
    return f"{source[:20]}:{list_type}"


def _need_reason(reason: str, what: str, error: Callable[[str], Exception] = BadItem) -> None:
    if not reason.strip():
        raise error(f"{what}要写明理由")


def _check(session: Session, draft: ItemDraft, *, own_id: int | None) -> None:
    problems = []
    if draft.list_type not in set(ListType):
        problems.append(f"没有名为“{draft.list_type}”的清单")
    for name, text, longest in (("编号", draft.external_no, 64), ("事项", draft.text, 512)):
        if not text.strip():
            problems.append(f"{name}没有填写")
        elif len(text) > longest:
            problems.append(f"{name}有 {len(text)} 字，最多 {longest} 字")
    if len(draft.basis) > 512:
        problems.append(f"依据有 {len(draft.basis)} 字，最多 512 字")
    if draft.level not in ("", Level.STREET, Level.COMMUNITY):
        problems.append(f"层级“{draft.level}”不对：只能是街道或社区")
    if draft.class_prefix and not _has_class(session, draft.class_prefix):
        problems.append(f"没有代码为 {draft.class_prefix} 的类别")
    if draft.area_prefix and session.execute(
        select(column(Division.code)).where(
            column(Division.code) == draft.area_prefix, column(Division.valid_to).is_(None)
        )
    ).first() is None:  # fmt: skip
        problems.append(f"没有代码为 {draft.area_prefix} 的区划")
    same = select(column(ListItem.id)).where(
        column(ListItem.list_type) == draft.list_type, column(ListItem.external_no) == draft.external_no
    )
    if any(found != own_id for found in session.execute(same).scalars()):
        problems.append(f"编号“{draft.external_no}”在这张清单里已经有了")
    if problems:
        raise BadItem("；".join(problems))


def _has_class(session: Session, prefix: str) -> bool:
    query = select(column(EventClass.code)).where(
        column(EventClass.code).startswith(prefix, autoescape=True), column(EventClass.valid_to).is_(None)
    )
    return len(prefix) in (2, 4) and session.execute(query.limit(1)).first() is not None
