"""预警中心: alerts that rules rang or people reported, what was done about them; rules and drills."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.import_publish import tell_once
from dashboard.panels.ring_card import show_ring_card
from dashboard.panels.ring_drills import show_drills
from dashboard.panels.ring_list import show_ring_list
from dashboard.panels.ring_report import show_report
from dashboard.panels.ring_rule_form import show_rule
from dashboard.panels.ring_rules import show_evaluate, show_rules
from dashboard.panels.welcome import leave_if_empty
from dashboard.state import current_screen

screen = current_screen()
leave_if_empty(screen)

tell_once()
with st.container(key="om-ring-main"):
    show_ring_list(screen)
    with st.container(key="om-ring-side"):
        if not show_ring_card(screen) and not show_rule(screen):
            show_report(screen)
            show_evaluate()
            show_rules(screen)
            show_drills(screen)
