"""One row of a process table: its form, its removal, its history."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard.markup import show, span
from dashboard.panels.duty_acts import act, pick, tell_if_changed
from dashboard.panels.lists_item import show_head, show_history, undo_button
from dashboard.panels.messages import empty
from dashboard.panels.settings_tabs import show_right
from dashboard.state import NEW_ROW, Screen
from data.labels import SERVICE_MODE
from data.lists import SERVICE_ITEM, ServiceDraft, history
from data.manage.lists import add_service, edit_service, remove_service
from data.manage.permission import Duty
from data.models import ServiceItem
from data.vocabulary import ServiceMode

_COLUMNS = {
    "content": "具体内容", "undertaker": "承接主体", "requirements": "服务要求", "materials": "相关材料",
}  # fmt: skip


def show_service(screen: Screen, wanted: str) -> None:
    """The form of a row (``wanted`` is its number, or ``new``) and, for one that is there, its history."""
    row = screen.session.get(ServiceItem, int(wanted)) if wanted != NEW_ROW else None
    log = history(session=screen.session, subject=SERVICE_ITEM, subject_id=row.id or 0) if row else []
    seen_seq = log[0].seq if log else 0
    with st.container(key="om-duty-form"):
        mark = span("‖ 已取消", cls="om-suspended") if row and row.removed_at else None
        show_head(screen, title=row.external_no if row else "新增事项", mark=mark)
        if row is None and wanted != NEW_ROW:
            show(empty("没有这一项，可能已随演示数据移除"))
            return
        if row is not None:
            tell_if_changed((SERVICE_ITEM, int(wanted)), seen_seq, name=row.external_no)
        _form(screen, row, seen_seq)
        if row is not None:
            _ways_back(screen, row, seen_seq)
    if row is not None:
        show_history(screen, log, row.batch_id)


def _form(screen: Screen, row: ServiceItem | None, seen_seq: int) -> None:
    key = f"om_service_{row.id}_{seen_seq}" if row else "om_service_new"
    show_right(screen, Duty.SERVICES)
    with st.form(key, border=False):
        draft = _fields(row, key)
        reason = "" if row is None else st.text_input("修改理由", key=f"{key}_reason", max_chars=512)
        sent = st.form_submit_button("保存" if row else "新增", type="primary")
    if not sent:
        return
    if row is None:
        act(_added(screen, draft), go_to=screen.params(extra={"item": ""}))
    else:
        act(_edited(screen, row, draft, seen_seq, reason))


def _fields(row: ServiceItem | None, key: str) -> ServiceDraft:
    first, second = st.columns((1, 2))
    with first:
        number = st.text_input("编号", row.external_no if row else "", max_chars=64, key=f"{key}_number")
    with second:
        name = st.text_input("服务事项", row.name if row else "", max_chars=128, key=f"{key}_name")
    texts = {
        field: st.text_area(
            title, getattr(row, field) if row else "", key=f"{key}_{field}", height=68, max_chars=1000
        )
        for field, title in _COLUMNS.items()
    }
    first, second = st.columns(2)
    with first:
        mode = row.mode if row else ServiceMode.IMMEDIATE.value
        mode = pick("办理方式", dict(SERVICE_MODE), mode, key=f"{key}_mode")
    with second:
        days = st.number_input(
            "承诺时限（工作日）", value=row.limit_days if row else None, min_value=0.0, step=1.0,
            format="%g", placeholder="不承诺", key=f"{key}_days",
        )  # fmt: skip
    return ServiceDraft(
        external_no=number.strip(), name=name.strip(), mode=mode, limit_days=days,
        **{field: text.strip() for field, text in texts.items()},
    )  # fmt: skip


def _added(screen: Screen, draft: ServiceDraft) -> Callable[[Session], str]:
    return lambda session: f"办理流程已新增 {add_service(session, draft, person=screen.person).external_no}。"


def _edited(
    screen: Screen, row: ServiceItem, draft: ServiceDraft, seen_seq: int, reason: str
) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        edit_service(
            session, draft, item_id=row.id or 0, seen_seq=seen_seq, person=screen.person, reason=reason
        )
        return f"{draft.external_no} 已保存，可以撤销。"

    return work


def _ways_back(screen: Screen, row: ServiceItem, seen_seq: int) -> None:
    key = f"om_remove_service_{row.id}_{seen_seq}"
    if row.removed_at is None:
        with st.form(key, border=False):
            reason = st.text_input("取消的理由", key=f"{key}_reason", max_chars=512)
            if st.form_submit_button("取消这一项"):
                act(_removed(screen, row, seen_seq, reason))
    undo_button(screen, SERVICE_ITEM, row.id or 0, row.external_no, seen_seq)


def _removed(screen: Screen, row: ServiceItem, seen_seq: int, reason: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        remove_service(session, item_id=row.id or 0, seen_seq=seen_seq, person=screen.person, reason=reason)
        return f"{row.external_no} 已取消，可以撤销。"

    return work
