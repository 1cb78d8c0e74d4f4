"""A shape computed by hand for the geo tests."""

from __future__ import annotations

import pytest
import shapely


@pytest.fixture
def horseshoe() -> shapely.Polygon:
    """A square of 0.2° with a bay from the north, in degrees near 104° E 30° N."""
    return shapely.Polygon(
        [(104.0, 30.0), (104.2, 30.0), (104.2, 30.2), (104.15, 30.2), (104.15, 30.05), (104.05, 30.05),
         (104.05, 30.2), (104.0, 30.2)]
    )  # fmt: skip
