"""The small district with classes and departments, for lists."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.data.dispatch.town import build_town


@pytest.fixture
def town(small_district: Engine) -> Engine:
    """A district with four classes and four departments, all lists empty."""
    return build_town(small_district)
