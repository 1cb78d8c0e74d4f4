"""考评: departments, streets and communities by four sources, each number with what stands behind it."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.evaluation_entry import show_unit
from dashboard.panels.evaluation_side import show_about
from dashboard.panels.evaluation_table import read_table, show_bar, show_table
from dashboard.panels.import_publish import tell_once
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

tell_once()
table = read_table(screen)
show_bar(screen, table)
with st.container(key="om-judge-main"):
    show_table(screen, table)
    with st.container(key="om-judge-side"):
        if not show_unit(screen, table):
            show_about(screen, table)
