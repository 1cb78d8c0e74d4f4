"""Invented boundaries inside the real outline: about a thousand grids, grouped to communities and streets.

Built from the bottom up: the outline is split into grids once, and a community is the union of its grids, a
street of its communities. So areas of every level tile the district with shared vertices, without gaps or
overlaps. Grids gather where a street has many communities for its area, and at the centre of each street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo import facts
from geo.subdivide import subdivide

GRIDS: Final = 1000
_MIN_GRIDS_PER_COMMUNITY: Final = 3
_CORE_KM: Final = 1.6
_CORE_GAIN: Final = 5.0
_KM_PER_DEGREE: Final = 111.32

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Area:
    """One generated division. ``kind`` is 街道, 镇, 社区, 村 or the kind of grid."""

    code: str
    level: str
    name: str
    kind: str
    polygon: shapely.Polygon
    residents: int
    households: int


def build_grids(*, seed: int) -> list[tuple[str, shapely.Polygon]]:
    """(15-digit code, polygon) of every grid, by code; the first 12 digits are its community."""
    _, _, outline = facts.district()
    streets = facts.streets()
    squeeze = float(np.cos(np.radians(outline.centroid.y)))
    scale = np.array([squeeze, 1.0]) * _KM_PER_DEGREE
    centres = np.array([(s.centre_lon, s.centre_lat) for s in streets]) * scale
    counts = np.array([sum(code.startswith(s.code) for code, _ in facts.communities()) for s in streets])
    density = counts / _areas_around(outline, centres, scale)

    def weights(lon: FloatArray, lat: FloatArray) -> FloatArray:
        far = _distances(np.column_stack([lon, lat]) * scale, centres)
        nearest = far.argmin(axis=1)
        core = np.exp(-((far.min(axis=1) / _CORE_KM) ** 2))
        return np.asarray(density[nearest] * (1.0 + _CORE_GAIN * core), dtype=np.float64)

    grids = subdivide(outline, parts=GRIDS, seed=seed, weights=weights)
    points = shapely.get_coordinates(shapely.centroid(grids)) * scale
    neighbours = _neighbours(grids)
    in_street = _connected(_distances(points, centres).argmin(axis=1), neighbours)
    return _numbered(grids, points, neighbours, in_street, seed)


def _numbered(
    grids: list[shapely.Polygon],
    points: FloatArray,
    neighbours: list[IntArray],
    in_street: IntArray,
    seed: int,
) -> list[tuple[str, shapely.Polygon]]:
    coded: list[tuple[str, shapely.Polygon]] = []
    for row, street in enumerate(facts.streets()):
        codes = [code for code, _ in facts.communities() if code.startswith(street.code)]
        members = np.flatnonzero(in_street == row)
        groups = _groups(points[members], len(codes), np.random.default_rng([seed, row]))
        inside = [np.flatnonzero(np.isin(members, neighbours[member])) for member in members]
        groups = _connected(groups, inside)
        for group, code in enumerate(codes):
            for number, member in enumerate(members[groups == group], start=1):
                coded.append((f"{code}{number:03d}", grids[member]))
    return sorted(coded, key=lambda pair: pair[0])


def _areas_around(outline: shapely.Polygon, centres: FloatArray, scale: FloatArray) -> FloatArray:
    """Share of the outline that is nearest to each centre, from a lattice of points."""
    low_lon, low_lat, high_lon, high_lat = outline.bounds
    columns, rows = np.linspace(low_lon, high_lon, 160), np.linspace(low_lat, high_lat, 160)
    lon, lat = (values.ravel() for values in np.meshgrid(columns, rows))
    inside = shapely.contains_xy(outline, lon, lat)
    nearest = _distances(np.column_stack([lon, lat])[inside] * scale, centres).argmin(axis=1)
    return np.asarray(np.bincount(nearest, minlength=len(centres)) / inside.sum(), dtype=np.float64)


def _distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    offset = points[:, None, :] - centres[None, :, :]
    return np.asarray(np.hypot(offset[..., 0], offset[..., 1]))


def _neighbours(grids: list[shapely.Polygon]) -> list[IntArray]:
    """Rows of the grids that share a stretch of boundary with each grid, not merely a corner."""
    first, second = shapely.STRtree(grids).query(grids, predicate="touches")
    shapes = np.array(grids, dtype=object)
    common = shapely.length(shapely.intersection(shapes[first], shapes[second])) > 0
    return [second[common & (first == row)] for row in range(len(grids))]


def _groups(points: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Split points into ``count`` compact groups of similar size, numbered from the middle outwards."""
    middle = points.mean(axis=0)
    best, best_spread = np.zeros(len(points), dtype=np.int64), np.inf
    for _ in range(24):
        sites = points[rng.choice(len(points), size=count, replace=False)]
        for _ in range(25):
            nearest = _distances(points, sites).argmin(axis=1)
            for group in np.unique(nearest):
                sites[group] = points[nearest == group].mean(axis=0)
        sizes = np.bincount(nearest, minlength=count)
        spread = float(sizes.std()) + 100.0 * float(sizes.min() < _MIN_GRIDS_PER_COMMUNITY)
        if spread < best_spread:
            order = np.argsort(np.hypot(*(sites - middle).T), kind="stable")
            rank = np.empty(count, dtype=np.int64)
            rank[order] = np.arange(count)
            best, best_spread = rank[nearest], spread
    return best


def _connected(groups: IntArray, neighbours: list[IntArray]) -> IntArray:
    """The same groups, each in one piece: smaller pieces go to a neighbouring group."""
    groups = groups.copy()
    while True:
        pieces = _pieces(groups, neighbours)
        largest: dict[int, list[int]] = {}
        for piece in pieces:
            group = int(groups[piece[0]])
            if len(piece) > len(largest.get(group, [])):
                largest[group] = piece
        strays = [piece for piece in pieces if largest[int(groups[piece[0]])] is not piece]
        if not strays:
            return groups
        for piece in strays:
            around = groups[np.concatenate([neighbours[member] for member in piece])]
            outside = around[around != groups[piece[0]]].tolist()
            if outside:
                groups[piece] = max(sorted(set(outside)), key=outside.count)


def _pieces(groups: IntArray, neighbours: list[IntArray]) -> list[list[int]]:
    seen: set[int] = set()
    pieces: list[list[int]] = []
    for start in range(len(groups)):
        if start in seen:
            continue
        piece, waiting = [], [start]
        seen.add(start)
        while waiting:
            row = waiting.pop()
            piece.append(row)
            for other in neighbours[row]:
                if int(other) not in seen and groups[other] == groups[start]:
                    seen.add(int(other))
                    waiting.append(int(other))
        pieces.append(sorted(piece))
    return pieces
