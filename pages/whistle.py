"""吹哨报到: who was called where, who has not come, who has not finished; every act, and scores."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_publish import tell_once
from dashboard.panels.welcome import leave_if_empty
from dashboard.panels.whistle_blow import show_blow
from dashboard.panels.whistle_card import show_whistle
from dashboard.panels.whistle_list import read_whistles, show_whistles
from dashboard.panels.whistle_scores import show_scores
from dashboard.state import NEW_ROW, current_screen

screen = current_screen()
leave_if_empty(screen)

chosen = screen.view.get("whistle")
with st.container(key="om-whistle-main"):
    show_whistles(screen, read_whistles(screen))
    with st.container(key="om-whistle-side"):
        tell_once()
        if chosen == NEW_ROW:
            show_blow(screen)
        elif chosen:
            show_whistle(screen, int(chosen))
        else:
            show_scores(screen)
