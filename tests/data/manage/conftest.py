"""A small district with staff, classes and departments, and everybody who may and may not set something."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.data.loop.world import furnish


@pytest.fixture
def district(small_district: Engine) -> Engine:
    """One street, two communities; staff, departments and classes."""
    furnish(small_district)
    return small_district
