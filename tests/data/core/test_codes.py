"""Codes by hand, and the range of a prefix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.codes import ancestors, child_level, level_of, minimal, parent_of, prefix_range
from data.vocabulary import Level

codes = st.text("0123456789", max_size=15)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("510115", Level.DISTRICT, ""),
        ("510115001", Level.STREET, "510115"),
        ("510115001001", Level.COMMUNITY, "510115001"),
        ("510115001001003", Level.GRID, "510115001001"),
    ],
)
def test_the_length_of_a_code_is_its_level(code: str, level: Level, parent: str) -> None:
    assert level_of(code) is level
    assert parent_of(code) == parent


def test_the_empty_prefix_is_above_the_district() -> None:
    assert level_of("") is None
    assert child_level("") is Level.DISTRICT
    assert parent_of("") == ""


def test_below_a_grid_there_is_nothing() -> None:
    assert child_level("510115001") is Level.COMMUNITY
    assert child_level("510115001001003") is None


def test_a_code_of_another_length_is_named() -> None:
    with pytest.raises(ValueError, match="5101150 的位数不对"):
        level_of("5101150")


def test_ancestors_run_from_the_district_to_the_code_itself() -> None:
    assert ancestors("510115001001") == ["510115", "510115001", "510115001001"]
    assert ancestors("") == []


@given(prefix=codes, code=codes)
def test_a_range_holds_exactly_the_codes_under_its_prefix(prefix: str, code: str) -> None:
    low, high = prefix_range(prefix)

    assert (low <= code < high) is code.startswith(prefix)


@given(prefixes=st.lists(codes, max_size=6).map(tuple), code=codes)
def test_a_minimal_set_covers_the_same_codes_without_overlap(prefixes: tuple[str, ...], code: str) -> None:
    kept = minimal(prefixes)

    assert any(map(code.startswith, kept)) is any(map(code.startswith, prefixes))
    assert sum(map(code.startswith, kept)) <= 1
    assert list(kept) == sorted(kept)
