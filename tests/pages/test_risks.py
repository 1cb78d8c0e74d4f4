"""预警中心: a risk reported by hand, the plan's limit as a clock, drills apart and street by street."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.acting import token_of
from data.database import open_engine, read_session, write_session
from data.lifecycle import Person
from data.manage.alerts import note_plan, report_risk
from data.manage.plans import begin_drill
from data.rules.by_hand import Report
from data.rules.listing import AlertPage, alert_page
from data.rules.plan_clock import PlanNote
from data.vocabulary import RiskColor
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.data.loop.world import COMMUNITY, DISPATCHER, NEIGHBOURHOOD, SECRETARY, WORKER, furnish
from tests.pages.conftest import Opener, Shown

STREET = f"{DISTRICT}001"
CROWD = Report(color=RiskColor.RED, code=COMMUNITY, title="群体聚集", detail="示例：约三十人聚集")


class Centre:
    """The page 预警 with whoever sits there."""

    def __init__(self, opener: Opener, engine: Engine) -> None:
        self._opener, self.engine, self.token = opener, engine, token_of(DISPATCHER)

    def open(self, person: Person = DISPATCHER, **params: str) -> Shown:
        self.token = token_of(person)
        shown = self._opener("alerts", **params)
        assert not shown.app.exception
        assert "这个页面出错了" not in shown.text
        return shown

    def page(self) -> AlertPage:
        with read_session(self.engine) as session:
            return alert_page(session=session, as_of=NOW)

    def ring(self, *, days_ago: float = 0, color: RiskColor = RiskColor.RED) -> int:
        with write_session(self.engine) as session:
            report = Report(color=color, code=COMMUNITY, title=CROWD.title, detail=CROWD.detail)
            return report_risk(session, report, person=DISPATCHER, at=NOW - timedelta(days=days_ago))


@pytest.fixture
def centre(opener: Opener, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    found = Centre(opener, engine)
    monkeypatch.setattr("dashboard.acting.read_token", lambda: found.token)
    monkeypatch.setattr("dashboard.acting.now", lambda: NOW)
    return found


def fill(shown: Shown, **values: str) -> None:
    for name, value in values.items():
        label = {"案件号": "有关的案件号（可不填）"}.get(name, name)
        every = [*shown.app.text_input, *shown.app.text_area]
        next(one for one in every if one.label == label).set_value(value)


def press(shown: Shown, label: str) -> None:
    next(one for one in shown.app.button if one.label == label).click().run()


def test_a_community_reports_a_risk_that_stands_in_the_list_and_never_resolves_by_itself(
    centre: Centre,
) -> None:
    shown = centre.open(NEIGHBOURHOOD, area=COMMUNITY)
    press(shown, "上报风险")
    assert "请写明是什么风险" in shown.text
    fill(shown, 什么风险="群体聚集", 具体情况="示例：约三十人聚集")
    press(shown, "上报风险")
    (row,) = centre.page().rows
    assert f"已上报红色风险，预警 {row.id}。" in shown.text
    assert (row.code, row.by_hand, row.owner) == (COMMUNITY, True, "leader")
    assert f'data-ring="{row.id}"' in shown.html
    title = next(one for one in shown.app.text_input if one.label == "什么风险")
    assert title.value == "", "the form is empty again: a second click reports nothing"
    press(shown, "上报风险")
    assert "请写明是什么风险" in shown.text

    card = centre.open(NEIGHBOURHOOD, ring=str(row.id))
    assert "人工上报的预警不会自动解除：处置完毕后，由人写明理由解除" in card.text
    assert re.search(r"上报\s+社区·示例02", card.text)
    fill(card, 解除的理由="已散去")
    press(card, "解除预警")
    assert "已解除，24 小时内可以恢复" in card.text


def test_a_risk_that_stands_is_refused_with_its_number_and_who_may_not_is_told_before_typing(
    centre: Centre,
) -> None:
    number = centre.ring()
    shown = centre.open(NEIGHBOURHOOD, area=COMMUNITY)
    fill(shown, 什么风险=CROWD.title, 具体情况=CROWD.detail)
    press(shown, "上报风险")
    assert f"（预警 {number}），还没有解除" in shown.text
    other = centre.open(WORKER, area=COMMUNITY)
    assert "规则“按角色办理”：上报风险由" in other.text
    fill(other, 什么风险="另一件", 具体情况=CROWD.detail, 案件号="X-404")
    press(other, "上报风险")
    assert other.text.count("规则“按角色办理”：上报风险由") == 2
    assert centre.page().total == 1


def test_the_limit_of_a_plan_is_shown_blue_yellow_and_red_and_named_when_it_is_over(centre: Centre) -> None:
    for days, color, said in (
        (0.0, "in_time", "方案时限剩 3 天"),
        (2.5, "soon", "方案时限剩 12 小时"),
        (4.0, "overdue", "方案时限已超 1 天"),
    ):
        with write_session(centre.engine) as session:
            session.connection().exec_driver_sql("DELETE FROM alert_log")
            session.connection().exec_driver_sql("DELETE FROM alert")
        number = centre.ring(days_ago=days)
        for shown in (centre.open(), centre.open(ring=str(number))):
            assert f'data-plan="{color}"' in shown.html
            assert said in shown.text
        late = "方案超时限 1 条：群体聚集" in centre.open().text
        assert late is (color == "overdue")


def test_a_plan_is_noted_on_the_card_and_taken_back_and_a_stale_form_writes_nothing(centre: Centre) -> None:
    number = centre.ring(days_ago=4)
    shown = centre.open(ring=str(number))
    press(shown, "登记方案")
    assert "请写明方案的要点或文号" in shown.text
    fill(shown, 方案的要点或文号="示例一号文")
    shown.app.radio(key=f"om_ring_plan_note_{number}").set_value("预案已落实")
    press(shown, "登记方案")
    assert "已登记：预案已落实" in shown.text
    assert "预案已落实：示例一号文（派遣员·示例05" in shown.text
    assert "方案已登记（超 1 天）" in shown.text
    assert centre.page().late == 0
    press(shown, "撤回方案登记")
    assert centre.page().late == 1

    refused = centre.open(WORKER, ring=str(number))
    fill(refused, 方案的要点或文号="示例二号文")
    press(refused, "登记方案")
    assert "规则“按角色办理”" in refused.text
    stale = centre.open(ring=str(number))
    fill(stale, 方案的要点或文号="示例二号文")
    with write_session(centre.engine) as session:
        note_plan(session, alert_id=number, seen_state="new", person=SECRETARY, at=NOW, note=PlanNote.FILED,
                  text="示例三号文")  # fmt: skip
    press(stale, "登记方案")
    assert "方案已提交：示例三号文（书记·示例04" in stale.text
    assert centre.page().rows[0].plan_text == "方案已提交：示例三号文"


def test_drills_are_counted_apart_and_say_so_once(centre: Centre) -> None:
    centre.ring()
    shown = centre.open(area=STREET)
    assert "应演练：" in shown.text
    assert "这里没有演练；在“风险演练”里可以开始一次" in centre.open(area=STREET, state="drill").text
    fill(shown, 演练内容="【演练】舆情应对")
    press(shown, "开始演练")
    assert shown.param("state") == "drill"
    assert shown.total == 1
    assert "舆情应对" in shown.text
    assert "【演练】" not in shown.text
    real = centre.open(area=STREET)
    assert real.total == 1
    assert "舆情应对" not in real.text
    assert re.search(r"未解除\s*1\b", real.text)
    assert re.search(r"演练\s*1\b", real.text)
    assert re.search(r"红色 1\b", real.text)


def test_each_street_shows_when_it_last_drilled(centre: Centre) -> None:
    with write_session(centre.engine) as session:
        begin_drill(session, color=RiskColor.RED, code=STREET, title="示例", person=DISPATCHER, at=NOW)
    shown = centre.open()
    rows = dict(re.findall(r'data-drills="(\d+)"(.*?)</tr>', shown.html, flags=re.DOTALL))
    late = {code: re.findall(r'data-late="(\d)"', row) for code, row in rows.items()}
    assert late[STREET] == ["0", "1", "1"]
    assert all(found == ["1", "1", "1"] for code, found in late.items() if code != STREET)
    assert len(late) > 1
