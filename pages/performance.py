"""效能监测: indicators by area and week, each value with how it is computed and the cases behind it."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_publish import tell_once
from dashboard.panels.performance_cell import show_cell
from dashboard.panels.performance_month import show_month
from dashboard.panels.performance_own import show_own
from dashboard.panels.performance_table import read_table, show_table
from dashboard.panels.performance_weeks import show_week_bar
from dashboard.panels.performance_worse import show_worse
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

tell_once()
table = read_table(screen)
show_week_bar(screen, table)
with st.container(key="om-perf-main"):
    if not (show_worse(screen) or show_month(screen, table)):
        show_table(screen, table)
    with st.container(key="om-perf-side"):
        show_own(screen) or show_cell(screen, table)
