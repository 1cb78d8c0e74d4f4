"""系统故障: a blue alert for what of the system does not work, and what a dead worker cannot ring itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.database import read_session, write_session
from data.event_log import append
from data.models import Notice, WorkerLease
from data.rules.listing import alert_page
from data.rules.store import list_rules
from data.rules.system_causes import unrung
from data.settings import read_settings
from data.vocabulary import RiskColor, Role, RuleKind
from data.worker.jobs import JobProblem, take_in_files
from data.worker.record import note_run, note_under_way
from tests.data.core.events import first
from tests.data.notices.outside import receiver
from tests.data.rules.test_alerts import NOW, only, run

AGO = timedelta(minutes=11)


@pytest.fixture
def watched(small_district: Engine) -> Engine:
    only(small_district, "system_failure")
    return small_district


def beat(engine: Engine, at: datetime, owner: str = "甲") -> None:
    with write_session(engine) as session:
        session.execute(text("DELETE FROM worker_lease"))
        row = WorkerLease(
            name="worker", owner=owner, beat=1, acquired_at=at, heartbeat_at=at,
            expires_at=at + timedelta(seconds=15),
        )  # fmt: skip
        session.add(row)


def job(engine: Engine, error: str, *, name: str = "intake", times: int = 1) -> None:
    for number in range(times):
        note_run(
            engine, name=name, owner="甲", started_at=NOW + timedelta(seconds=number), duration_seconds=0.1,
            result="" if error else "没有要做的", error=error,
        )  # fmt: skip


def under_way(engine: Engine, name: str, *, minutes: float, owner: str = "甲") -> None:
    note_under_way(
        engine, name=name, owner=owner, started_at=NOW - timedelta(minutes=minutes),
        duration_seconds=minutes * 60,
    )  # fmt: skip


def notice(engine: Engine, to: int, state: str, *, hours: float, attempts: int = 8, number: int = 0) -> None:
    with write_session(engine) as session:
        row = Notice(
            id=number or None, receiver_id=to, state=state, attempts=attempts, reason="连接不上",
            created_at=NOW - timedelta(hours=hours),
        )  # fmt: skip
        session.add(row)


def live(engine: Engine, at: datetime = NOW) -> list[str]:
    with read_session(engine) as session:
        return [cause.key for cause in unrung(session, as_of=at)]


def rows(engine: Engine) -> list[Any]:
    with read_session(engine) as session:
        return list(alert_page(session=session, as_of=NOW, states=()).rows)


def test_the_rule_ships_on_blue_and_in_the_hands_of_the_dispatcher(small_district: Engine) -> None:
    with read_session(small_district) as session:
        (rule,) = [one for one in list_rules(session=session) if one.kind is RuleKind.SYSTEM_FAILURE]

    assert (rule.enabled, rule.color, rule.owner) == (True, RiskColor.BLUE, Role.DISPATCHER)


def test_a_job_that_fails_three_times_running_rings_once_and_resolves_when_it_works(watched: Engine) -> None:
    job(watched, "磁盘已满", times=2)
    assert not run(watched).any
    job(watched, "磁盘已满")

    (alert_id,) = run(watched).raised
    assert not run(watched).any
    (row,) = rows(watched)
    assert (row.title, row.detail) == ("系统故障：“接入文件夹”连续出错", "磁盘已满")
    assert (row.color, row.owner, row.place_name) == (RiskColor.BLUE, "dispatcher", "全区")

    job(watched, "磁盘已满")
    assert not run(watched).any
    job(watched, "")
    assert run(watched).resolved == [alert_id]
    assert rows(watched)[0].resolution == "自动解除：系统已恢复正常"
    assert not run(watched).any


def test_each_failing_job_is_a_cause_of_its_own_and_a_job_of_before_is_none(watched: Engine) -> None:
    for name in ("intake", "notices", "gone_since"):
        job(watched, "示例", name=name, times=3)

    assert len(run(watched).raised) == 2
    job(watched, "", name="notices")
    assert len(run(watched).resolved) == 1


def test_a_worker_without_a_sign_of_life_is_said_live_until_somebody_evaluates(watched: Engine) -> None:
    assert live(watched) == []  # it has never worked: nothing has failed
    beat(watched, NOW - timedelta(minutes=9))
    assert live(watched) == []
    beat(watched, NOW - AGO, owner="")

    assert live(watched) == ["worker"]
    (alert_id,) = run(watched).raised
    assert live(watched) == []
    (row,) = rows(watched)
    assert row.title == "系统故障：后台任务没有在运行"
    assert row.detail.startswith("最后一次心跳 11-20 11:49；")
    assert not run(watched).any

    beat(watched, NOW)
    assert run(watched).resolved == [alert_id]


def test_rules_that_cannot_be_evaluated_are_said_live_too(watched: Engine) -> None:
    beat(watched, NOW)
    job(watched, "电脑的时钟可能被调回", name="rules", times=3)
    job(watched, "示例", name="intake", times=3)

    assert live(watched) == ["job:rules"]


def test_a_job_that_runs_without_end_rings_once_while_the_heartbeat_goes_on(watched: Engine) -> None:
    beat(watched, NOW)
    under_way(watched, "intake", minutes=14)
    assert not run(watched).any
    under_way(watched, "intake", minutes=15)

    (alert_id,) = run(watched).raised
    (row,) = rows(watched)
    assert row.title == "系统故障：“接入文件夹”运行不结束"
    assert row.detail.startswith("11-20 11:45 开始，满 15 分钟还没有结束")
    assert "重新启动服务" in row.detail

    job(watched, "")
    assert run(watched).resolved == [alert_id]


def test_a_job_that_was_under_way_in_a_worker_that_is_gone_does_not_run_without_end(watched: Engine) -> None:
    under_way(watched, "intake", minutes=30)
    beat(watched, NOW, owner="乙")

    assert not run(watched).any


def test_how_a_job_failed_before_still_counts_while_it_runs_again(watched: Engine) -> None:
    beat(watched, NOW)
    job(watched, "磁盘已满", times=3)
    under_way(watched, "intake", minutes=2)

    assert len(run(watched).raised) == 1
    assert rows(watched)[0].detail == "磁盘已满"


def test_an_evaluation_that_hangs_is_said_live_since_it_cannot_ring(watched: Engine) -> None:
    beat(watched, NOW)
    under_way(watched, "rules", minutes=14)
    under_way(watched, "intake", minutes=99)
    assert live(watched) == []
    under_way(watched, "rules", minutes=15)

    assert live(watched) == ["running:rules"]


def test_a_rule_that_is_off_says_nothing(watched: Engine) -> None:
    beat(watched, NOW - AGO)
    only(watched, "overdue_ladder")

    assert live(watched) == []
    assert not run(watched).any


@pytest.mark.parametrize(
    ("state", "hours", "attempts", "rings"),
    [
        ("failed", 2.5, 8, True),
        ("failed", 1.5, 8, False),
        ("waiting", 2.5, 3, True),
        ("waiting", 9, 0, False),
        ("waiting", 9, 2, False),
        ("sent", 9, 1, False),
        ("dropped", 9, 0, False),
    ],
)
def test_a_receiver_rings_when_nothing_gets_through_for_hours(
    watched: Engine, state: str, hours: float, attempts: int, rings: bool
) -> None:
    to = receiver(watched, "示例群", "webhook", "http://127.0.0.1:9/hook")
    notice(watched, to, "sent", hours=30)
    notice(watched, to, state, hours=hours, attempts=attempts)

    assert bool(run(watched).raised) is rings


def test_a_receiver_resolves_with_the_first_notice_that_gets_through_and_off_it_is_nobodys(
    watched: Engine,
) -> None:
    to = receiver(watched, "示例群", "webhook", "http://127.0.0.1:9/hook")
    notice(watched, to, "failed", hours=5)
    (alert_id,) = run(watched).raised
    notice(watched, to, "waiting", hours=0, attempts=1)
    assert not run(watched).any
    notice(watched, to, "sent", hours=0, attempts=1)
    assert run(watched).resolved == [alert_id]

    notice(watched, to, "failed", hours=4)
    (again,) = run(watched).raised
    with write_session(watched) as session:
        session.execute(text("UPDATE receiver SET enabled = false"))
    assert run(watched).resolved == [again]


def test_an_intake_folder_that_cannot_be_read_is_named_by_its_job(watched: Engine, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / ".lock").mkdir(parents=True)
    settings = read_settings({"ONEMAP_INBOX_DIR": str(inbox)})

    with pytest.raises(JobProblem, match=r"接入文件夹不能读写.*权限和磁盘"):
        take_in_files(watched, settings)


def test_events_ring_no_failure(watched: Engine) -> None:
    with write_session(watched) as session:
        append(session, [first(1)])
    assert not run(watched).any
