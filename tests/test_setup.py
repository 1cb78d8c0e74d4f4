"""Set-up names what is missing or in the way, in Chinese with an English line, and the way out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.assets import VENDOR_FILES
from tools import environment, frontend
from tools.problems import SetupProblem, require_writable

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def fake(folder: Path, name: str, script: str) -> None:
    """An executable shell script on a search path of its own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_a_python_that_is_too_old_is_named_with_its_version_and_the_way_out(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "python3", '[ "$1" = --version ] && echo "Python 3.9.2" && exit 0; exit 1')

    done = subprocess.run(
        ["/bin/sh", PROJECT_ROOT / "tools" / "python", "x.py"],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "需要 Python 3.11 或更高版本，本机找到的是：Python 3.9.2" in done.stderr
    assert "apt-get install python3" in done.stderr
    assert "Python 3.11 or newer is needed" in done.stderr


def test_a_newer_python_beside_the_old_one_is_found(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "python3", "exit 1")
    fake(tmp_path / "bin", "python3.12", '[ "$1" = -c ] && exit 0; echo "ran $1"')

    done = subprocess.run(
        ["/bin/sh", PROJECT_ROOT / "tools" / "python", "x.py"],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
    )

    assert done.stdout == "ran x.py\n"


def test_a_python_without_venv_says_which_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        tmp_path / "bin",
        "python3",
        'echo "The virtual environment was not created: ensurepip is not available"; exit 1',
    )
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python3"))

    with pytest.raises(SetupProblem, match="ensurepip") as caught:
        environment.make_venv(tmp_path / "venv")

    assert "apt-get install python3-venv" in caught.value.remedy_zh
    assert "apt-get install python3-venv" in caught.value.en
    assert not (tmp_path / "venv").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(SetupProblem, match="不能写入") as caught:
        require_writable(tmp_path / "file" / "folder")

    assert str(tmp_path / "file" / "folder") in str(caught.value)


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "校验值不一致"),
        ("ERROR: [Errno 28] No space left on device", "磁盘空间不足"),
        ("WARNING: Retrying after connection broken by NewConnectionError", "连不上软件包源"),
        ("ERROR: No matching distribution found for numpy==2.4.6", "失败"),
    ],
)
def test_what_pip_says_is_told_in_plain_words(said: str, chinese: str) -> None:
    problem = environment.install_problem(Path("requirements.txt"), output=said)

    assert chinese in problem.zh
    assert problem.remedy_zh
    assert re.search("[a-z]{4}", problem.en)


def test_an_unchanged_lock_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("a==1\n", encoding="utf-8")
    runs: list[str] = []

    def install(requirements: Path, *, venv: Path) -> tuple[int, str]:
        runs.append(requirements.read_text(encoding="utf-8"))
        venv.mkdir(exist_ok=True)
        return 0, ""

    monkeypatch.setattr(environment, "make_venv", lambda venv: venv.mkdir(exist_ok=True))
    monkeypatch.setattr(environment, "pip_install", install)
    for text in ("a==1\n", "a==1\n", "a==2\n"):
        lock.write_text(text, encoding="utf-8")
        environment.install(lock, venv=tmp_path / "venv")

    assert runs == ["a==1\n", "a==2\n"]


def test_front_end_files_are_put_in_place_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tmp_path / "node_modules"
    for source in VENDOR_FILES.values():
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(source, encoding="utf-8")
    static = tmp_path / "static"
    (static / "vendor").mkdir(parents=True)
    (static / "vendor" / "old.js").write_bytes(b"")
    monkeypatch.setattr(frontend, "STATIC_DIR", static)

    frontend.publish(modules)

    names = {path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()}
    assert names == {*VENDOR_FILES, "vendor/manifest.json"}
    assert set(json.loads((static / "vendor/manifest.json").read_text())["files"]) == set(VENDOR_FILES)


def test_a_package_without_an_expected_file_leaves_the_old_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = tmp_path / "static"
    (static / "vendor").mkdir(parents=True)
    (static / "vendor" / "old.js").write_bytes(b"")
    monkeypatch.setattr(frontend, "STATIC_DIR", static)

    with pytest.raises(SetupProblem, match=r"leaflet/dist/leaflet\.js"):
        frontend.publish(tmp_path)

    assert (static / "vendor" / "old.js").exists()


def test_without_npm_and_without_the_node_wheel_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin", "python", 'echo "no route to host" >&2; exit 1')
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(frontend, "make_venv", lambda _venv: None)
    monkeypatch.setattr(frontend, "python_of", lambda _venv: tmp_path / "bin" / "python")

    with pytest.raises(SetupProblem, match="没有 npm") as caught:
        frontend.npm_ci(tmp_path)

    assert "apt-get install npm" in caught.value.remedy_zh
