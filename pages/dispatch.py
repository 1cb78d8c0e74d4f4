"""派遣规则: who handles which class where, what is wrong with the table, and how one case would go."""

from __future__ import annotations

import streamlit as st

from dashboard.panels.dispatch_rule import chosen_rule, show_rule
from dashboard.panels.dispatch_table import show_check, show_rules
from dashboard.panels.dispatch_test import show_test
from dashboard.panels.import_publish import tell_once
from dashboard.state import current_screen

screen = current_screen()
number = chosen_rule(screen)

tell_once()
with st.container(key="om-duty-main"):
    show_rules(screen, chosen=number)
    with st.container(key="om-duty-side"):
        if number is None:
            show_check(screen)
            show_test(screen)
        else:
            show_rule(screen, number)
