"""What was taken out of the logs of alerts, lists and the dispatch table shows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, insert

from data.database import read_session, write_session
from data.models import Alert, AlertLog, DispatchRule, ListItem, ListItemLog
from data.other_logs import verify_other_logs
from tests.data.tampering import tamper

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


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
            session.add(
                AlertLog(
                    id=number, alert_id=1, at=AT, actor="演示甲", action="x", from_state=states[number - 1],
                    to_state=states[number],
                )
            )  # fmt: skip
            session.add(
                ListItemLog(
                    subject="list_item", subject_id=1, seq=number, at=AT, actor="演示甲", action="edit"
                )
            )
            session.execute(
                insert(DispatchRule).values(
                    number=1, version=number, class_prefix="", area_prefix="", department_code="D01",
                    clock_type="", valid_from=date(2026, 11, number), withdrawn=False, note="", created_at=AT,
                    valid_to=None if number == 3 else date(2026, 11, number + 1), actor="演示甲",
                )
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
        ("DELETE FROM alert_log WHERE id = 2", ["预警 1 的第 2 条记录不接在前一条之后：中间的记录被删改过"]),
        ("DELETE FROM alert_log WHERE id = 3", ["预警 1 现在是 resolved，按记录应是 acknowledged"]),
        ("UPDATE alert SET state = 'new'", ["预警 1 现在是 new，按记录应是 resolved"]),
        ("DELETE FROM alert_log", ["预警 1 一条记录也没有"]),
        ("DELETE FROM list_item_log WHERE seq = 2", ["清单条目 1 的改动记录在第 3 之前缺了 1 条"]),
        ("DELETE FROM list_item", ["清单条目 1 有改动记录，却没有这一条"]),
        (
            "DELETE FROM dispatch_rule WHERE version = 1",
            ["派遣规则 1 的版本在第 2 之前缺了 1 条"],
        ),
        (
            "UPDATE dispatch_rule SET valid_to = NULL WHERE version = 2",
            ["派遣规则 1 的第 2 版没有终止日期，而后面还有新的一版"],
        ),
    ],
)
def test_what_was_done_behind_a_log_is_said(logs: Engine, statement: str, expected: list[str]) -> None:
    tamper(logs, statement)
    assert said(logs) == expected


@pytest.mark.sqlite
def test_a_row_whose_edit_was_taken_out_is_found(logs: Engine) -> None:
    tamper(
        logs,
        "INSERT INTO calendar_day (area_prefix, day, is_working, name, is_official, note, change_id)"
        " VALUES ('', '2026-11-20', 0, '', 0, '', 7)",
    )
    assert said(logs) == ["表 calendar_day 的第 1 行指向表 calendar_change 里已经不在的一行：那一行被删过"]
