"""The boundaries of a preview: their own outlines, in the place where they would be, and never too many."""

from __future__ import annotations

from pathlib import Path

import shapely

from data.imports.outlines import coarse_rings
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, event, write_csv
from tests.data.imports.test_divisions import LEFT, RIGHT, layer, polygon


def test_a_preview_of_boundaries_has_their_outlines_and_not_only_a_point_in_each(
    street: Street, tmp_path: Path
) -> None:
    path = layer(
        tmp_path / "格.geojson", {"510115001001001": polygon(LEFT), "510115001001002": polygon(RIGHT)}
    )
    outlines = street.preview(path, BatchKind.DIVISIONS).outlines
    assert [shapely.Polygon(ring).bounds for ring in outlines] == [
        (103.80, 30.70, 103.81, 30.72),
        (103.81, 30.70, 103.82, 30.72),
    ]
    assert street.preview(write_csv(tmp_path / "件.csv", [event()]), BatchKind.EVENTS).outlines == ()


def test_a_bend_below_a_pixel_is_left_out_and_one_that_can_be_seen_stays() -> None:
    flat = shapely.Polygon([(0, 0), (5, 0.001), (10, 0), (10, 10), (0, 10)])
    bent = shapely.Polygon([(0, 0), (5, 2), (10, 0), (10, 10), (0, 10)])
    assert (5, 0.001) not in coarse_rings([flat])[0]
    assert (5, 2) in coarse_rings([bent])[0]


def test_of_too_many_outlines_the_largest_are_drawn() -> None:
    squares = [shapely.box(size * 10, 0, size * 10 + size, size) for size in range(1, 6)]
    found = coarse_rings(squares, max_vertices=12)
    assert [shapely.Polygon(ring).area for ring in found] == [25, 16]


def test_without_boundaries_there_is_nothing_to_draw() -> None:
    assert coarse_rings([]) == ()
