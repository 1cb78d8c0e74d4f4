"""A furnished district for each test of the loop."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.data.loop.world import furnish


@pytest.fixture
def district(engine: Engine) -> Engine:
    """The database of this test with staff, departments and classes."""
    furnish(engine)
    return engine
