"""A button that asks before it acts: what will happen, then 确认 or 取消."""

from __future__ import annotations

import streamlit as st

from dashboard.markup import el, show


def confirmed(label: str, *, key: str, question: str, action: str) -> bool:
    """True in the one run in which the person has confirmed. ``action`` names the act on its button."""
    flag = f"_om_asking_{key}"

    def ask_first() -> None:
        st.session_state[flag] = True

    def forget() -> None:
        st.session_state[flag] = False

    if not st.session_state.get(flag):
        st.button(label, key=f"{key}_ask", on_click=ask_first)
        return False
    with st.container(key=f"om-confirm-{key}", horizontal=True, vertical_alignment="center"):
        show(el("p", question, cls="om-question"))
        sure = st.button(action, key=f"{key}_sure", type="primary")
        st.button("取消", key=f"{key}_cancel", on_click=forget)
    if sure:
        forget()
    return sure
