"""What entries add up to, by hand."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from data.event_fold import NO_HASH, Action, decoded, encoded, entry_hash, set_cells, step
from data.labels import ACTION
from data.vocabulary import Move
from geo.cells import encode_one
from tests.data.core.events import REPORTED_AT, first, move

SHANGHAI = ZoneInfo("Asia/Shanghai")


def after(*entries: Any) -> SimpleNamespace:
    """The event after some entries."""
    state: dict[str, Any] = {}
    for entry in entries:
        step(state, at=entry.at, changes=entry.changes, batch_id=entry.batch_id, timezone=SHANGHAI)
    set_cells([state])
    return SimpleNamespace(**state)


def reported(**changes: Any) -> Any:
    return first(**changes).entries[0]


def test_a_report_sets_days_cell_and_warning_time() -> None:
    event = after(reported())

    assert event.reported_day == event.due_day == date(2026, 11, 20)
    assert event.cell == encode_one(103.81, 30.71)
    assert event.warn_at == REPORTED_AT + timedelta(hours=3)
    assert (event.ended_at, event.ended_day, event.in_time) == (None, None, None)
    assert event.status_since == REPORTED_AT
    assert event.code_at_report == "510115001001"


def test_a_day_begins_at_local_midnight() -> None:
    before_midnight = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)

    assert after(reported(reported_at=before_midnight)).reported_day == date(2026, 11, 20)
    assert after(reported(reported_at=before_midnight + timedelta(minutes=1))).reported_day == date(
        2026, 11, 21
    )


def test_an_event_without_position_has_no_cell() -> None:
    assert after(reported(lon=None, lat=None)).cell is None


def test_an_event_without_deadline_is_never_in_time_nor_late() -> None:
    event = after(reported(due_at=None), move("closed", hours=900))

    assert (event.due_day, event.warn_at, event.in_time) == (None, None, None)


def test_a_close_at_the_very_deadline_is_in_time_and_a_second_later_is_not() -> None:
    assert after(reported(), move("closed", hours=4)).in_time is True
    assert after(reported(), move("closed", hours=4 + 1 / 3600)).in_time is False


def test_what_the_source_says_about_in_time_stands() -> None:
    assert after(reported(), move("closed", hours=9, in_time=True)).in_time is True


def test_an_end_takes_the_time_of_the_move_unless_given() -> None:
    given = REPORTED_AT + timedelta(hours=1)

    assert after(reported(), move("closed", hours=2)).ended_at == REPORTED_AT + timedelta(hours=2)
    assert after(reported(), move("closed", hours=2, ended_at=given)).ended_at == given


def test_evaluation_keeps_the_end_and_the_verdict_of_the_close() -> None:
    event = after(reported(), move("closed", hours=2), move("evaluated", hours=50))

    assert event.ended_at == REPORTED_AT + timedelta(hours=2)
    assert event.in_time is True
    assert event.status_since == REPORTED_AT + timedelta(hours=50)


def test_a_reopened_event_has_no_end_and_is_judged_again_when_it_closes() -> None:
    again = after(reported(), move("closed", hours=2), move("reworking", hours=3, reworked_count=1))
    closed = after(
        reported(),
        move("closed", hours=2),
        move("reworking", hours=3, reworked_count=1),
        move("closed", hours=6),
    )

    assert (again.ended_at, again.ended_day, again.in_time, again.reworked_count) == (None, None, None, 1)
    assert (closed.ended_at, closed.in_time) == (REPORTED_AT + timedelta(hours=6), False)


def test_a_voided_or_merged_event_ends_without_a_verdict() -> None:
    for status in ("voided", "merged"):
        event = after(reported(), move(status, hours=90))
        assert event.ended_at is not None
        assert event.in_time is None


def test_an_extension_moves_the_warning_time_too() -> None:
    event = after(
        reported(), move("handling", hours=1, due_at=REPORTED_AT + timedelta(hours=8), extended_count=1)
    )

    assert event.warn_at == REPORTED_AT + timedelta(hours=6)


def test_a_new_code_leaves_the_code_at_report() -> None:
    event = after(reported(), move("filed", hours=1, code="510115001002"))

    assert (event.code, event.code_at_report) == ("510115001002", "510115001001")


def test_what_an_entry_leaves_out_stays() -> None:
    event = after(reported(title="井盖破损"), move("filed", hours=1))

    assert (event.title, event.status) == ("井盖破损", "filed")


def test_changes_have_one_spelling() -> None:
    noon_in_shanghai = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=8)))
    changes = {"title": "井盖", "due_at": noon_in_shanghai, "lon": 103.8, "in_time": None}

    assert encoded(changes) == '{"due_at":"2026-11-21T04:00:00Z","in_time":null,"lon":103.8,"title":"井盖"}'
    assert decoded(encoded(changes)) == changes


def test_the_hash_is_sha256_over_the_canonical_list_of_columns() -> None:
    found = entry_hash(
        event_id=7, seq=1, at=datetime(2026, 11, 21, 4, tzinfo=UTC), actor="张\"三", action="report",
        from_status="", to_status="reported", reason="", changes='{"title":"井盖"}', batch_id=None,
        prev_hash=NO_HASH,
    )  # fmt: skip

    spelled = (
        '[7,1,"2026-11-21T04:00:00Z","张\\"三","report","","reported","","{\\"title\\":\\"井盖\\"}",null,"'
        + "00" * 32 + '"]'
    )  # fmt: skip
    assert found == hashlib.sha256(spelled.encode()).digest()


def test_the_log_knows_no_action_that_no_code_writes_and_every_one_has_a_name() -> None:
    folder = Path(__file__).resolve().parents[3] / "data"
    lines = [line for path in folder.rglob("*.py") for line in path.read_text("utf-8").splitlines()]
    writing = "\n".join(line for line in lines if "action=" in line)
    written = set(re.findall(r"\bAction\.([A-Z]+)\b", writing))

    assert {action.name for action in Action} <= written
    assert {*Action, *Move} == ACTION.keys()
