"""社区: one community (or street, or grid): who answers for it, what is going on, what comes back."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.area_page import (
    area_of,
    show_area_facts,
    show_area_picker,
    show_area_trends,
    show_area_work,
)
from dashboard.panels.district_map import show_map
from dashboard.panels.filter_bar import show_filter_bar
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

show_filter_bar(screen)
card = area_of(screen)
if card is None:
    show_area_picker(screen)
else:
    with st.container(key="om-area-main"):
        show_area_facts(screen, card)
        with st.container(key="om-area-middle"):
            show_map(screen)
            show_area_trends(screen)
        show_area_work(screen)
