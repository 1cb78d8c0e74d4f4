"""The one way to write HTML: every piece of text that goes in is escaped.

``el("td", row.title, cls="name")`` gives :class:`Html`; plain strings among the children are data and are
escaped, ``Html`` is taken as it is. Nothing else in the dashboard joins tags by hand.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final, TypeAlias

import streamlit as st

VOID: Final = frozenset({"input", "br", "hr", "img", "col", "link", "meta"})


class Html(str):
    """Text that is already safe HTML."""

    __slots__ = ()


Child: TypeAlias = "str | int | Iterable[Child] | None"

EMPTY: Final = Html("")


def esc(text: object) -> Html:
    """``text`` with the five special characters replaced, for element content and quoted attributes."""
    return Html(html.escape(str(text), quote=True))


def join(children: Child) -> Html:
    """Children in order as one piece of HTML: ``Html`` as it is, other text escaped, None left out."""
    if children is None:
        return EMPTY
    if isinstance(children, Html):
        return children
    if isinstance(children, str | int):
        return esc(children)
    return Html("".join(join(child) for child in children))


def el(tag: str, *children: Child, cls: str = "", **attributes: object) -> Html:
    """One element. ``cls`` is the class; ``data_kpi`` becomes ``data-kpi``, ``for_`` becomes ``for``.

    An attribute that is None or False is left out, True stands without a value.
    """
    parts = [f'<{tag} class="{esc(cls)}"' if cls else f"<{tag}"]
    for name, value in attributes.items():
        spelled = name.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f" {spelled}")
        elif value is not None and value is not False:
            parts.append(f' {spelled}="{esc(value)}"')
    opening = "".join(parts) + ">"
    return Html(opening) if tag in VOID else Html(f"{opening}{join(children)}</{tag}>")


def div(*children: Child, cls: str = "", **attributes: object) -> Html:
    return el("div", *children, cls=cls, **attributes)


def span(*children: Child, cls: str = "", **attributes: object) -> Html:
    return el("span", *children, cls=cls, **attributes)


def link(href: str, *children: Child, cls: str = "", **attributes: object) -> Html:
    """A link to a view of this product; ``static/router.js`` follows it without loading the page anew."""
    return el("a", *children, cls=cls, href=href, **attributes)


def show(*children: Child) -> None:
    """Put HTML on the page."""
    body = join(children)
    if body:
        st.html(body)
