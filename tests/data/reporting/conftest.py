"""A drawn district of one street, two communities and a grid, with staff, departments and classes."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.database import write_session
from tests.data.conftest import division
from tests.data.loop.world import GRID, furnish


@pytest.fixture
def town(small_district: Engine) -> Engine:
    """``GRID`` is the western quarter: longitude 103.80 to 103.81, latitude 30.70 to 30.72."""
    furnish(small_district)
    with write_session(small_district) as session:
        session.add(division(GRID, "01网格", 103.80, 103.81))
    return small_district
