"""效能监测: any two weeks against each other, in the cell, its card, the cases and the address."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from dashboard.state import parse_url
from data.database import open_engine, write_session
from data.event_log import Action, Advance, Entry, append
from data.indicators.store import enter_readings
from data.vocabulary import Move
from tests.dashboard.small_world import NOW
from tests.pages.conftest import Opener
from tests.pages.test_performance_and_alerts import LAST_WEEK, STREET, cell_of, params_of, weeks

__all__ = ["weeks"]
OTHER = LAST_WEEK - timedelta(weeks=3)


@pytest.fixture
def two_weeks(weeks: Path) -> Path:
    """Three weeks before the twelve cases of last week there are ten more, all in time."""
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    due_at = NOW - timedelta(days=8 + 21)
    advances = []
    for number in range(10):
        fields = {
            "source": "patrol", "external_no": f"V-{number}", "class_code": "0102", "title": "暴露垃圾",
            "urgency": "normal", "status": "reported", "code": f"{STREET}001", "due_at": due_at,
            "reported_at": due_at - timedelta(hours=5),
        }  # fmt: skip
        begun = due_at - timedelta(hours=5)
        opening = Entry(action=Action.REPORT, at=begun, actor="演示甲", changes=fields)
        closing = Entry(
            action=Move.CLOSE, at=due_at - timedelta(hours=1), actor="演示甲", changes={"status": "closed"}
        )
        advances.append(Advance(entries=[opening, closing]))
    with write_session(engine) as session:
        append(session, advances)
    engine.dispose()
    return weeks


def test_a_cell_its_card_and_the_cases_agree_on_both_weeks(opener: Opener, two_weeks: Path) -> None:
    """9 of 12 last week (75 %), 10 of 10 three weeks before (100 %)."""
    assert two_weeks
    shown = opener("performance", against=OTHER.isoformat())
    cell = cell_of(shown, "on_time")
    assert 'data-change="-25.0000"' in cell
    assert "↓ −25.0 百分点 变差" in cell
    assert "om-worse" in cell
    assert "对比周：自选 第 43 周（10-19 至 10-25）" in shown.text

    (href,) = re.findall(r'href="([^"]+)"', cell)
    assert params_of(href)["against"] == OTHER.isoformat()
    card = opener("performance", **params_of(href))
    said = re.sub(r"\s+", " ", card.text)
    assert "第 46 周（11-09 至 11-15）：75.0%，9/12" in said
    assert "第 43 周（10-19 至 10-25）：100.0%，10/10" in said
    found = [params_of(link) for link in card.links if "basis=due" in link]
    totals = [opener("events", **{name + "_": value for name, value in one.items()}).total for one in found]
    assert totals == [9, 12, 10, 10]


def test_an_arrival_shows_its_sample_and_leads_to_exactly_its_cases(opener: Opener, weeks: Path) -> None:
    """Six emergencies of last week, 4 to 14 minutes: median 9; one without an arrival does not count."""
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    advances = []
    for number in range(7):
        begun = NOW - timedelta(days=8)
        fields = {
            "source": "patrol", "external_no": f"E-{number}", "class_code": "0201", "title": "井盖缺失",
            "urgency": "urgent", "status": "reported", "code": f"{STREET}001", "reported_at": begun,
        }  # fmt: skip
        came = {"arrived_at": begun + timedelta(minutes=4 + 2 * number)} if number < 6 else {}
        changes = {"status": "handling", **came}
        opening = Entry(action=Action.REPORT, at=begun, actor="演示甲", changes=fields)
        handled = Entry(action=Move.HANDLE, at=begun + timedelta(hours=1), actor="演示乙", changes=changes)
        advances.append(Advance(entries=[opening, handled]))
    with write_session(engine) as session:
        append(session, advances)
    engine.dispose()
    cell = cell_of(opener("performance"), "arrival", STREET)
    (href,) = re.findall(r'href="([^"]+)"', cell)
    card = opener("performance", **params_of(href))
    (cases,) = [params_of(link) for link in card.links if "mark=arrived" in link]

    assert "9.0 分钟" in cell
    assert "样本 6 件" in cell
    assert "第 46 周（11-09 至 11-15）：9.0 分钟，样本 6 件" in re.sub(r"\s+", " ", card.text)
    assert "查看已到场的件" in card.text
    assert opener("events", **{name + "_": value for name, value in cases.items()}).total == 6


def test_waiting_names_the_units_of_numerator_and_denominator_and_an_entered_median_says_so(
    opener: Opener, weeks: Path
) -> None:
    engine = open_engine(f"sqlite:///{weeks / 'onemap.db'}")
    typed = [("wait_minutes", 90.0), ("wait_served", 12.0), ("arrival_minutes", 8.0)]
    with write_session(engine) as session:
        enter_readings(
            session, readings=[(name, f"{STREET}001", LAST_WEEK, value) for name, value in typed],
            source="窗口叫号", actor="社区·示例02", at=NOW - timedelta(days=3),
        )  # fmt: skip
    engine.dispose()
    shown = opener("performance", area=STREET)

    assert "90 分钟/12 人次" in cell_of(shown, "waiting", f"{STREET}001")
    assert "填报" in cell_of(shown, "arrival", f"{STREET}001")


def test_the_week_before_is_the_default_and_a_week_without_data_says_so(
    opener: Opener, two_weeks: Path
) -> None:
    assert two_weeks
    shown = opener("performance", cell="on_time:")

    assert "对比周：上一周 第 45 周（11-02 至 11-08）" in shown.text
    assert "对比周暂无数据" in cell_of(shown, "on_time")
    assert "第 45 周（11-02 至 11-08）：暂无数据" in re.sub(r"\s+", " ", shown.text)


def test_week_53_has_no_week_of_last_year_and_says_so(
    opener: Opener, two_weeks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_weeks
    monkeypatch.setattr("dashboard.panels.performance_weeks.week_of", lambda _screen: date(2026, 12, 28))
    monkeypatch.setattr("dashboard.panels.performance_table.week_of", lambda _screen: date(2026, 12, 28))
    shown = opener("performance", against="year", cell="on_time:")

    assert "去年同周 没有这一周" in shown.text
    assert "没有这一周，暂无数据" in shown.text


def test_a_running_week_is_marked_in_either_place(opener: Opener, two_weeks: Path) -> None:
    assert two_weeks
    monday = (LAST_WEEK + timedelta(weeks=1)).isoformat()
    first, second = opener("performance", week=monday), opener("performance", against=monday)

    assert "周：本周至今（11-16 至 11-22，进行中）" in first.text
    assert "本周还没结束" in first.text
    assert "对比周：自选 本周至今（11-16 至 11-22，进行中）" in second.text
    assert "对比周是本周，还没结束" in second.text


@pytest.mark.parametrize(
    ("week", "said"), [("2026-11-23", True), ("2099-12-31", True), ("2026-11-12", False)]
)
def test_a_week_to_come_is_not_shown_and_that_is_said(
    opener: Opener, two_weeks: Path, week: str, said: bool
) -> None:
    """Any day stands for its week, as in 自选; of a week to come there is nothing to show yet."""
    assert two_weeks
    shown = opener("performance", week=week)

    assert "周：第 46 周（11-09 至 11-15）" in shown.text
    told = f"{week} 所在的一周还没有到，改看最近完整的一周：第 46 周（11-09 至 11-15）。"
    assert (told in shown.text) is said


@pytest.mark.parametrize("against", ["year", "2026-10-21", "2004-01-01"])
def test_the_other_week_survives_a_round_of_its_address(against: str) -> None:
    where, view = parse_url({"against": against, "week": "2026-11-09", "cell": "on_time:"})
    again = parse_url({**where.to_params(), **view.to_params()})

    assert view.get("against") == against
    assert again == (where, view)


@pytest.mark.parametrize("against", ["last", "2026-13-01", "1999-01-01"])
def test_another_week_that_is_none_is_named(opener: Opener, weeks: Path, against: str) -> None:
    assert weeks
    assert f"against={against} 无效" in opener("performance", against=against).text


def test_each_quick_choice_is_a_link_that_keeps_the_rest(opener: Opener, two_weeks: Path) -> None:
    assert two_weeks
    shown = opener("performance", week=OTHER.isoformat(), cell=f"on_time:{STREET}")
    year = [params_of(link) for link in shown.links if "against=year" in link]

    assert {"week": OTHER.isoformat(), "cell": f"on_time:{STREET}", "against": "year"} in year
    assert '<input type="date" name="against" value="2026-10-12"' in shown.html
