"""The layers are contracts: pages → dashboard → data → geo, one way only."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((PROJECT_ROOT / "pages").glob("*.py"))
PAGES_MAY_IMPORT = {"__future__", "dashboard", "streamlit"}


def imported_packages(path: Path) -> set[str]:
    """Top-level names of every package that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level if node.level else (node.module or "").split(".")[0])
    return found


def test_every_import_contract_of_the_project_file_is_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_imports_only_the_dashboard_and_streamlit(page: Path) -> None:
    assert imported_packages(page) <= PAGES_MAY_IMPORT


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_is_an_outline_of_fewer_than_80_lines(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) < 80


@pytest.mark.parametrize("folder", ["geo", "data", "dashboard", "pages", "tools"])
def test_no_source_file_is_longer_than_350_lines(folder: str) -> None:
    long = {
        str(path.relative_to(PROJECT_ROOT)): lines
        for path in (PROJECT_ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }

    assert long == {}
