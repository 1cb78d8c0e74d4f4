"""How numbers and times are written, and how text becomes HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.formats import (
    ago_text,
    clock_text,
    day_text,
    moment_text,
    number,
    rate,
)
from dashboard.markup import Html, el, esc, join, link
from dashboard.shell import page_html
from dashboard.theme.tokens import TOKENS, css_variables
from data.durations import duration_text, time_left_text
from data.time_left import TimeLeft

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (3 + 20 / 60, "剩 3 小时 20 分"),
        (2.0, "剩 2 小时"),
        (0.5, "剩 30 分"),
        (-48.0, "超 2 天"),
        (-50.0, "超 2 天 2 小时"),
        (24 * 30.5, "剩 30 天"),
        (0.0, "剩 0 分"),
    ],
)
def test_time_left_is_said_in_words(hours: float, text: str) -> None:
    assert time_left_text(TimeLeft(hours, hours < 0)) == text


def test_without_a_limit_there_is_a_dash() -> None:
    assert time_left_text(None) == "—"


def test_durations_are_never_negative() -> None:
    assert duration_text(-1.5) == "1 小时 30 分"


def test_a_time_shows_the_year_only_when_it_differs() -> None:
    assert moment_text(datetime(2026, 11, 21, 0, 30, tzinfo=UTC), zone=ZONE, now=NOW) == "11-21 08:30"
    assert moment_text(datetime(2025, 1, 2, 0, 0, tzinfo=UTC), zone=ZONE, now=NOW) == "2025-01-02 08:00"
    assert moment_text(None, zone=ZONE, now=NOW) == "—"
    assert day_text(date(2025, 1, 2), today=date(2026, 1, 1)) == "2025-01-02"
    assert clock_text(NOW, zone=ZONE) == "12:00:00"


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "刚刚"), (45, "45 分前"), (190, "3 小时前"), (2900, "2 天前")]
)
def test_an_age_is_said_in_its_largest_unit(minutes: int, text: str) -> None:
    assert ago_text(NOW - timedelta(minutes=minutes), now=NOW) == text


def test_numbers_have_thousands_and_rates_one_digit() -> None:
    assert number(12345) == "12,345"
    assert number(None) == "—"
    assert rate(1204, 1289) == "93.4%"
    assert rate(0, 0) == "—"


@given(st.text())
def test_text_never_becomes_a_tag_or_leaves_its_attribute(text: str) -> None:
    html = el("b", text, title=text)

    assert html.count("<") == 2
    assert html.count(">") == 2
    assert html.count('"') == 2


def test_html_is_not_escaped_twice() -> None:
    assert el("p", el("b", "a<b")) == "<p><b>a&lt;b</b></p>"


def test_attributes_without_a_value_are_left_out() -> None:
    assert el("a", "x", cls="", href=None, hidden=True, data_key=0) == '<a hidden data-key="0">x</a>'
    assert link("./?a=1&b=2", "y") == '<a href="./?a=1&amp;b=2">y</a>'


def test_joining_takes_lists_numbers_and_nothing() -> None:
    assert join(["a", None, 3, [Html("<br>")]]) == "a3<br>"
    assert esc('"&') == "&quot;&amp;"


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TEXT_TOKENS = [
    "text",
    "muted",
    "accent",
    "in_time",
    "soon",
    "overdue",
    "done",
    "suspended",
    "no_limit",
    "done_late",
    "better",
    "worse",
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("token", TEXT_TOKENS)
def test_every_text_colour_stands_out_on_both_surfaces(theme: str, token: str) -> None:
    tokens = TOKENS[theme]  # type: ignore[index]
    for surface in ("surface", "ground"):
        low, high = sorted((luminance(tokens[token]), luminance(tokens[surface])))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_both_themes_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()
    assert css_variables("dark").startswith(":root{--om-surface:#13213A;")


def test_the_start_page_is_chinese_and_names_the_server_itself() -> None:
    html = page_html()

    assert '<html lang="zh-CN">' in html
    assert "<title>一图统览</title>" in html
    assert "BACKEND_BASE_URL" in html
    assert "https://" not in html.replace("https://www.apache.org", "")
