"""What the open list is, and what it is called here: the paper's own names are the street's to fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.ask import ask
from dashboard.markup import div, el, show, span
from dashboard.panels.duty_acts import act
from dashboard.panels.frame import panel
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import Screen
from data.labels import LIST_STATUS, LIST_TYPE, REVIEW_STAGE
from data.lists import STAGES, ListCount, list_counts, titles
from data.manage.changes import Subject
from data.manage.lists import rename_list
from data.manage.permission import Duty
from data.vocabulary import ListStatus, ListType

PURPOSE: Final[dict[str, str]] = {
    ListType.STATUTORY: "法律法规规定由街道承担的事项。",
    ListType.ASSIST: "由部门主责、街道和社区协助的事项。",
    ListType.SELF_GOVERN: "由居民自治组织商议办理的事项。",
    ListType.PURCHASE: "由政府向社会购买服务完成的事项。",
    ListType.NEGATIVE: "不得下派给街道、社区的事项。现行条目写明的类别，派遣给街道或社区的部门时会被拒绝，"
    "并给出是哪一条。",
}
_ABOUT_REVIEW: Final = "审议按“三报三审三回一公示”进行：{way}。公示之后为现行；各环节的先后是本系统的约定。"


def show_about(screen: Screen, list_type: str) -> None:
    """Purpose, counts by status, the stages, and the form for the list's name."""
    count: ListCount = ask(screen, list_counts, where=None)[list_type]
    name = ask(screen, titles, where=None)[list_type]
    by_status = {
        ListStatus.IN_FORCE: count.in_force,
        ListStatus.REVIEWING: count.reviewing,
        ListStatus.REMOVED: count.removed,
    }
    tags = [span(f"{LIST_STATUS[key]} ", el("b", str(many)), cls="om-tag") for key, many in by_status.items()]
    way = " → ".join(REVIEW_STAGE[stage] for stage in STAGES)
    body = [
        el("p", PURPOSE[list_type], cls="om-purpose"),
        div(tags),
        el("p", _ABOUT_REVIEW.format(way=way), cls="om-note"),
    ]
    show(panel(name, body, cls="om-about"))
    with st.container(key="om-duty-title"):
        show_right(screen, Duty.LIST_TITLES)
        with st.form(f"om_title_{list_type}", border=False):
            title = st.text_input(
                "清单名称", name, max_chars=32, key=f"om_title_{list_type}_{name}",
                help=f"五张清单的名称可改为本地文件中的全称；留空恢复为“{LIST_TYPE[list_type]}”。",
            )  # fmt: skip
            sent = st.form_submit_button("保存名称")
        if sent:
            act(_renamed(screen, list_type, title))
    show_history(screen, Subject.LIST_TITLE, key=list_type, title="名称的变更")


def _renamed(screen: Screen, list_type: str, title: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        rename_list(session, list_type=list_type, title=title, person=screen.person, at=acting.now())
        return f"清单名称已改为“{title.strip() or LIST_TYPE[list_type]}”。"

    return work
