"""Process tables: five columns, a mode, a promised limit; searched by any word, changed with a history."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.lists import (
    SERVICE_ITEM,
    BadItem,
    ServiceDraft,
    StaleItem,
    add_service,
    edit_service,
    history,
    remove_service,
    service_count,
    service_items,
    undo_last,
)
from data.models import ServiceItem

DRAFT = ServiceDraft(
    external_no="BL-01", name="居住证明", content="为居民出具示例证明", undertaker="社区公共服务中心",
    requirements="当场办结", materials="身份证件、住房证明", mode="immediate",
)  # fmt: skip


def add(engine: Engine, draft: ServiceDraft = DRAFT) -> ServiceItem:
    with write_session(engine) as session:
        return add_service(session, draft, actor="演示甲")


def act(engine: Engine, how: Any, **arguments: Any) -> Any:
    with write_session(engine) as session:
        return how(session, **{"item_id": 1, "actor": "演示乙", "reason": "示例", **arguments})


def row(engine: Engine) -> ServiceItem:
    with read_session(engine) as session:
        return session.get_one(ServiceItem, 1)


def found(engine: Engine, text: str) -> list[str]:
    with read_session(engine) as session:
        return [one.external_no for one in service_items(session=session, text=text)]


def test_a_row_is_found_by_any_of_its_columns_and_by_initials(engine: Engine) -> None:
    add(engine)
    add(engine, ServiceDraft(external_no="BL-02", name="老年助餐", mode="promised", limit_days=3.0))

    assert found(engine, "") == ["BL-01", "BL-02"]
    for text in ("居住", "出具", "服务中心", "当场", "身份证件", "BL-01", "jzzm", "JZ"):
        assert found(engine, text) == ["BL-01"], text
    assert found(engine, "lnzc") == ["BL-02"]
    assert found(engine, "没有这个词") == []


def test_an_edit_is_logged_and_taken_back(engine: Engine) -> None:
    add(engine)
    changed = ServiceDraft(external_no="BL-01", name="居住证明", mode="promised", limit_days=2.0)
    act(engine, edit_service, draft=changed, seen_seq=1)
    assert (row(engine).mode, row(engine).limit_days, row(engine).content) == ("promised", 2.0, "")

    with write_session(engine) as session:
        undo_last(session, subject=SERVICE_ITEM, subject_id=1, seen_seq=2, actor="演示丙")
    assert (row(engine).mode, row(engine).limit_days) == ("immediate", None)
    assert row(engine).materials == DRAFT.materials
    with read_session(engine) as session:
        log = history(session=session, subject=SERVICE_ITEM, subject_id=1)
    assert [(one.action, one.actor) for one in log] == [
        ("undo", "演示丙"), ("edit", "演示乙"), ("add", "演示甲"),
    ]  # fmt: skip


def test_a_removed_row_stays_at_the_end_and_can_be_brought_back(engine: Engine) -> None:
    add(engine)
    add(engine, ServiceDraft(external_no="BL-02", name="示例事项"))
    act(engine, remove_service, seen_seq=1)
    assert found(engine, "") == ["BL-02", "BL-01"]
    with pytest.raises(BadItem, match="已经取消"):
        act(engine, remove_service, seen_seq=2)

    with write_session(engine) as session:
        undo_last(session, subject=SERVICE_ITEM, subject_id=1, seen_seq=2, actor="演示丙")
    assert found(engine, "") == ["BL-01", "BL-02"]
    with read_session(engine) as session:
        assert service_count(session=session) == 2


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"name": ""}, "服务事项没有填写"),
        ({"external_no": ""}, "编号没有填写"),
        ({"content": "长" * 1001}, "具体内容有 1001 字，最多 1000 字"),
        ({"mode": "moon"}, "办理方式“moon”不对"),
        ({"mode": "promised"}, "承诺办要写明承诺时限"),
        ({"limit_days": 0.0}, "承诺时限 0 天不对"),
        ({"limit_days": 1000.0}, "承诺时限 1000 天不对"),
        ({}, "编号“BL-01”已经有了"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_value(
    engine: Engine, bad: dict[str, Any], said: str
) -> None:
    add(engine)
    words: dict[str, Any] = {"external_no": "BL-01", "name": "示例", **bad}

    with pytest.raises(BadItem, match=said):
        add(engine, ServiceDraft(**words))


def test_a_stale_or_empty_edit_and_a_removal_without_reason_are_refused(engine: Engine) -> None:
    add(engine)
    with pytest.raises(BadItem, match="没有变化"):
        act(engine, edit_service, draft=DRAFT, seen_seq=1)
    with pytest.raises(StaleItem, match="刚被别人改过"):
        act(engine, remove_service, seen_seq=0)
    with pytest.raises(BadItem, match="取消要写明理由"):
        act(engine, remove_service, seen_seq=1, reason="")
