"""工作日历: which days and hours are worked, by area; edits with their undo; a year's days from a file."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.calendar_day import show_day
from dashboard.panels.calendar_effect import show_effect
from dashboard.panels.calendar_hours import show_changes, show_day_file, show_hours
from dashboard.panels.calendar_year import chosen_day, chosen_year, show_year
from dashboard.panels.import_publish import tell_once
from dashboard.state import current_screen

screen = current_screen()
year, day = chosen_year(screen), chosen_day(screen)

tell_once()
with st.container(key="om-calendar-main"):
    show_year(screen, year, day)
    with st.container(key="om-calendar-side"):
        show_effect()
        if day is not None:
            show_day(screen, day)
        show_hours(screen)
        show_day_file(screen, year)
        show_changes(screen)
