"""How a long step tells whoever started it how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as ``progress(stage, done, total)``: stage in Chinese, parts done, parts in all (0: not known)."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Tells nobody: the default where no one is watching."""
