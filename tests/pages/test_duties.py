"""派遣规则 and 清单 as people use them: read, narrow, try a case, edit, take back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from dashboard import context
from dashboard.acting import token_of
from dashboard.navigation import MANAGED, TITLES
from data.database import open_engine, read_session, write_session
from data.lifecycle import Person
from data.models import Department, DispatchRule, EventClass, ListItem, ListItemLog, ServiceItem
from tests.dashboard.small_world import DISTRICT, World
from tests.data.dispatch.town import CLASSES, DEPARTMENTS, LONG_AGO, negative, rule
from tests.data.loop.world import CHECKER, DISPATCHER, SECRETARY, STREET_CLERK, hire
from tests.pages.conftest import Opener, Shown
from tests.pages.test_import_page import click
from tests.sql_recorder import recorded, scans

STREET = f"{DISTRICT}001"
ATTACK = "<img src=x onerror=alert(1)>"


def sit(monkeypatch: pytest.MonkeyPatch, person: Person | None) -> None:
    """From now on this person has been chosen in the header."""
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(person) if person else "")


@pytest.fixture
def duties(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The small district with classes, departments, staff, two rules, two lines and one service.

    The dispatcher of the district sits there.
    """
    sit(monkeypatch, DISPATCHER)
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    with write_session(engine) as session:
        hire(session)
        for code, major, minor, department, hours, clock in CLASSES:
            session.add(
                EventClass(
                    code=code, valid_from=LONG_AGO, major=major, minor=minor, department_code=department,
                    urgency="normal", limit_hours=hours, clock_type=clock,
                )
            )  # fmt: skip
        session.add_all(Department(code=code, name=name, kind=kind) for code, name, kind in DEPARTMENTS)
        session.add_all([rule(1, "0102", STREET, "D02", note="示例"), rule(2, "06", "", "D02")])
        under_review = negative("FM-2", "06", status="reviewing", review_stage="review_2")
        session.add_all([negative("FM-1", "0102"), under_review])
        session.add(
            ServiceItem(
                source="t", external_no="BL-1", name="居住证明", initials="jzzm", materials="身份证件",
                mode="immediate",
            )
        )  # fmt: skip
    engine.dispose()
    return world


def run(app: AppTest, label: str, **texts: str) -> None:
    """Fill text fields by their label, then press a button."""
    for title, text in texts.items():
        field: Any = next(one for one in [*app.text_input, *app.text_area] if one.label == title)
        field.set_value(text)
    click(app, label)


def choose(app: AppTest, title: str, value: str) -> None:
    next(one for one in app.selectbox if one.label == title).set_value(value)


def rules(shown: Shown) -> list[str]:
    return re.findall(r'data-rule="(\d+)"', shown.html)


def stored(model: Any, tmp_path: Path) -> list[Any]:
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    with read_session(engine) as session:
        rows = list(session.scalars(select(model).order_by(model.id)).all())
    engine.dispose()
    return rows


@pytest.mark.parametrize("page", ["dispatch", "lists"])
def test_an_empty_database_opens_the_page_and_says_that_there_is_nothing(
    page: str, opener: Opener, empty_database: Path
) -> None:
    assert empty_database.is_file()
    shown = opener(page)

    assert not shown.app.exception
    assert "还没有" in shown.text
    assert f'aria-current="page">{TITLES[page]}' in shown.html


def test_the_seldom_pages_are_tabs_and_rows_of_one_menu(opener: Opener, duties: World) -> None:
    assert duties.grids
    shown = opener("lists")

    assert all(shown.html.count(f">{TITLES[name]}</a>") >= 1 for name in MANAGED)
    assert ">管理·</span>清单<" in shown.html
    assert "data-menu><summary>管理</summary>" in opener("events").html


def test_the_table_shows_each_rule_and_follows_class_and_area(opener: Opener, duties: World) -> None:
    assert duties.grids
    shown = opener("dispatch")

    assert rules(shown) == ["1", "2"]
    assert "示例1街道" in shown.text
    assert rules(opener("dispatch", class_="0102")) == ["1"]
    assert rules(opener("dispatch", area=f"{DISTRICT}002")) == ["2"]
    assert "没有适用于所选类别和区域的规则" in opener("dispatch", area=f"{DISTRICT}002", class_="0102").text


def test_the_check_counts_what_it_finds_and_leads_to_where_it_is_mended(
    opener: Opener, duties: World
) -> None:
    assert duties.grids
    shown = opener("dispatch")

    assert shown.counts("data-problem") == {
        "tie": 0, "no_department": 1, "unknown_department": 0, "refused": 0, "no_staff": 0, "limit": 0,
        "unknown_place": 0,
    }  # fmt: skip
    assert "0804 矛盾纠纷/家庭纠纷：全部区域没有责任部门" in shown.text
    assert any("class=0804" in href and "rule=new" in href for href in shown.links)


def test_a_case_is_taken_through_the_table_without_writing(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("dispatch", class_="0102", area=STREET)
    click(shown.app, "这件会怎么走")
    assert "派遣规则 1（第 1 版）指定由示例住建局办理" in shown.text

    choose(shown.app, "派给", "S01")
    click(shown.app, "这件会怎么走")

    assert "拒绝派遣。负面清单第 FM-1 条“示例禁止事项FM-1”：不得下派给示例街道城管办" in shown.text
    assert len(stored(DispatchRule, tmp_path)) == 2


def test_a_rule_is_changed_as_a_new_version_and_taken_back(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("dispatch", rule="1")
    assert "规则 1（第 1 版）" in shown.text
    choose(shown.app, "责任部门", "D01")
    run(shown.app, "保存为新的一版", 说明="改派")

    assert "规则 1 已保存为第 2 版" in shown.text
    versions = [one for one in stored(DispatchRule, tmp_path) if one.number == 1]
    assert [(one.version, one.department_code) for one in versions] == [(1, "D02"), (2, "D01")]
    assert stored(DispatchRule, tmp_path)[-1].actor == DISPATCHER.name

    click(shown.app, "撤销第 2 版")
    click(shown.app, "确认撤销")
    assert "规则 1 现为第 3 版" in shown.text
    assert stored(DispatchRule, tmp_path)[-1].department_code == "D02"


def test_a_new_rule_begins_with_the_class_and_area_of_the_table(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("dispatch", rule="new", class_="0804", area=STREET)
    click(shown.app, "新增")
    assert "还没有选责任部门" in shown.text

    choose(shown.app, "责任部门", "D01")
    click(shown.app, "新增")

    added = stored(DispatchRule, tmp_path)[-1]
    assert (added.number, added.class_prefix, added.area_prefix) == (3, "0804", STREET)
    assert "已新增规则 3" in shown.text
    assert shown.param("rule") == ""


def test_a_rule_is_stopped_and_an_older_version_comes_back(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("dispatch", rule="2")
    click(shown.app, "停用")
    click(shown.app, "确认停用")
    assert stored(DispatchRule, tmp_path)[-1].withdrawn
    assert "已停用" in opener("dispatch").text

    click(shown.app, "恢复")
    assert "已恢复为第 1 版的内容" in shown.text
    assert not stored(DispatchRule, tmp_path)[-1].withdrawn


@pytest.mark.parametrize(
    ("person", "rule_number", "says"),
    [
        (None, "1", "还没有选择办理人，不能修改派遣规则"),
        (STREET_CLERK, "1", "规则“按角色办理”：修改派遣规则由"),
        (SECRETARY, "2", "规则“只管自己的区域”：书记·示例04负责"),
    ],
)
def test_who_may_not_edit_the_rules_sees_them_and_why_and_changes_nothing(
    person: Person | None, rule_number: str, says: str,
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    assert duties.grids
    sit(monkeypatch, person)
    shown = opener("dispatch", rule=rule_number)
    assert says in shown.text
    assert "没有保存" not in shown.text

    choose(shown.app, "责任部门", "D01")
    click(shown.app, "保存为新的一版")
    assert "没有保存" in shown.text
    click(shown.app, "停用")
    click(shown.app, "确认停用")
    assert "没有保存" in shown.text
    assert len(stored(DispatchRule, tmp_path)) == 2


def test_a_secretary_changes_the_rules_of_the_own_street_and_signs_for_it(
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert duties.grids
    sit(monkeypatch, SECRETARY)
    shown = opener("dispatch", rule="1")
    assert "规则“" not in shown.text
    choose(shown.app, "责任部门", "D01")
    click(shown.app, "保存为新的一版")

    assert stored(DispatchRule, tmp_path)[-1].actor == SECRETARY.name
    assert SECRETARY.name in shown.text


@pytest.mark.parametrize("day", ["明天", "2026-13-01", "2020-01-01"])
def test_a_day_that_cannot_be_is_refused_with_what_was_written(
    opener: Opener, duties: World, day: str, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("dispatch", rule="1")
    run(shown.app, "保存为新的一版", 从哪天起=day)

    assert "没有保存" in shown.text
    assert day in shown.text
    assert len(stored(DispatchRule, tmp_path)) == 2


def test_a_rule_that_somebody_changed_meanwhile_is_not_overwritten(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    mine, theirs = opener("dispatch", rule="1"), opener("dispatch", rule="1")
    choose(theirs.app, "责任部门", "D01")
    click(theirs.app, "保存为新的一版")
    choose(mine.app, "责任部门", "S01")
    click(mine.app, "保存为新的一版")

    assert "规则 1 刚被别人改过" in mine.text
    assert "刚被别人改过" not in theirs.text
    assert [one.department_code for one in stored(DispatchRule, tmp_path) if one.number == 1] == [
        "D02",
        "D01",
    ]


@pytest.mark.parametrize(
    ("params", "said"),
    [({"rule": "x"}, "rule=x"), ({"item": "0"}, "item=0"), ({"list": "moon"}, "list=moon")],
)
def test_a_nonsense_address_is_named(
    opener: Opener, duties: World, params: dict[str, str], said: str
) -> None:
    assert duties.grids
    assert said in opener("lists", **params).text


def test_a_rule_or_line_that_is_not_there_says_so(opener: Opener, duties: World) -> None:
    assert duties.grids
    assert "没有这条规则" in opener("dispatch", rule="99").text
    assert "没有这一条" in opener("lists", item="99").text
    assert "没有这一项" in opener("lists", list="services", item="99").text


def test_the_five_lists_are_tabs_with_counts(opener: Opener, duties: World) -> None:
    assert duties.grids
    shown = opener("lists", list="negative")

    assert shown.counts("data-list") == {
        "statutory": 0, "assist": 0, "self_govern": 0, "purchase": 0, "negative": 2, "services": 1,
    }  # fmt: skip
    assert "示例禁止事项FM-1" in shown.text
    assert "5/10 二审" in shown.text
    assert "FM-1" not in opener("lists", list="negative", q="FM-2").text.replace("示例禁止事项FM-2", "")


def test_a_line_goes_through_its_stages_and_each_is_in_its_history(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("lists", list="negative", item="2")
    assert 'data-stage="review_2"' in shown.html
    run(shown.app, "记入审议", 意见="同意")
    assert "FM-2 现在是二回" in shown.text
    assert "二审 → 二回" in shown.text

    choose(shown.app, "审议", "report_1")
    click(shown.app, "记入审议")
    assert "退回到一报要写明理由" in shown.text
    assert stored(ListItem, tmp_path)[1].review_stage == "reply_2"

    click(shown.app, "撤销上一次变更")
    click(shown.app, "确认撤销")
    assert stored(ListItem, tmp_path)[1].review_stage == "review_2"


def test_a_line_is_added_edited_and_cancelled_with_reasons(
    opener: Opener, duties: World, tmp_path: Path
) -> None:
    assert duties.grids
    shown = opener("lists", list="assist", item="new")
    run(shown.app, "新增", 编号="XZ-1", 事项="示例协助")
    assert "协助事项清单已新增 XZ-1" in shown.text
    added = stored(ListItem, tmp_path)[-1]

    shown = opener("lists", list="assist", item=str(added.id))
    run(shown.app, "保存", 事项="改过", 修改理由="更正")
    run(shown.app, "取消这一条", 取消的理由="职责划转")

    assert "已取消" in shown.text
    assert (stored(ListItem, tmp_path)[-1].text, stored(ListItem, tmp_path)[-1].status) == ("改过", "removed")


@pytest.mark.parametrize(
    ("person", "reporting", "reviewing"),
    [
        (None, "还没有选择办理人，不能填报清单", "还没有选择办理人，不能审议清单"),
        (CHECKER, "规则“按角色办理”：填报清单由", "规则“按角色办理”：审议清单由"),
        (SECRETARY, "不能为全区填报清单", "不能为全区审议清单"),
    ],
)
def test_who_may_not_edit_a_line_sees_it_and_why_and_changes_nothing(
    person: Person | None, reporting: str, reviewing: str,
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    assert duties.grids
    sit(monkeypatch, person)
    shown = opener("lists", list="negative", item="2")
    assert reporting in shown.text
    assert reviewing in shown.text
    assert "没有保存" not in shown.text

    for press, texts in (
        ("记入审议", {"意见": "同意"}),
        ("保存", {"事项": "改过", "修改理由": "更正"}),
        ("取消这一条", {"取消的理由": "职责划转"}),
    ):
        shown = opener("lists", list="negative", item="2")
        run(shown.app, press, **texts)
        assert "没有保存" in shown.text
    line = stored(ListItem, tmp_path)[1]
    assert (line.review_stage, line.status, line.text) == ("review_2", "reviewing", "示例禁止事项FM-2")
    assert stored(ListItemLog, tmp_path) == []


def test_a_street_clerk_adds_a_line_for_the_own_street_and_does_not_review_it(
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert duties.grids
    sit(monkeypatch, STREET_CLERK)
    shown = opener("lists", list="assist", item="new")
    assert "规则“" not in shown.text
    run(shown.app, "新增", 编号="XZ-1", 事项="示例协助")
    added = stored(ListItem, tmp_path)[-1]
    assert (added.external_no, added.area_prefix) == ("XZ-1", STREET)
    assert stored(ListItemLog, tmp_path)[-1].actor == STREET_CLERK.name

    shown = opener("lists", list="assist", item=str(added.id))
    assert "规则“按角色办理”：审议清单由" in shown.text
    run(shown.app, "记入审议")
    assert "没有保存" in shown.text
    assert stored(ListItem, tmp_path)[-1].review_stage == "report_1"


def test_other_words_for_a_line_in_force_wait_for_their_review_beside_it(
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert duties.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    with write_session(engine) as session:
        session.add(negative("FM-3", "0104", area_prefix=STREET))
    engine.dispose()
    sit(monkeypatch, STREET_CLERK)
    shown = opener("lists", list="negative", item="3")
    assert "规则“按角色办理”：审议清单由" in shown.text, "cancelling is not the street's"
    assert [box.label for box in shown.app.checkbox] == []
    run(shown.app, "提出修改", 事项="改过的禁止事项", 修改理由="更正")
    assert "FM-3 的修改已提出，从一报开始审议；公示前仍按现行的执行。" in shown.text
    line = stored(ListItem, tmp_path)[-1]
    assert (line.text, line.status, line.review_stage) == ("示例禁止事项FM-3", "in_force", "report_1")

    shown = opener("lists", list="negative", item="3")
    assert shown.text.count("▲ 修改待审") == 2, "in the table and on the line"
    assert 'data-proposal="3"' in shown.html
    assert "拟改为：" in shown.text
    assert next(one.value for one in shown.app.text_area if one.label == "事项") == "改过的禁止事项"

    sit(monkeypatch, DISPATCHER)
    shown = opener("lists", list="negative", item="3")
    shown.app.checkbox[0].check()
    run(shown.app, "提出修改", 事项="改过的错字", 修改理由="错字")
    line = stored(ListItem, tmp_path)[-1]
    assert (line.text, line.proposal, line.review_stage) == ("改过的错字", "", "published")


@pytest.mark.parametrize(
    ("person", "says"),
    [(None, "还没有选择办理人，不能"), (CHECKER, "规则“按角色办理”："), (SECRETARY, "不能为全区")],
)
def test_who_may_not_edit_process_tables_and_names_sees_them_and_why_and_changes_nothing(
    person: Person | None, says: str,
    opener: Opener, duties: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    assert duties.grids
    sit(monkeypatch, person)
    shown = opener("lists", list="services", item="1")
    assert says in shown.text
    assert "修改办理流程" in shown.text
    run(shown.app, "保存", 相关材料="户口簿", 修改理由="示例")
    assert "没有保存" in shown.text
    assert stored(ServiceItem, tmp_path)[0].materials == "身份证件"

    shown = opener("lists", list="purchase")
    assert says in shown.text
    run(shown.app, "保存名称", 清单名称="政府购买服务清单")
    assert "没有保存" in shown.text
    assert "政府购买服务清单" not in opener("lists").text


def test_a_process_row_is_found_edited_and_taken_back(opener: Opener, duties: World, tmp_path: Path) -> None:
    assert duties.grids
    assert "身份证件" in opener("lists", list="services", q="jzzm").text
    assert "没有含“xyz”的事项" in opener("lists", list="services", q="xyz").text
    shown = opener("lists", list="services", item="1")
    run(shown.app, "保存", 相关材料="户口簿", 修改理由="示例")
    assert stored(ServiceItem, tmp_path)[0].materials == "户口簿"
    assert stored(ListItemLog, tmp_path)[-1].actor == DISPATCHER.name

    click(shown.app, "撤销上一次变更")
    click(shown.app, "确认撤销")
    assert stored(ServiceItem, tmp_path)[0].materials == "身份证件"


def test_a_list_takes_the_street_s_own_name(opener: Opener, duties: World) -> None:
    assert duties.grids
    shown = opener("lists", list="purchase")
    run(shown.app, "保存名称", 清单名称="政府购买服务清单")

    assert "政府购买服务清单" in opener("lists").text
    assert f"改为“政府购买服务清单”  {DISPATCHER.name}" in shown.text


def test_words_of_rules_lists_and_services_are_escaped(opener: Opener, duties: World, tmp_path: Path) -> None:
    assert duties.grids
    engine: Engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    with write_session(engine) as session:
        connection = session.connection()
        row = rule(9, "0104", "", "D02", note=ATTACK, actor=ATTACK)
        connection.execute(insert(DispatchRule), row.model_dump(exclude={"id"}))
        line = negative("X", "", text=ATTACK, basis=ATTACK)
        connection.execute(insert(ListItem), line.model_dump(exclude={"id"}))
        session.add(
            ServiceItem(source="t", external_no=ATTACK, name=ATTACK, content=ATTACK, mode="immediate")
        )
    engine.dispose()

    for page, params in (
        ("dispatch", {"rule": "9"}), ("lists", {"list": "negative", "item": "3"}),
        ("lists", {"list": "services", "item": "2"}), ("lists", {"q": ATTACK}),
    ):  # fmt: skip
        shown = opener(page, **params)
        assert not shown.app.exception
        assert "<img src=x" not in shown.html
        assert "&lt;img src=x" in shown.html


@pytest.mark.parametrize(
    ("page", "params"),
    [
        ("dispatch", {}),
        ("dispatch", {"rule": "1"}),
        ("lists", {"list": "negative", "item": "1"}),
        ("lists", {"list": "services"}),
    ],
)
def test_the_pages_read_no_event(opener: Opener, duties: World, page: str, params: dict[str, str]) -> None:
    assert duties.grids
    opener()
    with recorded(context.engine()) as statements:
        opener(page, **params)

    assert statements
    assert scans(statements) == []
