"""A bar for what takes longer than a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from data.progress import Progress


@contextmanager
def shown_progress(text: str) -> Iterator[Progress]:
    """A bar that is fed by ``progress(stage, done, total)`` and goes when the work is done or refused."""
    bar = st.progress(0.0, text=text)

    def tell(stage: str, done: int, total: int) -> None:
        bar.progress(min(1.0, done / total) if total else 0.0, text=stage)

    try:
        yield tell
    finally:
        bar.empty()
