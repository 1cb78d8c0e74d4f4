"""Puts the style sheet and the tokens of the theme in force on the page."""

from __future__ import annotations

from functools import cache
from typing import Final

import streamlit as st

from dashboard.assets import asset_path
from dashboard.theme.tokens import Theme, css_variables

SHEETS: Final = (
    "base.css",
    "panels.css",
    "pages.css",
    "alerts.css",
    "duties.css",
    "calendar.css",
    "loop.css",
    "settings.css",
    "whistle.css",
    "touch.css",
)


def current_theme() -> Theme:
    """The theme that the browser shows, as it told with this run."""
    return "dark" if st.context.theme.type == "dark" else "light"


@cache
def _sheet() -> str:
    return "\n".join(asset_path(name).read_text(encoding="utf-8") for name in SHEETS)


def apply_style() -> None:
    """Once a run, before anything is shown."""
    st.html(f"<style>{css_variables(current_theme())}\n{_sheet()}</style>")
