"""站点: stations as capacity, with their card, on the map."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.cards import selection_card
from dashboard.panels.district_map import show_map
from dashboard.panels.filter_bar import show_filter_bar
from dashboard.panels.frame import show_column
from dashboard.panels.station_list import show_station_list, station_summary
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

show_filter_bar(screen)
with st.container(key="om-list-main"):
    show_station_list(screen)
    with st.container(key="om-list-side"):
        show_map(screen)
        show_column(selection_card(screen) or station_summary(screen))
