"""Boundaries coarse enough for a small picture, with a bound on how much there is to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Ring = tuple[tuple[float, float], ...]
MAX_VERTICES: Final = 6000
_STEPS: Final = 600
"""The coarsening is a step of so many across the whole: about half a pixel of the picture."""


def coarse_rings(shapes: Sequence[shapely.Geometry], *, max_vertices: int = MAX_VERTICES) -> tuple[Ring, ...]:
    """Outer rings of polygons in CGCS2000 degrees, (longitude, latitude), the largest first.

    Details below a pixel are left out, and the smallest rings where there would be too many corners.
    """
    areas: NDArray[np.object_] = shapely.get_parts(np.array(list(shapes), dtype=object))
    if not len(areas):
        return ()
    west, south, east, north = shapely.total_bounds(areas)
    coarse = shapely.simplify(shapely.get_exterior_ring(areas), max(east - west, north - south) / _STEPS)
    ordered = coarse[np.argsort(-shapely.area(areas), kind="stable")]
    fitting = np.cumsum(shapely.get_num_coordinates(ordered)) <= max_vertices
    return tuple(
        tuple((float(x), float(y)) for x, y in shapely.get_coordinates(ring)) for ring in ordered[fitting]
    )
