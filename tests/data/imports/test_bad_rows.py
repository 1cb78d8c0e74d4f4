"""Rows that cannot be taken: each is kept with its line, field, value, reason and what to do."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from data.database import read_session
from data.imports import export_rejects, load_profile
from data.models import Event
from data.vocabulary import BatchKind
from tests.data.imports.support import Street, event, write_csv, write_xlsx

EVENTS = BatchKind.EVENTS


@pytest.mark.parametrize(
    ("changes", "field", "value", "reason", "advice"),
    [
        ({"kind": "外星来客"}, "事件类别", "外星来客", "事件类别“外星来客”不认识", "接入方案的类别对照"),
        ({"kind": ""}, "事件类别", "", "没有类别", "事件类别"),
        ({"status": "飞走了"}, "状态", "飞走了", "状态“飞走了”不认识", "接入方案的状态对照"),
        ({"department": "某某办"}, "责任部门", "某某办", "责任部门“某某办”不认识", "先接入该部门"),
        ({"no": ""}, "案件编号", "", "没有填写", "补上"),
        ({"no": "5.1E+17"}, "案件编号", "5.1E+17", "科学计数", "在 Excel 中将该列设为文本后重新导出"),
        ({"reported": ""}, "上报时间", "", "没有填写", "补上"),
        ({"reported": "昨天上午"}, "上报时间", "昨天上午", "不是能认出的时间", "2026-11-21 08:30"),
        (
            {"reported": "2026-02-30 08:00"},
            "上报时间",
            "2026-02-30 08:00",
            "不是能认出的时间",
            "2026-11-21 08:30",
        ),
        ({"reported": "0026-11-21 08:00"}, "上报时间", "0026-11-21 08:00", "不是能认出的时间", "2026"),
        ({"lon": "东经一百零三度"}, "经度", "东经一百零三度", "不是坐标", "十进制度数"),
        ({"lat": ""}, "经度", "103.81", "经度和纬度只有一个", "都留空"),
        ({"lon": "30.71", "lat": "103.81"}, "经度", "30.71，103.81", "像是填反了", "对调"),
        ({"status": "已结案"}, "结案时间", "", "却没有结案时间", "补上结案时间"),
    ],
)
def test_a_row_that_cannot_be_taken_says_where_and_what_to_do(
    street: Street, tmp_path: Path, changes: dict[str, str], field: str, value: str, reason: str, advice: str
) -> None:
    reject = street.only_reject(write_csv(tmp_path / "一行.csv", [event(**changes)]), EVENTS)
    assert (reject.line, reject.field, reject.value) == (2, field, value)
    assert reason in reject.reason
    assert advice in reject.advice


def test_one_position_that_is_no_degree_among_good_ones_is_refused(street: Street, tmp_path: Path) -> None:
    rows = [event(no="A1"), event(no="A2", lon="385500", lat="3398000"), event(no="A3")]
    result = street.events(write_csv(tmp_path / "混.csv", rows))
    (reject,) = street.rejects(result.batch_id)
    assert (result.new, reject.line, reject.value) == (2, 3, "385500，3.398e+06")
    assert "不是经纬度" in reject.reason


def test_a_row_with_several_faults_is_one_reject_that_names_them_all(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "多错.csv", [event(kind="外星", status="飞走", reported="昨天")])
    reason = street.only_reject(path, EVENTS).reason
    assert all(word in reason for word in ("外星", "飞走", "昨天"))


def test_a_row_with_a_cell_too_few_is_refused_with_its_line(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "缺格.csv", [event()])
    header, row = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{header}\n{row.rsplit(',', 1)[0]}\n", encoding="utf-8")
    reject = street.only_reject(path, EVENTS)
    assert (reject.line, reject.field, reject.value) == (2, "整行", "9 格")
    assert reject.reason == "这一行有 9 格，表头有 10 格"


def test_a_line_number_counts_the_line_ends_within_cells(street: Street, tmp_path: Path) -> None:
    rows = [event(no="A1", title="第一行\n第二行\n第三行"), event(no="A2", kind="外星")]
    result = street.events(write_csv(tmp_path / "换行.csv", rows))
    assert [reject.line for reject in street.rejects(result.batch_id)] == [5]
    assert street.event("A1").title == "第一行 第二行 第三行"


def test_numbers_that_excel_cut_short_are_refused_and_do_not_become_one(
    street: Street, tmp_path: Path
) -> None:
    """Two different 18-digit numbers are the same 5.1E+17 in a workbook."""
    head = list(event())
    rows = [[*event().values()], [*event().values()]]
    rows[0][0], rows[1][0] = 510115202611200001.0, 510115202611200002.0  # type: ignore[call-overload]
    before = street.digest()
    result = street.events(write_xlsx(tmp_path / "长号.xlsx", [head, *rows]))
    assert street.digest() == before
    found = street.rejects(result.batch_id)
    assert [(reject.line, reject.field) for reject in found] == [(2, "案件编号"), (3, "案件编号")]
    assert {reject.advice for reject in found} == {"在 Excel 中将该列设为文本后重新导出"}
    assert {reject.value for reject in found} == {"5.101152026112e+17"}


def test_equal_repeats_of_a_number_count_as_the_same_row(street: Street, tmp_path: Path) -> None:
    result = street.events(write_csv(tmp_path / "重复.csv", [event(), event(), event()]))
    assert (result.total, result.new, result.same, result.rejected) == (3, 1, 2, 0)


def test_repeats_of_a_number_that_differ_are_all_refused_with_both_lines(
    street: Street, tmp_path: Path
) -> None:
    before = street.digest()
    result = street.events(write_csv(tmp_path / "冲突.csv", [event(), event(title="别的事")]))
    assert street.digest() == before
    assert (result.total, result.rejected) == (2, 2)
    first, second = street.rejects(result.batch_id)
    assert first.reason == "案件编号：编号 SL001 与第 3 行相同，但内容不同"
    assert second.reason == "案件编号：编号 SL001 与第 2 行相同，但内容不同"
    assert (first.field, first.value, first.advice) == (
        "案件编号",
        "SL001",
        "请保留正确的一行，删去其余的，再接入",
    )


def test_a_fallback_takes_in_what_is_not_known(street: Street, tmp_path: Path) -> None:
    profile = load_profile("generic_events").changed(
        fallback={"class": "市容环境/道路不洁", "status": "reported", "department": "D02"}
    )
    path = write_csv(tmp_path / "兜底.csv", [event(kind="外星", status="飞走", department="某办")])
    assert street.events(path, profile).new == 1
    taken = street.event("SL001")
    assert (taken.class_code, taken.status, taken.department_code) == ("0104", "reported", "D02")


def test_swapped_positions_are_mended_where_the_profile_says_so(street: Street, tmp_path: Path) -> None:
    profile = load_profile("generic_events").changed(swapped="mend")
    path = write_csv(tmp_path / "反.csv", [event(lon="30.71", lat="103.81")])
    result = street.events(path, profile)
    taken = street.event("SL001")
    assert (result.new, result.marked) == (1, 1)
    assert (taken.lon, taken.lat, taken.code) == (103.81, 30.71, "510115001001")
    assert taken.flags == "position_swapped"


@pytest.mark.parametrize(
    ("lon", "lat"), [("0", "0"), ("122.5", "30.7"), ("103.9", "30.71")], ids=["zero", "sea", "next_district"]
)
def test_a_point_outside_the_district_is_kept_as_unplaced(
    street: Street, tmp_path: Path, lon: str, lat: str
) -> None:
    path = write_csv(tmp_path / "外.csv", [event(lon=lon, lat=lat)])
    assert any("将列入未落格" in warning for warning in street.preview(path, EVENTS).warnings)
    result = street.events(path)
    taken = street.event("SL001")
    assert (result.new, result.unplaced, result.unlocated, result.rejected) == (1, 1, 0, 0)
    assert (taken.code, taken.lon) == ("", float(lon))
    assert taken.cell is not None


def test_a_row_without_position_keeps_the_division_that_it_names(street: Street, tmp_path: Path) -> None:
    rows = [
        {**event(no="A1", lon="", lat=""), "区划代码": "510115001002"},
        {**event(no="A2", lon="", lat=""), "区划代码": "文武社区"},
        {**event(no="A3", lon="", lat=""), "区划代码": "999999"},
    ]
    result = street.events(write_csv(tmp_path / "无坐标.csv", rows))
    assert (result.new, result.unlocated, result.unplaced) == (3, 3, 0)
    assert [taken.code for taken in street.rows(Event)] == ["510115001002", "510115001002", ""]


def test_a_case_closed_before_it_was_reported_is_marked_and_not_lost(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "倒.csv", [event(status="已结案", ended="2026-11-19 08:00")])
    result = street.events(path)
    assert (result.new, result.marked) == (1, 1)
    assert street.event("SL001").flags == "closed_before_reported"


def test_rejects_can_be_downloaded_mended_and_sent_again(street: Street, tmp_path: Path) -> None:
    rows = [event(no="A1"), event(no="A2", kind="外星", title="=cmd|'/c calc'!A1")]
    result = street.events(write_csv(tmp_path / "首次.csv", rows))
    with read_session(street.engine) as session:
        raw = export_rejects(session, batch_id=result.batch_id)
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert list(row) == [*event(), "行号", "原因", "建议"]
    assert (row["行号"], row["标题"]) == ("3", "'=cmd|'/c calc'!A1")
    mended = write_csv(tmp_path / "改好.csv", [{**row, "事件类别": "0104"}])
    assert street.events(mended).new == 1
    assert street.event("A2").title == "=cmd|'/c calc'!A1"


@pytest.mark.parametrize(
    ("kind", "head", "row", "field", "value", "reason"),
    [
        ("stations", "站点编号,站点名称,站点类型", "Z1,甲站,太空站", "站点类型", "太空站", "不认识"),
        (
            "stations",
            "站点编号,站点名称,站点类型,窗口数",
            "Z1,甲站,办事点,两个半",
            "窗口数",
            "两个半",
            "不是数字",
        ),
        ("stations", "站点编号,站点名称,站点类型,窗口数", "Z1,甲站,办事点,2.5", "窗口数", "2.5", "不是整数"),
        ("stations", "站点编号,站点名称,站点类型,面积", "Z1,甲站,办事点,-3", "面积", "-3", "小于 0"),
        (
            "stations",
            "站点编号,站点名称,站点类型,开放时间",
            "Z1,甲站,办事点,随缘",
            "开放时间",
            "随缘",
            "开放时间",
        ),
        ("departments", "部门代码,部门名称", "D/9,示例", "部门代码", "D/9", "不能用作部门代码"),
        ("event_classes", "类别代码,大类,小类", "市容,甲,乙", "类别代码", "市容", "不是四位数字"),
        ("event_classes", "类别代码,大类,小类,时限（小时）", "0199,甲,乙,0", "时限（小时）", "0", "时限为 0"),
        ("event_classes", "类别代码,大类,小类,计时方式", "0199,甲,乙,随缘", "计时方式", "随缘", "不认识"),
        ("staff", "人员编号,姓名,岗位,负责区划代码", "R1,示例01,网格员,123", "负责区划代码", "123", "不认识"),
        ("divisions", "区划代码,名称,边界WKT", "5101,甲,", "区划代码", "5101", "不是区划代码"),
    ],
)
def test_bad_rows_of_the_other_kinds_are_refused_too(
    street: Street, tmp_path: Path, kind: str, head: str, row: str, field: str, value: str, reason: str
) -> None:
    path = tmp_path / "表.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    reject = street.only_reject(path, BatchKind(kind))
    assert (reject.line, reject.field, reject.value) == (2, field, value)
    assert reason in reject.reason
    assert reject.advice
