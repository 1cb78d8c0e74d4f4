"""The URL spelling of a polygon: there and back, short, and firm against rubbish."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PolygonError
from geo.polyline import decode, encode

MICRO_LON = st.integers(-180_000_000, 180_000_000)
MICRO_LAT = st.integers(-90_000_000, 90_000_000)
RING = st.lists(st.tuples(MICRO_LON, MICRO_LAT), min_size=3, max_size=100, unique=True).map(
    lambda ring: [(x / 1e6, y / 1e6) for x, y in ring]
)
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


@given(ring=RING)
def test_a_ring_comes_back_as_it_was(ring: list[tuple[float, float]]) -> None:
    assert decode(encode(ring)) == ring


@given(ring=RING)
def test_the_spelling_is_url_safe_and_below_two_kilobytes(
    ring: list[tuple[float, float]],
) -> None:
    text = encode(ring)
    assert set(text) <= URL_SAFE
    assert len(text) < 2_000


@given(ring=RING)
def test_a_repeated_closing_vertex_is_dropped(ring: list[tuple[float, float]]) -> None:
    assert encode([*ring, ring[0]]) == encode(ring)


def test_a_known_ring_has_a_known_spelling() -> None:
    # 1 → 2 → "C"; 0 → "A"; -1 → 1 → "B"; 32 → 64 → five low bits 0 with "more" (32 → "g"), then 2 → "C".
    assert encode([(0.000001, 0.0), (0.0, 0.0), (0.000032, 0.000001)]) == "CA" + "BA" + "gCC"


def test_hundred_vertices_of_a_district_take_about_half_a_kilobyte() -> None:
    ring = [(103.8 + k / 1000, 30.6 + (k * 37 % 100) / 2000) for k in range(100)]
    assert len(encode(ring)) < 900


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "只有 0 个顶点"),
        ("CABA", "只有 2 个顶点"),
        ("CABAg", "截断"),
        ("CABAC", "不完整"),
        ("CA%A", "第 3 个字符“%”"),
        ("中文", "第 1 个字符“中”"),
        ("_" * 20, "数过大"),
        ("AA" * 101, "有 101 个顶点，最多 100 个"),
        ("_____fAAAAA", "不存在的位置"),
    ],
)
def test_rubbish_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(PolygonError, match=words):
        decode(text)


@given(text=st.text(max_size=300) | st.text(alphabet=sorted(URL_SAFE), max_size=300))
def test_any_text_is_either_a_ring_on_the_globe_or_refused(text: str) -> None:
    try:
        ring = decode(text)
    except PolygonError:
        ring = []
    assert not ring or 3 <= len(ring) <= 100
    assert all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in ring)


@pytest.mark.parametrize("ring", [[], [(104.0, 30.0)] * 2, [(104.0, 30.0), (200.0, 30.0), (104.0, 31.0)]])
def test_what_is_no_ring_cannot_be_spelled(ring: list[tuple[float, float]]) -> None:
    with pytest.raises(PolygonError):
        encode(ring)
