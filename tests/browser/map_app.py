"""The application of the map's browser tests: the routes of the product beside a page with one map."""

from pathlib import Path

import streamlit as st

from dashboard.routes import routes

app = st.App(Path(__file__).with_name("map_script.py"), routes=routes())
