"""The list as a file: the same rows, readable by a spreadsheet, and never a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from data.database import Moment, read_session
from data.export import HEADERS, export_csv, export_xlsx, neutralised
from data.filter import Filter
from data.queries.events import list_events
from tests.data.queries.synthetic import NOW
from tests.data.queries.tiny import build, event

MOMENT = Moment(NOW, 1)


def parsed(session: Session, where: Filter) -> list[dict[str, str]]:
    raw = b"".join(export_csv(session, where=where, moment=MOMENT))
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def sheet(session: Session, where: Filter, path: Path) -> list[dict[str, Any]]:
    count = export_xlsx(session, where=where, moment=MOMENT, path=path)
    rows = list(load_workbook(path)["事件"].iter_rows(values_only=True))
    assert len(rows) == count + 1
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def test_csv_and_workbook_hold_the_rows_of_the_list_in_its_order(session: Session, tmp_path: Path) -> None:
    listed = [
        row.external_no for row in list_events(session=session, where=Filter(), as_of=NOW, limit=100).rows
    ]
    assert [row["编号"] for row in parsed(session, Filter())] == listed
    assert [row["编号"] for row in sheet(session, Filter(), tmp_path / "list.xlsx")] == listed


def test_marks_of_the_data_are_spelled_in_chinese(tmp_path: Path) -> None:
    marked = event(1, reported=-50, due=-2, flags="due_before_reported,position_swapped")
    with read_session(build(tmp_path / "marked.db", [marked])) as session:
        assert parsed(session, Filter())[0]["数据标记"] == "截止早于上报、经纬度颠倒，已更正"


@pytest.mark.parametrize(("clock", "said"), [("working_days", True), ("urgent_hours", False)])
def test_a_workbook_says_which_years_holidays_its_deadlines_lack(
    clock: str, said: bool, tmp_path: Path
) -> None:
    late = event(1, reported=-50, due=24 * 60, clock_type=clock)
    with read_session(build(tmp_path / "late.db", [late])) as session:
        export_xlsx(session, where=Filter(), moment=MOMENT, path=tmp_path / "late.xlsx")

    book = load_workbook(tmp_path / "late.xlsx")
    remarks = [str(cell.value) for name in book.sheetnames[1:] for cell in book[name]["A"]]
    assert [one.startswith("2027 年的放假和调休安排尚未公布或录入") for one in remarks] == [True] * said


def test_times_are_local_and_names_chinese(session: Session, tmp_path: Path) -> None:
    first = {row["编号"]: row for row in parsed(session, Filter())}["E001"]
    assert (first["处置期限"], first["时限状态"], first["剩余小时"]) == (
        "2026-11-18 12:30:00",
        "超期",
        "-2.0",
    )
    assert (first["来源"], first["所在网格"], first["办结时间"]) == (
        "网格巡查",
        "公平街道·惠民社区·01网格",
        "",
    )
    same = {row["编号"]: row for row in sheet(session, Filter(), tmp_path / "list.xlsx")}["E001"]
    assert same["处置期限"] == datetime(2026, 11, 18, 12, 30)
    assert same["剩余小时"] == -2.0


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_compute_is_neutralised(text: str, tmp_path: Path) -> None:
    assert neutralised(text) == f"'{text}"
    engine = build(tmp_path / "formula.db", [event(1, reported=-1, title=text, address="第一行\n第\x0b二行")])
    with read_session(engine) as session:
        (row,) = parsed(session, Filter())
        assert row["标题"] == f"'{text}"
        (cells,) = sheet(session, Filter(), tmp_path / "formula.xlsx")
        assert cells["标题"].startswith("'")
        assert cells["地址"] == "第一行\n第二行"


def test_a_number_of_eighteen_digits_stays_as_it_is(tmp_path: Path) -> None:
    number = "510115202611180001"
    engine = build(tmp_path / "digits.db", [event(1, reported=-1, external_no=number)])
    with read_session(engine) as session:
        assert parsed(session, Filter())[0]["编号"] == number
        assert sheet(session, Filter(), tmp_path / "digits.xlsx")[0]["编号"] == number


def test_an_empty_list_is_a_file_with_headers(empty_session: Session, tmp_path: Path) -> None:
    raw = b"".join(export_csv(empty_session, where=Filter(), moment=MOMENT))
    assert raw.decode("utf-8-sig").strip().split(",") == list(HEADERS)
    assert sheet(empty_session, Filter(), tmp_path / "empty.xlsx") == []
