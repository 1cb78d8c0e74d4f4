"""The overview's alerts are those of the rules in force: rows, hints and 怎么算的 say which."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update
from sqlmodel import Session

from data.database import open_engine, write_session
from data.models import Event
from data.rules.store import list_rules, save_rule
from data.vocabulary import RuleKind
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.pages.conftest import Opener, Shown

STREETS = (f"{DISTRICT}001", f"{DISTRICT}002")


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
