"""Dispatch rules, lists and process tables from files: understood, refused with reasons, undone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import pytest

from data.database import read_session, write_session
from data.dispatch import RuleDraft, change_rule, rules_on, versions_of
from data.imports import template, undo_batch
from data.lists import LIST_ITEM, list_items, move_item, service_items, undo_last
from data.lists.edit import ItemDraft, content_of, proposed
from data.models import DispatchRule, ListItem
from data.vocabulary import BatchKind, ReviewStage
from tests.data.imports.support import Street, write_csv

RULES, LISTS, SERVICES = BatchKind.DISPATCH_RULES, BatchKind.LIST_ITEMS, BatchKind.SERVICE_ITEMS
RULE = {"类别": "0102", "区域": "", "责任部门": "示例执法局", "处置时限（小时）": "4",
        "计时方式": "工作时", "响应时限（小时）": "", "说明": "示例"}  # fmt: skip
LINE = {"清单": "负面清单", "条目编号": "FM-1", "事项": "示例", "类别": "0102", "区域": "",
        "不得下派到": "街道", "审议环节": "", "依据": ""}  # fmt: skip
SERVICE = {"事项编号": "BL-1", "服务事项": "居住证明", "办理方式": "立即办", "承诺时限（工作日）": ""}


def load(street: Street, tmp_path: Path, kind: BatchKind, *rows: dict[str, str]) -> int:
    return street.load(write_csv(tmp_path / "表.csv", list(rows)), kind).batch_id


def today(street: Street) -> date:
    return datetime.now(street.settings.timezone).date()


def in_force(street: Street) -> list[DispatchRule]:
    with read_session(street.engine) as session:
        return rules_on(session, today(street))


def lines(street: Street) -> list[ListItem]:
    with read_session(street.engine) as session:
        return list_items(session=session, list_type="negative")


@pytest.mark.parametrize("kind", [RULES, LISTS, SERVICES])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_imports_as_it_is_and_again_changes_nothing(
    street: Street, tmp_path: Path, kind: BatchKind, form: str
) -> None:
    path = tmp_path / f"模板.{form}"
    path.write_bytes(template(kind, form))

    first, again = street.load(path, kind), street.load(path, kind)

    assert street.rejects(first.batch_id) == []
    assert (first.new, again.new, again.changed, again.same) == (2, 0, 0, 2)


def test_a_rule_names_its_class_and_area_by_code_or_name_and_empty_means_all(
    street: Street, tmp_path: Path
) -> None:
    load(
        street, tmp_path, RULES, RULE, {**RULE, "类别": "市容环境", "区域": "惠民社区"},
        {**RULE, "类别": "全部", "区域": "510115001", "处置时限（小时）": "", "计时方式": ""},
    )  # fmt: skip

    found = [(one.class_prefix, one.area_prefix, one.limit_hours, one.clock_type) for one in in_force(street)]
    assert found == [
        ("", "510115001", None, ""),
        ("01", "510115001001", 4.0, "working_hours"),
        ("0102", "", 4.0, "working_hours"),
    ]


def test_a_second_file_opens_new_versions_and_undoing_it_brings_the_first_back(
    street: Street, tmp_path: Path
) -> None:
    load(street, tmp_path, RULES, RULE)
    second = load(street, tmp_path, RULES, {**RULE, "处置时限（小时）": "2"}, {**RULE, "区域": "510115001"})
    assert sorted((one.number, one.version, one.limit_hours) for one in in_force(street)) == [
        (1, 2, 2.0), (2, 1, 4.0),
    ]  # fmt: skip

    result = undo_batch(street.engine, batch_id=second, actor="测试", settings=street.settings)

    assert (result.removed, result.restored, result.kept) == (1, 1, 0)
    assert [(one.number, one.limit_hours) for one in in_force(street)] == [(1, 4.0)]
    with read_session(street.engine) as session:
        assert [one.version for one in versions_of(session, 1)] == [3, 2, 1]


def test_a_rule_that_was_edited_after_its_batch_stays_as_it_is(street: Street, tmp_path: Path) -> None:
    batch = load(street, tmp_path, RULES, RULE)
    with write_session(street.engine) as session:
        draft = RuleDraft(class_prefix="0102", department_code=in_force(street)[0].department_code)
        change_rule(
            session,
            draft,
            number=1,
            seen_version=1,
            valid_from=today(street),
            today=today(street),
            actor="演示甲",
        )

    result = undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)

    assert (result.removed, result.restored, result.kept) == (0, 0, 1)
    assert in_force(street)[0].version == 2


@pytest.mark.parametrize(
    ("kind", "row", "reason"),
    [
        (RULES, {**RULE, "类别": "不认识"}, "类别“不认识”不认识"),
        (RULES, {**RULE, "区域": "510115999"}, "区域“510115999”不认识"),
        (RULES, {**RULE, "责任部门": "无此部门"}, "责任部门“无此部门”不认识"),
        (RULES, {**RULE, "责任部门": ""}, "没有填写"),
        (RULES, {**RULE, "处置时限（小时）": "0"}, "时限为 0"),
        (RULES, {**RULE, "计时方式": ""}, "没有填计时方式"),
        (RULES, {**RULE, "响应时限（小时）": "9"}, "长于处置时限"),
        (LISTS, {**LINE, "清单": "没有的清单"}, "清单“没有的清单”不认识"),
        (LISTS, {**LINE, "清单": ""}, "没有填写"),
        (LISTS, {**LINE, "事项": ""}, "没有填写"),
        (LISTS, {**LINE, "不得下派到": "区"}, "不得下派到“区”不认识"),
        (LISTS, {**LINE, "审议环节": "四报"}, "审议环节“四报”不认识"),
        (LISTS, {**LINE, "条目编号": "<b>"}, "不能用作编号"),
        (SERVICES, {**SERVICE, "办理方式": "马上办"}, "办理方式“马上办”不认识"),
        (SERVICES, {**SERVICE, "办理方式": "承诺办"}, "承诺办没有写承诺时限"),
        (SERVICES, {**SERVICE, "服务事项": ""}, "没有填写"),
    ],
)
def test_a_row_with_a_fault_is_refused_by_name_and_nothing_else_changes(
    street: Street, tmp_path: Path, kind: BatchKind, row: dict[str, str], reason: str
) -> None:
    reject = street.only_reject(write_csv(tmp_path / "表.csv", [row]), kind)

    assert reason in reject.reason


def test_two_rules_of_a_file_for_the_same_class_and_area_are_both_refused(
    street: Street, tmp_path: Path
) -> None:
    batch = load(street, tmp_path, RULES, RULE, {**RULE, "处置时限（小时）": "2"})

    assert len(street.rejects(batch)) == 2
    assert in_force(street) == []


def test_a_line_without_a_stage_is_in_force_and_one_with_a_stage_is_under_review(
    street: Street, tmp_path: Path
) -> None:
    load(street, tmp_path, LISTS, LINE, {**LINE, "条目编号": "FM-2", "审议环节": "二审"})

    assert [(one.status, one.review_stage, one.level) for one in lines(street)] == [
        ("in_force", "published", "street"), ("reviewing", "review_2", "street"),
    ]  # fmt: skip


def test_other_words_for_a_line_in_force_are_proposed_as_on_the_page(street: Street, tmp_path: Path) -> None:
    load(street, tmp_path, LISTS, LINE, {**LINE, "条目编号": "FM-2"})
    other = [{**LINE, "事项": "示例，改"}, {**LINE, "条目编号": "FM-2"}]
    path = write_csv(tmp_path / "改.csv", other)
    first, again = street.load(path, LISTS), street.load(path, LISTS)

    assert [(one.changed, one.same) for one in (first, again)] == [(1, 1), (0, 2)]
    assert any("1 条现行条目的内容与文件不同：列为修改待审" in warning for warning in first.warnings)
    line, unchanged = lines(street)
    assert (line.text, line.status, line.review_stage) == ("示例", "in_force", "report_1")
    assert (unchanged.proposal, unchanged.review_stage) == ("", "published")
    typed = ItemDraft(**{**asdict(content_of(line)), "text": "示例，改"})
    assert proposed(line) == typed

    load(street, tmp_path, LISTS, LINE)
    assert proposed(lines(street)[0]) == typed, "the words in force again take nobody's proposal back"
    for seq, stage in enumerate(list(ReviewStage)[1:]):
        with write_session(street.engine) as session:
            move_item(session, item_id=line.id or 0, stage=stage, seen_seq=seq, actor="演示甲")
    assert (lines(street)[0].text, lines(street)[0].proposal) == ("示例，改", "")


def test_a_batch_that_proposed_other_words_is_undone(street: Street, tmp_path: Path) -> None:
    load(street, tmp_path, LISTS, LINE)
    before = lines(street)
    batch = load(street, tmp_path, LISTS, {**LINE, "事项": "示例，改"})
    undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)

    assert lines(street) == before


def test_the_same_number_in_two_lists_is_two_lines(street: Street, tmp_path: Path) -> None:
    batch = load(street, tmp_path, LISTS, LINE, {**LINE, "清单": "购买服务清单"})

    assert street.rejects(batch) == []
    assert len(street.rows(ListItem)) == 2


def test_a_negative_line_for_every_class_is_pointed_out(street: Street, tmp_path: Path) -> None:
    result = street.load(write_csv(tmp_path / "表.csv", [{**LINE, "类别": ""}]), LISTS)

    assert any("没有写类别" in warning for warning in result.warnings)


def test_undoing_a_batch_keeps_the_lines_that_people_moved_since(street: Street, tmp_path: Path) -> None:
    batch = load(
        street,
        tmp_path,
        LISTS,
        {**LINE, "审议环节": "一报"},
        {**LINE, "条目编号": "FM-2", "审议环节": "一报"},
    )
    with write_session(street.engine) as session:
        move_item(session, item_id=1, stage="review_1", seen_seq=0, actor="演示甲")

    result = undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)

    assert (result.removed, result.kept) == (1, 1)
    assert [one.external_no for one in lines(street)] == ["FM-1"]
    with write_session(street.engine) as session:
        undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=1, actor="演示甲")
    assert lines(street)[0].review_stage == "report_1"


def test_services_come_in_with_initials_and_a_second_file_mends_them(street: Street, tmp_path: Path) -> None:
    load(street, tmp_path, SERVICES, SERVICE)
    batch = load(street, tmp_path, SERVICES, {**SERVICE, "办理方式": "承诺办", "承诺时限（工作日）": "2"})
    with read_session(street.engine) as session:
        (row,) = service_items(session=session, text="jzzm")
    assert (row.mode, row.limit_days) == ("promised", 2.0)

    undo_batch(street.engine, batch_id=batch, actor="测试", settings=street.settings)
    with read_session(street.engine) as session:
        (row,) = service_items(session=session, text="jzzm")
    assert (row.mode, row.limit_days) == ("immediate", None)
