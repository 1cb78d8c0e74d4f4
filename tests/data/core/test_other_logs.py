"""Rows that are not as their logs left them show: alerts, lists, the dispatch table, the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from data.calendar.edit import DayEntry, clear_day, set_day, set_hours, undo_change
from data.chain import append
from data.database import read_session, write_session
from data.models import Alert, AlertLog, DispatchRule, ListItem, ListItemLog
from data.other_logs import verify_other_logs
from tests.data.tampering import tamper

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


@pytest.fixture
def logs(engine: Engine) -> Engine:
    """An alert, a line of a list and a rule, each with three steps behind it."""
    states = ("", "new", "acknowledged", "resolved")
    with write_session(engine) as session:
        session.add(
            Alert(id=1, cause="x", color="red", title="演示", state="resolved", raised_at=AT, changed_at=AT)
        )
        session.add(
            ListItem(
                id=1, source="own", external_no="1", list_type="negative", text="演示", status="reviewing",
                review_stage="report_1",
            )
        )  # fmt: skip
        session.flush()
        for number in (1, 2, 3):
            append(
                session,
                AlertLog(
                    alert_id=1, at=AT, actor="演示甲", action="x", from_state=states[number - 1],
                    to_state=states[number],
                ),
            )  # fmt: skip
            append(
                session,
                ListItemLog(
                    subject="list_item", subject_id=1, seq=number, at=AT, actor="演示甲", action="edit"
                ),
            )
            append(
                session,
                DispatchRule(
                    number=1, version=number, department_code="D01", valid_from=date(2026, 11, number),
                    created_at=AT, valid_to=None if number == 3 else date(2026, 11, number + 1),
                    actor="演示甲",
                ),
            )  # fmt: skip
    return engine


def said(engine: Engine) -> list[str]:
    with read_session(engine) as session:
        return [fault.detail for fault in verify_other_logs(session)]


def test_logs_that_nobody_touched_have_no_faults(logs: Engine) -> None:
    assert said(logs) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE alert SET state = 'new'", ["预警 1 现在是 new，按记录应是 resolved"]),
        ("DELETE FROM list_item", ["清单条目 1 有改动记录，却没有这一条"]),
        (
            "UPDATE dispatch_rule SET valid_to = NULL WHERE version = 2",
            ["派遣规则 1 的第 2 版应到 2026-11-03 为止，现为 None"],
        ),
        (
            "UPDATE dispatch_rule SET valid_to = valid_from WHERE version = 3",
            ["派遣规则 1 的最新一版有终止日期，被改过"],
        ),
    ],
)
def test_what_was_done_behind_a_log_is_said(logs: Engine, statement: str, expected: list[str]) -> None:
    tamper(logs, statement)
    assert said(logs) == expected


def test_an_alert_without_its_log_is_found_beside_the_broken_chain(logs: Engine) -> None:
    tamper(logs, "DELETE FROM alert_log")
    assert said(logs) == ["预警处理记录应有 3 条，现有 0 条：有记录被删过", "预警 1 一条记录也没有"]


@pytest.mark.sqlite
def test_a_row_whose_edit_was_taken_out_is_found(logs: Engine) -> None:
    tamper(
        logs,
        "INSERT INTO calendar_day (area_prefix, day, is_working, name, is_official, note, change_id)"
        " VALUES ('', '2026-11-20', 0, '', 0, '', 7)",
    )
    assert said(logs)[-1:] == [
        "表 calendar_day 的第 1 行指向表 calendar_change 里已经不在的一行：那一行被删过"
    ]


@pytest.fixture
def holiday(engine: Engine) -> Engine:
    """Four edits: a day off, worked after all, that taken back, another day; and one that was cleared."""
    with write_session(engine) as session:
        enter(session, DAY, False, seen_id=None)
        worked = enter(session, DAY, True, seen_id=1)
        undo_change(session, change_id=worked, actor="演示甲")
        enter(session, date(2026, 11, 21), False, seen_id=None)
        enter(session, date(2026, 11, 22), False, seen_id=None)
        clear_day(session, day=date(2026, 11, 22), area_prefix="", seen_id=4, actor="演示甲")
        undo_change(session, change_id=enter_hours(session), actor="演示甲")
        enter(session, date(2026, 11, 22), True, seen_id=None)
        clear_day(session, day=date(2026, 11, 22), area_prefix="", seen_id=5, actor="演示甲")
    return engine


def enter(session: Session, day: date, is_working: bool, *, seen_id: int | None) -> int:
    entry = DayEntry(day=day, is_working=is_working, name="示例")
    change = set_day(session, entry, area_prefix="", seen_id=seen_id, actor="演示甲")
    assert change.id is not None
    return change.id


def enter_hours(session: Session) -> int:
    change = set_hours(
        session, spans="09:00-17:00", warn_share=0.25, valid_from=DAY, area_prefix="", actor="演示甲"
    )
    assert change.id is not None
    return change.id


def test_a_calendar_that_was_edited_cleared_and_taken_back_has_no_faults(holiday: Engine) -> None:
    assert said(holiday) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE calendar_day SET replaced_by = 1 WHERE id = 3",
            "日历 2026-11-21 的录入（编号 3）标为被改动 1 替换，那次改动却没有动过这一天",
        ),
        (
            "UPDATE calendar_day SET replaced_by = 6 WHERE id = 3",
            "日历 2026-11-21 的录入（编号 3）标为被改动 6 替换，那次改动却没有动过这一天",
        ),
        (
            "UPDATE calendar_day SET replaced_by = NULL WHERE id = 4",
            "日历 2026-11-22 的录入（编号 4）仍在生效，按后来的改动应已失效",
        ),
        (
            "UPDATE calendar_hours SET replaced_by = NULL",
            "2026-11-20 起工作时间的录入（编号 1）仍在生效，按后来的改动应已失效",
        ),
    ],
)
def test_an_entry_of_the_calendar_switched_off_or_on_behind_its_log_is_found(
    holiday: Engine, statement: str, expected: str
) -> None:
    tamper(holiday, statement)
    assert said(holiday) == [expected]
