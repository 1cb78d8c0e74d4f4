"""考评 as people use it: the table, what stands behind a number, an entry by its form, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.acting import token_of
from data.database import open_engine, read_session, write_session
from data.evaluation import UnitKind, cases_behind
from data.evaluation.periods import month_of
from data.evaluation.table import MOST_ENTRIES
from data.lifecycle import evaluate, judgements, read_rules
from data.models import Event
from data.vocabulary import EvaluationSource
from tests.dashboard.small_world import NOW, World
from tests.data.loop.world import (
    COMMUNITY,
    DISPATCHER,
    GARDENER,
    ROADMAN,
    ROADS,
    SECRETARY,
    WORKER,
    furnish,
    report,
)
from tests.pages.conftest import Opener, Shown
from tests.pages.test_import_page import click

MONTH = month_of(NOW.date())


class Hall:
    """The page with whoever sits there."""

    def __init__(self, opener: Opener, engine: Engine) -> None:
        self.opener = opener
        self.engine = engine
        self.token = ""

    def open(self, person: object, **params: str) -> Shown:
        self.token = token_of(person) if person else ""  # type: ignore[arg-type]
        return self.opener("evaluation", **params)

    def unit(self, person: object, **params: str) -> Shown:
        return self.open(person, unit=ROADS, period=MONTH.key, **params)

    def counted(self) -> list[tuple[str, float, str]]:
        with read_session(self.engine) as session:
            return [(one.source, one.score, one.actor) for one in judgements(session, period=MONTH.key)]


@pytest.fixture
def hall(opener: Opener, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    found, clock = Hall(opener, engine), _ticking()
    monkeypatch.setattr("dashboard.acting.read_token", lambda: found.token)
    monkeypatch.setattr("dashboard.acting.now", lambda: next(clock))
    return found


def _ticking() -> Iterator[datetime]:
    at = NOW
    while True:
        at += timedelta(seconds=1)
        yield at


def fill(shown: Shown, person: object, score: float, reason: str, *, button: str = "提交") -> Shown:
    key = f"om_judge_{MONTH.key}_{ROADS}_{person.staff_id}"  # type: ignore[attr-defined]
    next(one for one in shown.app.number_input if one.key == f"{key}_score").set_value(score)
    next(one for one in shown.app.text_area if one.key == f"{key}_reason").set_value(reason)
    click(shown.app, button)
    assert not shown.app.exception
    return shown


def test_an_entry_is_made_changed_and_taken_back_by_its_form_and_the_log_keeps_all(hall: Hall) -> None:
    fill(hall.unit(GARDENER), GARDENER, 80.0, "配合及时")
    assert hall.counted() == [("peer", 80.0, GARDENER.name)]
    fill(hall.unit(GARDENER), GARDENER, 75.0, "一件拖延", button="更改")
    assert hall.counted() == [("peer", 75.0, GARDENER.name)]
    shown = hall.unit(GARDENER)
    assert {one.proto.format for one in shown.app.number_input} == {"%g"}  # 75, and not 75.00
    assert "已更改" in shown.text
    click(shown.app, "撤销我的互评（75 分）")
    assert hall.counted() == [("peer", 80.0, GARDENER.name)]
    after = hall.unit(None)
    assert "已撤销" in after.text
    assert "尚未选择办理人" in after.text
    assert after.html.count("data-entry=") == 2


def test_ones_own_entry_stays_when_another_source_or_many_entries_are_shown(hall: Hall) -> None:
    fill(hall.unit(GARDENER), GARDENER, 80.0, "配合及时")
    with write_session(hall.engine) as session:
        for _ in range(MOST_ENTRIES):
            evaluate(
                session, source=EvaluationSource.PUBLIC, period=MONTH.key, score=90.0, actor="演示", at=NOW,
                department_code=ROADS,
            )  # fmt: skip
    for more in ({"by": "public"}, {}):
        shown = hall.unit(GARDENER, **more)
        assert [one.label for one in shown.app.button if "撤销我的" in one.label] == ["撤销我的互评（80 分）"]
        (score,) = [one for one in shown.app.number_input if str(one.key).startswith("om_judge_")]
        assert score.value == 80.0
    assert "撤销我的" not in str([one.label for one in hall.unit(DISPATCHER).app.button])


def test_departments_under_a_street_say_that_they_count_the_whole_district(hall: Hall) -> None:
    street = COMMUNITY[:9]
    assert "部门按全区计" in hall.open(None, area=street).text
    assert "部门按全区计" not in hall.open(None).text
    assert "部门按全区计" not in hall.open(None, area=street, units="community").text


def test_who_may_not_judge_reads_the_rule_and_finds_no_form(hall: Hall) -> None:
    for person, said in ((WORKER, "角色是网格员"), (DISPATCHER, "")):
        shown = hall.unit(person)
        assert said in shown.text
        assert bool(shown.app.number_input) is (said == "")


def test_a_refused_entry_says_why_and_writes_nothing(hall: Hall) -> None:
    shown = fill(hall.unit(ROADMAN), ROADMAN, 20.0, "")

    assert "低于合格线 60 分，请写明原因" in shown.text
    assert hall.counted() == []


def test_a_closed_period_has_no_form(hall: Hall) -> None:
    old = month_of((NOW - timedelta(days=70)).date())
    shown = hall.open(ROADMAN, unit=ROADS, period=old.key)

    assert f"{old.label}的考评已于" in shown.text
    assert not shown.app.number_input


def test_a_number_of_the_residents_opens_exactly_its_cases(hall: Hall) -> None:
    with write_session(hall.engine) as session:
        for number in (1, 2):
            ended = NOW - timedelta(hours=number)
            report(
                session, number, status="evaluated", department_code=ROADS, ended_at=ended, solved=True,
                satisfied=number == 1, rated_at=ended, reported_at=ended - timedelta(hours=1),
            )  # fmt: skip
    shown = hall.unit(None, by="public")
    assert 'data-cases="2" data-satisfied="1"' in shown.html
    where = cases_behind(period=MONTH, kind=UnitKind.DEPARTMENT, code=ROADS)
    assert any(link.startswith("./events?") and "mark=rated" in link for link in shown.links)
    events = hall.opener("events", **where.to_params())
    with read_session(hall.engine) as session:
        numbers = [session.get_one(Event, key).external_no for key in _ids(events)]
    assert sorted(numbers) == ["YS-0001", "YS-0002"]


def _ids(shown: Shown) -> list[int]:
    import re

    return sorted({int(key) for key in re.findall(r'data-event="(\d+)"', shown.html)})


def test_ranks_stand_only_above_the_minimum_sample(hall: Hall) -> None:
    with write_session(hall.engine) as session:
        for source in EvaluationSource:
            for number in range(3):
                evaluate(
                    session, source=source, period=MONTH.key, score=90.0, actor=f"演示{number}", at=NOW,
                    department_code=ROADS,
                )  # fmt: skip
    shown = hall.open(None, period=MONTH.key)

    assert f'data-unit="{ROADS}" data-rank="1"' in shown.html
    assert "还没有评价" in shown.text
    assert "优秀" in shown.text


def test_weights_are_changed_on_the_page_by_the_centre_and_not_by_a_street(hall: Hall) -> None:
    assert not hall.open(ROADMAN).app.number_input
    assert not hall.open(SECRETARY).app.number_input
    shown = hall.open(DISPATCHER)
    for box, value in zip(shown.app.number_input, (10.0, 10.0, 60.0, 20.0), strict=True):
        box.set_value(value)
    click(shown.app, "保存权重")

    with read_session(hall.engine) as session:
        assert read_rules(session).evaluation_public_weight == 60.0
    assert "权重 60%" in hall.open(None).text


@pytest.mark.parametrize("units", ["street", "community"])
def test_areas_are_judged_as_departments_are(hall: Hall, units: str) -> None:
    shown = hall.open(SECRETARY, units=units, period=MONTH.key)

    assert "data-unit=" in shown.html
    assert not shown.app.exception


@pytest.mark.parametrize("wrong", [{"period": "2026-13"}, {"unit": "a b"}, {"by": "x"}, {"units": "grid"}])
def test_an_address_that_makes_no_sense_says_so(hall: Hall, wrong: dict[str, str]) -> None:
    assert "无效" in hall.open(None, **wrong).text
