"""The project files keep their promises: locked, hashed, no addresses, two commands, no calls to outside."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    "requirements.txt": PROJECT["dependencies"],
    "requirements-dev.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"],
    "requirements-bench.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["bench"],
}


def locked(name: str) -> dict[str, str]:
    """Package → version in one requirement file."""
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_address(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(blocks) == len(locked(name)) > 40
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|^\s*(-i|--index|--extra-index|-f|--find-links)", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_the_project_file_asks_for(name: str) -> None:
    asked = dict(line.split("==") for line in LOCKS[name])

    assert asked.items() <= locked(name).items()


@pytest.mark.parametrize("name", ["requirements-dev.txt", "requirements-bench.txt"])
def test_tests_and_benches_run_on_the_versions_that_users_have(name: str) -> None:
    assert locked("requirements.txt").items() <= locked(name).items()


def test_the_front_end_lock_has_integrity_hashes_and_no_addresses() -> None:
    lock = json.loads((PROJECT_ROOT / "package-lock.json").read_text(encoding="utf-8"))
    asked = json.loads((PROJECT_ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {path: entry for path, entry in lock["packages"].items() if path}

    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert all("resolved" not in entry for entry in packages.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked


def test_no_file_of_the_dashboard_shadows_a_top_level_package() -> None:
    # Streamlit puts dashboard/ first on the module path, so dashboard/data.py would become `import data`.
    ours = {path.stem for path in (PROJECT_ROOT / "dashboard").iterdir() if path.suffix in {"", ".py"}}
    others = set(importlib.metadata.packages_distributions()) | set(sys.stdlib_module_names)

    assert ours & (others | {"geo", "data", "pages", "tests", "tools", "bench"}) - {"__pycache__"} == set()


def test_streamlit_is_told_to_call_nobody() -> None:
    config = tomllib.loads((PROJECT_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

    assert config["browser"] == {"gatherUsageStats": False, "serverAddress": "127.0.0.1"}
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["headless"] is True
    assert config["server"]["fileWatcherType"] == "none"
    assert config["client"]["showErrorLinks"] is False
    assert config["client"]["showErrorDetails"] == "none"


def luminance(color: str) -> float:
    """Relative luminance of a #RRGGBB colour (WCAG 2.2)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_accent_are_legible_on_both_surfaces_of_a_theme(theme: str) -> None:
    config = tomllib.loads((PROJECT_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    colors = config["theme"][theme]
    inks = (
        "textColor",
        "primaryColor",
        "linkColor",
        "grayColor",
        "blueColor",
        "orangeColor",
        "redColor",
        "greenColor",
    )

    for surface in (colors["backgroundColor"], colors["secondaryBackgroundColor"]):
        for ink in inks:
            light, dark = sorted((luminance(surface), luminance(colors[ink])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{ink} on {surface}"


def test_every_command_of_the_makefile_is_explained_in_both_languages() -> None:
    done = subprocess.run(["make", "help"], cwd=PROJECT_ROOT, capture_output=True, text=True)
    lines = dict(re.findall(r"make (\w+)\t(.+)", done.stdout))

    assert {"run", "test", "lint", "bench", "assets", "lock", "clean"} <= set(lines)
    assert all(re.search(r"[\u4e00-\u9fff].* \| [a-z]", text) for text in lines.values())


def test_ci_runs_the_commands_of_a_person_and_forbids_skips() -> None:
    script = PROJECT_ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")

    assert os.access(script, os.X_OK)
    assert text.index("ONEMAP_TEST_STRICT=1") < text.index("\nmake lint") < text.index("\nmake test")


SKIPPING = """
import pytest

def test_needs_a_tool():
    pytest.skip("no browser here")

def test_does_not_exist_here():
    pytest.skip("not applicable: root may write everywhere")

def test_passes():
    assert True
"""


@pytest.mark.parametrize(
    ("strict", "summary"), [("0", "1 passed, 2 skipped"), ("1", "1 failed, 1 passed, 1 skipped")]
)
def test_a_skip_for_a_missing_tool_is_a_failure_in_strict_mode(
    tmp_path: Path, strict: str, summary: str
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n", encoding="utf-8"
    )
    (tmp_path / "test_sample.py").write_text(SKIPPING, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "ONEMAP_TEST_STRICT": strict},
        capture_output=True,
        text=True,
    )

    assert summary in done.stdout
    assert ("forbids: no browser here" in done.stdout) == (strict == "1")
