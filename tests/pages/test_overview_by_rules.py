"""The overview's alerts are those of the rules in force, which a street sets for itself."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update
from sqlmodel import Session

from dashboard.acting import token_of
from data.database import open_engine, read_session, write_session
from data.models import Event
from data.rules.store import list_rules, save_rule
from data.vocabulary import RuleKind
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.data.loop.world import SECRETARY, furnish
from tests.pages.conftest import Opener, Shown

STREETS = (f"{DISTRICT}001", f"{DISTRICT}002")
STREET_NAME = "示例1街道"


@pytest.fixture
def busy(world: World, tmp_path: Path) -> Engine:
    """Six complaints of one class today in a community of each of two streets."""
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    row = next(one for one in world.events if one["status"] == "handling")
    at = NOW - timedelta(minutes=30)
    rows = [
        row
        | {
            "id": 9000 + 10 * place + number, "external_no": f"T-{place}-{number}", "source": "12345",
            "code": f"{street}001", "reported_at": at, "reported_day": NOW.date(), "class_code": "0501",
        }
        for place, street in enumerate(STREETS)
        for number in range(6)
    ]  # fmt: skip
    with write_session(engine) as session:
        session.connection().execute(insert(Event), rows)
    return engine


def surging(shown: Shown) -> list[str]:
    """The rows of 突增, as text."""
    assert not shown.app.exception
    rows = re.findall(r'<a[^>]*data-alert="surge".*?</a>', shown.html, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def switch_off(session: Session, kind: RuleKind) -> None:
    (rule,) = [one for one in list_rules(session=session) if one.kind is kind]
    save_rule(
        session, kind=rule.kind, name=rule.name, parameters=rule.parameters_text, color=rule.color,
        owner=rule.owner, enabled=False, actor="演示甲", at=NOW, rule_id=rule.id,
    )  # fmt: skip


def test_a_surge_names_its_rule_and_colour_and_the_tab_says_the_numbers(opener: Opener, busy: Engine) -> None:
    shown = opener("overview", alert="surge")

    assert len(surging(shown)) == 2
    assert all("▲ 黄色 · 规则“诉求激增”" in row for row in surging(shown))
    assert shown.text.count("近 8 周同一星期几到此时中位数的 3 倍") >= 1
    with write_session(busy) as session:
        switch_off(session, RuleKind.SURGE)
    off = opener("overview", alert="surge")
    assert surging(off) == []
    assert "按规则：这里没有启用的规则" in off.html


def test_an_overdue_row_shows_who_answers_by_the_ladder(opener: Opener, busy: Engine) -> None:
    due_at = NOW - timedelta(hours=80)
    with write_session(busy) as session:
        session.execute(update(Event).where(Event.id == 9000).values(due_at=due_at, status="handling"))  # type: ignore[arg-type]
    for view in ({"alert": "overdue"}, {}):
        shown = opener("overview", area=STREETS[0], class_="0501", **view)
        assert "◆ 红色 · 街道书记（督办）" in shown.text, view
    with write_session(busy) as session:
        switch_off(session, RuleKind.OVERDUE_LADDER)
    assert "data-risk" not in opener("overview", area=STREETS[0], class_="0501", alert="overdue").html


@pytest.fixture
def secretary(busy: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secretary of the first street sits at the screen."""
    furnish(busy)
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(SECRETARY))
    assert SECRETARY.division_code == STREETS[0]


def button(shown: Shown, label: str) -> None:
    next(one for one in shown.app.button if one.label == label).click().run()
    assert not shown.app.exception


def typed(shown: Shown, label: str, value: Any) -> None:
    fields: list[Any] = [*shown.app.text_input, *shown.app.number_input]
    next(one for one in fields if one.label == label).set_value(value)


def places(shown: Shown) -> list[bool]:
    """Of the rows of 突增 whether each lies in the secretary's street."""
    return sorted(STREET_NAME in row for row in surging(shown))


@pytest.mark.usefixtures("secretary")
def test_a_street_raises_the_minimum_for_itself_and_its_surges_go_until_it_is_taken_back(
    opener: Opener, busy: Engine
) -> None:
    with read_session(busy) as session:
        (rule,) = [one for one in list_rules(session=session) if one.kind is RuleKind.SURGE]
    assert places(opener("overview", alert="surge")) == [False, True]
    wider = opener("alerts", rule=str(rule.id))
    assert "在本街道另行设定" in wider.text
    assert f"rule=own-{rule.id}" in " ".join(wider.links)

    form = opener("alerts", rule=f"own-{rule.id}")
    typed(form, "至少几件", 20.0)
    typed(form, "另行设定的理由", "本街道基数大")
    button(form, "新增规则")
    assert "已保存，下次评估起生效" in form.text
    assert f"{STREET_NAME}另行设定" in form.text
    assert f'data-replaces="{rule.id}"' in form.html

    after = opener("overview", alert="surge")
    assert places(after) == [False]
    assert f"{STREET_NAME}除外" in after.html
    assert surging(opener("overview", alert="surge", area=STREETS[0])) == []
    assert "本街道已另行设定这条规则：打开" in opener("alerts", rule=str(rule.id)).text

    undo = opener("alerts")
    button(undo, "撤销")
    button(undo, "确认撤销")
    assert places(opener("overview", alert="surge")) == [False, True]


@pytest.mark.usefixtures("secretary")
def test_a_street_switches_a_rule_off_for_itself(opener: Opener, busy: Engine) -> None:
    with read_session(busy) as session:
        (rule,) = [one for one in list_rules(session=session) if one.kind is RuleKind.SURGE]
    shown = opener("alerts", rule=str(rule.id))
    button(shown, "在本街道停用")
    assert "停用规则要写明理由" in shown.text
    typed(shown, "停用的理由", "另有专项")
    button(shown, "在本街道停用")

    assert f"{STREET_NAME}已停用" in shown.text
    assert places(opener("overview", alert="surge")) == [False]
    assert "这里没有启用的规则" in opener("overview", area=STREETS[0], alert="surge").html
    assert "rule=own-x" in opener("alerts", rule="own-x").text
