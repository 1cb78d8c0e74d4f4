"""A year of days from a file: all of it or nothing, and every bad line named."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from data.calendar import BadDayFile, read_calendar
from data.calendar.day_file import MAX_BYTES, day_template, import_days, read_days
from data.calendar.edit import DayEntry, changes, undo_change
from data.database import read_session, write_session

GOOD = "日期,安排,名称,说明\n2027-01-01,休,元旦,\n2027年1月3日,班,元旦调休,周日上班\n20271001,放假,国庆节,\n"


def read(text: str) -> list[DayEntry]:
    return read_days(text.encode(), name="日历.csv", is_official=True)


def test_days_are_read_in_the_spellings_that_people_use() -> None:
    found = read(GOOD)

    assert [(entry.day, entry.is_working, entry.name) for entry in found] == [
        (date(2027, 1, 1), False, "元旦"),
        (date(2027, 1, 3), True, "元旦调休"),
        (date(2027, 10, 1), False, "国庆节"),
    ]
    assert found[1].note == "周日上班"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_spreadsheets_are_understood(encoding: str) -> None:
    assert read_days(GOOD.encode(encoding), name="日历.csv", is_official=True) == read(GOOD)


def test_columns_may_stand_in_any_order_and_blank_lines_are_passed_over() -> None:
    assert read("名称,安排,日期\n\n元旦,休,2027/1/1\n,,\n") == [
        DayEntry(day=date(2027, 1, 1), is_working=False, name="元旦", is_official=True)
    ]


def test_the_template_can_be_read() -> None:
    found = read_days(day_template(2027), name="模板.csv", is_official=True)

    assert [(entry.day, entry.is_working) for entry in found] == [
        (date(2027, 1, 1), False), (date(2027, 1, 3), True),
    ]  # fmt: skip


def test_every_bad_line_is_named_with_its_value_and_the_way_out() -> None:
    with pytest.raises(BadDayFile, match="有 5 处不对，没有写入任何一天") as raised:
        read(
            "日期,安排,名称\n2027-02-30,休,\n2027-01-01,也许,\n,休,\n2027-05-01,休,\n"
            "2027-05-01,班,\n1999-01-01,休,\n"
        )

    told = [(problem.line, problem.value, problem.reason) for problem in raised.value.problems]
    assert told == [
        (2, "2027-02-30", "不是日期"),
        (3, "也许", "看不懂是休息还是上班"),
        (4, "", "不是日期"),
        (6, "2027-05-01", "这一天前面已有一行，写的不同"),
        (7, "1999-01-01", "1999-01-01 不在可录入的年份里：应为 2004–2099 年"),
    ]
    assert str(raised.value.problems[0]) == "第 2 行“2027-02-30”：不是日期。请写作 2027-01-01"


def test_a_line_that_comes_twice_and_says_the_same_is_one_day() -> None:
    assert len(read("日期,安排\n2027-01-01,休\n2027-01-01,休\n")) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "缺少列 日期、安排"),
        ("日期,名称\n2027-01-01,元旦\n".encode(), "缺少列 安排"),
        ("日期,安排\n".encode(), "没有一天"),
        ('日期,安排\n"2027-01-01,休\n'.encode(), "双引号不成对"),
        (b"PK\x03\x04\x00\x00\x00", "不是文本表格"),
        (b"x" * (MAX_BYTES + 1), "最大 1000 kB"),
        (("日期,安排\n" + "2027-01-01,休\n" * 2000).encode(), "最多 2000 行"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(BadDayFile, match=says):
        read_days(data, name="日历.csv", is_official=True)


def test_a_file_is_one_edit_and_is_taken_back_as_one(engine: Engine) -> None:
    with write_session(engine) as session:
        change, entries = import_days(
            session, GOOD.encode(), name="日历.csv", area_prefix="", is_official=True, actor="管理员·示例01"
        )
        number = change.id or 0
    with read_session(engine) as session:
        assert not read_calendar(session).day(date(2027, 1, 1)).is_working
        assert changes(session=session, limit=1)[0].what == "导入“日历.csv”：2027 年 3 天"
    with write_session(engine) as session:
        undo_change(session, change_id=number, actor="管理员·示例01")

    assert len(entries) == 3
    with read_session(engine) as session:
        assert read_calendar(session).day(date(2027, 1, 1)).is_working


def test_a_bad_file_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(BadDayFile), write_session(engine) as session:
        import_days(session, b"x", name="日历.csv", area_prefix="", is_official=True, actor="管理员·示例01")
    with read_session(engine) as session:
        assert changes(session=session, limit=1) == []
