"""数据质量: batches with undo, refused rows, 未落格 and 无坐标, how fresh each source is, the worker."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.contact import show_reveals
from dashboard.panels.import_publish import tell_once
from dashboard.panels.quality_panels import show_batch_actions, show_batches, show_freshness, show_queue
from dashboard.panels.worker_panel import show_worker
from dashboard.state import current_screen

screen = current_screen()

tell_once()
with st.container(key="om-quality-main"):
    with st.container(key="om-quality-left"):
        batch_id = show_batches(screen)
        if batch_id is not None:
            show_batch_actions(screen, batch_id)
        show_queue(screen)
    with st.container(key="om-quality-right"):
        show_worker(screen)
        show_freshness(screen)
        show_reveals(screen)
