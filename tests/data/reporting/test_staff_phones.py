"""Whose telephone somebody may see: of their own area, and of the areas above and below it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.reporting import why_not_phoned
from tests.data.loop.world import WORKER


@pytest.mark.parametrize(
    ("own", "asked", "may"),
    [
        ("510115001001", "510115001001", True),
        ("510115001001", "510115001001003", True),
        ("510115001001", "510115001", True),
        ("510115001001", "510115001002", False),
        ("510115001001", "510115002", False),
        ("", "510115001002", True),
    ],
)
def test_a_number_is_for_those_of_the_area_and_of_those_above_and_below(
    own: str, asked: str, may: bool
) -> None:
    person = replace(WORKER, division_code=own)

    refused = why_not_phoned(asked, person)
    assert (refused == "") is may
    assert may or person.name in refused
