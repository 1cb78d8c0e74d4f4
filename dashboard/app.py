"""The ASGI application: Streamlit with our own routes beside it. ``python -m dashboard serve`` starts it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.panels.messages import show_unexpected
from dashboard.routes import routes
from dashboard.routes.forms import form_routes
from dashboard.routes.nowhere import Nowhere
from dashboard.shell import shell_routes


def _on_script_error(error: Exception) -> bool:
    """Errors outside the page's own guard, in callbacks for example. True: nothing else is shown."""
    show_unexpected(error)
    return True


_ours = [*shell_routes(), *routes(), *form_routes()]
app = st.App(
    Path(__file__).with_name("main.py"),
    routes=[*_ours, Nowhere(_ours)],
    on_script_error=_on_script_error,
)
