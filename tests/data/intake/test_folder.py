"""The watched folder: one file one batch, put away with a report, never twice, whatever happens."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event as on_event

from data.database import write_session
from data.imports import DemoPresent, undo_batch
from data.intake.folder import FAILED, Taken, _sha256, prepare_inbox, take_in_folder
from data.models import Event, ImportBatch
from data.settings import read_settings
from data.worker.jobs import JobProblem, take_in_files
from tests.data.imports.support import Street, assert_log_is_sound, event, write_csv

PROFILE = "generic_events"


def drop(street: Street, name: str, *rows: dict[str, str]) -> Path:
    return write_csv(street.settings.inbox / PROFILE / name, rows)


def look(street: Street, *, steady_seconds: float = 0.0) -> list[Taken]:
    return take_in_folder(street.engine, street.settings, steady_seconds=steady_seconds)


def lying(street: Street, folder: str) -> list[str]:
    path = street.settings.inbox / PROFILE / folder
    return sorted(one.name for one in path.iterdir()) if path.is_dir() else []


def published(street: Street) -> list[ImportBatch]:
    return [batch for batch in street.rows(ImportBatch) if batch.status == "published"]


def test_a_file_is_taken_in_and_put_away_with_its_counts_and_its_rejected_rows(inbox_street: Street) -> None:
    drop(inbox_street, "甲.csv", event(no="SL1"), event(no="SL2", status="不知道"))

    found = look(inbox_street)

    assert [(one.outcome, one.batch_id) for one in found] == [("done", 1)]
    assert lying(inbox_street, "done") == [
        "批次1-甲.csv", "批次1-甲.csv.接入结果.txt", "批次1-甲.csv.未接入的行.csv",
    ]  # fmt: skip
    folder = inbox_street.settings.inbox / PROFILE / "done"
    report = (folder / "批次1-甲.csv.接入结果.txt").read_text("utf-8-sig")
    assert "共 2 行：新增 1，更新 0，无变化 0，未接入 1。" in report
    rejects = (folder / "批次1-甲.csv.未接入的行.csv").read_text("utf-8-sig")
    assert "SL2" in rejects
    assert "状态“不知道”不认识" in rejects
    assert look(inbox_street) == []


def test_the_same_bytes_again_are_not_taken_twice_under_any_name(inbox_street: Street) -> None:
    drop(inbox_street, "甲.csv", event(no="SL1"))
    look(inbox_street)
    drop(inbox_street, "乙.csv", event(no="SL1"))

    assert [(one.outcome, one.batch_id) for one in look(inbox_street)] == [("repeated", 1)]
    assert len(published(inbox_street)) == 1
    report = inbox_street.settings.inbox / PROFILE / "done" / "批次1-乙.csv.接入结果.txt"
    assert "完全相同，已经接入过，没有再次接入" in report.read_text("utf-8-sig")


def test_after_an_undo_the_same_file_may_come_again(inbox_street: Street) -> None:
    drop(inbox_street, "甲.csv", event(no="SL1"))
    look(inbox_street)
    undo_batch(inbox_street.engine, batch_id=1, actor="测试", settings=inbox_street.settings)
    drop(inbox_street, "甲.csv", event(no="SL1"))

    assert [one.outcome for one in look(inbox_street)] == ["done"]
    assert inbox_street.event("SL1").status == "handling"


def test_a_file_that_was_just_written_is_left_until_it_is_steady(inbox_street: Street) -> None:
    path = drop(inbox_street, "甲.csv", event(no="SL1"))
    os.utime(path, (0, 0))  # as programs do that keep the times of what they copy

    found = look(inbox_street, steady_seconds=1.0)
    assert [(one.outcome, one.is_changing) for one in found] == [("waiting", True)]
    assert path.is_file()
    time.sleep(1.1)
    assert [one.outcome for one in look(inbox_street, steady_seconds=1.0)] == ["done"]


def test_drafts_of_other_programs_and_hidden_files_are_left_alone(inbox_street: Street) -> None:
    for name in (".甲.csv", "~$甲.xlsx", "甲.csv.part", "甲.crdownload"):
        (inbox_street.settings.inbox / PROFILE / name).write_text("x")
    assert look(inbox_street) == []


def test_what_cannot_be_used_goes_to_failed_with_the_reason(inbox_street: Street) -> None:
    folder = inbox_street.settings.inbox
    (folder / PROFILE / "说明.pdf").write_bytes(b"%PDF-1.7")
    (folder / PROFILE / "空.csv").write_bytes(b"")
    (folder / "没有的方案").mkdir()
    write_csv(folder / "没有的方案" / "甲.csv", [event()])

    found = {one.file: one for one in look(inbox_street)}

    assert {one.outcome for one in found.values()} == {"failed"}
    assert "类型“.pdf”不能接入" in found["说明.pdf"].reason
    assert "没有名为“没有的方案”的接入方案" in found["甲.csv"].reason
    reports = [name for name in lying(inbox_street, FAILED) if name.endswith("接入结果.txt")]
    assert len(reports) == 2
    assert published(inbox_street) == []


def test_a_file_whose_name_is_gbk_is_taken_in_under_its_readable_name_and_holds_up_no_other(
    inbox_street: Street,
) -> None:
    named = os.fsencode(inbox_street.settings.inbox / PROFILE) + b"/" + "示例案件".encode("gbk") + b".csv"
    drop(inbox_street, "甲.csv", event(no="SL1")).rename(os.fsdecode(named))
    drop(inbox_street, "乙.csv", event(no="SL2"))

    found = look(inbox_street)

    assert [(one.file, one.outcome) for one in found] == [("示例案件.csv", "done"), ("乙.csv", "done")]
    assert published(inbox_street)[0].file_name == "示例案件.csv"
    assert "批次1-示例案件.csv" in lying(inbox_street, "done")


def test_a_file_that_is_moved_away_while_it_is_read_leaves_no_report_and_the_next_is_taken(
    inbox_street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = drop(inbox_street, "甲.csv", event(no="SL1"))
    drop(inbox_street, "乙.csv", event(no="SL2"))

    def read(path: Path) -> str:
        if path == gone:
            gone.rename(gone.with_name(".甲.csv"))
        return _sha256(path)

    monkeypatch.setattr("data.intake.folder._sha256", read)

    assert [(one.outcome, one.is_stuck) for one in look(inbox_street)] == [
        ("waiting", False),
        ("done", False),
    ]
    assert lying(inbox_street, FAILED) == []


def test_a_file_that_may_not_be_read_stays_and_is_told_as_a_fault_of_its_job_while_others_are_taken(
    inbox_street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = drop(inbox_street, "甲.csv", event(no="SL1"))
    drop(inbox_street, "乙.csv", event(no="SL2"))

    def read(path: Path) -> str:
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return _sha256(path)

    monkeypatch.setattr("data.intake.folder._sha256", read)
    monkeypatch.setattr("data.intake.folder._is_steady", lambda *_: True)

    with pytest.raises(JobProblem) as told:
        take_in_files(inbox_street.engine, inbox_street.settings)
    assert str(told.value) == (
        "接入文件夹：处理 1 个文件；1 个文件留在原处，如 generic_events/甲.csv："
        "不能读写（Permission denied），请检查文件的权限和磁盘"
    )
    assert locked.is_file()
    assert lying(inbox_street, FAILED) == []


def test_what_waits_for_the_demo_to_go_is_told_and_is_no_fault(
    inbox_street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(inbox_street, "甲.csv", event(no="SL1"))

    def refuse(*_: object, **__: object) -> None:
        raise DemoPresent

    monkeypatch.setattr("data.intake.folder.run_import", refuse)
    monkeypatch.setattr("data.intake.folder._is_steady", lambda *_: True)

    told = take_in_files(inbox_street.engine, inbox_street.settings) or ""
    assert told.startswith("1 个文件留在原处，如 generic_events/甲.csv：库中还是演示数据")


def test_while_the_database_is_locked_a_file_waits_and_is_taken_later(
    inbox_street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox_street, "甲.csv", event(no="SL1"))
    monkeypatch.setattr("data.database.BUSY_TIMEOUT_MS", 50)
    inbox_street.engine.dispose()
    with write_session(inbox_street.engine):
        found = look(inbox_street)
    assert [one.outcome for one in found] == ["waiting"]
    assert "正被另一个程序写入" in found[0].reason
    assert path.is_file()
    assert [one.outcome for one in look(inbox_street)] == ["done"]


def test_every_profile_gets_its_folder(inbox_street: Street) -> None:
    inbox = prepare_inbox(inbox_street.settings)
    assert {"generic_events", "workorder_12345", "generic_stations"} <= {one.name for one in inbox.iterdir()}


def test_the_folder_may_be_elsewhere(tmp_path: Path) -> None:
    settings = read_settings({"ONEMAP_VAR_DIR": str(tmp_path), "ONEMAP_INBOX_DIR": str(tmp_path / "收件")})
    assert settings.inbox == tmp_path / "收件"
    assert read_settings({"ONEMAP_VAR_DIR": str(tmp_path)}).inbox == tmp_path / "inbox"


def child_environment(street: Street) -> dict[str, str]:
    """Where a child process finds the database and the folder."""
    settings = street.settings
    return {"ONEMAP_VAR_DIR": str(settings.var_dir), "ONEMAP_DATABASE_URL": settings.database_url}


def kill_at(statement: int, environment: dict[str, str] | None = None) -> None:
    """The intake of a child process that kills itself before a statement; runs in the child."""
    from data.database import open_engine

    settings = read_settings(environment)
    engine = open_engine(settings.database_url)
    left = [statement]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    on_event.listen(engine, "before_cursor_execute", count)
    on_event.listen(engine, "commit", count)
    take_in_folder(engine, settings, steady_seconds=0.0)


@pytest.mark.slow
def test_killed_at_any_statement_the_file_is_taken_in_once_and_whole(inbox_street: Street) -> None:
    rows = [event(no=f"SL{number:03}", lon=f"{103.801 + number / 10_000:.4f}") for number in range(40)]
    environ = {**os.environ, **child_environment(inbox_street)}
    killed = 0
    for statement in range(2, 200, 11):
        drop(inbox_street, f"第{statement}.csv", *(row | {"标题": f"第{statement}次"} for row in rows))
        script = f"from tests.data.intake.test_folder import kill_at; kill_at({statement})"
        done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        killed += done.returncode != 0
        titles = {one.title for one in _events(inbox_street)}
        assert len(titles) <= 1, "a batch is there as a whole or not at all"

        look(inbox_street)
        assert {one.title for one in _events(inbox_street)} == {f"第{statement}次"}
        assert len(_events(inbox_street)) == 40
        assert not list((inbox_street.settings.inbox / PROFILE).glob("*.csv"))
        if done.returncode == 0:
            break
    else:
        pytest.fail("no child came to its end")
    assert killed >= 3
    names = [batch.file_name for batch in published(inbox_street)]
    assert len(names) == len(set(names)), "no file became two batches"
    reports = [name for name in lying(inbox_street, "done") if name.endswith(".接入结果.txt")]
    assert len(reports) == len(names)
    assert_log_is_sound(inbox_street)


@pytest.mark.slow
def test_killed_in_the_midst_of_many_files_and_a_big_one_it_goes_on_where_it_stopped(
    inbox_street: Street,
) -> None:
    """Five small files and one of 300 rows: every file is one batch in the end."""
    sizes = {f"第{number}.csv": 5 for number in range(5)} | {"大.csv": 300}
    for name, size in sizes.items():
        drop(
            inbox_street,
            name,
            *(event(no=f"{name}-{row}", lon=f"{103.801 + row / 100_000:.5f}") for row in range(size)),
        )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([kill_at.__module__])
    chance, done, killed = random.Random(20261122), [0], 0
    while len(published(inbox_street)) < len(sizes) and killed < 8:
        # Some children get far enough for a file or three, some not through their first.
        inbox_street.engine.dispose()
        where = child_environment(inbox_street)
        child = context.Process(target=kill_at, args=(chance.randint(15, 90), where))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        killed += child.exitcode != 0
        found = {batch.file_name: batch.rows_new for batch in published(inbox_street)}
        assert len(found) == len(published(inbox_street)), "no file became two batches"
        assert found.items() <= sizes.items(), "a file is there as a whole or not at all"
        done.append(len(found))
    look(inbox_street)

    assert done == sorted(done)
    assert killed >= 3
    assert {batch.file_name: batch.rows_new for batch in published(inbox_street)} == sizes
    assert len(_events(inbox_street)) == sum(sizes.values())
    assert not list((inbox_street.settings.inbox / PROFILE).glob("*.csv"))
    assert len([name for name in lying(inbox_street, "done") if name.endswith(".接入结果.txt")]) == len(sizes)
    assert_log_is_sound(inbox_street)


def _events(street: Street) -> list[Event]:
    return street.rows(Event)
