"""Pages, their addresses, and the router that turns a followed link into a change of the URL."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.assets import asset_path
from dashboard.state import PATHS

TITLES: Final = {
    "overview": "一图统览",
    "community": "社区",
    "events": "事件",
    "loop": "工单",
    "whistle": "吹哨",
    "stations": "站点",
    "performance": "效能",
    "alerts": "预警",
    "import_data": "数据接入",
    "quality": "数据质量",
    "dispatch": "派遣规则",
    "lists": "清单",
    "calendar": "工作日历",
    "settings": "设置",
    "evaluation": "考评",
}
MANAGED: Final = ("import_data", "quality", "dispatch", "lists", "calendar", "evaluation", "settings")
"""Pages that are seldom opened: where the row has no room for all, they fold into 管理."""
FOLLOWED_AGAIN: Final = "_om_followed_again"
"""In the session, once: a link was followed that leads to what is shown already."""
_BY_PATH: Final = {path.removeprefix("./"): name for name, path in PATHS.items()} | {"overview": "overview"}


@cache
def _router() -> Any:
    files = ("search.js", "words.js", "loop.js", "live.js", "router.js")
    script = "\n".join(asset_path(name).read_text(encoding="utf-8") for name in files)
    return st.components.v2.component("onemap_router", js=script, isolate_styles=False)


def build_pages() -> dict[str, Page]:
    """The pages by name; 一图统览 is the first and answers at the root."""
    return {
        name: st.Page(
            f"../pages/{name}.py",
            title=title,
            url_path="" if name == "overview" else PATHS[name].removeprefix("./"),
            default=name == "overview",
        )
        for name, title in TITLES.items()
    }


def name_of(page: Page, pages: dict[str, Page]) -> str:
    """The name under which ``page`` stands in ``pages``."""
    return next(name for name, each in pages.items() if each.url_path == page.url_path)


def follow_links(*, pages: dict[str, Page], current: str) -> None:
    """Mount the router, and go where the last followed link leads: the URL changes before the page runs."""
    with st.container(key="om-router"):
        message = _router()(key="om_router", on_go_change=lambda: None).go
    if not message or message.get("n") == st.session_state.get("_om_followed"):
        return
    st.session_state["_om_followed"] = message.get("n")
    target = _BY_PATH.get(str(message.get("page", "")))
    if target is None or "newer" in message:  # newer data: this run shows it, where the page is
        return
    params = dict(parse_qsl(str(message.get("query", ""))))
    st.session_state[FOLLOWED_AGAIN] = target == current and params == st.query_params.to_dict()
    if target == current:
        st.query_params.from_dict(params)
    else:
        st.switch_page(pages[target], query_params=params)
