"""工单: what waits for whoever acts, the seven stages, one case or many, and their moves."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.filter_bar import show_filter_bar
from dashboard.panels.import_publish import tell_once
from dashboard.panels.loop_bulk import show_bulk, wants_bulk
from dashboard.panels.loop_card import show_case, show_nothing
from dashboard.panels.loop_lanes import show_lanes
from dashboard.panels.loop_list import read_list, show_list
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

show_filter_bar(screen)
show_lanes(screen)
with st.container(key="om-loop-main"):
    show_list(screen, read_list(screen))
    with st.container(key="om-loop-side"):
        tell_once()
        if wants_bulk(screen):
            show_bulk(screen)
        elif screen.view.sel_kind == "event":
            show_case(screen, int(screen.view.sel_key))
        else:
            show_nothing(screen)
