"""Cells as people and programs write them, read by hand-computed examples and by properties."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.imports.normalise import angles, keys, moments, narrow, numbers, plain_text

SHANGHAI = ZoneInfo("Asia/Shanghai")


def column(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype=object)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-21 08:30",
        "2026-11-21 08:30:00",
        "2026/11/21 8:30",
        "2026.11.21 8:30",
        "20261121083000",
        "202611210830",
        "2026年11月21日 8时30分",
        "2026年11月21日8点30分00秒",
        "2026-11-21T08:30:00",
        "2026-11-21T00:30:00Z",
        "2026-11-21T00:30:00.000+00:00",
        "2026-11-21 08:30:00 +0800",
        "2026-11-21 上午 8:30",
        "２０２６－１１－２１　０８：３０",
        "46347.3541666667",
    ],
)
def test_one_moment_in_many_spellings(cell: str) -> None:
    values, bad = moments(column(cell), zone=SHANGHAI)
    assert not bad.any()
    assert values.iloc[0] == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2026-11-21", "2026/11/21", "20261121", "2026年11月21日", "46347"])
def test_a_day_without_time_begins_at_local_midnight(cell: str) -> None:
    values, _ = moments(column(cell), zone=SHANGHAI)
    assert values.iloc[0] == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["明天", "2026-13-01", "2026-02-30", "21/11/26", "12", "99999999", "1900-01-01"]
)
def test_what_is_no_moment_is_unreadable(cell: str) -> None:
    values, bad = moments(column(cell, ""), zone=SHANGHAI)
    assert bad.tolist() == [True, False]
    assert values.isna().all()


def test_own_formats_come_before_the_built_in_ones() -> None:
    values, bad = moments(column("21.11.2026 08:30"), zone=SHANGHAI, formats=["%d.%m.%Y %H:%M"])
    assert not bad.any()
    assert values.iloc[0] == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def test_a_clock_time_that_summer_time_skips_moves_forward_and_one_that_it_doubles_is_the_earlier() -> None:
    values, bad = moments(
        column("2019-03-10 02:30:00", "2019-11-03 01:30"), zone=ZoneInfo("America/New_York")
    )
    assert not bad.any()
    assert values.tolist() == [
        datetime(2019, 3, 10, 7, 0, tzinfo=UTC),
        datetime(2019, 11, 3, 5, 30, tzinfo=UTC),
    ]


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 1, 1)))
def test_every_spelling_of_a_moment_reads_the_same(moment: datetime) -> None:
    cells = [
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        moment.strftime("%Y/%m/%d %H:%M:%S"),
        moment.strftime("%Y%m%d%H%M%S"),
        moment.strftime("%Y年%m月%d日 %H时%M分%S秒"),
        moment.strftime("%Y-%m-%dT%H:%M:%S"),
    ]
    values, bad = moments(column(*cells), zone=SHANGHAI)
    assert not bad.any()
    assert values.nunique() == 1


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,024", 1024.0),
        ("１０２４", 1024.0),
        ("1，024.5", 1024.5),
        (" 620 平方米", 620.0),
        ("6人", 6.0),
        ("-3", -3.0),
    ],
)
def test_numbers_as_people_write_them(cell: str, value: float) -> None:
    values, bad = numbers(column(cell))
    assert (values[0], bad[0]) == (value, False)


@pytest.mark.parametrize("cell", ["约三百", "1-2", "nan", "inf", "1e999", "--1"])
def test_what_is_no_number_is_unreadable(cell: str) -> None:
    assert numbers(column(cell))[1].tolist() == [True]


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("103.81", 103.81),
        ("103°48′36″", 103.81),
        ("103度48分36秒", 103.81),
        ("E103°48'36\"", 103.81),
        ("71°30′W", -71.5),
    ],
)
def test_angles_in_degrees_or_with_minutes_and_seconds(cell: str, degrees: float) -> None:
    values, bad = angles(column(cell))
    assert not bad.any()
    assert values[0] == pytest.approx(degrees, abs=1e-9)


def test_an_angle_of_more_than_59_minutes_is_unreadable() -> None:
    assert angles(column("103°72′00″"))[1].tolist() == [True]


def test_keys_keep_every_digit_and_full_width_ones_become_plain() -> None:
    values, lost = keys(column("ＳＬ０１", "'510115001001001", " 007 ", "510115202611200001"))
    assert values.tolist() == ["SL01", "510115001001001", "007", "510115202611200001"]
    assert not lost.any()


@pytest.mark.parametrize("cell", ["5.1E+17", "5.10115202611E+17", "5E17", "5.1e+017"])
def test_a_key_in_scientific_notation_has_lost_its_digits(cell: str) -> None:
    assert keys(column(cell))[1].tolist() == [True]


def test_a_key_has_nothing_that_nobody_sees() -> None:
    assert keys(column("SL\x0001", "\ufeffSL02\u200b"))[0].tolist() == ["SL01", "SL02"]


def test_text_is_trimmed_and_control_marks_become_spaces() -> None:
    assert plain_text(column(" 甲\r\n乙 ", "\ufeff丙")).tolist() == ["甲 乙", "丙"]
    assert narrow(column("Ａ／Ｂ：１")).tolist() == ["A/B:1"]
