"""The small district of the data tests with classes and departments."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.data.dispatch.town import build_town


@pytest.fixture
def town(small_district: Engine) -> Engine:
    """A district, one street, two communities, four classes, four departments, no rules."""
    return build_town(small_district)
