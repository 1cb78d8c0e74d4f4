"""A batch as a whole or not at all: repeats change nothing, a crash publishes nothing, an undo leads back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data import database
from data.database import DatabaseLocked, open_engine, write_session
from data.demo_state import new_batch
from data.imports import DemoPresent, load_profile
from data.models import Department, Event, EventLog, ImportBatch, SourceState
from data.vocabulary import BatchKind, BatchStatus
from tests.conftest import PROJECT_ROOT
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv


def test_a_first_import_writes_events_logs_and_the_batch(street: Street, tmp_path: Path) -> None:
    rows = [
        event(no="A1"),
        event(no="A2", lon="", lat=""),
        event(no="A3", lon="104.5"),
        event(no="A4", kind="外星"),
    ]
    result = street.events(write_csv(tmp_path / "首次.csv", rows))
    assert (result.total, result.new, result.changed, result.same, result.rejected) == (4, 3, 0, 0, 1)
    assert (result.unplaced, result.unlocated, result.marked) == (1, 1, 0)
    batch = street.rows(ImportBatch)[-1]
    assert (batch.status, batch.rows_total, batch.rows_new, batch.rows_rejected) == (
        BatchStatus.PUBLISHED,
        4,
        3,
        1,
    )
    assert (batch.file_name, batch.profile, batch.actor, len(batch.file_sha256)) == (
        "首次.csv",
        "generic_events",
        "测试",
        64,
    )
    (entry,) = street.log("A1")
    assert (entry.action, entry.to_status, entry.batch_id) == ("import", "handling", result.batch_id)
    (source,) = street.rows(SourceState)
    assert (source.source, source.events) == ("patrol", 3)
    assert_log_is_sound(street)


def test_an_import_again_changes_nothing(street: Street, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "同.csv", [event(no="A1"), event(no="A2", status="已结案", ended="2026-11-20 10:00")]
    )
    street.events(path)
    rows, logs = street.rows(Event), street.rows(EventLog)
    again = street.events(path)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert (street.rows(Event), street.rows(EventLog)) == (rows, logs)


def test_a_row_that_moved_on_is_an_update_in_the_log(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event()]))
    result = street.events(write_csv(tmp_path / "二.csv", [event(status="已结案", ended="2026-11-20 11:00")]))
    assert (result.new, result.changed, result.same) == (0, 1, 0)
    assert [entry.action for entry in street.log("SL001")] == ["import", "update"]
    taken = street.event("SL001")
    assert (taken.status, taken.in_time) == ("closed", True)
    assert taken.ended_at == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert_log_is_sound(street)


def test_columns_that_a_file_does_not_have_are_left_alone(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "全.csv", [event()]))
    short = {name: value for name, value in event().items() if name != "地址"}
    assert street.events(write_csv(tmp_path / "短.csv", [short])).same == 1
    assert street.event("SL001").address == "示例路1号"


def test_a_row_rejected_before_comes_in_once_it_is_known(street: Street, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "部门.csv", [event(department="新成立的局")])
    assert street.events(path).rejected == 1
    with write_session(street.engine) as session:
        session.add(Department(code="D03", name="新成立的局"))
    assert street.events(path).new == 1


@pytest.mark.slow
@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 12), min_size=1, max_size=4))
def test_files_in_any_order_and_any_repeat_end_in_the_same_state(
    street: Street, tmp_path: Path, seed: int, cuts: list[int]
) -> None:
    """The numbers carry the seed, so that every example is a set of events of its own."""
    rows = [event(no=f"{seed}-{n}", title=f"第{n}件", lon=f"{103.801 + n / 400:.4f}") for n in range(12)]
    mixer = random.Random(seed)
    order = [rows[cut:] or rows for cut in cuts] + [rows]
    for part in order:
        street.events(write_csv(tmp_path / f"{seed}.csv", mixer.sample(part, len(part))))
    ours = [taken for taken in street.rows(Event) if taken.external_no.startswith(f"{seed}-")]
    assert sorted(taken.external_no for taken in ours) == sorted(row["案件编号"] for row in rows)
    assert {taken.seq for taken in ours} == {1}


def test_a_preview_says_what_would_happen_and_writes_nothing(street: Street, tmp_path: Path) -> None:
    street.events(write_csv(tmp_path / "一.csv", [event(no="A1"), event(no="A2")]))
    rows = [event(no="A1"), event(no="A2", title="改了"), event(no="A3"), event(no="A4", kind="外星")]
    path = write_csv(tmp_path / "二.csv", rows)
    before, batches = street.digest(), len(street.rows(ImportBatch))
    preview = street.preview(path, BatchKind.EVENTS)
    counts = preview.counts
    assert (counts.total, counts.new, counts.changed, counts.same, counts.rejected) == (4, 1, 1, 1, 1)
    assert (street.digest(), len(street.rows(ImportBatch))) == (before, batches)
    first = preview.rows[0]
    assert (first["行号"], first["案件编号"], first["类别"]) == ("2", "A1", "市容环境/暴露垃圾")
    assert (first["状态"], first["部门"], first["区划"]) == ("处置中", "示例执法局", "惠民社区")
    assert first["上报时间"] == "2026-11-20 08:30:00"
    assert preview.points[0] == (103.81, 30.71)
    assert preview.columns["案件编号"] == "案件编号"
    assert [reject.line for reject in preview.rejects] == [5]
    result = street.events(path)
    assert vars(counts) == {name: getattr(result, name) for name in vars(counts)}


def test_a_preview_names_in_chinese_what_the_class_adds_and_how_a_row_is_marked(
    street: Street, tmp_path: Path
) -> None:
    row = event(no="A1", status="已结案", reported="2026-11-20 08:30", ended="2026-11-19 08:30")
    (first,) = street.preview(write_csv(tmp_path / "一.csv", [row]), BatchKind.EVENTS).rows
    assert first["数据标记"] == "结案早于上报"
    assert [title for title in first if title.isascii()] == []
    assert {"临期时间", "时限（小时）", "计时方式"} <= set(first)


def test_a_preview_shows_the_shift_of_a_declared_system_and_at_most_500_points(
    street: Street, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "多.csv", [event(no=f"A{n}") for n in range(700)])
    preview = street.preview(path, BatchKind.EVENTS, load_profile("generic_events").changed(crs="gcj02"))
    assert len(preview.points) == len(preview.raw_points) == 500
    assert preview.raw_points[0] == (103.81, 30.71)
    assert 300 < preview.shift_m < 700
    assert street.preview(path, BatchKind.EVENTS).shift_m == 0


def test_points_in_gcj02_called_degrees_are_warned_about(street: Street, tmp_path: Path) -> None:
    """Points along the western edge of the district: read as they stand, a third of them falls outside."""
    from geo.crs import CoordinateSystem, from_cgcs2000

    rows = []
    for n in range(60):
        lon, lat = 103.80 + (n % 6) * 0.0002, 30.7005 + n * 0.0003
        x, y = from_cgcs2000(103.84 - lon + 103.80, lat, system=CoordinateSystem.GCJ02)
        rows.append(event(no=f"A{n}", lon=f"{float(x):.6f}", lat=f"{float(y):.6f}"))
    path = write_csv(tmp_path / "偏.csv", rows)
    assert any("GCJ-02" in warning for warning in street.preview(path, BatchKind.EVENTS).warnings)
    right = street.preview(path, BatchKind.EVENTS, load_profile("generic_events").changed(crs="gcj02"))
    assert not any("坐标系" in warning for warning in right.warnings)


def test_nothing_comes_in_while_the_demo_is_there(street: Street, tmp_path: Path) -> None:
    with write_session(street.engine) as session:
        session.add(new_batch(seed=1, first_day=datetime.now(UTC).date(), now=datetime.now(UTC)))
    before = street.digest()
    with pytest.raises(DemoPresent, match="先移除演示数据"):
        street.events(write_csv(tmp_path / "实.csv", [event()]))
    assert street.digest() == before
    assert len(street.rows(ImportBatch)) == 1


def test_an_error_while_publishing_leaves_a_failed_batch_and_nothing_else(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("data.imports.publish.reject_rows", fail)
    before = street.digest()
    with pytest.raises(RuntimeError, match="disk on fire"):
        street.events(write_csv(tmp_path / "实.csv", [event()]))
    assert street.digest() == before
    assert street.rows(ImportBatch)[-1].status == BatchStatus.FAILED


_CRASH = """
import os, signal, sys
from pathlib import Path
from data.database import open_engine
from data.imports import load_profile, run_import
from data.settings import read_settings
import data.imports.compare_events as compare_events
begin = compare_events.begin
def dying(*args, **keywords):
    assert len(begin(*args, **keywords)) == 200
    os.kill(os.getpid(), signal.SIGKILL)
compare_events.begin = dying
settings = read_settings()
run_import(open_engine(settings.database_url), path=Path(sys.argv[1]), kind="events",
           profile=load_profile("generic_events"), settings=settings, actor="t")
"""


def test_a_process_killed_in_the_middle_of_publishing_publishes_nothing(
    street: Street, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "半路.csv", [event(no=f"A{n}") for n in range(200)])
    before = street.digest()
    run = subprocess.run(
        [sys.executable, "-c", _CRASH, str(path)],
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            "ONEMAP_DATABASE_URL": street.settings.database_url,
            "ONEMAP_VAR_DIR": str(tmp_path),
        },
        capture_output=True,
        timeout=120,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert street.digest() == before
    assert street.rows(ImportBatch)[-1].status == BatchStatus.PREPARING
    assert street.events(path).new == 200
    assert_log_is_sound(street)


def test_a_batch_left_behind_by_a_crash_is_called_failed_an_hour_later(
    street: Street, tmp_path: Path
) -> None:
    with write_session(street.engine) as session:
        for minutes in (61, 5):
            created_at = datetime.now(UTC) - timedelta(minutes=minutes)
            session.add(ImportBatch(kind="events", status="preparing", created_at=created_at))
    street.events(write_csv(tmp_path / "件.csv", [event()]))
    assert [batch.status for batch in street.rows(ImportBatch)] == ["failed", "preparing", "published"]
    assert "请重新接入" in street.rows(ImportBatch)[0].note


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another connection that keeps the write lock."""
    other = open_engine(url)
    with write_session(other, announce=False):
        yield
    other.dispose()


def test_a_locked_database_is_named_and_nothing_is_written(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    street.engine.dispose()
    path = write_csv(tmp_path / "忙.csv", [event()])
    before = street.digest()
    with locked(street.settings.database_url), pytest.raises(DatabaseLocked, match="正被另一个程序写入"):
        street.events(path)
    assert street.digest() == before
    assert street.rows(ImportBatch) == []
    assert street.events(path).new == 1
