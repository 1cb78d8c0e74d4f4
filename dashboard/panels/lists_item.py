"""One line of a list: its form, its stages, its removal, and everything that ever happened to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.confirm import confirmed
from dashboard.panels.duty_acts import act, area_choices, class_choices, pick, tell_if_changed
from dashboard.panels.lists_table import item_details, stages, status_mark
from dashboard.panels.messages import empty
from dashboard.panels.settings_tabs import show_right
from dashboard.state import NEW_ROW, Screen
from data.labels import LEVEL, REVIEW_STAGE
from data.lists import LIST_ACTION, LIST_ITEM, STAGES, ItemDraft, content_of, history, proposed, titles
from data.manage.lists import (
    add_item,
    duty_of_move,
    duty_of_removal,
    edit_item,
    move_item,
    remove_item,
    undo_last,
)
from data.manage.permission import Duty, refusal
from data.models import ListItem, ListItemLog
from data.vocabulary import Level, ListStatus, ListType, ReviewStage

_LEVELS: Final = {
    "": "街道和社区",
    Level.STREET.value: "街道和社区",
    Level.COMMUNITY.value: LEVEL[Level.COMMUNITY],
}


def show_item(screen: Screen, list_type: str, wanted: str) -> None:
    """The form of a line (``wanted`` is its number, or ``new``) and, for one that is there, its way."""
    item = screen.session.get(ListItem, int(wanted)) if wanted != NEW_ROW else None
    log = history(session=screen.session, subject=LIST_ITEM, subject_id=item.id or 0) if item else []
    seen_seq = log[0].seq if log else 0
    with st.container(key="om-duty-form"):
        mark = status_mark(screen, item) if item else None
        show_head(screen, title=item.external_no if item else "新增条目", mark=mark)
        if item is None and wanted != NEW_ROW:
            show(empty("没有这一条，可能已随演示数据移除"))
            return
        if item is not None:
            tell_if_changed((LIST_ITEM, int(wanted)), seen_seq, name=item.external_no)
            show(stages(item))
            _proposal(screen, item)
            _review(screen, item, seen_seq)
        _form(screen, item.list_type if item else list_type, item, seen_seq)
        if item is not None:
            _ways_back(screen, item, seen_seq)
    if item is not None:
        show_history(screen, log, item.batch_id)


def show_head(screen: Screen, *, title: str, mark: Html | None) -> None:
    """The way back to the table, the number, and how it stands."""
    back = link(screen.href(extra={"item": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span(title, cls="om-title"), mark, cls="om-panel-head om-bare"))


def _proposal(screen: Screen, item: ListItem) -> None:
    """What holds now and what it is to become, where something is proposed for a line in force."""
    draft = proposed(item)
    if draft is None:
        return
    rows = (("现行", content_of(item)), ("拟改为", draft))
    details = [item_details(screen, [ListItem(**asdict(said))])[said.external_no] for _, said in rows]
    lines = [
        div(el("b", f"{name}："), f"{said.external_no} {said.text}", div(detail, cls="om-note"))
        for (name, said), detail in zip(rows, details, strict=True)
    ]
    show(
        div(
            lines,
            "审议通过并公示后替换现行的，此前仍按现行的执行。",
            cls="om-proposal",
            data_proposal=item.id,
        )
    )


def _review(screen: Screen, item: ListItem, seen_seq: int) -> None:
    """The next stage, or back to an earlier one; each with its reason in the log."""
    if item.status == ListStatus.REMOVED:
        return
    at = STAGES.index(ReviewStage(item.review_stage))
    options = {stage.value: f"进入{REVIEW_STAGE[stage]}" for stage in STAGES[at + 1 : at + 2]}
    options |= {stage.value: f"退回到{REVIEW_STAGE[stage]}" for stage in reversed(STAGES[:at])}
    show_right(screen, duty_of_move(item.review_stage, next(iter(options))), codes=(item.area_prefix,))
    key = f"om_review_{item.id}_{seen_seq}"
    with st.form(key, border=False):
        first, second = st.columns((1, 2))
        with first:
            stage = pick("审议", options, next(iter(options)), key=f"{key}_stage")
        with second:
            reason = st.text_input("意见", key=f"{key}_reason", max_chars=512, placeholder="退回要写明理由")
        sent = st.form_submit_button("记入审议")
    if sent:
        act(_moved(screen, item, stage, seen_seq, reason))


def _moved(
    screen: Screen, item: ListItem, stage: str, seen_seq: int, reason: str
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        found = move_item(
            session,
            item_id=item.id or 0,
            stage=stage,
            seen_seq=seen_seq,
            person=screen.person,
            reason=reason,
        )
        return f"{found.external_no} 现在是{REVIEW_STAGE[found.review_stage]}。"

    return work


def _form(screen: Screen, list_type: str, item: ListItem | None, seen_seq: int) -> None:
    key = f"om_item_{item.id}_{seen_seq}" if item else f"om_item_new_{list_type}"
    area = item.area_prefix if item else _own_area(screen)
    show_right(screen, Duty.LISTS, codes=(area,))
    in_force, at_once = item is not None and item.status == ListStatus.IN_FORCE, False
    with st.form(key, border=False):
        draft = _fields(screen, list_type, (proposed(item) or content_of(item)) if item else None, key)
        reason = "" if item is None else st.text_input("修改理由", key=f"{key}_reason", max_chars=512)
        if in_force and not refusal(screen.session, screen.person, Duty.REVIEW, codes=(area,)):
            at_once = st.checkbox("直接生效，不再审议（只用于错字等小修改）", key=f"{key}_at_once")
        named = "提出修改" if in_force else "保存"
        sent = st.form_submit_button(named if item else "新增", type="primary")
    if not sent:
        return
    if item is None:
        act(_added(screen, draft), go_to=screen.params(extra={"item": ""}))
    else:
        act(_edited(screen, item, draft, seen_seq, reason, at_once=at_once))


def _own_area(screen: Screen) -> str:
    """Where a new line is meant for: the area of whoever acts, '' for the whole district."""
    person = screen.person
    return person.division_code if person and not person.covers("") else ""


def _fields(screen: Screen, list_type: str, item: ItemDraft | None, key: str) -> ItemDraft:
    number = st.text_input("编号", item.external_no if item else "", max_chars=64, key=f"{key}_number")
    text = st.text_area("事项", item.text if item else "", max_chars=512, key=f"{key}_text", height=80)
    first, second = st.columns(2)
    with first:
        prefix = pick("类别", class_choices(screen), item.class_prefix if item else "", key=f"{key}_class")
    with second:
        own = item.area_prefix if item else _own_area(screen)
        area = pick("区域", area_choices(screen), own, key=f"{key}_area")
    level = item.level if item else ""
    if list_type == ListType.NEGATIVE:
        shown = {key_: text_ for key_, text_ in _LEVELS.items() if key_}
        level = pick("不得下派到", shown, level or Level.STREET.value, key=f"{key}_level")
    basis = st.text_input("依据", item.basis if item else "", max_chars=512, key=f"{key}_basis")
    return ItemDraft(
        external_no=number.strip(), list_type=list_type, text=text.strip(), class_prefix=prefix,
        area_prefix=area, level=level, basis=basis.strip(),
    )  # fmt: skip


def _added(screen: Screen, draft: ItemDraft) -> Callable[[Session], str]:
    name = ask(screen, titles, where=None)[draft.list_type]

    def work(session: Session) -> str:
        return f"{name}已新增 {add_item(session, draft, person=screen.person).external_no}，从一报开始审议。"

    return work


def _edited(
    screen: Screen, item: ListItem, draft: ItemDraft, seen_seq: int, reason: str, *, at_once: bool
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        kept = edit_item(
            session, draft, item_id=item.id or 0, seen_seq=seen_seq, person=screen.person, reason=reason,
            at_once=at_once,
        )  # fmt: skip
        if kept.proposal:
            return f"{kept.external_no} 的修改已提出，从一报开始审议；公示前仍按现行的执行。"
        return f"{draft.external_no} 已保存；原来的文字留在变更记录里，可以撤销。"

    return work


def _ways_back(screen: Screen, item: ListItem, seen_seq: int) -> None:
    key = f"{item.id}_{seen_seq}"
    if item.status != ListStatus.REMOVED:
        show_right(screen, duty_of_removal(item), codes=(item.area_prefix,))
        with st.form(f"om_remove_item_{key}", border=False):
            reason = st.text_input("取消的理由", key=f"om_remove_item_{key}_reason", max_chars=512)
            if st.form_submit_button("取消这一条"):
                act(_removed(screen, item, seen_seq, reason))
    undo_button(screen, LIST_ITEM, item.id or 0, item.external_no, seen_seq)


def _removed(screen: Screen, item: ListItem, seen_seq: int, reason: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        remove_item(session, item_id=item.id or 0, seen_seq=seen_seq, person=screen.person, reason=reason)
        return f"{item.external_no} 已取消，可以撤销。"

    return work


def undo_button(screen: Screen, subject: str, row_id: int, number: str, seen_seq: int) -> None:
    """撤销 of the newest change of a row; nothing where nobody has changed it."""
    if not seen_seq:
        return
    question = f"撤销 {number} 的第 {seen_seq} 次变更，恢复为变更前的样子。"
    key = f"om_undo_{subject}_{row_id}_{seen_seq}"
    if confirmed("撤销上一次变更", key=key, question=question, action="确认撤销"):
        act(_undone(screen, subject, row_id, number, seen_seq))


def _undone(
    screen: Screen, subject: str, row_id: int, number: str, seen_seq: int
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        undo_last(session, subject=subject, subject_id=row_id, seen_seq=seen_seq, person=screen.person)
        return f"{number} 的第 {seen_seq} 次变更已撤销。"

    return work


def show_history(screen: Screen, log: list[ListItemLog], batch_id: int | None) -> None:
    """Every change of a row, the newest first, down to how it came in."""
    origin = el("li", span(f"随批次 {batch_id} 进入", cls="om-when")) if batch_id else None
    rows = [_entry(screen, entry) for entry in log]
    title = [span("变更记录", cls="om-title"), span(f"{len(log)} 次", cls="om-note")]
    with st.container(key="om-duty-history"):
        show(div(title, cls="om-panel-head om-bare"))
        show(el("ol", rows, origin, cls="om-timeline om-versions") if rows or origin else empty("没有变更"))


def _entry(screen: Screen, entry: ListItemLog) -> Html:
    moved = entry.from_stage != entry.to_stage and entry.from_stage
    way = f"{REVIEW_STAGE[entry.from_stage]} → {REVIEW_STAGE[entry.to_stage]}" if moved else ""
    return el(
        "li",
        span(moment_text(entry.at, zone=screen.zone, now=screen.as_of), cls="om-when"),
        span(el("b", LIST_ACTION.get(entry.action, entry.action)), way, cls="om-what"),
        span(entry.actor, cls="om-note"),
        span(entry.reason, cls="om-why") if entry.reason else None,
    )
