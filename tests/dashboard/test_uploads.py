"""Uploads stay inside their folder, are written once, and are forgotten a day after their last use."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dashboard.uploads import KEPT_SECONDS, keep_upload, safe_name

DIGEST, OTHER = "a" * 64, "b" * 64


def age(path: Path) -> None:
    long_ago = time.time() - KEPT_SECONDS - 60
    os.utime(path, (long_ago, long_ago))


def test_an_upload_is_forgotten_a_day_after_its_last_use(tmp_path: Path) -> None:
    used = keep_upload(tmp_path, name="部门.csv", data=b"1", digest=DIGEST)
    left = keep_upload(tmp_path, name="人员.csv", data=b"2", digest=OTHER)
    age(used.parent)
    keep_upload(tmp_path / "elsewhere", name="x.csv", data=b"", digest=OTHER)
    assert used.is_file()

    age(left.parent)
    again = keep_upload(tmp_path, name="部门.csv", data=b"1", digest=DIGEST)

    assert again == used
    assert again.read_bytes() == b"1"
    assert not left.parent.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../evil;rm.csv", "evil_rm.csv"),
        ("..", "upload"),
        ("", "upload"),
        (".csv", "csv"),
        ("长" * 300 + ".xlsx", "长" * 70 + ".xlsx"),
    ],
)
def test_a_name_stays_a_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe
