"""Voronoi cells whose edges are bent like real boundaries, still shared exactly by both neighbours.

Every edge is bent within the kite of its two ends and its two sites. The kites of different edges
do not overlap, so bent edges never cross and every cell keeps its site.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_METRES_PER_DEGREE: Final = 111_320.0
_GUARDS: Final = 24
_KITE_SHARE: Final = 0.6
"""A bent edge keeps to this share of the way from the edge to either site."""
_MAX_DEPTH: Final = 9
"""An edge is halved at most so many times: 512 pieces, whatever the detail."""


def rough_cells(
    sites: FloatArray,
    bounds: tuple[float, float, float, float],
    *,
    squeeze: float,
    roughness: float,
    detail_m: float,
    rng: np.random.Generator,
) -> NDArray[np.object_]:
    """Polygons in degrees around sites (n × 2, degrees), in their order, that together cover ``bounds``.

    ``squeeze`` is the length of a degree of longitude over one of latitude; ``roughness`` the swing of an
    edge as a share of its length; ``detail_m`` the length of the straight pieces it is bent into.
    """
    scale = np.array([squeeze, 1.0])
    flat = sites * scale
    all_sites = np.concatenate([flat, _guards(bounds, scale)])
    starts, ends, left, right = _edges(all_sites, inner=len(flat))
    bent = _bend(
        starts, ends, all_sites[left], all_sites[right],
        roughness=roughness, detail=detail_m / _METRES_PER_DEGREE, rng=rng,
    )  # fmt: skip
    lines = [shapely.LineString(line / scale) for line in bent]
    faces = np.array(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    site_rows, face_rows = shapely.STRtree(faces).query(shapely.points(sites), predicate="within")
    cells = np.full(len(sites), shapely.Polygon(), dtype=object)
    cells[site_rows] = faces[face_rows]
    return cells


def _guards(bounds: tuple[float, float, float, float], scale: FloatArray) -> FloatArray:
    """Sites on a wide circle, so that every cell that reaches into the bounds is closed by real edges."""
    low, high = np.array(bounds[:2]) * scale, np.array(bounds[2:]) * scale
    # At 1.5 diagonals from the centre no point of the bounds is nearer to a guard than to a site.
    radius = 1.6 * max(float(np.hypot(*(high - low))), 1e-6)
    angle = np.arange(_GUARDS) * (2.0 * np.pi / _GUARDS)
    return (low + high) / 2.0 + radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _edges(all_sites: FloatArray, *, inner: int) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Edges of the cells of the first ``inner`` sites: their ends and the sites on both sides."""
    diagram = shapely.voronoi_polygons(shapely.multipoints(all_sites), ordered=True)
    cells = np.array(shapely.get_parts(diagram), dtype=object)
    corners, owner = shapely.get_coordinates(cells, return_index=True)
    follows = owner[1:] == owner[:-1]
    first, second, site = corners[:-1][follows], corners[1:][follows], owner[:-1][follows]
    swap = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    rows = np.where(swap[:, None], np.hstack([second, first]), np.hstack([first, second]))
    edges, which = np.unique(rows, axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    edge_of, site_of = which.ravel()[order], site[order]
    paired = np.flatnonzero(edge_of[1:] == edge_of[:-1])
    left, right = site_of[paired], site_of[paired + 1]
    kept = np.minimum(left, right) < inner
    ends = edges[edge_of[paired]][kept]
    return ends[:, :2], ends[:, 2:], left[kept], right[kept]


def _bend(
    starts: FloatArray,
    ends: FloatArray,
    left: FloatArray,
    right: FloatArray,
    *,
    roughness: float,
    detail: float,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Each edge as a polyline: midpoint displacement, held within the kite of the edge's two sites."""
    along = ends - starts
    length = np.hypot(along[:, 0], along[:, 1])
    length = np.where(length > 0, length, 1e-300)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    steps = np.clip(np.ceil(np.log2(length / detail)), 0, _MAX_DEPTH).astype(np.int64)
    depth = int(steps.max(initial=0))
    columns = 1 << depth
    share = np.arange(columns + 1) / columns
    low, high = _kite(starts, along, length, normal, (left, right), share)
    swing = np.zeros((len(starts), columns + 1))
    stride = columns
    while stride > 1:
        half = stride // 2
        middle = (swing[:, :-1:stride] + swing[:, stride::stride]) / 2.0
        size = roughness * length[:, None] * (stride / columns)
        bent = middle + size * rng.uniform(-1.0, 1.0, middle.shape)
        swing[:, half::stride] = np.clip(bent, low[:, half::stride], high[:, half::stride])
        stride = half
    straight = starts[:, None, :] + share[None, :, None] * along[:, None, :]
    points = straight + swing[:, :, None] * normal[:, None, :]
    points[:, 0], points[:, -1] = starts, ends
    return [points[row, :: columns >> int(steps[row])] for row in range(len(points))]


def _kite(
    starts: FloatArray,
    along: FloatArray,
    length: FloatArray,
    normal: FloatArray,
    sites: tuple[FloatArray, FloatArray],
    share: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest sideways swing of each edge at each share of its way."""
    low = np.zeros((len(starts), len(share)))
    high = np.zeros_like(low)
    for site in sites:
        offset = site - starts
        height = np.einsum("ij,ij->i", offset, normal)
        foot = np.einsum("ij,ij->i", offset, along) / length**2
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = np.where(foot[:, None] > 0, share / foot[:, None], np.inf)
            fall = np.where(foot[:, None] < 1, (1.0 - share) / (1.0 - foot[:, None]), np.inf)
        limit = _KITE_SHARE * height[:, None] * np.clip(np.minimum(rise, fall), 0.0, None)
        high = np.maximum(high, np.where(height[:, None] > 0, limit, 0.0))
        low = np.minimum(low, np.where(height[:, None] < 0, limit, 0.0))
    return low, high
