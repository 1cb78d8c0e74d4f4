"""一图统览: the whole district, or the area in focus, on one screen."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.district_map import show_map
from dashboard.panels.filter_bar import show_filter_bar
from dashboard.panels.kpi_row import show_kpis
from dashboard.panels.side import show_side
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

above = st.container(key="om-above")
with st.container(key="om-overview-main"):
    show_map(screen)  # first, so that it fetches while the panels are computed
    with above:
        show_filter_bar(screen)
        show_kpis(screen)
    show_side(screen)
