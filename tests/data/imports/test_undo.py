"""Taking a batch back: by new log entries for events, by the notes of what was changed for plain rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.database import write_session
from data.imports import UndoProblem, undo_batch
from data.models import Department, Event, ImportBatch, ImportChange, Station
from data.vocabulary import BatchKind, BatchStatus
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv

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
