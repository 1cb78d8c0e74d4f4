"""Each log of what people changed is a chain: what was changed, taken out or put in is found and named."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine, text
from sqlmodel import Session

from data.chain import LOGS, NotLocked, append, append_rows, chains_head, drop_rows, sign_as, verify_chains
from data.database import open_engine, read_session, write_options, write_session
from data.lifecycle import Person
from data.manage import numbers
from data.migrate import _config
from data.models import (
    Alert,
    AlertLog,
    CalendarChange,
    CalendarDay,
    CalendarHours,
    DispatchRule,
    ListItemLog,
    SettingChange,
)
from data.models.base import ChainedRow
from data.vocabulary import Role
from tests.data.tampering import tamper

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
WHO: dict[str, Any] = {"actor": "演示甲"}
MAKE: dict[str, Any] = {
    "alert_log": lambda n: AlertLog(alert_id=1, at=AT, action="x", to_state=f"s{n}", **WHO),
    "list_item_log": lambda n: ListItemLog(
        subject="list_item", subject_id=1, seq=n, at=AT, action="edit", **WHO
    ),
    "setting_change": lambda n: SettingChange(subject="plan", key=f"{n}", at=AT, what="改", **WHO),
    "dispatch_rule": lambda n: DispatchRule(
        number=1, version=n, department_code="D01", limit_hours=4, valid_from=date(2026, 11, n),
        created_at=AT, **WHO,
    ),
    "calendar_change": lambda n: CalendarChange(at=AT, what=f"{n}", first_day=date(2026, 11, n), **WHO),
    "calendar_day": lambda n: CalendarDay(day=date(2026, 11, n), is_working=True, change_id=1),
    "calendar_hours": lambda n: CalendarHours(
        valid_from=date(2026, 11, n), spans="09:00-17:00", warn_share=0.25, change_id=1
    ),
}  # fmt: skip
"""How the n-th row of each log is made."""
CHANGED = {
    "alert_log": "reason = '别的'", "list_item_log": "actor = '演示乙'", "setting_change": "rows = '[1]'",
    "dispatch_rule": "limit_hours = 8", "calendar_change": "staff_id = 7",
    "calendar_day": "is_working = FALSE", "calendar_hours": "warn_share = 0.5",
}  # fmt: skip
UNIQUE = {
    "list_item_log": {"seq": "9"}, "dispatch_rule": {"version": "9"},
    "calendar_day": {"day": "'2026-11-09'"}, "calendar_hours": {"valid_from": "'2026-11-09'"},
}  # fmt: skip
"""What a copied row has to differ in."""


@pytest.fixture
def logs(engine: Engine) -> Engine:
    """Three rows in each log."""
    with write_session(engine) as session:
        session.add(Alert(id=1, cause="x", color="red", title="演示", raised_at=AT, changed_at=AT))
        session.flush()
        for number in (1, 2, 3):
            for name in ("calendar_change", *(set(LOGS) - {"calendar_change"})):
                append(session, MAKE[name](number))
    return engine


def said(engine: Engine) -> list[str]:
    with read_session(engine) as session:
        return list(verify_chains(session))


def test_every_log_has_a_way_to_be_tried_here() -> None:
    assert set(LOGS) == set(MAKE) == set(CHANGED)


def test_logs_that_nobody_touched_have_no_faults_and_one_fingerprint(logs: Engine) -> None:
    assert said(logs) == []
    with read_session(logs) as session:
        head = chains_head(session)
    assert (head.entries, head.sealed) == (3 * len(LOGS), ())
    with write_session(logs) as session:
        append(session, MAKE["setting_change"](4))
    with read_session(logs) as session:
        assert chains_head(session).fingerprint != head.fingerprint


@pytest.mark.parametrize("name", LOGS)
def test_a_changed_row_is_found(logs: Engine, name: str) -> None:
    tamper(logs, f"UPDATE {name} SET {CHANGED[name]} WHERE id = 2")  # noqa: S608  our own names
    (fault,) = said(logs)
    assert fault.endswith("的内容与校验值不符，被改过")


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_row_is_found_the_first_one_inside_or_the_last(
    logs: Engine, name: str, number: int
) -> None:
    tamper(logs, f"DELETE FROM {name} WHERE id = {number}")  # noqa: S608  our own names
    assert f"{LOGS[name].words}应有 3 条，现有 2 条：有记录被删过" in said(logs)
    assert (len(said(logs)) == 2) is (number < 3), "inside a chain the row after it is named as well"


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("with_hash", [True, False])
def test_an_appended_row_is_found(logs: Engine, name: str, with_hash: bool) -> None:
    names = [one.name for one in LOGS[name].table.columns]
    other = {"id": "99", **UNIQUE.get(name, {}), **({} if with_hash else {"hash": "NULL"})}
    copied = ", ".join(other.get(each, each) for each in names)
    tamper(
        logs,
        f"INSERT INTO {name} ({', '.join(names)}) SELECT {copied} FROM {name} WHERE id = 3",  # noqa: S608
    )
    assert f"{LOGS[name].words}应有 3 条，现有 4 条：事后插入了记录" in said(logs)


def test_the_last_row_cannot_be_put_in_the_place_of_another(logs: Engine) -> None:
    tamper(logs, "UPDATE setting_change SET hash = prev_hash WHERE id = 3")
    assert said(logs) == [
        "设置改动 3 的内容与校验值不符，被改过",
        "设置改动记录的末条不是系统最后写入的那一条",
    ]


def test_a_row_carries_the_number_of_who_was_let_and_only_of_them(engine: Engine) -> None:
    leader = Person(name="演示书记", role=Role.LEADER, staff_id=5)
    with write_session(engine) as session:
        numbers.change_number(
            session, key="contact_reveals_an_hour", value=9, seen=0, person=leader, at=AT, reason="试"
        )
        append(session, MAKE["setting_change"](1))
        rows = session.execute(text("SELECT actor, staff_id FROM setting_change ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("演示书记", 5), ("演示甲", None)]
    assert said(engine) == []


def test_a_chain_grows_in_a_write_session_only(engine: Engine) -> None:
    with pytest.raises(NotLocked, match="write_session"), Session(engine) as session:
        append(session, MAKE["setting_change"](1))


def test_many_rows_at_once_are_the_same_chain_as_one_by_one(engine: Engine) -> None:
    rows: list[dict[str, Any]] = [
        {"subject": "plan", "key": f"{number}", "at": AT, "actor": "演示甲", "what": "改", "reason": "",
         "rows": "[]"}
        for number in range(3)
    ]  # fmt: skip
    with write_session(engine) as session:
        sign_as(session, name="演示甲", staff_id=3)
        append_rows(session, LOGS["setting_change"].table, rows)
        append_rows(session, LOGS["setting_change"].table, [])
        append(session, SettingChange(**rows[0]))
    assert said(engine) == []


def test_practice_that_goes_out_leaves_a_chain_that_says_so(logs: Engine) -> None:
    table = LOGS["dispatch_rule"].table
    with write_session(logs) as session:
        drop_rows(session, table, table.c.version == 2)
    assert said(logs) == []
    with read_session(logs) as session:
        ((words, up_to, _),) = chains_head(session).sealed
    assert (words, up_to) == ("派遣规则的版本", 3)


def test_a_chain_with_a_fault_is_not_made_whole_by_removing_practice(logs: Engine) -> None:
    table = LOGS["dispatch_rule"].table
    tamper(logs, "UPDATE dispatch_rule SET limit_hours = 8 WHERE id = 1")
    with write_session(logs) as session:
        drop_rows(session, table, table.c.version == 2)
    assert "派遣规则 1 的第 1 版的内容与校验值不符，被改过" in said(logs)


def test_rows_from_before_the_chains_are_sealed_by_the_upgrade(logs: Engine) -> None:
    with write_options(logs).begin() as connection:
        command.downgrade(_config(connection), "0017")
        command.upgrade(_config(connection), "head")
    assert said(logs) == []
    with read_session(logs) as session:
        head = chains_head(session)
        columns = {column["name"] for column in sa.inspect(session.connection()).get_columns("alert_log")}
    assert {up_to for _, up_to, _ in head.sealed} == {3}
    assert {"staff_id", "prev_hash", "hash"} <= columns
    tamper(logs, "UPDATE alert_log SET reason = '别的' WHERE id = 2")
    assert len(said(logs)) == 1


def append_in_step(url: str, name: str, barrier: Barrier, rounds: int) -> None:
    engine = open_engine(url)
    for number in range(rounds):
        barrier.wait(60)
        with write_session(engine) as session:
            entry: ChainedRow = SettingChange(subject="plan", key=f"{number}", at=AT, what="改", actor=name)
            append(session, entry)
    engine.dispose()


def test_two_processes_that_append_at_once_fork_nothing(database_url: str) -> None:
    context, rounds = multiprocessing.get_context("spawn"), 50
    barrier = context.Barrier(2)
    workers = [
        context.Process(target=append_in_step, args=(database_url, name, barrier, rounds))
        for name in ("演示甲", "演示乙")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    engine = open_engine(database_url)
    assert said(engine) == []
    with read_session(engine) as session:
        assert chains_head(session).entries == 2 * rounds
    engine.dispose()
