"""Rules are looked at without the write lock; what changed meanwhile is noticed; nothing rings twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.database import current_moment, read_session, write_session
from data.event_log import append
from data.manage.rules import remove
from data.rules import evaluate as evaluation
from data.rules import run
from data.rules.act import resolve
from data.rules.findings import Findings
from data.rules.run import evaluate_rules
from data.vocabulary import Status
from tests.data.loop.world import DISPATCHER
from tests.data.rules.test_alerts import NOW, closing, late, only


@pytest.fixture
def overdue(small_district: Engine) -> Engine:
    """A district with one case that is a day late, and only the ladder of overdue cases."""
    only(small_district, "overdue_ladder")
    with write_session(small_district) as session:
        append(session, [late(1, hours=25)])
    return small_district


def during_the_look(monkeypatch: pytest.MonkeyPatch, *acts: Any) -> list[int]:
    """Each act happens in the midst of one evaluation, after it has read; the looks are counted."""
    looks: list[int] = []
    waiting = list(acts)
    look = evaluation.look

    def interrupted(session: Session, *, as_of: datetime) -> Findings:
        findings = look(session, as_of=as_of)
        looks.append(len(looks) + 1)
        if waiting:
            waiting.pop(0)()
        return findings

    monkeypatch.setattr(run, "look", interrupted)
    return looks


def alerts(engine: Engine) -> list[tuple[str, bool]]:
    """State of each alert, and whether its cause lasts."""
    with read_session(engine) as session:
        found = session.execute(text("SELECT state, active_key IS NOT NULL AS lasts FROM alert ORDER BY id"))
        return [(row.state, bool(row.lasts)) for row in found]


def test_a_case_moves_while_rules_are_evaluated(overdue: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def close() -> None:
        with write_session(overdue) as session:
            append(session, [closing(1)])

    looks = during_the_look(monkeypatch, close)

    first_run = evaluate_rules(overdue, as_of=NOW)

    assert (len(first_run.raised), looks) == (1, [1])  # as it was at that moment, just before the move
    with read_session(overdue) as session:
        assert session.execute(text("SELECT status FROM event")).scalar_one() == Status.CLOSED
    assert evaluate_rules(overdue, as_of=NOW).resolved == first_run.raised


def test_an_alert_that_somebody_resolved_meanwhile_is_looked_at_again(
    overdue: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alert_id,) = evaluate_rules(overdue, as_of=NOW).raised

    def resolved_by_hand() -> None:
        with write_session(overdue) as session:
            resolve(session, alert_id=alert_id, seen_state="new", actor="演示甲", at=NOW, reason="已处置")

    with write_session(overdue) as session:
        append(session, [closing(1), late(2, hours=25)])
    looks = during_the_look(monkeypatch, resolved_by_hand)

    changes = evaluate_rules(overdue, as_of=NOW)

    assert looks == [1, 2]
    assert (changes.resolved, len(changes.raised)) == ([], 1)
    assert alerts(overdue) == [("resolved", False), ("new", True)]
    with read_session(overdue) as session:
        actions = session.execute(text("SELECT action FROM alert_log WHERE alert_id = 1 ORDER BY id"))
        assert list(actions.scalars()) == ["raise", "resolve"]


def test_a_rule_removed_while_it_is_looked_at_rings_nothing(
    overdue: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed() -> None:
        with write_session(overdue) as session:
            rule_id = session.execute(text("SELECT id FROM rule WHERE kind = 'overdue_ladder'")).scalar_one()
            remove(session, rule_id=rule_id, seen=0, person=DISPATCHER, at=NOW, reason="不再需要")

    looks = during_the_look(monkeypatch, removed)

    assert not evaluate_rules(overdue, as_of=NOW).any
    assert looks == [1, 2]
    assert alerts(overdue) == []


def test_where_alerts_change_under_every_look_the_last_one_holds_the_lock(
    overdue: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_changes_a_rule() -> None:
        with write_session(overdue) as session:
            session.execute(text("UPDATE rule SET version = version + 1"))

    looks = during_the_look(monkeypatch, *[somebody_changes_a_rule] * 9)

    assert len(evaluate_rules(overdue, as_of=NOW).raised) == 1
    assert looks == [1, 2, 3]


def test_two_evaluations_at_once_ring_each_cause_once(overdue: Engine) -> None:
    with write_session(overdue) as session:
        append(session, [late(number, hours=25) for number in range(2, 30)])
    barrier = Barrier(4)

    def one(_number: int) -> list[int]:
        barrier.wait()
        return evaluate_rules(overdue, as_of=NOW).raised

    with ThreadPoolExecutor(4) as pool:
        raised = list(pool.map(one, range(4)))

    assert sorted(number for numbers in raised for number in numbers) == list(range(1, 30))
    with read_session(overdue) as session:
        rung = session.execute(text("SELECT count(*) FROM alert_log WHERE action = 'raise'")).scalar_one()
    assert rung == 29
    assert not evaluate_rules(overdue, as_of=NOW).any


def test_where_nothing_changed_the_write_lock_is_not_even_asked_for(overdue: Engine) -> None:
    evaluate_rules(overdue, as_of=NOW)
    with write_session(overdue) as session:
        before = current_moment(session).revision

        assert not evaluate_rules(overdue, as_of=NOW + timedelta(minutes=1)).any

    with read_session(overdue) as session:
        assert current_moment(session, now=datetime.now(UTC)).revision == before + 1
