"""Which tests one worker runs one after the other: they share a served demo, or a large database.

Groups by path and not by ``pytest.mark.xdist_group``: pytest-xdist 3.8 writes that mark into a name that
pytest 9.2 no longer reads, and the tests of a group end up in all workers.
"""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = ("tests/browser/", "tests/whole/test_statement_plans")


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Every test by itself to whoever is free, but those of a group to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)
