"""The five lists: lines, the ten stages of their review, removal, undo, names. Every change is logged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.demo_state import new_batch
from data.dispatch import refusal
from data.lists import (
    LIST_ITEM,
    STAGES,
    BadItem,
    ItemDraft,
    ListCount,
    StageRefused,
    StaleItem,
    UnknownItem,
    add_item,
    edit_item,
    history,
    list_counts,
    list_items,
    move_item,
    proposed,
    remove_item,
    rename_list,
    titles,
    undo_last,
)
from data.models import ListItem, ListItemLog
from data.vocabulary import ListStatus, ListType, ReviewStage
from tests.data.dispatch.town import COMMUNITY, NOW, STREET, TODAY
from tests.sql_recorder import recorded

DRAFT = ItemDraft(external_no="FM-1", list_type="negative", text="示例：拆除违建不得下派", class_prefix="01")


def add(engine: Engine, draft: ItemDraft = DRAFT) -> ListItem:
    with write_session(engine) as session:
        return add_item(session, draft, actor="演示甲", reason="示例")


def act(engine: Engine, how: Any, **arguments: Any) -> Any:
    with write_session(engine) as session:
        return how(session, **{"item_id": 1, "actor": "演示乙", **arguments})


def advance(engine: Engine, steps: int) -> None:
    for seq, stage in enumerate(STAGES[1 : steps + 1], start=1):
        act(engine, move_item, stage=stage.value, seen_seq=seq)


def undo(engine: Engine, seen_seq: int) -> None:
    with write_session(engine) as session:
        undo_last(session, subject=LIST_ITEM, subject_id=1, seen_seq=seen_seq, actor="演示丙")


def item(engine: Engine) -> ListItem:
    with read_session(engine) as session:
        return session.get_one(ListItem, 1)


def log(engine: Engine) -> list[ListItemLog]:
    with read_session(engine) as session:
        return history(session=session, subject=LIST_ITEM, subject_id=1)


def test_the_review_has_three_reports_three_reviews_three_replies_and_one_notice() -> None:
    assert [stage.value.split("_")[0] for stage in STAGES] == [
        *["report", "review", "reply"] * 3,
        "published",
    ]
    assert len(ListType) == 5


def test_a_new_line_stands_at_the_first_report_and_is_not_in_force(town: Engine) -> None:
    added = add(town)

    assert (added.status, added.review_stage) == (ListStatus.REVIEWING, ReviewStage.REPORT_1)
    assert [(one.action, one.to_stage, one.actor, one.reason) for one in log(town)] == [
        ("add", "report_1", "演示甲", "示例")
    ]


def test_a_line_is_in_force_from_the_notice_on_and_each_stage_is_in_its_history(town: Engine) -> None:
    add(town)
    advance(town, 8)
    assert item(town).status == ListStatus.REVIEWING

    act(town, move_item, stage="published", seen_seq=9, reason="公示期满")

    assert (item(town).status, item(town).review_stage) == (ListStatus.IN_FORCE, ReviewStage.PUBLISHED)
    assert [one.to_stage for one in reversed(log(town))] == [stage.value for stage in STAGES]
    assert (log(town)[0].actor, log(town)[0].reason) == ("演示乙", "公示期满")


def test_no_stage_can_be_skipped_and_none_follows_the_notice(town: Engine) -> None:
    add(town)
    with pytest.raises(StageRefused, match="现在是一报，下一环节是一审，不能直接到一回"):
        act(town, move_item, stage="reply_1", seen_seq=1)
    with pytest.raises(StageRefused, match="不能直接到一报"):
        act(town, move_item, stage="report_1", seen_seq=1)
    with pytest.raises(StageRefused, match="没有名为“moon”的环节"):
        act(town, move_item, stage="moon", seen_seq=1)
    advance(town, 9)
    with pytest.raises(StageRefused, match="已是最后环节"):
        act(town, move_item, stage="published", seen_seq=10)


def test_going_back_needs_a_reason_and_takes_the_line_out_of_force(town: Engine) -> None:
    add(town)
    advance(town, 9)
    with pytest.raises(StageRefused, match="退回到二报要写明理由"):
        act(town, move_item, stage="report_2", seen_seq=10)

    act(town, move_item, stage="report_2", seen_seq=10, reason="群众有意见")

    assert (item(town).status, item(town).review_stage) == (ListStatus.REVIEWING, ReviewStage.REPORT_2)
    assert log(town)[0].action == "send_back"


def test_a_removed_line_stays_marked_and_can_be_brought_back(town: Engine) -> None:
    add(town)
    advance(town, 9)
    with pytest.raises(BadItem, match="取消要写明理由"):
        act(town, remove_item, seen_seq=10, reason="  ")
    act(town, remove_item, seen_seq=10, reason="职责划转")
    assert item(town).status == ListStatus.REMOVED
    assert item(town).removed_at is not None
    with pytest.raises(BadItem, match="已经取消"):
        act(town, remove_item, seen_seq=11, reason="再取消")
    with pytest.raises(StageRefused, match="请先撤销取消"):
        act(town, move_item, stage="published", seen_seq=11)

    undo(town, 11)

    assert (item(town).status, item(town).removed_at) == (ListStatus.IN_FORCE, None)
    assert (log(town)[0].action, log(town)[0].reason) == ("undo", "撤销第 11 次变更")


def test_an_undo_can_be_undone(town: Engine) -> None:
    add(town)
    act(town, remove_item, seen_seq=1, reason="示例")
    removed_at = item(town).removed_at
    undo(town, 2)
    undo(town, 3)

    assert item(town).removed_at == removed_at
    assert len(log(town)) == 4


def test_undoing_a_new_line_removes_it_and_that_can_be_undone_too(town: Engine) -> None:
    add(town)
    undo(town, 1)
    assert item(town).status == ListStatus.REMOVED

    undo(town, 2)
    assert (item(town).status, item(town).removed_at) == (ListStatus.REVIEWING, None)


def test_an_edit_keeps_the_words_that_it_replaced(town: Engine) -> None:
    add(town)
    changed = ItemDraft(
        external_no="FM-1", list_type="negative", text="改过的示例", class_prefix="0102",
        area_prefix=STREET, level="community", basis="示例文件",
    )  # fmt: skip
    act(town, edit_item, draft=changed, seen_seq=1, reason="更正")
    assert (item(town).text, item(town).class_prefix, item(town).level) == ("改过的示例", "0102", "community")

    undo(town, 2)
    assert (item(town).text, item(town).class_prefix, item(town).basis) == (DRAFT.text, "01", "")


NEW = ItemDraft(external_no="FM-1", list_type="negative", text="改过的示例", class_prefix="0102")


def in_force(engine: Engine) -> None:
    """Line 1, published by ten entries of its log."""
    add(engine)
    advance(engine, 9)


def test_other_words_for_a_line_in_force_are_reviewed_before_they_replace_it(town: Engine) -> None:
    in_force(town)
    act(town, edit_item, draft=NEW, seen_seq=10, reason="更正")

    waiting = item(town)
    assert (waiting.status, waiting.text, waiting.class_prefix) == (ListStatus.IN_FORCE, DRAFT.text, "01")
    assert (proposed(waiting), waiting.review_stage, log(town)[0].action) == (NEW, "report_1", "propose")
    for seq, stage in enumerate(STAGES[1:9], start=11):
        act(town, move_item, stage=stage.value, seen_seq=seq)
        assert item(town).text == DRAFT.text
    act(town, move_item, stage="published", seen_seq=19)

    done = item(town)
    assert (done.status, done.text, done.class_prefix) == (ListStatus.IN_FORCE, "改过的示例", "0102")
    assert (proposed(done), done.review_stage) == (None, "published")
    undo(town, 20)
    assert (item(town).text, proposed(item(town)), item(town).review_stage) == (DRAFT.text, NEW, "reply_3")


def test_dispatch_asks_the_line_in_force_while_other_words_are_reviewed(town: Engine) -> None:
    in_force(town)
    act(town, edit_item, draft=NEW, seen_seq=10, reason="更正")
    with read_session(town) as session:
        line = refusal(session, class_code="0104", code=COMMUNITY, department_code="S01")
    assert line is not None
    assert line.text == DRAFT.text


def test_a_proposal_is_sent_back_changed_and_taken_back_and_the_line_stays_in_force(town: Engine) -> None:
    in_force(town)
    act(town, edit_item, draft=NEW, seen_seq=10, reason="更正")
    act(town, move_item, stage="review_1", seen_seq=11)
    act(town, move_item, stage="report_1", seen_seq=12, reason="补充依据")
    assert item(town).status == ListStatus.IN_FORCE
    act(town, move_item, stage="review_1", seen_seq=13)
    with pytest.raises(BadItem, match="没有变化"):
        act(town, edit_item, draft=NEW, seen_seq=14, reason="同样")

    act(town, edit_item, draft=replace(NEW, basis="示例文件"), seen_seq=14, reason="补充")
    assert item(town).review_stage == "report_1", "other words are reviewed from the first stage"
    act(town, edit_item, draft=DRAFT, seen_seq=15, reason="不改了")
    assert (proposed(item(town)), item(town).review_stage) == (None, "published")
    undo(town, 16)
    assert proposed(item(town)) == replace(NEW, basis="示例文件")


def test_a_small_fix_takes_effect_at_once_and_is_marked_so(town: Engine) -> None:
    in_force(town)
    act(town, edit_item, draft=NEW, seen_seq=10, reason="更正")
    act(town, edit_item, draft=replace(DRAFT, text="示例：错字"), seen_seq=11, reason="错字", at_once=True)

    fixed = item(town)
    assert (fixed.text, fixed.status, fixed.review_stage) == ("示例：错字", "in_force", "published")
    assert (proposed(fixed), log(town)[0].action) == (None, "fix")


def test_a_proposal_whose_number_was_given_to_another_meanwhile_cannot_be_published(town: Engine) -> None:
    in_force(town)
    act(town, edit_item, draft=replace(NEW, external_no="FM-2"), seen_seq=10, reason="更正")
    add(town, replace(DRAFT, external_no="FM-2"))
    for seq, stage in enumerate(STAGES[1:9], start=11):
        act(town, move_item, stage=stage.value, seen_seq=seq)
    with pytest.raises(BadItem, match="编号“FM-2”在这张清单里已经有了"):
        act(town, move_item, stage="published", seen_seq=19)


def test_two_people_cannot_change_a_line_at_once_without_seeing_it(town: Engine) -> None:
    add(town)
    act(town, move_item, stage="review_1", seen_seq=1)

    for how, more in ((move_item, {"stage": "review_1"}), (remove_item, {"reason": "示例"})):
        with pytest.raises(StaleItem, match="刚被别人改过"):
            act(town, how, seen_seq=1, **more)
    with pytest.raises(UnknownItem, match="没有编号为 7 的条目"):
        act(town, move_item, item_id=7, stage="review_1", seen_seq=1)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"external_no": " "}, "编号没有填写"),
        ({"text": ""}, "事项没有填写"),
        ({"text": "长" * 513}, "事项有 513 字，最多 512 字"),
        ({"basis": "长" * 513}, "依据有 513 字"),
        ({"list_type": "moon"}, "没有名为“moon”的清单"),
        ({"class_prefix": "99"}, "没有代码为 99 的类别"),
        ({"area_prefix": "510115009"}, "没有代码为 510115009 的区划"),
        ({"level": "district"}, "层级“district”不对"),
        ({}, "编号“FM-1”在这张清单里已经有了"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_the_value(
    town: Engine, bad: dict[str, str], said: str
) -> None:
    add(town)
    words = {"external_no": "FM-1", "list_type": "negative", "text": "示例", **bad}

    with pytest.raises(BadItem, match=said):
        add(town, ItemDraft(**words))


def test_numbers_are_counted_in_each_list_for_itself(town: Engine) -> None:
    add(town)
    add(town, ItemDraft(external_no="FM-1", list_type="assist", text="示例"))

    with read_session(town) as session:
        counts = list_counts(session=session)
    assert counts["assist"] == counts["negative"] == ListCount(reviewing=1)
    assert counts["purchase"].total == 0


def test_an_edit_without_reason_without_change_or_into_another_list_is_refused(town: Engine) -> None:
    add(town)
    with pytest.raises(BadItem, match="修改要写明理由"):
        act(town, edit_item, draft=DRAFT, seen_seq=1, reason="")
    with pytest.raises(BadItem, match="没有变化"):
        act(town, edit_item, draft=DRAFT, seen_seq=1, reason="示例")
    other = ItemDraft(external_no="FM-1", list_type="assist", text="示例")
    with pytest.raises(BadItem, match="不能移到另一张清单"):
        act(town, edit_item, draft=other, seen_seq=1, reason="示例")


def test_what_nobody_changed_since_it_came_in_cannot_be_undone_here(town: Engine) -> None:
    with write_session(town) as session:
        session.add(
            ListItem(
                source="file:negative", external_no="1", list_type="negative", text="示例",
                status="in_force", review_stage="published",
            )
        )  # fmt: skip
    with pytest.raises(BadItem, match="请撤销它的接入批次"):
        undo(town, 0)


def test_a_list_shows_what_is_in_force_first_and_finds_words_number_and_basis(town: Engine) -> None:
    for number, text in (("3", "示例丙"), ("1", "示例甲"), ("2", "示例乙 50%_")):
        add(town, ItemDraft(external_no=number, list_type="assist", text=text, basis=f"文件{number}"))
    act(town, remove_item, item_id=2, seen_seq=1, reason="示例")

    def found(text: str) -> list[str]:
        with read_session(town) as session:
            rows = list_items(session=session, list_type="assist", text=text)
            return [row.external_no for row in rows]

    assert found("") == ["2", "3", "1"]
    assert found("丙") == ["3"]
    assert found("文件1") == ["1"]
    assert found("%") == found("_") == ["2"]


def test_a_street_gives_the_lists_its_own_names_and_gets_ours_back(town: Engine) -> None:
    def named(list_type: str, title: str) -> dict[str, str]:
        with write_session(town) as session:
            rename_list(session, list_type=list_type, title=title)
        with read_session(town) as session:
            return titles(session=session)

    assert named("assist", " 依法协助清单 ")["assist"] == "依法协助清单"
    assert named("assist", "再改一次")["assist"] == "再改一次"
    assert named("assist", "")["assist"] == "协助事项清单"
    for list_type, title, said in (
        ("assist", "负面清单", "两张清单不能同名"),
        ("assist", "长" * 33, "最多 32 字"),
        ("moon", "示例", "没有名为“moon”的清单"),
    ):
        with pytest.raises(BadItem, match=said):
            named(list_type, title)


def test_what_is_added_while_the_demo_is_in_belongs_to_the_demo(town: Engine) -> None:
    with write_session(town) as session:
        session.add(new_batch(seed=1, first_day=TODAY, now=NOW))

    assert add(town).batch_id == 1


def test_reading_and_editing_reads_no_event(town: Engine) -> None:
    with recorded(town) as statements:
        add(town, ItemDraft(external_no="1", list_type="negative", text="示例", area_prefix=COMMUNITY))
        advance(town, 3)
        item(town)

    assert statements
    assert not [one.sql for one in statements if " event " in one.sql or "event_log" in one.sql]
