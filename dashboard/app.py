"""The ASGI application: Streamlit with our own routes beside it. ``python -m dashboard serve`` starts it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route

from dashboard.panels.messages import show_unexpected
from dashboard.routes import routes


def _to_root(request: Request) -> RedirectResponse:
    """The overview answers at the root; its name as an address leads there with the same query."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}")


def _on_script_error(error: Exception) -> bool:
    """Errors outside the page's own guard, in callbacks for example. True: nothing else is shown."""
    show_unexpected(error)
    return True


def _routes() -> list[BaseRoute]:
    return [Route("/overview", _to_root), *routes()]


app = st.App(Path(__file__).with_name("main.py"), routes=_routes(), on_script_error=_on_script_error)
