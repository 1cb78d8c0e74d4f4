"""清单: the five lists with the stages of their review and their history, and the process tables."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_publish import tell_once
from dashboard.panels.lists_item import show_item
from dashboard.panels.lists_service import show_service
from dashboard.panels.lists_table import chosen_list, show_lists
from dashboard.panels.lists_title import show_about
from dashboard.state import PROCESSES, current_screen

screen = current_screen()
tab, item = chosen_list(screen), screen.view.get("item")

tell_once()
with st.container(key="om-duty-main"):
    show_lists(screen)
    if item or tab != PROCESSES:
        with st.container(key="om-duty-side"):
            if not item:
                show_about(screen, tab)
            elif tab == PROCESSES:
                show_service(screen, item)
            else:
                show_item(screen, tab, item)
