"""数据接入: the guided way in, one kind of file after the other."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_file import show_file_step
from dashboard.panels.import_preview import read_preview, show_preview
from dashboard.panels.import_publish import show_publish, show_result, tell_once
from dashboard.panels.import_steps import chosen_step, show_demo_notice, show_steps, show_welcome
from dashboard.state import current_screen

screen = current_screen()
step = chosen_step(screen)

show_demo_notice(screen)
show_welcome(screen)
tell_once()
with st.container(key="om-import-main"):
    show_steps(screen, step)
    with st.container(key="om-import-work"):
        chosen = show_file_step(screen, step)
        published = show_result(screen, step, chosen)
        preview = read_preview(screen, step, chosen) if chosen and not published else None
        if chosen and preview:
            show_publish(screen, step, chosen, preview)
            show_preview(screen, preview)
