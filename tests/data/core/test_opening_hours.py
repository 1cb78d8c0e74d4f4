"""Opening hours as people write them. 2026-11-20 is a Friday."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.opening_hours import HoursError, parse_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return datetime(2026, 11, day, int(hours), int(minutes), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一-五 08:30-17:30; 六 09:00-12:00", "周一至周五 08:30–17:30；周六 09:00–12:00"),
        ("周一至周五 8:30－12:00，13:30～17:30", "周一至周五 08:30–12:00、13:30–17:30"),
        ("星期一至星期日：09:00-18:00", "周一至周日 09:00–18:00"),
        ("09:00-18:00", "周一至周日 09:00–18:00"),
        ("一、三、五 09:00-11:00", "周一 09:00–11:00；周三 09:00–11:00；周五 09:00–11:00"),
        ("工作日 09:00-18:00；周末 10:00-16:00", "周一至周五 09:00–18:00；周六至周日 10:00–16:00"),
        ("每天 09:00-18:00；周一 休息", "周二至周日 09:00–18:00"),
        ("全天", "全天"),
        ("24小时", "全天"),
        ("六-日 全天", "周六至周日 全天"),
        ("每天 22:00-次日02:00", "周一至周日 22:00–次日02:00"),
        ("一-五 09:00-17:00；节假日休", "周一至周五 09:00–17:00（节假日休）"),
        ("24小时（节假日照常）", "全天（节假日照常）"),
        ("", "不开放"),
    ],
)
def test_hours_have_one_spelling_for_show(text: str, shown: str) -> None:
    hours = parse_hours(text)

    assert hours.describe() == shown
    assert parse_hours(shown).week == hours.week


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(20, "08:29"), False),
        (at(20, "08:30"), True),
        (at(20, "11:59"), True),
        (at(20, "12:00"), False),
        (at(20, "14:00"), True),
        (at(21, "09:30"), True),
        (at(22, "09:30"), False),
    ],
)
def test_opening_time_belongs_to_it_and_closing_time_does_not(moment: datetime, is_open: bool) -> None:
    hours = parse_hours("一-五 08:30-12:00,13:30-17:30; 六 09:00-12:00")

    assert hours.is_open(moment) is is_open
    assert hours.is_open(moment.astimezone(UTC)) is is_open


def test_a_span_past_midnight_belongs_to_the_evening_that_it_began() -> None:
    friday_night = parse_hours("五 22:00-02:00")

    assert friday_night.is_open(at(20, "23:00"))
    assert friday_night.is_open(at(21, "01:59"))
    assert not friday_night.is_open(at(21, "02:00"))
    assert not friday_night.is_open(at(20, "01:00"))


def test_the_next_change_is_the_next_opening_or_closing() -> None:
    hours = parse_hours("一-五 08:30-17:30")

    assert hours.next_change(at(20, "08:00")) == at(20, "08:30")
    assert hours.next_change(at(20, "08:30")) == at(20, "17:30")
    assert hours.next_change(at(20, "17:30")) == at(23, "08:30")


def test_what_is_always_open_or_never_has_no_next_change() -> None:
    assert parse_hours("全天").next_change(at(20, "10:00")) is None
    assert parse_hours("").next_change(at(20, "10:00")) is None


def test_midnight_between_two_whole_days_is_no_change() -> None:
    assert parse_hours("五-六 全天").next_change(at(20, "10:00")) == at(22, "00:00")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("早上", "“早上”看不懂"),
        ("一-五", "“一-五”看不懂"),
        ("一 9点-12点", "“9点-12点”看不懂"),
        ("25:00-26:00", "“25:00”不是钟点"),
        ("一 09:75-12:00", "“09:75”不是钟点"),
        ("一 09:00-12:00,11:00-13:00", "重叠"),
        ("一 24:00-25:00", "不是钟点|24:00 开始"),
    ],
)
def test_what_cannot_be_understood_is_named(text: str, named: str) -> None:
    with pytest.raises(HoursError, match=named):
        parse_hours(text)


clocks = st.integers(0, 24 * 60 - 1)


@given(
    begins=clocks,
    length=st.integers(1, 24 * 60),
    day=st.sampled_from("一二三四五六日"),
    minute=st.integers(0, 10079),
)
def test_the_state_only_changes_at_the_next_change(begins: int, length: int, day: str, minute: int) -> None:
    ends = (begins + length) % (24 * 60)
    hours = parse_hours(f"{day} {begins // 60:02d}:{begins % 60:02d}-{ends // 60:02d}:{ends % 60:02d}")
    moment = datetime.fromtimestamp(at(16, "00:00").timestamp() + minute * 60, UTC)
    change = hours.next_change(moment)

    assert change is not None
    assert change > moment
    assert hours.is_open(change) is not hours.is_open(moment)
    half_way = moment + (change - moment) / 2
    assert hours.is_open(half_way) is hours.is_open(moment)
