"""What the receipt shows and allows: how far the case is, a judgement, one appeal; nobody's name."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.lifecycle import LoopError, Move, resident
from data.models import Event
from data.reporting import UnknownReceipt, appeal, follow, rate
from data.vocabulary import Status
from tests.data.loop.world import DISPATCHER, GRID, NEIGHBOURHOOD, STAFF, WORKER, at, bring_to, do
from tests.data.reporting.test_report import sent


def closed_case(engine: Engine) -> tuple[int, str]:
    with write_session(engine) as session:
        done = sent(session, person=resident(), grid=GRID, contact="13800001234")
        bring_to(session, done.event_id, Status.CLOSED)
    return done.event_id, done.receipt


def test_a_case_is_followed_in_plain_words_with_days_and_without_names(town: Engine) -> None:
    _, receipt = closed_case(town)
    with read_session(town) as session:
        found = follow(session, receipt=receipt)
    assert [step.words for step in found.steps] == [
        "已收到，社区正在核实", "已受理，等待派给承办部门", "已派给承办部门", "承办部门已接单", "正在处理",
        "已处理，等待核查", "正在核查处理结果", "已办结，请您评价",
    ]  # fmt: skip
    assert (found.number, found.title, found.department) == ("JM20261120-0001", "演示0201", "演示市政")
    assert (found.may_rate, found.may_appeal, found.together) == (True, True, False)
    shown = str(asdict(found))
    assert not [name for name, *_ in STAFF if name in shown]
    assert "1380000" not in shown
    assert "1234" not in shown


def test_who_reported_judges_once(town: Engine) -> None:
    event_id, receipt = closed_case(town)
    with write_session(town) as session:
        rate(session, receipt=receipt, solved=True, satisfied=False, reason="太慢，请打13800001234", at=at(9))
        event = session.get_one(Event, event_id)
        found = follow(session, receipt=receipt)
    assert (event.status, event.solved, event.satisfied) == ("evaluated", True, False)
    assert (found.may_rate, found.may_appeal, found.satisfied) == (False, False, False)
    with pytest.raises(LoopError, match="只有已结案的件可以"), write_session(town) as session:
        rate(session, receipt=receipt, solved=True, satisfied=True, reason="", at=at(10))


def test_a_bad_judgement_says_why(town: Engine) -> None:
    _, receipt = closed_case(town)
    with pytest.raises(LoopError, match="请写明原因"), write_session(town) as session:
        rate(session, receipt=receipt, solved=False, satisfied=False, reason=" ", at=at(9))


def test_an_appeal_sends_it_back_once(town: Engine) -> None:
    event_id, receipt = closed_case(town)
    with write_session(town) as session:
        appeal(session, receipt=receipt, reason="井盖还在晃", at=at(9))
        found = follow(session, receipt=receipt)
        assert found.words == "没有达到要求，正在重新处理"
        bring_to(session, event_id, Status.REWORKING)
        event = session.get_one(Event, event_id)
        assert (event.appealed, event.status) == (True, "reworking")
    with pytest.raises(LoopError), write_session(town) as session:
        appeal(session, receipt=receipt, reason="再来一次", at=at(10))


def test_a_merged_report_follows_the_case_in_which_it_goes_on(town: Engine) -> None:
    with write_session(town) as session:
        first = sent(session, person=WORKER)
        second = sent(session, hours=0.01, person=resident(), grid=GRID, same_as=first.event_id)
        bring_to(session, first.event_id, Status.DISPATCHED)
        found = follow(session, receipt=second.receipt)
    assert found.together
    assert [step.words for step in found.steps] == [
        "已收到，社区正在核实", "与此处的同类件合并办理", "已受理，等待派给承办部门", "已派给承办部门",
    ]  # fmt: skip
    assert (found.number, found.words, found.may_rate) == ("JM20261120-0001", "已派给承办部门", False)


@pytest.mark.parametrize("receipt", ["", "2" * 16, "ABCD", "JM20261120-0001", "' OR 1=1 --"])
def test_no_guess_is_a_receipt(town: Engine, receipt: str) -> None:
    closed_case(town)
    with pytest.raises(UnknownReceipt), read_session(town) as session:
        follow(session, receipt=receipt)


def test_only_who_reports_is_narrowed_to_their_own_report(town: Engine) -> None:
    with write_session(town) as session:
        first, second = sent(session), sent(session, hours=0.01)
        do(session, second.event_id, Move.VERIFY, NEIGHBOURHOOD, hours=0.2, route_color="red")
        do(session, second.event_id, Move.FILE, DISPATCHER, hours=0.3)
        with pytest.raises(LoopError, match="只能把自己刚上报"):
            do(session, second.event_id, Move.MERGE, WORKER, hours=0.4, merged_into=first.event_id)
        do(session, second.event_id, Move.MERGE, NEIGHBOURHOOD, hours=0.5, merged_into=first.event_id)
