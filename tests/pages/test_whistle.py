"""吹哨: the lists, one whistle and its acts by their forms, what is refused, scores, the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.acting import token_of
from dashboard.routes import routes
from data.database import open_engine, read_session, write_session
from data.filter import Filter
from data.lifecycle import Person
from data.rules.listing import alert_page
from data.rules.run import evaluate_rules
from data.whistle import (
    Deed,
    WhistleCard,
    WhistleDraft,
    blow,
    department_scores,
    take,
    verify_whistles,
    whistle_card,
)
from data.whistle_vocabulary import WhistleAct, WhistleStanding
from tests.dashboard.small_world import NOW, World
from tests.data.loop.world import (
    COMMUNITY,
    GARDENER,
    PARKS,
    ROADMAN,
    ROADS,
    SECRETARY,
    STREET,
    STREET_CLERK,
    WORKER,
    furnish,
    report,
)
from tests.pages.conftest import Opener, Shown
from tests.pages.loop_desk import ticking


class Desk:
    """The page with whoever sits there, over the database of one test."""

    def __init__(self, opener: Opener, engine: Engine) -> None:
        self._opener, self.engine, self.token = opener, engine, ""

    def open(self, person: Person | None, **params: str) -> Shown:
        self.token = token_of(person) if person else ""
        return self._opener("whistle", **params)

    def act(self, person: Person, act: str, unit: str = "", **fields: Any) -> Shown:
        """Open the form of an act on whistle 1, fill it in, send it, and confirm where it asks."""
        shown = self.open(person, whistle="1", act=act, unit=unit)
        key = f"om_whistle_1_{act}_{unit}_{person.staff_id}"
        if "points" in fields:
            shown.app.number_input(key=f"{key}_points").set_value(fields["points"])
        if "reason" in fields:
            shown.app.text_area(key=f"{key}_reason").set_value(fields["reason"])
        press(shown, f"{key}_send")
        if any(one.key == f"{key}_sure" for one in shown.app.button):
            press(shown, f"{key}_sure")
        return shown

    def blow(self, *, minutes: float = 5, **words: Any) -> int:
        """A whistle of some minutes ago, straight into the tables."""
        draft = WhistleDraft(
            **{"kind": "emergency", "code": COMMUNITY, "subject": "示例路燃气泄漏", "lead": ROADS,
               "joining": (PARKS,), **words}
        )  # fmt: skip
        with write_session(self.engine) as session:
            return blow(session, draft, person=STREET_CLERK, at=NOW - timedelta(minutes=minutes)).id or 0

    def card(self) -> WhistleCard:
        with read_session(self.engine) as session:
            assert verify_whistles(session) == []
            found = whistle_card(session=session, whistle_id=1, as_of=NOW)
        assert found is not None
        return found


def press(shown: Shown, key: str) -> None:
    shown.app.button(key=key).click()
    shown.app.run()
    assert not shown.app.exception


@pytest.fixture
def desk(opener: Opener, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    assert world.grids
    engine = open_engine(f"sqlite:///{tmp_path / 'onemap.db'}")
    furnish(engine)
    found, clock = Desk(opener, engine), ticking()
    monkeypatch.setattr("dashboard.acting.read_token", lambda: found.token)
    monkeypatch.setattr("dashboard.acting.now", lambda: next(clock))
    yield found
    engine.dispose()


def offered(shown: Shown) -> list[tuple[str, str]]:
    return re.findall(r'data-act="(\w+)" data-unit="(\w*)"', shown.html)


def test_without_whistles_the_page_says_so(desk: Desk) -> None:
    shown = desk.open(None)

    assert "这里还没有吹过哨" in shown.text
    assert shown.counts("data-standing") == {"open": 0, "absent": 0, "working": 0, "agenda": 0, "done": 0}


def test_an_empty_database_leads_to_the_imports(opener: Opener, empty_database: Path) -> None:
    assert empty_database.exists()
    assert 'href="./import" aria-current="page"' in opener("whistle").html.replace(' class="om-here"', "")


def test_a_street_blows_a_whistle_after_it_has_seen_what_that_sets_going(desk: Desk) -> None:
    shown = desk.open(STREET_CLERK, whistle="new", area=COMMUNITY)
    key = f"om_blow_{STREET_CLERK.staff_id}_0"
    press(shown, f"{key}_preview")
    assert "请选择事由、牵头部门" in shown.text
    shown.app.radio(key=f"{key}_kind").set_value("emergency")
    shown.app.text_area(key=f"{key}_subject").set_value("示例路燃气泄漏")
    shown.app.selectbox(key=f"{key}_lead").set_value(ROADS)
    shown.app.multiselect(key=f"{key}_joining").set_value([PARKS])
    press(shown, f"{key}_preview")
    assert "演示市政、演示园林 要在 11-21 10:30 前到" in shown.text
    assert desk.open(None).counts("data-standing")["open"] == 0

    shown = desk.open(STREET_CLERK, whistle="new", area=COMMUNITY)
    shown.app.radio(key=f"{key}_kind").set_value("emergency")
    shown.app.text_area(key=f"{key}_subject").set_value("示例路燃气泄漏")
    shown.app.selectbox(key=f"{key}_lead").set_value(ROADS)
    press(shown, f"{key}_preview")
    press(shown, f"{key}_sure")

    assert "已吹哨，1 个部门应在 11-21 10:30 前报到" in shown.text
    assert shown.param("whistle") == "1"
    assert (desk.card().line.actor, desk.card().line.code) == (STREET_CLERK.name, COMMUNITY)


@pytest.mark.parametrize(("kind", "said"), [("joint", True), ("emergency", False)])
def test_a_preview_into_a_year_without_published_days_says_so_where_working_days_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: str, said: bool
) -> None:
    monkeypatch.setattr("dashboard.acting.now", lambda: NOW.replace(month=12, day=31))
    shown = desk.open(STREET_CLERK, whistle="new", area=COMMUNITY)
    key = f"om_blow_{STREET_CLERK.staff_id}_0"
    shown.app.radio(key=f"{key}_kind").set_value(kind)
    shown.app.text_area(key=f"{key}_subject").set_value("示例夜市联合执法")
    shown.app.selectbox(key=f"{key}_lead").set_value(ROADS)
    press(shown, f"{key}_preview")

    assert "吹哨以后" in shown.text
    assert ("2027 年的放假和调休安排尚未公布或录入" in shown.text) is said


@pytest.mark.parametrize(("kind", "said"), [("joint", True), ("emergency", False)])
def test_the_card_of_a_whistle_says_that_the_days_of_its_steps_are_not_published_yet(
    desk: Desk, kind: str, said: bool
) -> None:
    until_new_year = (NOW.replace(month=12, day=31) - NOW).total_seconds() / 60
    number = desk.blow(kind=kind, minutes=-until_new_year)
    shown = desk.open(STREET_CLERK, whistle=str(number))

    assert ("2027 年的放假和调休安排尚未公布或录入" in shown.text) is said


def test_a_whistle_for_a_case_is_filled_in_and_linked_both_ways(desk: Desk, opener: Opener) -> None:
    with write_session(desk.engine) as session:
        event_id = report(session, 1, department_code=ROADS)
    shown = opener("events", sel=f"event:{event_id}")
    assert f"./whistle?whistle=new&event={event_id}" in shown.links

    shown = desk.open(STREET_CLERK, whistle="new", event=str(event_id))
    key = f"om_blow_{STREET_CLERK.staff_id}_{event_id}"
    assert shown.app.text_area(key=f"{key}_subject").value == "井盖缺失"
    assert shown.app.selectbox(key=f"{key}_lead").value == ROADS
    assert shown.app.selectbox(key=f"{key}_code").value == COMMUNITY
    shown.app.radio(key=f"{key}_kind").set_value("joint")
    press(shown, f"{key}_preview")
    press(shown, f"{key}_sure")

    assert [one.id for one in desk.card().events] == [event_id]
    assert "./whistle?whistle=1" in opener("events", sel=f"event:{event_id}").links


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (None, "尚未选择办理人"),
        (WORKER, "“吹哨”由街道报单、街道书记（督办）办理"),
        (ROADMAN, "“吹哨”由街道报单"),
    ],
)
def test_who_may_not_blow_is_told_why_and_sees_no_form(desk: Desk, person: Person | None, said: str) -> None:
    shown = desk.open(person, whistle="new")

    assert said in shown.text
    assert shown.app.radio == []


def test_it_is_answered_finished_and_scored_by_its_forms(desk: Desk) -> None:
    desk.blow()
    assert offered(desk.open(ROADMAN, whistle="1")) == [("arrive", ROADS), ("return", ROADS)]

    assert "演示市政已报到" in desk.act(ROADMAN, "arrive", ROADS).text
    assert "演示园林已报到" in desk.act(STREET_CLERK, "arrive", PARKS).text
    assert "演示市政已办结" in desk.act(ROADMAN, "finish", ROADS, reason="阀门已关闭").text
    assert "办结要写明处置结果" in desk.act(GARDENER, "finish", PARKS, reason=" ").text
    assert "演示园林已办结" in desk.act(GARDENER, "finish", PARKS, reason="现场已清理").text
    assert offered(desk.open(SECRETARY, whistle="1"))[:2] == [("score", ROADS), ("score", PARKS)]
    assert "低于 60 分要写明理由" in desk.act(SECRETARY, "score", ROADS, points=40, reason="").text
    assert "演示市政已评分" in desk.act(SECRETARY, "score", ROADS, points=95, reason="到场快").text

    card = desk.card()
    assert card.line.standing is WhistleStanding.DONE
    assert (card.line.departments[0].score, card.line.outcome) == (95, "现场已清理")
    shown = desk.open(None, whistle="1", standing="done")
    assert re.findall(r'data-did="(\w+)"', shown.html) == [
        "score", "finish", "finish", "arrive", "arrive", "blow",
    ]  # fmt: skip
    assert "95 分 到场快" in shown.text
    assert shown.counts("data-standing")["done"] == 1


def test_three_returns_put_it_on_the_agenda_after_a_question_each_and_an_undo_takes_one_back(
    desk: Desk,
) -> None:
    desk.blow()
    shown = desk.open(GARDENER, whistle="1", act="return", unit=PARKS)
    key = f"om_whistle_1_return_{PARKS}_{GARDENER.staff_id}"
    shown.app.text_area(key=f"{key}_reason").set_value("不属职责")
    press(shown, f"{key}_send")
    assert "这是第 1 次退回" in shown.text
    press(shown, f"{key}_not")
    assert desk.card().line.returned_count == 0

    for _ in range(3):
        assert "演示园林已退回" in desk.act(GARDENER, "return", PARKS, reason="不属职责").text
    shown = desk.open(None, standing="agenda")
    assert shown.counts("data-standing")["agenda"] == 1
    assert "列入联席会议题" in shown.text

    assert "上一步已撤销" in desk.act(GARDENER, "undo").text
    assert desk.card().line.returned_count == 2
    assert desk.open(None).counts("data-standing")["agenda"] == 0


def test_a_whistle_is_withdrawn_and_that_is_undone(desk: Desk) -> None:
    desk.blow()
    assert "吹哨已撤回" in desk.act(STREET_CLERK, "withdraw", reason="误吹").text
    shown = desk.open(STREET_CLERK, whistle="1", standing="withdrawn")
    assert shown.counts("data-standing")["withdrawn"] == 1
    assert ("undo", "") in offered(shown)
    desk.act(STREET_CLERK, "undo")

    assert desk.card().line.standing is WhistleStanding.ABSENT


def test_what_is_refused_says_which_rule_and_gives_no_form(desk: Desk) -> None:
    desk.blow()
    for person, act, unit, said in (
        (WORKER, "arrive", ROADS, "的角色是网格员"),
        (GARDENER, "arrive", ROADS, "演示市政由该部门自己报到"),
        (ROADMAN, "finish", ROADS, "还没有报到，不能办结"),
        (SECRETARY, "score", ROADS, "还没有办结，不能评分"),
        (SECRETARY, "arrive", "D99", "不在被吹哨的部门之列"),
    ):
        shown = desk.open(person, whistle="1", act=act, unit=unit)
        assert said in shown.text
        assert shown.app.button == []


def test_whoever_is_quicker_wins_and_the_other_is_told_and_keeps_what_they_typed(desk: Desk) -> None:
    desk.blow()
    shown = desk.open(GARDENER, whistle="1", act="return", unit=PARKS)
    key = f"om_whistle_1_return_{PARKS}_{GARDENER.staff_id}"
    shown.app.text_area(key=f"{key}_reason").set_value("不属职责")
    press(shown, f"{key}_send")
    with write_session(desk.engine) as session:
        deed = Deed(act=WhistleAct.ARRIVE, whistle_id=1, department=ROADS)
        take(session, deed, person=ROADMAN, at=NOW + timedelta(seconds=1))
    press(shown, f"{key}_sure")

    assert f"{ROADMAN.name} 于 11-21 10:00 报到" in shown.text
    assert desk.card().line.returned_count == 0
    press(shown, f"{key}_send")
    assert shown.app.text_area(key=f"{key}_reason").value == "不属职责"
    press(shown, f"{key}_sure")
    assert desk.card().line.returned_count == 1


def test_a_second_click_does_nothing_twice(desk: Desk) -> None:
    desk.blow()
    shown = desk.open(ROADMAN, whistle="1", act="arrive", unit=ROADS)
    again = desk.open(ROADMAN, whistle="1", act="arrive", unit=ROADS)
    key = f"om_whistle_1_arrive_{ROADS}_{ROADMAN.staff_id}_send"
    press(shown, key)
    press(again, key)

    assert "已被" in again.text or "刚被他人更新" in again.text
    assert len(desk.card().log) == 2


def test_who_is_missing_leads_to_exactly_those_whistles_and_the_filter_holds(desk: Desk) -> None:
    desk.blow(minutes=45)
    desk.blow(kind="joint", subject="示例夜市联合执法", lead=ROADS, joining=())
    desk.blow(kind="joint", subject="示例夜市二", lead=PARKS, joining=(), code=STREET)
    with write_session(desk.engine) as session:
        take(session, Deed(act=WhistleAct.ARRIVE, whistle_id=1, department=PARKS), person=GARDENER, at=NOW)
    shown = desk.open(None)
    missing = shown.counts("data-missing")

    assert missing == {f"absent:{ROADS}": 2, f"absent:{PARKS}": 1, f"working:{PARKS}": 1}
    for key, count in missing.items():
        standing, code = key.split(":")
        listed = desk.open(None, standing=standing, dept=code)
        assert len(re.findall(r'data-whistle="\d+" data-stands', listed.html)) == count
    assert re.findall(r'data-rung="(\w+)"', shown.html) == ["red", "blue", "blue"]
    assert desk.open(None, area=COMMUNITY).counts("data-standing")["open"] == 2
    assert "报到超 15 分" in shown.text
    assert "报到剩" in shown.text


def test_the_overview_s_line_counts_and_leads_there_in_one_tap(desk: Desk, opener: Opener) -> None:
    assert "data-whistles" not in opener("overview").html
    desk.blow()
    shown = opener("overview", area=STREET)

    assert shown.counts("data-whistles") == {"absent": 1, "working": 0}
    assert f"./whistle?area={STREET}&standing=absent" in shown.links
    assert 'id="om-menu-explain-whistle-line"' in shown.html
    assert opener("overview", area="510115002").counts("data-whistles") == {}


def test_a_ladder_rings_an_alert_that_leads_to_its_whistle_and_ends_by_itself(
    desk: Desk, opener: Opener
) -> None:
    desk.blow(minutes=45)
    changes = evaluate_rules(desk.engine, as_of=NOW)
    with read_session(desk.engine) as session:
        (alert,) = [
            one for one in alert_page(session=session, as_of=NOW).rows if one.kind == "whistle_ladder"
        ]
    assert alert.id in changes.raised
    assert (alert.color.value, alert.owner) == ("red", "leader")
    assert "演示市政、演示园林超过报到时限未报到" in alert.detail
    assert "./whistle?whistle=1" in opener("alerts", ring=str(alert.id)).links

    for person, unit in ((ROADMAN, ROADS), (GARDENER, PARKS)):
        desk.act(person, "arrive", unit)
    assert alert.id in evaluate_rules(desk.engine, as_of=NOW + timedelta(minutes=1)).resolved


def test_departments_are_ranked_only_above_the_minimum_sample_by_hand(desk: Desk) -> None:
    """ROADS: ten emergencies of an hour ago, seven answered in five minutes, one in 40, two never; PARKS
    nine, all in time. So 7/10 with rank 1, and 9/9 without a rank.
    """
    with write_session(desk.engine) as session:
        at = NOW - timedelta(hours=1)
        for n in range(10):
            joining = (PARKS,) if n < 9 else ()
            draft = WhistleDraft(
                kind="emergency", code=COMMUNITY, subject=f"示例{n}", lead=ROADS, joining=joining
            )
            number = blow(session, draft, person=STREET_CLERK, at=at).id or 0
            for unit, person in ((PARKS, GARDENER),) * bool(joining) + ((ROADS, ROADMAN),) * (n < 8):
                minutes = 40 if (unit, n) == (ROADS, 7) else 5
                deed = Deed(act=WhistleAct.ARRIVE, whistle_id=number, department=unit)
                take(session, deed, person=person, at=at + timedelta(minutes=minutes))
        for points in (80, 95):
            for act, more in (
                (WhistleAct.FINISH, {"reason": "已处置"}),
                (WhistleAct.SCORE, {"points": points}),
            ):
                number = 1 if points == 80 else 2
                who = ROADMAN if act is WhistleAct.FINISH else SECRETARY
                deed = Deed(act=act, whistle_id=number, department=ROADS, **more)
                take(session, deed, person=who, at=at + timedelta(minutes=50))
    with read_session(desk.engine) as session:
        roads, parks = department_scores(session=session, where=Filter(), as_of=NOW)

    assert (roads.in_time, roads.judged, roads.done, roads.mean, roads.rank) == (7, 10, 2, 87.5, 1)
    assert (parks.in_time, parks.judged, parks.whistles, parks.mean, parks.rank) == (9, 9, 9, None, None)
    shown = desk.open(None)
    assert "70.0% 7/10" in re.sub(r"\s+", " ", shown.text)
    assert "点一行看这个部门未办结的哨" in shown.text
    assert re.findall(r'data-score="(\w+)" data-judged="(\d+)"', desk.open(None, q="示例9").html) == [
        (ROADS, "1")
    ]
    assert re.findall(r'data-score="(\w+)" data-judged="(\d+)" data-rank="(\d*)"', shown.html) == [
        (ROADS, "10", "1"), (PARKS, "9", ""),
    ]  # fmt: skip


def test_the_agenda_is_a_file_that_excel_opens_with_the_reasons_of_the_returns(desk: Desk) -> None:
    desk.blow(subject="=示例公式")
    for _ in range(3):
        desk.act(GARDENER, "return", PARKS, reason="不属职责")
    shown = desk.open(None, standing="agenda")
    (href,) = [link for link in shown.links if "whistles.csv" in link]
    with TestClient(Starlette(routes=routes())) as client:
        answer = client.get(href.removeprefix("."), params=None)
        nobody = client.get("/onemap/whistles.csv?standing=agenda&area=510115002")
        wrong = client.get("/onemap/whistles.csv?standing=x")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert found["事项"] == "'=示例公式"
    assert (found["没报到"], found["退回次数"], found["现状"]) == ("演示市政、演示园林", "3", "没报到")
    assert found["退回理由"] == "；".join(["演示园林：不属职责"] * 3)
    assert len(nobody.content.decode().splitlines()) == 1
    assert wrong.status_code == 400
    assert "standing=x" in wrong.text


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"whistle": "0"}, "网址参数 whistle=0"),
        ({"standing": "gone"}, "网址参数 standing=gone"),
        ({"act": "dance"}, "网址参数 act=dance"),
        ({"unit": "a b"}, "网址参数 unit=a b"),
        ({"event": "x"}, "网址参数 event=x"),
        ({"whistle": "99"}, "没有编号为 99 的吹哨"),
    ],
)
def test_an_address_that_makes_no_sense_is_named(desk: Desk, params: dict[str, str], said: str) -> None:
    shown = desk.open(None, **params)

    assert said in shown.text
    assert not shown.app.exception
