"""Readings by hand and from a table: every wrong cell is named, right and area hold, nothing counts twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.database import read_session, write_session
from data.lifecycle import Person
from data.manage.changes import history, undo_change
from data.manage.errors import BadSetting, NotAllowed, NothingToUndo
from data.manage.reading_sheet import read_sheet, read_sheet_file, sheet_template
from data.manage.readings import Reading, ReadingForm, enter, entered, problems_of, reading_forms
from data.readings.read import Cells, Rows
from data.readings.take import take_rows
from tests.data.loop.world import COMMUNITY, DISPATCHER, NEIGHBOURHOOD, ROADMAN, STREET, WORKER
from tests.sql_recorder import recorded

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
WEEK = date(2026, 11, 16)
OTHER = f"{STREET}002"


def reading(name: str = "visits_done", value: float = 8, code: str = COMMUNITY, day: date = WEEK) -> Reading:
    return Reading(name=name, code=code, day=day, value=value)


def put(session: Session, *given: Reading, person: Person | None = DISPATCHER, source: str = "台账") -> int:
    return enter(session, given, source=source, person=person, at=NOW)


def table(session: Session, text: str, person: Person | None = DISPATCHER) -> Any:
    return read_sheet(session, text, person=person, at=NOW)


def all_forms(engine: Engine) -> list[ReadingForm]:
    with read_session(engine) as session:
        return reading_forms(session=session)


def told(sheet: Any) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.text) for one in sheet.problems]


@pytest.mark.parametrize(
    ("name", "taken"),
    [("water_level", True), ("water_turbidity", True), ("visits_done", False), ("arrival_minutes", False)],
)
def test_a_value_below_zero_is_typed_and_sent_by_sensors_alike_where_the_count_is_a_level(
    district: Engine, name: str, taken: bool
) -> None:
    label = {each.name: each.label for form in all_forms(district) for each in form.counts}[name]
    sent = {"sensor": "示例01", "count": label, "value": "-1", "at": NOW.isoformat(), "code": COMMUNITY}
    rows = take_rows(district, Rows(good=[Cells(line=1, cells=sent)], refused=[]), source="sensor", now=NOW)
    with read_session(district) as session:
        wrong = problems_of(session, [reading(name, -1)], person=DISPATCHER, at=NOW)

    said = [] if taken else [f"{label}的值 -1 不对：应为不小于 0 的数"]
    assert [text for _, text in wrong] == said
    assert [one.reason for one in rows.refused] == said


def test_the_forms_are_the_indicators_that_readings_feed(district: Engine) -> None:
    with read_session(district) as session:
        forms = {form.key: form for form in reading_forms(session=session)}

    assert list(forms) == ["visits", "disputes", "arrival", "waiting", "water_level", "water_turbidity"]
    assert [count.label for count in forms["visits"].counts] == ["已探访", "应探访"]
    assert forms["visits"].is_share
    assert not forms["waiting"].is_share


def test_readings_are_entered_corrected_and_undone_as_one_change(district: Engine) -> None:
    with write_session(district) as session:
        assert put(session, reading(), reading("visits_due", 10)) == 2
        assert put(session, reading(value=9), reading("visits_due", 10), person=NEIGHBOURHOOD) == 1
        found = entered(session=session, code=COMMUNITY, day=date(2026, 11, 22))
        assert {name: one.value for name, one in found.items()} == {"visits_done": 9, "visits_due": 10}
        assert (found["visits_done"].actor, found["visits_done"].source) == (NEIGHBOURHOOD.name, "台账")

        second, first = [one.number for one in history(session=session)]
        with pytest.raises(NothingToUndo):
            undo_change(session, number=first, person=DISPATCHER, at=NOW)
        undo_change(session, number=second, person=NEIGHBOURHOOD, at=NOW)
        assert entered(session=session, code=COMMUNITY, day=WEEK)["visits_done"].value == 8
        undo_change(session, number=first, person=DISPATCHER, at=NOW)
        assert entered(session=session, code=COMMUNITY, day=WEEK) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([reading(value=-1)], "已探访的值 -1 不对"),
        ([reading(value=1.5)], "人次数应为整数"),
        ([reading(value=float("nan"))], "不对"),
        ([reading("water_level", float("nan"))], "河道水位的值 nan 不对：应为数"),
        ([reading("water_level", -2e9)], "不能小于 -1,000,000,000"),
        ([reading("wait_minutes", -1)], "不对：应为不小于 0 的数"),
        ([reading("closed")], "不是可以填报的指标项"),
        ([reading(code="510115009")], "没有代码为 510115009 的区划"),
        ([reading(day=date(2026, 11, 23))], "还没有到"),
        ([reading(value=11), reading("visits_due", 10)], "已探访 11 大于应探访 10"),
        ([reading(), reading(code=STREET)], "上下级都填会重复计算"),
        ([], "没有填写任何数值"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(district: Engine, given: list[Reading], said: str) -> None:
    with write_session(district) as session, pytest.raises(BadSetting, match=said):
        put(session, *given)


def test_many_readings_read_the_table_no_more_often_than_one(district: Engine) -> None:
    weeks = [WEEK - timedelta(weeks=number) for number in range(40)]

    with write_session(district) as session, recorded(district) as statements:
        assert put(session, *(reading(day=day) for day in weeks)) == 40

    reads = [one for one in statements if one.sql.startswith("SELECT") and "indicator_reading" in one.sql]
    assert len(reads) <= 4


def test_what_stands_in_the_table_counts_too(district: Engine) -> None:
    with write_session(district) as session:
        put(session, reading("visits_due", 10))
        with pytest.raises(BadSetting, match="已探访 11 大于应探访 10"):
            put(session, reading(value=11))
        with pytest.raises(BadSetting, match="惠民社区这一周已填应探访"):
            put(session, reading("visits_due", 10, code=STREET))
        with pytest.raises(BadSetting, match="与已有的相同"):
            put(session, reading("visits_due", 10))
        assert put(session, reading("arrival_minutes", 7.5, code=STREET)) == 1
        assert put(session, reading("arrival_minutes", 8)) == 1, (
            "a median is no sum: it is entered at each level"
        )


def test_a_community_enters_for_itself_alone(district: Engine) -> None:
    with write_session(district) as session:
        with pytest.raises(NotAllowed, match="按角色办理"):
            put(session, reading(), person=WORKER)
        with pytest.raises(NotAllowed, match="只管自己的区域"):
            put(session, reading(code=OTHER), person=NEIGHBOURHOOD)


def test_a_department_enters_overwrites_and_undoes_no_reading(district: Engine) -> None:
    with write_session(district) as session:
        put(session, reading())
        number = history(session=session)[0].number
        with pytest.raises(NotAllowed, match="规则“按角色办理”：填报指标由"):
            put(session, reading(value=9), person=ROADMAN)
        with pytest.raises(NotAllowed, match="按角色办理"):
            undo_change(session, number=number, person=ROADMAN, at=NOW)
        assert entered(session=session, code=COMMUNITY, day=WEEK)["visits_done"].value == 8


def test_a_pasted_table_is_read_by_code_or_name(district: Engine) -> None:
    text = (
        f"区划\t周\t已探访\t应探访\r\n{COMMUNITY}\t2026/11/17\t1,008\t1010\r\n文武社区\t20261116\t\t9\r\n\r\n"
    )
    with read_session(district) as session:
        sheet = table(session, text)

    assert told(sheet) == []
    assert sheet.lines == 2
    assert [(one.name, one.code, one.value) for one in sheet.readings] == [
        ("visits_done", COMMUNITY, 1008), ("visits_due", COMMUNITY, 1010), ("visits_due", OTHER, 9),
    ]  # fmt: skip


def test_a_file_whose_lines_end_as_on_old_macs_is_read_too(district: Engine) -> None:
    text = "区划,周,已探访\r惠民社区,2026-11-16,5\r文武社区,2026-11-16,6\r"
    with read_session(district) as session:
        sheet = table(session, text)

    assert (sheet.lines, [one.value for one in sheet.readings]) == (2, [5, 6])


@pytest.mark.parametrize("lines", [1, 8_000])
def test_a_quote_that_never_closes_is_refused_with_the_way_out(district: Engine, lines: int) -> None:
    text = '区划,周,已探访\n"惠民社区,2026-11-16,5\n' + "文武社区,2026-11-16,6\n" * lines
    with (
        read_session(district) as session,
        pytest.raises(BadSetting, match="英文双引号没有成对：请删去或补上"),
    ):
        table(session, text)


def test_every_wrong_cell_is_named_by_line_and_column(district: Engine) -> None:
    text = (
        "区域,日期,已探访,应探访,水体浊度\n"
        "惠民社区,2026-11-16,十,10,\n"
        "火星社区,下周,3,4,\n"
        "文武社区,2026-11-16,-12,10,-1\n"
        "文武社区,2026-11-17,,10,\n"
    )
    with read_session(district) as session:
        sheet = table(session, text)

    assert told(sheet) == [
        (2, "已探访", "不是数"),
        (3, "区划", "没有这个区划：请写代码或全名"),
        (3, "周", "不是日期：请写这一周的任意一天，如 2026-11-16"),
        (4, "已探访", "已探访的值 -12 不对：应为不小于 0 的数"),
        (5, "应探访", "与第 4 行是同一区域同一周"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "缺少“区划”一列"),
        ("区划,周,身高\n", "没有叫“身高”的指标项"),
        ("区划,周\n", "没有指标项"),
        ("区划,周,已探访,已探访\n", "两列是同一项"),
        ("区划,周,已探访\n" + "惠民社区,2026-11-16,1\n" * 501, "一次最多 500 行"),
    ],
)
def test_what_is_no_such_table_is_refused_as_a_whole(district: Engine, text: str, said: str) -> None:
    with read_session(district) as session, pytest.raises(BadSetting, match=said):
        table(session, text)


def test_a_table_of_a_foreign_area_names_the_rule_at_its_cells(district: Engine) -> None:
    with read_session(district) as session:
        sheet = table(session, "区划,周,已探访\n文武社区,2026-11-16,1\n", NEIGHBOURHOOD)

    assert [one.text[:12] for one in sheet.problems] == ["规则“只管自己的区域”："]


def test_the_template_is_read_back_and_gbk_as_well(district: Engine) -> None:
    with read_session(district) as session:
        data = sheet_template(session=session, code=COMMUNITY, day=WEEK)
        empty = read_sheet_file(session, data, name="t.csv", person=DISPATCHER, at=NOW)
        gbk = "区划,周,已探访\n惠民社区,2026-11-16,5\n".encode("gbk")
        filled = read_sheet_file(session, gbk, name="g.csv", person=DISPATCHER, at=NOW)
        with pytest.raises(BadSetting, match="空字节"):
            read_sheet_file(session, b"\x00\x01", name="x.csv", person=DISPATCHER, at=NOW)
        with pytest.raises(BadSetting, match="最大 1000 kB"):
            read_sheet_file(session, b"x" * 1_000_001, name="x.csv", person=DISPATCHER, at=NOW)

    assert (empty.readings, empty.problems) == ([], [])
    assert [one.value for one in filled.readings] == [5]
