"""Photos are checked against the logs that name them; what a broken upload left behind is removed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.database import read_session, write_session
from data.event_verify import FaultKind
from data.lifecycle import keep_photo, path_of
from data.lifecycle.attachment_check import ORPHAN_SECONDS, orphans, remove_orphans, verify_files
from data.vocabulary import Move
from tests.data.loop.test_report_and_files import photo
from tests.data.loop.world import NEIGHBOURHOOD, do, report
from tests.data.tampering import tamper

LONG_AGO = time.time() - ORPHAN_SECONDS - 60


@pytest.fixture
def kept(district: Engine, tmp_path: Path) -> Path:
    """The file of a photo that entry 2 of event 1 names."""
    file = keep_photo(tmp_path / "photos", photo())
    with write_session(district) as session:
        do(session, report(session), Move.VERIFY, NEIGHBOURHOOD, hours=1, route_color="red", files=[file])
    path = path_of(tmp_path / "photos", file.sha256)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def faults(engine: Engine, path: Path) -> list[tuple[int, int, str]]:
    with read_session(engine) as session:
        found = verify_files(session, folder=path.parent.parent)
    assert {fault.kind for fault in found} <= {FaultKind.FILE}
    return [(fault.event_id, fault.seq, fault.detail) for fault in found]


def test_a_photo_that_is_there_is_no_fault_and_stays_however_old(district: Engine, kept: Path) -> None:
    assert faults(district, kept) == []
    with read_session(district) as session:
        assert remove_orphans(session, folder=kept.parent.parent) == 0
    assert kept.is_file()


def test_a_photo_that_is_gone_is_named_with_its_case(district: Engine, kept: Path) -> None:
    kept.unlink()
    assert faults(district, kept) == [(1, 2, f"照片文件 {kept} 不在了")]


def test_a_photo_that_was_exchanged_is_named(district: Engine, kept: Path) -> None:
    kept.write_bytes(photo(kind="PNG"))
    assert faults(district, kept) == [(1, 2, f"照片文件 {kept} 的内容与记录的校验值不符，被改过")]


def test_a_photo_taken_off_its_case_or_put_to_another_is_found(district: Engine, kept: Path) -> None:
    tamper(district, "UPDATE event_attachment SET log_seq = 1")
    short = kept.stem[:12]
    assert faults(district, kept) == [
        (1, 1, f"附件表里的照片 {short}… 不在这条记录里"),
        (1, 2, f"记录里有照片 {short}…，附件表里却没有"),
    ]
    tamper(district, "DELETE FROM event_attachment")
    assert faults(district, kept) == [(1, 2, f"记录里有照片 {short}…，附件表里却没有")]


def test_what_no_case_names_is_removed_after_a_day_and_not_before(district: Engine, kept: Path) -> None:
    folder = kept.parent.parent
    old = path_of(folder, keep_photo(folder, photo(size=(60, 60))).sha256)
    young = path_of(folder, keep_photo(folder, photo(size=(70, 70))).sha256)
    half = kept.parent / "tmpabc123"
    half.write_bytes(b"x")
    for path in (old, half):
        os.utime(path, (LONG_AGO, LONG_AGO))

    with read_session(district) as session:
        assert set(orphans(session, folder=folder)) == {old, half}
        assert remove_orphans(session, folder=folder) == 2
        assert orphans(session, folder=folder) == []
    assert [path.is_file() for path in (old, half, young, kept)] == [False, False, True, True]


def test_a_stray_photo_that_somebody_takes_up_again_is_young(district: Engine, tmp_path: Path) -> None:
    path = path_of(tmp_path, keep_photo(tmp_path, photo()).sha256)
    os.utime(path, (LONG_AGO, LONG_AGO))
    keep_photo(tmp_path, photo())
    with read_session(district) as session:
        assert remove_orphans(session, folder=tmp_path) == 0
    assert path.is_file()


def test_a_photo_taken_up_while_it_is_being_removed_is_put_back(
    district: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(tmp_path, keep_photo(tmp_path, photo()).sha256)
    os.utime(path, (LONG_AGO, LONG_AGO))
    rename = Path.rename

    def taken_up_just_before(self: Path, target: Path) -> Path:
        if self == path:
            keep_photo(tmp_path, photo())
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", taken_up_just_before)
    with read_session(district) as session:
        assert remove_orphans(session, folder=tmp_path) == 0
    assert path.is_file()


def test_a_photo_put_aside_by_a_process_that_died_comes_back(district: Engine, kept: Path) -> None:
    kept.rename(kept.with_name(kept.name + ".going"))
    with read_session(district) as session:
        assert remove_orphans(session, folder=kept.parent.parent) == 0
    assert faults(district, kept) == []


def test_a_folder_that_is_not_there_yet_holds_nothing(district: Engine, tmp_path: Path) -> None:
    with read_session(district) as session:
        assert verify_files(session, folder=tmp_path / "none") == []
        assert remove_orphans(session, folder=tmp_path / "none") == 0
