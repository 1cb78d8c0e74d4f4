"""An empty database has nothing to look at: the first thing offered is the way in."""

from __future__ import annotations

import streamlit as st

from dashboard.ask import ask
from dashboard.state import Screen
from data.queries.reference import drawn_divisions, event_classes


def leave_if_empty(screen: Screen) -> None:
    """Go to 数据接入 when there are neither divisions nor classes."""
    if is_empty(screen):
        st.switch_page("../pages/import_data.py")


def is_empty(screen: Screen) -> bool:
    """Nothing has been brought in: no boundaries, no classes."""
    drawn = ask(screen, drawn_divisions, prefixes=("",))
    return not drawn.ranges and not ask(screen, event_classes)
