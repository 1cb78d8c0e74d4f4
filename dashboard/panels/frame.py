"""The frame of a panel: a title line and a body that scrolls by itself."""

from __future__ import annotations

from dashboard.markup import Child, Html, div, show, span


def panel(title: str, *body: Child, aside: Child = None, cls: str = "") -> Html:
    """A panel; ``aside`` stands in the title line."""
    head = div(span(title, cls="om-title"), aside, cls="om-panel-head")
    return div(head, div(body, cls="om-scroll"), cls=f"om-panel {cls}".strip())


def show_column(*panels: Html | None, cls: str = "") -> None:
    """Panels one below the other that share the height of their column."""
    show(div(panels, cls=f"om-column {cls}".strip()))
