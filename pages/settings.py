"""设置: who is told of alerts, numbers of the loop, plans of response, readings and counts of indicators."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_publish import tell_once
from dashboard.panels.settings_counts import show_counts
from dashboard.panels.settings_notices import show_notices
from dashboard.panels.settings_numbers import show_numbers
from dashboard.panels.settings_plans import show_plans
from dashboard.panels.settings_readings import show_readings
from dashboard.panels.settings_tabs import chosen_tab, show_tabs
from dashboard.state import current_screen

screen = current_screen()
TABS = {
    "notices": show_notices,
    "numbers": show_numbers,
    "plans": show_plans,
    "readings": show_readings,
    "counts": show_counts,
}

tell_once()
show_tabs(screen)
with st.container(key="om-duty-main"):
    TABS[chosen_tab(screen)](screen)
