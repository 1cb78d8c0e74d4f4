"""One progress bar on a terminal, for steps that take more than a second or two; silent elsewhere."""

from __future__ import annotations

import sys

WIDTH = 32


class Bar:
    """Draws ``label [#####....] 12/59`` in place. Nothing is drawn where the output is not a terminal."""

    def __init__(self, *, label: str, total: int) -> None:
        self._label = label
        self._total = max(total, 1)
        self._done = 0
        self._drawn = sys.stdout.isatty()

    def step(self, note: str = "") -> None:
        """One more part is done; ``note`` names the part now at work."""
        self._done = min(self._done + 1, self._total)
        if self._drawn:
            filled = WIDTH * self._done // self._total
            bar = "#" * filled + "." * (WIDTH - filled)
            print(f"\r{self._label} [{bar}] {self._done}/{self._total} {note:<24.24}", end="", flush=True)

    def close(self) -> None:
        """Leave the line."""
        if self._drawn:
            print(flush=True)
