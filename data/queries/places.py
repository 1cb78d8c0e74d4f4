"""同一处: what counts as one place on the ground."""

from __future__ import annotations

from typing import Final

from geo.cells import tile_shift

PLACE_ZOOM: Final = 20
"""A tile of this zoom is 38 m wide at the equator, 33 m at 30° latitude."""
PLACE_SHIFT: Final = tile_shift(PLACE_ZOOM)
"""Bits to shift a cell key right so that equal results are one place."""


def place_range(cell: int) -> tuple[int, int]:
    """Half-open range of the cell keys at the same place."""
    low = cell >> PLACE_SHIFT << PLACE_SHIFT
    return low, low + (1 << PLACE_SHIFT)
