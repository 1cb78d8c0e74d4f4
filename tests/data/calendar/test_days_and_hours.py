"""Which days and hours are worked: the published years, the years after them, hours as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data.calendar import BadHours, DayOrigin, parse_spans, published_calendar, spell_spans

CALENDAR = published_calendar()


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_spring_festival_2026_is_nine_days_off_and_two_saturdays_worked() -> None:
    worked = [day for day in days(date(2026, 2, 13), date(2026, 3, 1)) if CALENDAR.day(day).is_working]

    assert [day.day for day in worked] == [13, 14, 24, 25, 26, 27, 28]
    assert CALENDAR.day(date(2026, 2, 17)).name == "春节"
    assert CALENDAR.day(date(2026, 2, 14)).name == "春节调休"
    assert CALENDAR.day(date(2026, 2, 14)).origin is DayOrigin.PUBLISHED


def test_national_day_2026_is_seven_days_off_with_a_sunday_before_and_a_saturday_after_worked() -> None:
    worked = [day for day in days(date(2026, 9, 19), date(2026, 10, 11)) if CALENDAR.day(day).is_working]

    off = {25, 26, 27, 19}  # 中秋 from Friday to Sunday, and the Saturday before the worked Sunday
    september = [day.day for day in worked if day.month == 9]
    assert september == [day for day in range(20, 31) if day not in off]
    assert [day.day for day in worked if day.month == 10] == [8, 9, 10]


def test_a_year_without_published_days_has_the_week_rule_and_says_so() -> None:
    assert CALENDAR.is_published(2026)
    assert not CALENDAR.is_published(2027)
    assert not CALENDAR.is_published(2003)
    assert CALENDAR.day(date(2027, 1, 1)).is_working  # a Friday: nobody has published that it is off
    assert CALENDAR.day(date(2027, 1, 1)).origin is DayOrigin.WEEK
    assert not CALENDAR.day(date(2027, 1, 2)).is_working
    assert CALENDAR.notice(2026) == ""
    assert CALENDAR.notice(2026, 2028, 2027).startswith("2027、2028 年的放假和调休安排尚未公布或录入")


def test_a_working_day_has_the_default_hours_and_a_day_of_rest_has_none() -> None:
    assert CALENDAR.spans_on(date(2026, 11, 20)) == ((540, 720), (780, 1080))
    assert CALENDAR.spans_on(date(2026, 11, 21)) == ()


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("09:00-12:00 13:00-18:00", ((540, 720), (780, 1080))),
        ("13：00～17：30，9:00至12:00", ((540, 720), (780, 1050))),
        ("0:00-24:00", ((0, 1440),)),
        ("08:30 - 12:00;12:00-18:00", ((510, 720), (720, 1080))),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert parse_spans(text) == spans
    assert parse_spans(spell_spans(spans)) == spans


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "没有填写"),
        ("九点到五点", "看不懂"),
        ("09:00", "看不懂"),
        ("09:00-25:00", "不是一天里的时间"),
        ("09:60-12:00", "不是一天里的时间"),
        ("18:00-09:00", "不晚于开始"),
        ("09:00-12:00 11:00-18:00", "重叠"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_way_out(text: str, says: str) -> None:
    with pytest.raises(BadHours, match=says):
        parse_spans(text)
