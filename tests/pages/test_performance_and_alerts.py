"""效能监测 and 预警中心 from the entry script: values, how they are computed, cases, acts with reasons."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from dashboard import context
from dashboard.acting import token_of
from dashboard.state import parse_url
from data.database import open_engine, read_session, write_session
from data.event_log import Action, Advance, Entry, append
from data.indicators.compare import Value
from data.indicators.store import Measure, all_measures, enter_readings, measures
from data.indicators.table import preview
from data.labels import ROLE
from data.manage.permission import RIGHTS, Duty
from data.notices.compose import read_lines
from data.notices.words import About
from data.rules import act
from data.rules.evaluate import evaluate
from data.rules.listing import AlertRow, alert_page
from data.vocabulary import AlertState, Move, RuleKind
from tests.dashboard.small_world import DISTRICT, NOW, World
from tests.data.loop.world import DISPATCHER, WORKER, furnish
from tests.pages.conftest import Opener, Shown

STREET = f"{DISTRICT}001"
LAST_WEEK = date(2026, 11, 9)


@pytest.fixture
def weeks(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve cases of last week in one community, nine of them in time; alerts of the overdue ladder.

    A dispatcher of the district sits at the screen, and acts at the moment that it shows.
    """
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(DISPATCHER))
    monkeypatch.setattr("dashboard.acting.now", lambda: NOW)
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
        closing = Entry(action=Move.CLOSE, at=at, actor="演示甲", changes={"status": "closed"})
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


def test_a_value_of_readings_shows_who_entered_them_and_leads_to_their_form(
    opener: Opener, weeks: Path
) -> None:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    below = f"{STREET}001"
    with write_session(engine) as session:
        enter_readings(
            session, readings=[("wait_minutes", below, LAST_WEEK, 90), ("wait_served", below, LAST_WEEK, 12)],
            source="窗口叫号", actor="社区·示例02", at=NOW - timedelta(days=3),
        )  # fmt: skip
    engine.dispose()
    shown = opener("performance", area=STREET, cell=f"waiting:{STREET}")

    said = re.sub(r"\s+", " ", shown.text)
    for part in ("90", "12", "社区·示例02", "窗口叫号"):
        assert part in said
    hrefs = [href for href in shown.links if "set=readings" in href]
    assert len(hrefs) == 2
    form = params_of(hrefs[0])
    assert (form["set"], form["week"], form["area"]) == ("readings", LAST_WEEK.isoformat(), below)
    assert "去填报" in opener("performance", area=STREET, cell=f"arrival:{STREET}").text


def test_a_community_says_why_no_grids_are_listed_under_it(opener: Opener, weeks: Path) -> None:
    assert weeks
    assert "个区域 × 12 项指标" in opener("performance", area=STREET).text
    shown = opener("performance", area=f"{STREET}001").text
    assert "指标算到社区，不分网格；12 项指标" in shown
    assert "0 个区域" not in shown


def test_another_week_is_one_link_away_and_nonsense_is_named(opener: Opener, weeks: Path) -> None:
    assert weeks
    before = opener("performance", week=(LAST_WEEK - timedelta(weeks=1)).isoformat())

    assert "暂无数据" in cell_of(before, "on_time")
    assert "week=2026-13-01" in opener("performance", week="2026-13-01").text
    assert "网址里的筛选条件有误" in opener("performance", cell="x").text


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "page", [{"page": "performance", "look": "month"}, {"page": "settings", "set": "readings"}]
)
def test_a_week_that_no_calendar_of_ours_holds_is_named(
    opener: Opener, weeks: Path, page: dict[str, str], week: str
) -> None:
    assert weeks
    assert f"week={week} 无效：日期应写作 2026-11-16 这样，2004–2099 年" in opener(**page, week=week).text


def test_the_first_and_the_last_week_of_the_calendar_are_shown(opener: Opener, weeks: Path) -> None:
    assert weeks
    for week in ("2004-01-01", "2099-12-31"):
        assert 'data-month="20' in opener("performance", look="month", week=week).html


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


def test_the_preview_of_a_formula_is_computed_once_while_its_form_stays_as_it_is(
    opener: Opener, weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weeks
    asked: list[str] = []

    def counted(
        *, session: Session, measure: Measure, areas: tuple[str, ...], as_of: datetime, weeks: int
    ) -> dict[str, tuple[Value, ...]]:
        asked.append(measure.formula_text)
        return preview(session=session, measure=measure, areas=areas, as_of=as_of, weeks=weeks)

    monkeypatch.setattr("dashboard.panels.performance_own.preview", counted)
    shown = opener("performance", own="new")
    shown.app.text_input(key="om_own_name").set_value("逾期占比")
    shown.app.text_input(key="om_own_formula").set_value("逾期 ÷ 应结").run()
    shown.app.run()
    assert 'data-preview="1"' in shown.html
    assert len(asked) == 1

    shown.app.text_input(key="om_own_formula").set_value("应结 ÷ 逾期").run()
    assert len(asked) == 2


def own_measures(weeks: Path) -> dict[str, Measure]:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with read_session(engine) as session:
        found = {each.name: each for each in all_measures(session=session) if not each.shipped}
    engine.dispose()
    return found


def test_an_own_indicator_says_where_it_applies_and_is_changed_switched_off_and_taken_back(
    opener: Opener, weeks: Path
) -> None:
    shown = opener("performance", own="new", area=STREET)
    field(shown, "名称").set_value("逾期占比")
    field(shown, "公式").set_value("逾期 ÷ 应结").run()
    field(shown, "适用层级").set_value("community")
    field(shown, "单位").set_value("倍")
    field(shown, "方向").set_value("down")
    field(shown, "合并几周").set_value(2)
    field(shown, "最小样本").set_value(5)
    field(shown, "基准").set_value(0.2).run()
    assert "不适用于当前所看的区域" in shown.text
    shown.app.button(key="om_own_save").click().run()
    made = own_measures(weeks)["逾期占比"]
    assert (made.area, made.level, made.unit, made.direction) == (STREET, "community", "倍", "down")
    assert (made.weeks, made.minimum_sample, made.baseline) == (2, 5, 0.2)

    again = opener("performance", own=made.key, area=f"{STREET}001")
    assert field(again, "公式").value == "逾期 / 应结"
    assert 'data-preview="1"' in again.html
    field(again, "最小样本").set_value(20).run()
    again.app.button(key="om_own_save").click().run()
    assert own_measures(weeks)["逾期占比"].minimum_sample == 20
    off = opener("performance", own=made.key)
    press(off, "停用")
    assert "已停用，从本周起生效" in off.text
    assert not own_measures(weeks)["逾期占比"].enabled
    press(off, "撤销")
    press(off, "确认撤销")
    assert own_measures(weeks)["逾期占比"].enabled
    assert "没有这项指标" in opener("performance", own="own_x").text
    assert "own=1" in opener("performance", own="1").text


def test_the_baseline_of_an_indicator_that_ships_is_changed_from_its_card_and_the_table_judges_by_it(
    opener: Opener, weeks: Path
) -> None:
    """In time this week: none. Last week: nine of twelve. Both are worse than the 90 % that ship."""
    this_week = (LAST_WEEK + timedelta(weeks=1)).isoformat()
    assert weeks
    assert "✗" in cell_of(opener("performance", week=this_week), "on_time")

    card = opener("performance", cell="on_time:")
    (href,) = [link for link in card.links if "own=on_time" in link]
    form = opener("performance", **params_of(href))
    assert 'data-shipped="on_time"' in form.html
    assert "按期结案率 = 按期结案 / 应结（%）" in form.text
    assert "公式" not in [one.label for one in form.app.text_input]
    field(form, "基准").set_value(0.0).run()
    form.app.button(key="om_own_save").click().run()
    assert "指标“按期结案率”已保存，从本周起生效" in form.text
    assert form.param("week") == this_week
    assert "0.0%（越高越好）" in form.text
    assert "✓" in cell_of(form, "on_time")
    assert "✗" in cell_of(opener("performance"), "on_time"), "last week is judged as it was"

    again = opener("performance", own="on_time")
    press(again, "停用")
    gone = opener("performance", week=this_week)
    assert 'data-cell="on_time"' not in gone.html
    assert 'data-own="on_time"' in opener("performance", own="new").html
    for _ in range(2):
        press(again, "撤销")
        press(again, "确认撤销")
    assert "✗" in cell_of(opener("performance", week=this_week), "on_time")


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("逾期 ÷ 0", "除数恒为 0"),
        ("逾期 ÷ 到期挂账", "除数（到期挂账）都是 0，除以 0 没有结果"),
        ("已探访 ÷ 应探访", "过去 26 周没有填报过已探访、应探访"),
        ("3 × 2", "没有用到任何指标项"),
        ("逾期 ÷", "写得不完整"),
    ],
)
def test_a_formula_without_a_value_says_why(opener: Opener, weeks: Path, formula: str, said: str) -> None:
    assert weeks
    shown = opener("performance", own="new")
    field(shown, "名称").set_value("新指标")
    field(shown, "公式").set_value(formula).run()
    assert said in shown.text


def test_who_may_not_set_an_indicator_is_told_the_rule(
    opener: Opener, weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(WORKER))
    shown = opener("performance", own="new")
    field(shown, "名称").set_value("逾期占比")
    field(shown, "公式").set_value("逾期 ÷ 应结").run()
    shown.app.button(key="om_own_save").click().run()

    assert shown.text.count("规则“按角色办理”：设置指标由") == 2
    assert own_measures(weeks) == {}


def ringing(weeks: Path, *areas: str) -> tuple[AlertRow, ...]:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with read_session(engine) as session:
        found = alert_page(session=session, as_of=NOW, areas=areas).rows
    engine.dispose()
    return found


def first_alert(weeks: Path) -> int:
    return ringing(weeks, f"{STREET}001")[0].id


def test_an_alert_shows_its_evidence_and_is_acknowledged_ordered_resolved_and_restored(
    opener: Opener, weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.acting.now", lambda: NOW)
    ring = str(first_alert(weeks))
    shown = opener("alerts", ring=ring)
    assert "连续 1 周差于基准" in shown.text
    assert "75.0%（9/12）" in shown.text
    assert "黄色风险响应预案" in shown.text

    shown.app.button(key="om_ring_ack").click().run()
    assert f'data-state="{AlertState.ACKNOWLEDGED}"' in shown.html
    key = f"om_ring_order_{ring}_0106"
    shown.app.button(key=f"{key}_send").click().run()
    assert "需要写明理由" in shown.text
    assert "派遣建议：没有适用的派遣规则，按类别“演示0106”的默认部门，由演示园林办理" in shown.text
    shown.app.text_input(key=f"{key}_reason").set_value("限期整改")
    shown.app.number_input(key=f"{key}_hours").set_value(48.0)
    shown.app.button(key=f"{key}_send").click().run()
    assert "已下达整改指令，时限 2 天（工作日）" in shown.text
    assert re.search(r'data-order="\d+"', shown.html)
    for said in (
        "整改指令：",
        "谁在办 演示园林",
        "办了什么",
        "限期整改",
        "指标后来怎样",
        "下达指令",
        "本周至今",
    ):
        assert said in re.sub(r"\s+", " ", shown.text), said
    assert re.findall(r'data-week="2026-11-09" data-value="([\d.]+)"', shown.html) == ["25.0000"]
    (event,) = re.findall(r'data-order="(\d+)"', shown.html)
    assert f"预警 {ring} 的整改指令" in opener("events", sel=f"event:{event}").text

    resolving = f"om_ring_resolve_send_{ring}"
    shown.app.button(key=resolving).click().run()
    assert "解除预警需要写明理由" in shown.text
    shown.app.text_input(key=f"om_ring_reason_{ring}").set_value("已整改到位")
    shown.app.button(key=resolving).click().run()
    assert "已整改到位" in shown.text
    shown.app.button(key="om_ring_back").click().run()
    assert f'data-state="{AlertState.ORDERED}"' in shown.html


@pytest.mark.parametrize(
    ("mine", "done", "said"),
    [
        ("om_ring_ack", "resolve", "已变为“已解除”（演示丙 于"),
        ("om_ring_ack", "acknowledge", "已变为“已确认”（演示丙 于"),
        ("om_ring_resolve_send_{ring}", "acknowledge", "已变为“已确认”（演示丙 于"),
        ("om_ring_order_{ring}_0106_send", "resolve", "已变为“已解除”（演示丙 于"),
    ],
)
def test_who_is_second_at_an_alert_is_told_what_changed_and_by_whom(
    opener: Opener, weeks: Path, mine: str, done: str, said: str
) -> None:
    ring = first_alert(weeks)
    shown = opener("alerts", ring=str(ring))
    steps = {"reason": "已到现场核实"} if done == "resolve" else {}
    with write_session(context.engine()) as session:
        getattr(act, done)(session, alert_id=ring, seen_state="new", actor="演示丙", at=NOW, **steps)
    shown.app.text_input(key=f"om_ring_reason_{ring}").set_value("误报")
    shown.app.button(key=mine.format(ring=ring)).click().run()

    assert not shown.app.exception
    assert said in shown.text
    assert "您刚才的操作没有执行" in shown.text
    state = {"resolve": AlertState.RESOLVED, "acknowledge": AlertState.ACKNOWLEDGED}[done]
    assert f'data-state="{state}"' in shown.html
    shown.app.run()
    assert "您刚才的操作没有执行" not in shown.text
    if done == "acknowledge":
        shown.app.text_input(key=f"om_ring_reason_{ring}").set_value("误报")
        shown.app.button(key=f"om_ring_resolve_send_{ring}").click().run()
        assert f'data-state="{AlertState.RESOLVED}"' in shown.html


@pytest.mark.parametrize(("days", "said"), [(2, False), (40, True)])
def test_an_order_whose_deadline_lies_in_a_year_without_published_days_says_so(
    opener: Opener, weeks: Path, days: int, said: bool
) -> None:
    ring = str(first_alert(weeks))
    shown = opener("alerts", ring=ring)
    shown.app.button(key="om_ring_ack").click().run()
    key = f"om_ring_order_{ring}_0106"
    shown.app.text_input(key=f"{key}_reason").set_value("限期整改")
    shown.app.number_input(key=f"{key}_hours").set_value(24.0 * days)
    shown.app.button(key=f"{key}_send").click().run()

    assert re.search(r'data-order="\d+"', shown.html)
    assert ("2027 年的放假和调休安排尚未公布或录入" in shown.text) is said


def test_the_link_in_a_notice_opens_the_card_of_its_alert(opener: Opener, weeks: Path) -> None:
    alert_id = first_alert(weeks)
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with read_session(engine) as session:
        (line,) = read_lines(session, told=[(alert_id, About.RUNG)], public_url="https://jiedao.example.org")
    engine.dispose()

    assert parse_url(params_of(line.link))[1].get("ring") == str(alert_id)
    page = line.link.partition("?")[0].rpartition("/")[2]
    shown = opener(page, **params_of(line.link))
    assert 'data-card="ring"' in shown.html
    assert line.text in shown.text


def end_every_cause(weeks: Path) -> None:
    """What the alerts rang for is over: none of the cases was late."""
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with write_session(engine) as session:
        session.execute(text("UPDATE rule SET enabled = 0"))
        evaluate(session, as_of=datetime.now(UTC))
    engine.dispose()


def test_going_back_is_offered_only_for_what_a_person_resolved_while_its_cause_lasts(
    opener: Opener, weeks: Path
) -> None:
    by_hand, by_itself = (str(row.id) for row in ringing(weeks)[:2])
    shown = opener("alerts", ring=by_hand)
    shown.app.text_input(key=f"om_ring_reason_{by_hand}").set_value("误报")
    shown.app.button(key=f"om_ring_resolve_send_{by_hand}").click().run()
    assert "恢复（撤销解除）" in [button.label for button in shown.app.button]

    end_every_cause(weeks)
    for ring, said in ((by_hand, True), (by_itself, False)):
        ended = opener("alerts", ring=ring)
        assert f'data-state="{AlertState.RESOLVED}"' in ended.html
        assert "恢复（撤销解除）" not in [button.label for button in ended.app.button]
        assert ("解除之后原因已经消失，不能恢复" in ended.text) is said


def test_a_page_with_an_open_form_does_not_follow_the_data_at_once(opener: Opener, weeks: Path) -> None:
    ring = str(first_alert(weeks))
    for page, forms in {"alerts": {"ring": ring, "rule": "new"}, "performance": {"own": "new"}}.items():
        assert re.search(r'data-live-revision="\d+"', opener(page).html)
        for name, value in forms.items():
            assert "data-live-revision" not in opener(page, **{name: value}).html


def test_alerts_are_cut_by_state_and_colour(opener: Opener, weeks: Path) -> None:
    assert weeks
    every = opener("alerts").total

    assert every > 0
    assert opener("alerts", risk="yellow").total == every
    assert opener("alerts", risk="red").total == 0
    assert opener("alerts", state="resolved").total == 0
    assert "没有编号为 999 的预警" in opener("alerts", ring="999").text


def test_an_order_for_another_class_is_suggested_anew_and_refused_to_who_may_not(
    opener: Opener, weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = first_alert(weeks)
    shown = opener("alerts", ring=str(ring))
    shown.app.selectbox(key=f"om_ring_class_{ring}").set_value("0201").run()
    key = f"om_ring_order_{ring}_0201"
    assert shown.app.number_input(key=f"{key}_hours").value == 4.0
    assert shown.app.selectbox(key=f"{key}_department").value == "D01"

    monkeypatch.setattr("dashboard.acting.read_token", lambda: token_of(WORKER))
    refused = opener("alerts", ring=str(ring))
    assert "规则“按角色办理”：处理预警由" in refused.text
    refused.app.button(key="om_ring_ack").click().run()
    assert refused.text.count("规则“按角色办理”") == 2
    assert 'data-state="new"' in refused.html


def rung(shown: Shown) -> list[tuple[str, str]]:
    """How often a rule would ring now, as its preview says."""
    return re.findall(r'data-rings="(\d+)" data-total="(\d+)"', shown.html)


def press(shown: Shown, label: str) -> None:
    shown.app.button[[button.label for button in shown.app.button].index(label)].click().run()


def field(shown: Shown, label: str) -> Any:
    app = shown.app
    every: list[Any] = [*app.text_input, *app.number_input, *app.selectbox, *app.checkbox, *app.multiselect]
    return next(one for one in every if one.label == label)


def test_a_rule_is_changed_evaluated_and_a_drill_is_held(opener: Opener, weeks: Path) -> None:
    assert weeks
    shown = opener("alerts", area=STREET, rule="1")
    assert "连续两周差于基准（第 1 版）" in shown.text
    field(shown, "启用").uncheck()
    press(shown, "保存为新的一版")
    assert "修改规则要写明理由" in shown.text
    field(shown, "修改理由").set_value("试行")
    press(shown, "保存为新的一版")
    assert "下次评估起生效" in shown.text
    assert "（第 2 版）" in shown.text

    shown = opener("alerts", area=STREET)
    assert "已停用" in shown.text
    shown.app.button(key="om_ring_evaluate").click().run()
    assert "新响 0 条" in shown.text
    assert shown.total == 0

    shown.app.text_input(key="om_drill_title").set_value("舆情应对")
    shown.app.button(key="om_drill_start").click().run()
    assert "舆情应对" in shown.text
    assert shown.total == 1


def test_a_rule_offers_only_owners_who_may_acknowledge_its_alerts(opener: Opener, weeks: Path) -> None:
    may = [ROLE[role] for role in RIGHTS[Duty.ALERTS].roles]
    shown = opener("alerts", rule="new")
    assert field(shown, "负责").options == may
    shown.app.selectbox(key="om_rule_new_kind").set_value("overdue_ladder").run()
    assert field(shown, "由谁负责").options == ["与规则相同", *may]

    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    with write_session(engine) as session:
        session.execute(text("UPDATE rule SET owner = '' WHERE id = 1"))
    engine.dispose()
    old = opener("alerts", rule="1")
    assert field(old, "负责").options == ["不指定（请选择）", *may]
    field(old, "修改理由").set_value("试行")
    press(old, "保存为新的一版")
    assert "请选择由谁负责" in old.text


def test_a_new_rule_is_previewed_kept_removed_and_brought_back(opener: Opener, weeks: Path) -> None:
    assert weeks
    shown = opener("alerts", rule="new")
    shown.app.selectbox(key="om_rule_new_kind").set_value("overdue_ladder").run()
    press(shown, "它现在会响几次")
    ((rings, total),) = rung(shown)
    assert int(rings) == int(total) > 0
    assert "黄色" in shown.text

    field(shown, "名称").set_value("示例：超期一天")
    field(shown, "发通知").uncheck()
    press(shown, "新增规则")
    assert "规则“示例：超期一天”已保存" in shown.text
    assert shown.param("rule") == ""
    assert "不发通知" in shown.text
    number = re.findall(r'data-rule="(\d+)"', shown.html)[-1]

    one = opener("alerts", rule=number)
    press(one, "删除规则")
    assert "删除规则要写明理由" in one.text
    field(one, "删除的理由").set_value("不再需要")
    press(one, "删除规则")
    assert "已删除，可以撤销" in one.text
    assert f'data-rule="{number}"' not in one.html
    press(one, "撤销")
    press(one, "确认撤销")
    assert f'data-rule="{number}"' in one.html


@pytest.mark.parametrize("kind", [kind.value for kind in RuleKind])
def test_every_kind_of_rule_has_its_form_and_its_preview(opener: Opener, weeks: Path, kind: str) -> None:
    assert weeks
    shown = opener("alerts", rule="new")
    shown.app.selectbox(key="om_rule_new_kind").set_value(kind).run()
    if kind == RuleKind.SENSOR_LIMIT:
        press(shown, "它现在会响几次")
        assert "“高于”和“低于”至少填一个" in shown.text
        field(shown, "高于").set_value(10.0)
    if kind == RuleKind.EVENT_CLASS:
        press(shown, "它现在会响几次")
        assert "请至少选一个事件类别" in shown.text
        field(shown, "哪些类别一发生就响").set_value(["0201"])
    press(shown, "它现在会响几次")

    assert "这个页面出错了" not in shown.text
    assert len(rung(shown)) == 1


@pytest.mark.parametrize(
    ("kind", "title", "value", "said"),
    [
        ("surge", "与前几周比", 0, "“与前几周比”应在 3 到 26 之间，填的是 0"),
        ("repeat", "在几天之内", 0, "“在几天之内”应在 2 到 180 之间，填的是 0"),
        ("system_failure", "没有心跳几分钟", 0.5, "“没有心跳几分钟”应在 1 到 1,440 之间，填的是 0.5"),
    ],
)
def test_a_number_of_a_rule_that_cannot_be_is_named_as_on_the_form_and_nothing_is_kept(
    opener: Opener, weeks: Path, kind: str, title: str, value: float, said: str
) -> None:
    assert weeks
    shown = opener("alerts", rule="new")
    shown.app.selectbox(key="om_rule_new_kind").set_value(kind).run()
    field(shown, "名称").set_value("示例：填错")
    field(shown, title).set_value(value)
    press(shown, "新增规则")

    assert said in shown.text
    assert "示例：填错" not in opener("alerts").text


def test_a_rule_on_single_events_is_made_and_rings_with_the_next_evaluation(
    opener: Opener, weeks: Path
) -> None:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    fields = {
        "source": "12345", "external_no": "YQ-1", "class_code": "0201", "title": "示例聚集",
        "urgency": "urgent", "status": "reported", "code": f"{STREET}001", "reported_at": NOW,
        "due_at": NOW + timedelta(days=1),
    }  # fmt: skip
    with write_session(engine) as session:
        opening = Entry(action=Action.REPORT, at=NOW, actor="演示甲", changes=fields)
        (number,) = append(session, [Advance(entries=[opening])])
        listed = len(alert_page(session=session, as_of=NOW).rows)
    shown = opener("alerts", rule="new")
    shown.app.selectbox(key="om_rule_new_kind").set_value("event_class").run()
    field(shown, "名称").set_value("示例：一发生就响")
    field(shown, "哪些类别一发生就响").set_value(["0201"])
    field(shown, "紧急程度").set_value("urgent")
    field(shown, "只数这些来源").set_value(["12345"])
    press(shown, "新增规则")
    assert "规则“示例：一发生就响”已保存" in shown.text

    opener("alerts").app.button(key="om_ring_evaluate").click().run()
    with read_session(engine) as session:
        rows = alert_page(session=session, as_of=NOW).rows
    engine.dispose()
    (row,) = [one for one in rows if one.rule_name == "示例：一发生就响"]
    assert len(rows) == listed + 1
    card = opener("alerts", ring=str(row.id))
    assert "示例聚集" in card.text
    assert any(f"sel=event%3A{number}" in href or f"sel=event:{number}" in href for href in card.links)
    (rows_href,) = [href for href in card.links if "class=0201" in href and "events" in href]
    assert "area=" in rows_href


def test_the_rules_that_ship_open_with_what_they_say_and_nonsense_is_named(
    opener: Opener, weeks: Path
) -> None:
    assert weeks
    garbage = opener("alerts", rule="2")
    assert field(garbage, "红线").value == 10
    assert field(garbage, "越线时自动下达整改指令").value is True
    assert field(garbage, "指令的时限（小时）").value == 24
    ladder = opener("alerts", rule="4")
    assert [field(ladder, f"第 {place} 级：超期满（小时）").value for place in (1, 2, 3)] == [24, 72, None]
    assert "没有编号为 99 的规则" in opener("alerts", rule="99").text


@pytest.mark.parametrize("page", ["performance", "alerts"])
def test_without_data_the_way_in_is_offered(page: str, opener: Opener, empty_database: Path) -> None:
    assert empty_database.is_file()
    assert "接入" in opener(page).text
