"""效能监测 and 预警中心 from the entry script: values, how they are computed, cases, acts with reasons."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.acting import token_of
from data.database import open_engine, read_session, write_session
from data.event_log import Action, Advance, Entry, append
from data.indicators.store import measures
from data.rules.evaluate import evaluate
from data.rules.listing import alert_page
from data.vocabulary import AlertState
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.data.loop.world import DISPATCHER, furnish
from tests.pages.conftest import Opener, Shown

STREET = f"{DISTRICT}001"
LAST_WEEK = date(2026, 11, 9)


@pytest.fixture
def weeks(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve cases of last week in one community, nine of them in time; alerts of the overdue ladder.

    A dispatcher of the district sits at the screen.
    """
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(DISPATCHER))
    due_at = NOW - timedelta(days=8)
    advances = []
    for number in range(12):
        fields = {
            "source": "patrol", "external_no": f"W-{number}", "class_code": "0102", "title": "暴露垃圾",
            "urgency": "normal", "status": "reported", "code": f"{STREET}001", "due_at": due_at,
            "reported_at": due_at - timedelta(hours=5),
        }  # fmt: skip
        opening = Entry(action=Action.REPORT, at=fields["reported_at"], actor="演示甲", changes=fields)  # type: ignore[arg-type]
        at = due_at + timedelta(hours=1 if number < 3 else -1)
        closing = Entry(action=Action.MOVE, at=at, actor="演示甲", changes={"status": "closed"})
        advances.append(Advance(entries=[opening, closing]))
    with write_session(engine) as session:
        append(session, advances)
        session.execute(text("UPDATE rule SET enabled = (kind = 'two_weeks_worse')"))
        session.execute(text("UPDATE rule SET parameters = '{\"weeks\": 1}' WHERE kind = 'two_weeks_worse'"))
        evaluate(session, as_of=NOW)
    engine.dispose()
    return tmp_path


def cell_of(shown: Shown, key: str, area: str = "all") -> str:
    """The HTML of one cell of the heat table."""
    (row,) = re.findall(rf'<tr[^>]*data-area="{area}".*?</tr>', shown.html, flags=re.DOTALL)
    (cell,) = re.findall(rf'<td[^>]*data-cell="{key}".*?</td>', row, flags=re.DOTALL)
    return str(cell)


def params_of(href: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(unescape(href).partition("?")[2]))


def test_a_cell_shows_value_numerator_denominator_and_sign(opener: Opener, weeks: Path) -> None:
    assert weeks
    shown = opener("performance")
    cell = cell_of(shown, "on_time")

    assert not shown.app.exception
    assert "75.0%" in cell
    assert "9/12" in cell
    assert "✗" in cell
    assert "暂无数据" in cell_of(shown, "visits")
    assert "去年同周没有数据" in shown.text


def test_two_clicks_lead_from_a_cell_to_exactly_its_cases(opener: Opener, weeks: Path) -> None:
    assert weeks
    (href,) = re.findall(r'href="([^"]+)"', cell_of(opener("performance"), "garbage_late", STREET))
    card = opener("performance", **params_of(href))
    late, due = [params_of(link) for link in card.links if "basis=due" in link]

    assert "垃圾清运不及时率 = 垃圾逾期清运 / 垃圾应清运" in card.text
    assert "近 26 周，1 周有数据" in card.text
    assert opener("events", **{name + "_": value for name, value in late.items()}).total == 3
    assert opener("events", **{name + "_": value for name, value in due.items()}).total == 12


def test_another_week_is_one_link_away_and_nonsense_is_named(opener: Opener, weeks: Path) -> None:
    assert weeks
    before = opener("performance", week=(LAST_WEEK - timedelta(weeks=1)).isoformat())

    assert "暂无数据" in cell_of(before, "on_time")
    assert "week=2026-13-01" in opener("performance", week="2026-13-01").text
    assert "网址里的筛选条件有误" in opener("performance", cell="x").text


def test_an_own_indicator_is_previewed_refused_in_chinese_and_saved(opener: Opener, weeks: Path) -> None:
    shown = opener("performance", own="new")
    shown.app.text_input(key="om_own_name").set_value("逾期占比")
    shown.app.text_input(key="om_own_formula").set_value("办结量 / 应结").run()
    assert "“办结量”没有这一项" in shown.text

    shown.app.text_input(key="om_own_formula").set_value("逾期 ÷ 应结").run()
    assert 'data-preview="1"' in shown.html
    assert "上一周：25.0%（3/12）" in shown.text
    shown.app.button(key="om_own_save").click().run()

    assert "指标“逾期占比”已保存" in shown.text
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with read_session(engine) as session:
        assert "逾期占比" in [measure.name for measure in measures(session=session)]
    engine.dispose()


def first_alert(weeks: Path) -> int:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with read_session(engine) as session:
        found = alert_page(session=session, areas=(f"{STREET}001",)).rows[0].id
    engine.dispose()
    return found


def test_an_alert_shows_its_evidence_and_is_acknowledged_ordered_resolved_and_restored(
    opener: Opener, weeks: Path
) -> None:
    ring = str(first_alert(weeks))
    shown = opener("alerts", ring=ring)
    assert "连续 1 周差于基准" in shown.text
    assert "75.0%（9/12）" in shown.text
    assert "黄色风险响应预案" in shown.text

    shown.app.button(key="om_ring_ack").click().run()
    assert f'data-state="{AlertState.ACKNOWLEDGED}"' in shown.html
    shown.app.button(key="om_ring_order").click().run()
    assert "需要写明理由" in shown.text
    shown.app.text_input(key=f"om_ring_reason_{ring}").set_value("限期整改")
    shown.app.button(key="om_ring_order").click().run()
    assert "整改指令：" in shown.text
    shown.app.text_input(key=f"om_ring_reason_{ring}").set_value("已整改到位")
    shown.app.button(key="om_ring_resolve").click().run()
    assert "已整改到位" in shown.text
    shown.app.button(key="om_ring_back").click().run()
    assert f'data-state="{AlertState.ORDERED}"' in shown.html


def test_alerts_are_cut_by_state_and_colour(opener: Opener, weeks: Path) -> None:
    assert weeks
    every = opener("alerts").total

    assert every > 0
    assert opener("alerts", risk="yellow").total == every
    assert opener("alerts", risk="red").total == 0
    assert opener("alerts", state="resolved").total == 0
    assert "没有编号为 999 的预警" in opener("alerts", ring="999").text


def test_a_rule_is_changed_evaluated_and_a_drill_is_held(opener: Opener, weeks: Path) -> None:
    assert weeks
    shown = opener("alerts", area=STREET)
    shown.app.selectbox(key="om_rule_pick").set_value(1).run()
    shown.app.checkbox(key="om_rule_1_1_enabled").uncheck()
    shown.app.button[[button.label for button in shown.app.button].index("保存为新的一版")].click().run()
    assert "下次评估起生效" in shown.text
    shown.app.button(key="om_ring_evaluate").click().run()
    assert "新响 0 条" in shown.text
    assert shown.total == 0

    shown.app.text_input(key="om_drill_title").set_value("舆情应对")
    shown.app.button(key="om_drill_start").click().run()
    assert "【演练】舆情应对" in shown.text
    assert shown.total == 1


@pytest.mark.parametrize("page", ["performance", "alerts"])
def test_without_data_the_way_in_is_offered(page: str, opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    assert "接入" in opener(page).text
