"""Taking a batch back: by new log entries for events, by the notes of what was changed for plain rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.calendar.edit import DayEntry, set_day
from data.database import read_session, write_session
from data.event_log import Action, Entry, append_one
from data.imports import UndoProblem, undo_batch
from data.imports.preview import preview_import
from data.imports.profile import load_profile
from data.models import Department, Event, ImportBatch, ImportChange, Station
from data.reckon import reckon
from data.vocabulary import BatchKind, BatchStatus
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv

BEFORE_HOLIDAY = "2026-09-30 17:00"
"""An hour before work ends for National Day; with four working hours due on 8 October at noon, Shanghai."""
NEXT_NOON, HOLIDAY_NOON = (datetime(2026, 10, day, 4, tzinfo=UTC) for day in (8, 7))
STATION = {"站点编号": "Z1", "站点名称": "甲站", "站点类型": "办事点", "窗口数": "2"}


def undo(street: Street, batch_id: int) -> tuple[int, int, int]:
    result = undo_batch(street.engine, batch_id=batch_id, actor="测试", settings=street.settings)
    return result.removed, result.restored, result.kept


def test_undo_voids_what_a_batch_added(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "加.csv", [event(no="A1"), event(no="A2")])
    batch_id = street.events(path).batch_id
    assert undo(street, batch_id) == (2, 0, 0)
    assert [taken.status for taken in street.rows(Event)] == ["voided", "voided"]
    assert [entry.action for entry in street.log("A1")] == ["import", "void"]
    batch = street.rows(ImportBatch)[-1]
    assert (batch.status, batch.undone_at is not None) == (BatchStatus.UNDONE, True)
    assert_log_is_sound(street)
    again = street.events(path)
    assert (again.new, again.changed) == (0, 2)
    assert [taken.status for taken in street.rows(Event)] == ["handling", "handling"]


def test_undo_restores_what_a_batch_changed(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event()]))
    before = street.event("SL001")
    changed = event(
        status="已结案", ended="2026-11-20 10:00", title="改了", lon="103.83", department="示例住建局"
    )
    batch_id = street.events(write_csv(tmp_path / "二.csv", [changed])).batch_id
    assert street.event("SL001").code == "510115001002"
    assert undo(street, batch_id) == (0, 1, 0)
    passing = {"seq", "head_hash"}
    assert street.event("SL001").model_dump(exclude=passing) == before.model_dump(exclude=passing)
    assert [entry.action for entry in street.log("SL001")] == ["import", "update", "restore"]
    assert_log_is_sound(street)


def work_on_the_7th(street: Street) -> None:
    """The last day of the holiday is worked: deadlines of open cases come forward to it."""
    with write_session(street.engine) as session:
        worked = DayEntry(day=date(2026, 10, 7), is_working=True)
        set_day(session, worked, area_prefix="", seen_id=None, actor="测试")
    reckon(street.engine, now=datetime(2026, 10, 1, tzinfo=UTC))


def test_undo_leaves_the_deadline_that_a_calendar_gave_since_and_takes_the_division_back(
    street: Street, tmp_path: Path
) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event(reported=BEFORE_HOLIDAY)]))
    before = street.event("SL001")
    changed = event(reported=BEFORE_HOLIDAY, title="改了", lon="103.83")
    batch_id = street.events(write_csv(tmp_path / "二.csv", [changed])).batch_id
    work_on_the_7th(street)
    moved = street.event("SL001")
    assert (before.due_at, moved.due_at) == (NEXT_NOON, HOLIDAY_NOON)
    assert moved.code == "510115001002"

    assert undo(street, batch_id) == (0, 1, 0)

    after = street.event("SL001")
    assert (after.title, after.code) == (before.title, before.code)
    assert (after.due_at, after.warn_at, after.due_day) == (moved.due_at, moved.warn_at, moved.due_day)
    assert [entry.action for entry in street.log("SL001")] == ["import", "update", "reckon", "restore"]
    assert_log_is_sound(street)
    assert reckon(street.engine, now=datetime(2026, 10, 1, tzinfo=UTC)).moved == 0


def test_a_case_that_undo_opens_again_is_due_by_the_calendar_of_today(street: Street, tmp_path: Path) -> None:
    """The batch had closed it, so that it did not follow the calendar meanwhile."""
    street.events(write_csv(tmp_path / "一.csv", [event(reported=BEFORE_HOLIDAY)]))
    closed = event(reported=BEFORE_HOLIDAY, status="已结案", ended="2026-09-30 17:30")
    batch_id = street.events(write_csv(tmp_path / "二.csv", [closed])).batch_id
    work_on_the_7th(street)
    assert street.event("SL001").due_at == NEXT_NOON

    assert undo(street, batch_id) == (0, 1, 0)

    after = street.event("SL001")
    assert (after.status, after.ended_at, after.due_at) == ("handling", None, HOLIDAY_NOON)
    assert_log_is_sound(street)


def test_undo_leaves_a_division_that_boundaries_gave_before_the_calendar_moved(
    street: Street, tmp_path: Path
) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event(reported=BEFORE_HOLIDAY)]))
    changed = event(reported=BEFORE_HOLIDAY, title="改了", lon="103.83")
    batch_id = street.events(write_csv(tmp_path / "二.csv", [changed])).batch_id
    last = street.log("SL001")[-1]
    with write_session(street.engine) as session:
        entry = Entry(action=Action.RECODE, at=last.at, actor="系统", changes={"code": "510115002001"})
        append_one(session, entry, event_id=last.event_id, seen_seq=last.seq)
    work_on_the_7th(street)

    assert undo(street, batch_id) == (0, 1, 0)

    after = street.event("SL001")
    assert (after.title, after.code, after.due_at) == ("示例路口有垃圾", "510115002001", HOLIDAY_NOON)
    assert_log_is_sound(street)


def test_undo_keeps_what_a_later_batch_changed(street: Street, tmp_path: Path) -> None:
    first = street.events(write_csv(tmp_path / "一.csv", [event(no="A1"), event(no="A2")])).batch_id
    second = street.events(write_csv(tmp_path / "二.csv", [event(no="A1", title="后来的")])).batch_id
    assert undo(street, first) == (1, 0, 1)
    assert (street.event("A1").title, street.event("A1").status) == ("后来的", "handling")
    assert "1 条在此之后又有变动" in next(b.note for b in street.rows(ImportBatch) if b.id == first)
    assert undo(street, second) == (0, 1, 0)
    assert street.event("A1").title == "示例路口有垃圾"


def test_undo_of_plain_rows_leads_back_to_the_table_before(street: Street, tmp_path: Path) -> None:
    empty = street.digest()
    first = street.load(write_csv(tmp_path / "一.csv", [STATION]), BatchKind.STATIONS).batch_id
    middle = street.rows(Station)
    result = street.load(write_csv(tmp_path / "二.csv", [{**STATION, "窗口数": "5"}]), BatchKind.STATIONS)
    assert (result.changed, street.rows(Station)[0].counters) == (1, 5)
    assert undo(street, result.batch_id) == (0, 1, 0)
    assert street.rows(Station) == middle
    assert undo(street, first) == (1, 0, 0)
    assert street.rows(Station) == []
    assert len(street.rows(ImportChange)) == 2
    assert street.digest() != empty  # the notes of what was changed stay


def test_undo_keeps_a_department_that_events_name(street: Street, tmp_path: Path) -> None:
    rows = [{"部门代码": "D08", "部门名称": "用到的局"}, {"部门代码": "D09", "部门名称": "没用到的局"}]
    batch_id = street.load(write_csv(tmp_path / "部门.csv", rows), BatchKind.DEPARTMENTS).batch_id
    street.events(write_csv(tmp_path / "件.csv", [event(department="用到的局")]))
    assert undo(street, batch_id) == (1, 0, 1)
    assert [row.code for row in street.rows(Department)] == ["D01", "D02", "D08"]


@pytest.mark.parametrize("what", ["missing", "failed", "twice", "demo"])
def test_only_a_published_batch_can_be_undone(street: Street, tmp_path: Path, what: str) -> None:
    batch_id = street.events(write_csv(tmp_path / "件.csv", [event()])).batch_id
    if what == "missing":
        batch_id += 100
    elif what == "twice":
        undo(street, batch_id)
    else:
        with write_session(street.engine) as session:
            row = session.get(ImportBatch, batch_id)
            assert row is not None
            row.status, row.is_demo = ("failed", False) if what == "failed" else ("published", True)
    with pytest.raises(UndoProblem):
        undo(street, batch_id)


def test_preview_and_undo_say_how_far_they_are(street: Street, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = write_csv(tmp_path / "加.csv", [event(no="A1")])
    with read_session(street.engine) as session:
        preview_import(
            session,
            path=path,
            kind=BatchKind.EVENTS,
            profile=load_profile("generic_events", settings=street.settings),
            settings=street.settings,
            progress=lambda *said: told.append(said),
        )
    assert [stage for stage, _, _ in told] == ["读取文件", "核对各行", "与现有数据比较", "完成"]
    assert told[-1][1:] == (3, 3)
    told.clear()
    undo_batch(
        street.engine,
        batch_id=street.events(path).batch_id,
        actor="测试",
        settings=street.settings,
        progress=lambda *said: told.append(said),
    )
    assert [stage for stage, _, _ in told] == ["核对批次", "恢复各行", "完成"]
    assert [done for _, done, _ in told] == [0, 1, 3]
