"""事件: the list under the Filter, linked with the map both ways, and the card of one event."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.breakdown import show_breakdown
from dashboard.panels.cards import selection_card
from dashboard.panels.district_map import show_map
from dashboard.panels.event_list import show_event_list
from dashboard.panels.filter_bar import show_filter_bar
from dashboard.panels.frame import show_column
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

show_filter_bar(screen)
with st.container(key="om-list-main"):
    show_event_list(screen)
    with st.container(key="om-list-side"):
        show_map(screen)
        if card := selection_card(screen):
            show_column(card)
        else:
            show_breakdown(screen)
